# Sourced by the other scripts: the root of the repository, a CMake that is new enough, and how many jobs.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# The system's tools before those of a user's own environment, unless its CMake is older than 3.25.
new_enough() { cmake --version 2>/dev/null | awk 'NR == 1 { split($3, v, "."); exit !(v[1] > 3 || v[2] >= 25) }'; }
users_path=$PATH
PATH=/usr/bin:/bin:$PATH
if ! new_enough; then PATH=$users_path; fi
export PATH

jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

need_cmake() {
  if ! command -v cmake >/dev/null || ! new_enough; then
    echo "fredholm needs CMake 3.25 or newer" >&2
    exit 1
  fi
}
