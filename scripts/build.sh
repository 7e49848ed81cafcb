#!/usr/bin/env bash
# Sets up, configures and builds the release preset. usage: scripts/build.sh [--tests | --sanitized]
# --sanitized builds build/asan/bin/test_sanitized instead
set -euo pipefail
cd "$(dirname "$0")/.."
tests=OFF
preset=release
target=all
case "${1:-}" in
  --tests) tests=ON ;;
  --sanitized) tests=ON preset=asan target=test_sanitized ;;
esac
prefix=$(scripts/setup.sh $([ $tests = OFF ] || echo --tests) | tail -n 1)
mkdir -p build
log=build/configure.log
cmake --preset $preset -DCMAKE_PREFIX_PATH="$prefix" -DEDDYLINE_BUILD_TESTS=$tests >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
export CCACHE_DEPEND=1  # no preprocessor run of its own before the compiler's
ninja -C build/$preset -j "$(nproc)" $target  # ninja's own choice, one job more, is slower: each takes a gigabyte
