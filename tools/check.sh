#!/usr/bin/env bash
# tools/check.sh [step...]: all that a release must pass, far longer than tools/test.sh. The steps:
#
#   format      clang-format 19 changes nothing
#   gcc         g++: tests and examples with -Werror, every public header alone, laws at full length
#   clang       the same with clang 14
#   clang19     the same with clang 19
#   asan        AddressSanitizer and UndefinedBehaviorSanitizer
#   test        tools/test.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

steps=("$@")
if [[ ${#steps[@]} -eq 0 ]]; then steps=(format gcc clang clang19 asan test); fi

tools/install.sh check
need_cmake
failed=()

step() {
  echo
  echo "== $1"
  local begin=$SECONDS
  # A subshell of its own, so that a step stops at its first failure and the others still run.
  if bash -c "set -euo pipefail; $(declare -f step_format step_compiler); jobs=$jobs; ${*:2}"; then
    echo "== $1: passed ($((SECONDS - begin)) s)"
  else
    echo "== $1: FAILED ($((SECONDS - begin)) s)"
    failed+=("$1")
  fi
}

step_format() {
  local formatter=clang-format-19
  if ! command -v "$formatter" >/dev/null; then formatter=clang-format; fi
  git ls-files '*.hpp' '*.cpp' | xargs --no-run-if-empty "$formatter" --dry-run --Werror
}

step_compiler() {  # preset, further cache entries...
  local preset=$1 build=build/check/$1  # not build/<preset>, whose settings are the developer's
  cmake --preset "$preset" -B "$build" -DFREDHOLM_WERROR=ON "${@:2}"
  cmake --build "$build" --parallel "$jobs" -- -k 0  # all that is wrong, not the first
  if [[ $preset != asan ]]; then
    cmake --build "$build" --parallel "$jobs" --target all_verify_interface_header_sets
    export FREDHOLM_LONG_LAWS=1
  fi
  ctest --test-dir "$build" --output-on-failure --parallel "$jobs" --no-tests=error
}

thorough=(-DCMAKE_VERIFY_INTERFACE_HEADER_SETS=ON -DFREDHOLM_BUILD_BENCHMARKS=ON
  "-DCMAKE_CXX_FLAGS='-Wall -Wextra -Wconversion -Werror'")
for name in "${steps[@]}"; do
  case $name in
    format) step format step_format ;;
    gcc) step gcc step_compiler dev "${thorough[@]}" ;;
    clang) step clang step_compiler clang "${thorough[@]}" ;;
    clang19) step clang19 step_compiler clang19 "${thorough[@]}" ;;
    asan) step asan step_compiler asan ;;
    test) step test tools/test.sh ;;
    *) echo "no such step: $name" >&2; exit 2 ;;
  esac
done

echo
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
echo "All passed: ${steps[*]}"
