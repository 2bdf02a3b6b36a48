#!/usr/bin/env bash
# tools/check.sh [step...]: all that a release must pass, far longer than tools/test.sh. The steps:
#
#   format      clang-format 19 changes nothing
#   test        tools/test.sh (g++), a warning being an error
#   headers     every public header alone, with clang 14
#   clang       clang 14, a warning being an error: tests, examples, benchmarks; laws at full length
#   sanitize    the same with clang 19, AddressSanitizer and UndefinedBehaviorSanitizer
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

steps=("$@")
if [[ ${#steps[@]} -eq 0 ]]; then steps=(format test headers clang sanitize); fi

tools/install.sh check
need_cmake
failed=()

step() {
  echo
  echo "== $1"
  local begin=$SECONDS
  # A subshell of its own, so that a step stops at its first failure and the others still run.
  if bash -c "set -euo pipefail; $(declare -f step_format step_headers step_compiler configure); jobs=$jobs; ${*:2}"; then
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

# Not in build/<preset>, whose settings are the developer's.
configure() {  # folder, preset, further cache entries...
  cmake --preset "$2" -B "build/check/$1" -DFREDHOLM_WERROR=ON "${@:3}"
}

step_headers() {
  configure headers clang -DCMAKE_VERIFY_INTERFACE_HEADER_SETS=ON -DFREDHOLM_BUILD_TESTS=OFF \
    -DFREDHOLM_BUILD_EXAMPLES=OFF "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion -Werror" -DCMAKE_CXX_FLAGS_DEBUG=-O0
  cmake --build build/check/headers --parallel "$jobs" --target all_verify_interface_header_sets -- -k 0
}

step_compiler() {  # preset, further cache entries...
  configure "$1" "$1" -DFREDHOLM_TEST_INSTANTIATED=ON -DFREDHOLM_BUILD_BENCHMARKS=ON "${@:2}"
  cmake --build "build/check/$1" --parallel "$jobs" -- -k 0  # all that is wrong, not the first
  ctest --test-dir "build/check/$1" --output-on-failure --parallel "$jobs" --no-tests=error
}

for name in "${steps[@]}"; do
  case $name in
    format) step format step_format ;;
    test) step test tools/test.sh -DFREDHOLM_WERROR=ON ;;
    headers) step headers step_headers ;;
    clang) step clang FREDHOLM_LONG_LAWS=1 step_compiler clang ;;
    sanitize) step sanitize step_compiler clang19 -DFREDHOLM_SANITIZE=address,undefined ;;
    *) echo "no such step: $name" >&2; exit 2 ;;
  esac
done

echo
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
echo "All passed: ${steps[*]}"
