#!/usr/bin/env bash
# Times the operators against textbook LibTorch versions: paired in one process, equality printed first.
# usage: scripts/bench_operators.sh [WORK...] [--threads N] [--seconds S]     --list names the works
# Run it on an idle machine; a wall / CPU above 1.05 at one thread means that it was not idle.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/release/build.ninja ] || scripts/build.sh
ninja -C build/release eddyline_benchmark >/dev/null
exec build/release/bin/eddyline_benchmark "$@"
