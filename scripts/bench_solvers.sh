#!/usr/bin/env bash
# Times the solvers beside published figures, the machine's bandwidth and its multiply-add peak; CPU time, one core.
# usage: scripts/bench_solvers.sh [WORK...] [--markdown]     --list names the works
# --markdown also puts the rows into the table of docs/performance.md. Run it on an idle machine.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/release/build.ninja ] || scripts/build.sh
ninja -C build/release eddyline_solver_benchmark >/dev/null
arguments=()
for argument in "$@"; do
  arguments+=("$argument")
  [ "$argument" = --markdown ] && arguments+=(docs/performance.md)
done
exec build/release/bin/eddyline_solver_benchmark "${arguments[@]}"
