#!/usr/bin/env bash
# Builds everything and runs the tests. usage: scripts/test.sh [--all]
# --all adds the tests labelled slow, core/ and every parser under address and undefined-behaviour sanitizers, and the
# equality of operators and their textbook versions.
set -euo pipefail
cd "$(dirname "$0")/.."
selection=(--label-exclude slow)
[ "${1:-}" != --all ] || selection=()
start=$SECONDS
scripts/build.sh --tests
echo "build: $((SECONDS - start)) s"
export OMP_WAIT_POLICY=passive  # two tests with two threads each on two cores: waiting threads must not hold the cores
start=$SECONDS
ctest --test-dir build/release --output-on-failure --no-tests=error -j "$(nproc)" "${selection[@]}"
echo "tests: $((SECONDS - start)) s"
[ "${1:-}" = --all ] || exit 0
start=$SECONDS
scripts/build.sh --sanitized
# The libraries that we link are not instrumented: what they keep until the end is no leak of ours. HDF5 asks for as much
# memory as a hostile file says. The limit that refuses it (MemoryLimit in parser_fuzz_test.cpp) does not count here, so
# the 30,000 mutations run without sanitizers only, 300 with.
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:suppressions=$PWD/tests/faults/address_sanitizer.supp \
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 build/asan/bin/test_sanitized --gtest_filter=-SlowParserFuzz.*
echo "sanitizers: $((SECONDS - start)) s"
scripts/bench_operators.sh --check  # ours and the textbook versions agree
