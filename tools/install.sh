#!/usr/bin/env bash
# tools/install.sh [check]: what the build needs, and with `check` what tools/check.sh needs besides.
#
# On Debian and its relatives, missing packages are installed with apt (as root, or through sudo). Where all of
# them are there, nothing is done and no network is needed. Elsewhere, it says what to install.
set -euo pipefail

packages=(cmake ninja-build g++ libeigen3-dev libfftw3-dev libxtensor-dev doctest-dev nlohmann-json3-dev
  libzip-dev libhdf5-dev libmatio-dev libnanoflann-dev libcli11-dev libbenchmark-dev gnuplot-nox)
if [[ ${1:-} == check ]]; then
  packages+=(clang-14 clang-19 libclang-rt-14-dev libclang-rt-19-dev clang-format-19)
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "Not a Debian system: nothing is installed here. fredholm needs, under Debian's names:"
  echo "  ${packages[*]}"
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) != installed ]]; then
    missing+=("$package")
  fi
done
if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi

echo "Installing: ${missing[*]}"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "Neither root nor sudo. Please install: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
