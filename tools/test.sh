#!/usr/bin/env bash
# tools/test.sh [cache entries of CMake]: install what is missing, build everything, run every test. JOBS=n for another
# number of jobs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tools/install.sh
need_cmake
cmake --preset ci "$@"
cmake --build --preset ci --parallel "$jobs"
ctest --test-dir build/ci --output-on-failure --parallel "$jobs" --no-tests=error
