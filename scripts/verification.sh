#!/usr/bin/env bash
# Writes docs/verification.md: runs the validation tests, which leave a row a comparison (tests/validation/verification.hpp),
# draws the pictures listed in scripts/verification_pictures.txt and makes the tables.
# usage: scripts/verification.sh [--all] [--no-pictures]
#   --all          runs the slow validation tests too; without it their rows are those of the last run with --all,
#                  where there was one
#   --no-pictures  keeps the pictures as they are
set -euo pipefail
cd "$(dirname "$0")/.."
all=false pictures=true
for argument in "$@"; do
  case "$argument" in
    --all) all=true ;;
    --no-pictures) pictures=false ;;
    *) sed -n 2,7p "$0" >&2; exit 2 ;;
  esac
done
program=$PWD/build/release/bin/eddyline tests=$PWD/build/release/bin/test_validation
[ -x "$program" ] && [ -x "$tests" ] || { echo "build first: scripts/build.sh --tests" >&2; exit 2; }
results=build/verification
mkdir -p "$results" docs/images

# A test that fails leaves its row, marked.
"$tests" --gtest_filter=-Slow* --gtest_output="json:$results/fast.json" > "$results/fast.log" 2>&1 ||
  echo "some validation tests fail: see $results/fast.log" >&2
if $all; then
  "$tests" --gtest_filter=Slow* --gtest_output="json:$results/slow.json" > "$results/slow.log" 2>&1 ||
    echo "some slow validation tests fail: see $results/slow.log" >&2
fi

if $pictures; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  while IFS='|' read -r name _ _ config overrides options _; do
    [ -n "$name" ] && [ "${name:0:1}" != "#" ] || continue
    [ -f "configs/$config" ] || { echo "no picture $name: there is no configs/$config" >&2; continue; }
    set=()
    for assignment in $overrides; do set+=(--set "$assignment"); done
    "$program" solve "configs/$config" --set "output.folder=$folder/$name" "${set[@]}" 2> "$folder/log" ||
      { cat "$folder/log" >&2; exit 1; }
    read -r -a plot <<< "$options"
    "$program" plot "$folder"/"$name"/*.pvd "${plot[@]}" --output "docs/images/verification_$name.png" > "$folder/log" 2>&1 ||
      { cat "$folder/log" >&2; exit 1; }
  done < scripts/verification_pictures.txt
fi

python3 scripts/verification_page.py "$results" scripts/verification_pictures.txt > docs/verification.md
echo "wrote docs/verification.md"
