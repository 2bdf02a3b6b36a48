#!/usr/bin/env bash
# tools/compile_time.sh: seconds that the programs of benchmarks/compile take to compile at -O2; CXX=... for another compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
compiler=${CXX:-g++-12}
flags=(-std=c++20 -O2 -Iinclude -isystem "${EIGEN_INCLUDE:-/usr/include/eigen3}")

seconds() {  # the shorter of two
  local best=1000000 i start now
  for i in 1 2; do
    start=$(date +%s%N)
    "$compiler" "${flags[@]}" "$@" -c -o /dev/null
    now=$((($(date +%s%N) - start) / 10000000))
    if ((now < best)); then best=$now; fi
  done
  printf '%d.%02d' $((best / 100)) $((best % 100))
}

echo "$compiler ${flags[*]}"
for program in hello umbrella transformer; do
  printf '%-36s %6s s\n' "$program" "$(seconds "benchmarks/compile/$program.cpp")"
done
printf '%-36s %6s s\n' "transformer, a second discretization" "$(seconds -DFURTHER benchmarks/compile/transformer.cpp)"
