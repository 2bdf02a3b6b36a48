#!/usr/bin/env bash
# tools/demo.sh: install what is missing, build two examples, run them; the pictures are in out/.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

examples=(01_trapezoid_or_simpson 02_heat_on_any_grid)

tools/install.sh
need_cmake
cmake --preset release
echo "Compiling two examples, a minute or two each"
cmake --build --preset release --parallel "$jobs" --target "${examples[@]}"

mkdir -p out
for example in "${examples[@]}"; do
  echo
  echo "== $example"
  "build/release/examples/$example"
done

echo
echo "The pictures are in $root/out:"
find out -type f \( -name '*.png' -o -name '*.svg' -o -name '*.pdf' -o -name '*.gif' \) | sort | sed 's/^/  /'
