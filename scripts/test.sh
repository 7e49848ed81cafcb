#!/usr/bin/env bash
# Builds everything and runs the tests. usage: scripts/test.sh [--all]     --all adds the tests labelled slow
set -euo pipefail
cd "$(dirname "$0")/.."
selection=(--label-exclude slow)
[ "${1:-}" != --all ] || selection=()
start=$SECONDS
scripts/build.sh --tests
echo "build: $((SECONDS - start)) s"
start=$SECONDS
ctest --test-dir build/release --output-on-failure --no-tests=error -j "$(nproc)" "${selection[@]}"
echo "tests: $((SECONDS - start)) s"
