#!/usr/bin/env bash
# Times the explicit finite-volume solvers: zone-cycles a CPU second beside the machine's bandwidth and multiply-add peak.
# usage: scripts/bench_solvers.sh          Run it on an idle machine; the last line needs two free cores.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/release/build.ninja ] || scripts/build.sh
ninja -C build/release eddyline_solver_benchmark >/dev/null
exec build/release/bin/eddyline_solver_benchmark
