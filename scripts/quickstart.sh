#!/usr/bin/env bash
# From a fresh checkout to a trained flow surrogate: set-up, build, data from the reference solver, training, evaluation,
# prediction with pictures and ParaView files, and the honest comparison. Builds no tests.
# usage: scripts/quickstart.sh
set -euo pipefail
cd "$(dirname "$0")/.."
config=configs/cylinder/quick.yaml
program=build/release/bin/eddyline
phases=()
phase() {  # NAME COMMAND...: runs it and remembers its duration
  local name=$1 start=$SECONDS
  shift
  echo
  echo "== $name: $*"
  "$@"
  phases+=("$(printf '%-28s %4d s' "$name" $((SECONDS - start)))")
}

phase "set-up and build" scripts/build.sh
phase "data (reference solver)" $program generate $config
phase "training" $program train $config
phase "evaluation" $program evaluate runs/cylinder_quick
phase "prediction" $program predict runs/cylinder_quick --input 'data/cylinder_quick#test/0' --steps 100 --output runs/cylinder_quick/prediction
phase "comparison" $program compare $config

echo
printf '%s\n' "${phases[@]}"
echo
echo "ParaView   open runs/cylinder_quick/prediction/*.pvd"
echo "pictures   $(ls runs/cylinder_quick/prediction/*_summary.png runs/cylinder_quick/compare/compare.png | tr '\n' ' ')"
echo "figures    runs/cylinder_quick/evaluation/evaluation.csv, runs/cylinder_quick/compare/compare.csv"
