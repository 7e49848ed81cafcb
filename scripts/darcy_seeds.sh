#!/bin/bash
# usage: scripts/darcy_seeds.sh CONFIG SEEDS [CHECKPOINT]   for instance: scripts/darcy_seeds.sh configs/darcy/example.yaml 5 last
# Trains a Darcy config with the seeds 0 .. SEEDS-1 (runs/NAME_seed0, ...; what is there already is taken up), evaluates
# each on the test samples at both resolutions, and prints the errors, their median, and the seconds of an epoch.
set -euo pipefail
cd "$(dirname "$0")/.."
config=$1 seeds=$2 checkpoint=${3:-best}
name=darcy_$(basename "$config" .yaml)
program=build/release/bin/eddyline
for ((seed = 0; seed < seeds; seed++)); do
  run=runs/${name}_seed$seed
  if [ ! -e "$run/minutes" ]; then
    begin=$(date +%s.%N)
    "$program" train "$config" --set "run=$run" --set "seed=$seed" >/dev/null
    python3 -c "import sys; print((float(sys.argv[2]) - float(sys.argv[1])) / 60)" "$begin" "$(date +%s.%N)" >"$run/minutes"
  fi
  for split in test test_32; do
    "$program" evaluate "$run" --checkpoint "$checkpoint" --split "$split" --output "$run/evaluation_$split" >/dev/null
  done
done
python3 - "$name" "$seeds" <<'PYTHON'
import csv, json, statistics, sys
name, seeds = sys.argv[1], int(sys.argv[2])
columns = ["L2 16x16", "H1 16x16", "L2 32x32", "H1 32x32", "s an epoch", "minutes"]
rows, deviations = [], []
for seed in range(seeds):
    run = f"runs/{name}_seed{seed}"
    row, spread = [], []
    for split in ("test", "test_32"):
        model = json.load(open(f"{run}/evaluation_{split}/evaluation.json"))["predictors"]["model"]
        for norm in ("relative_l2", "relative_h1"):
            row.append(model[norm]["mean"])
            spread.append(model[norm]["standard_error"])
    epochs = int(list(csv.DictReader(open(f"{run}/metrics.csv")))[-1]["epoch"].split(".")[0])
    minutes = float(open(f"{run}/minutes").read())
    rows.append(row + [60 * minutes / epochs, minutes])
    deviations.append(spread)
line = lambda title, values: print(f"{title:14}" + "".join(f"{value:12.4f}" for value in values))
print(" " * 14 + "".join(f"{column:>12}" for column in columns))
for seed, row in enumerate(rows):
    line(f"seed {seed}", row)
line("median", [statistics.median(column) for column in zip(*rows)])
line("lowest", [min(column) for column in zip(*rows)])
line("highest", [max(column) for column in zip(*rows)])
line("samples +-", [statistics.median(column) for column in zip(*deviations)])
PYTHON
echo "samples +-: standard error over the 50 test samples, median over the seeds; seconds and minutes include start and validation"
