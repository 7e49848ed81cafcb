#!/usr/bin/env bash
# Runs solver configs to their end and prints what belongs into tests/data/shipped/norms.yaml: the norms of every
# channel at the end, and a budget of three times the processor time (at least 5 s).
# usage: scripts/shipped_norms.sh NAME...     (path in configs/ without .yaml: sod/solve)
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { sed -n 2,4p "$0" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TIMEFORMAT='%U %S'
for name in "$@"; do
  out="$folder/${name//\//_}"
  { time build/release/bin/eddyline solve "configs/$name.yaml" --set "output.folder=$out" --set output.vtk=false \
      --set output.statistics_every=1 --set threads=1 2> "$folder/log" || { cat "$folder/log" >&2; exit 1; }; } \
    2> "$folder/time"
  awk '{ budget = 3 * ($1 + $2); printf "  '"$name"':\n    budget: %d\n    norms:\n", budget < 5 ? 5 : budget + 1 }' \
    "$folder/time"
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) name[i] = $i } { split($0, last, ",") }
           END { for (i = 2; i < NF; i += 4) { channel = name[i]; sub(/\.mean$/, "", channel)
                 printf "      %s: {mean: %.12g, rms: %.12g}\n", channel, last[i], sqrt(last[i] ^ 2 + last[i + 1]) } }' \
    "$out/statistics.csv"
done
