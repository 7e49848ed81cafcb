#!/usr/bin/env bash
# Installs what the build and the tests need, once; a second run changes nothing and takes a second.
# usage: scripts/setup.sh [--tests]     --tests adds what only the tests need
# LibTorch: an existing one is used when Torch_DIR, CMAKE_PREFIX_PATH or the active Python has it; otherwise the CPU
# build of torch 2.13.0 goes into .venv inside the checkout. Prints the CMake prefix in its last line.
set -euo pipefail
cd "$(dirname "$0")/.."
torch_version=2.13.0
packages=(g++ cmake ninja-build ccache lld git ca-certificates python3 python3-venv libhdf5-dev libvtk9-dev
          libyaml-cpp-dev libcli11-dev nlohmann-json3-dev libmuparser-dev libgif-dev libxsmm-dev)
test_packages=(libgtest-dev libgmock-dev locales)
with_tests=no
[ "${1:-}" != --tests ] || with_tests=yes
[ $with_tests = no ] || packages+=("${test_packages[@]}")

say() { echo "setup: $*" >&2; }

install_packages() {
  local system=unknown version=""
  [ ! -e /etc/os-release ] || { system=$(. /etc/os-release && echo "$ID"); version=$(. /etc/os-release && echo "${VERSION_ID:-}"); }
  if [ "$system" != debian ] || [ "$version" != 12 ]; then
    if [ "${EDDYLINE_SKIP_PACKAGES:-}" = 1 ]; then say "taking the packages of $system $version as they are"; return; fi
    say "this is $system $version, not Debian 12. Install the equivalents of"
    say "  ${packages[*]}"
    say "(g++ 12 or newer, CMake 3.25, HDF5 1.10 serial, VTK 9.1, yaml-cpp 0.7, CLI11 2, muParser 2.3, giflib 5, LIBXSMM 1.17), then run with EDDYLINE_SKIP_PACKAGES=1"
    exit 2
  fi
  local missing=()
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { say "run as root, or install: apt-get install ${missing[*]}"; exit 2; }
    root=(sudo)
  fi
  say "installing the Debian packages: ${missing[*]}"
  "${root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Prints the CMake prefix of a usable LibTorch, or nothing.
find_torch() {
  if [ -n "${Torch_DIR:-}" ] && [ -e "$Torch_DIR/TorchConfig.cmake" ]; then (cd "$Torch_DIR/../../.." && pwd); return; fi
  local entry
  for entry in $(echo "${CMAKE_PREFIX_PATH:-}" | tr ':;' '  '); do
    if [ -e "$entry/Torch/TorchConfig.cmake" ] || [ -e "$entry/share/cmake/Torch/TorchConfig.cmake" ]; then echo "$entry"; return; fi
  done
  local python
  for python in "${VIRTUAL_ENV:+$VIRTUAL_ENV/bin/python}" .venv/bin/python python3; do
    [ -n "$python" ] && command -v "$python" >/dev/null || continue
    "$python" -c 'import torch; print(torch.utils.cmake_prefix_path)' 2>/dev/null && return
  done
  return 0
}

check_cuda() {  # a CUDA build of LibTorch does not configure without its toolkit; say so before CMake does
  local prefix=$1 root
  root=$(cd "$prefix" && { [ -d Torch ] && cd ../..; pwd; })
  compgen -G "$root/lib/libtorch_cuda*" >/dev/null || return 0
  command -v nvcc >/dev/null || [ -n "${CUDA_HOME:-}" ] || {
    say "the LibTorch at $root is a CUDA build, but no CUDA toolkit (nvcc) is found. Either install the toolkit of the"
    say "same version and set CUDA_HOME, or use a CPU build: deactivate this Python and unset Torch_DIR and CMAKE_PREFIX_PATH."
    exit 2
  }
}

install_packages
prefix=$(find_torch)
if [ -z "$prefix" ]; then
  say "installing torch $torch_version (CPU) into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  # The +cpu build is taken where the package index has it; elsewhere the plain version.
  .venv/bin/python -m pip install --quiet "torch==$torch_version" numpy
  prefix=$(.venv/bin/python -c 'import torch; print(torch.utils.cmake_prefix_path)')
fi
check_cuda "$prefix"
if [ $with_tests = yes ]; then
  if .venv/bin/python -c 'import torch' 2>/dev/null; then
    scripts/setup_test_python.sh
  else
    say "no .venv with torch in this checkout: the tests that use Python packages will be skipped"
  fi
fi
say "LibTorch: $prefix"
echo "$prefix"
