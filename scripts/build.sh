#!/usr/bin/env bash
# Sets up, configures and builds the release preset. usage: scripts/build.sh [--tests]
set -euo pipefail
cd "$(dirname "$0")/.."
tests=OFF
[ "${1:-}" != --tests ] || tests=ON
prefix=$(scripts/setup.sh "$@" | tail -n 1)
mkdir -p build
log=build/configure.log
cmake --preset release -DCMAKE_PREFIX_PATH="$prefix" -DEDDYLINE_BUILD_TESTS=$tests >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
ninja -C build/release
