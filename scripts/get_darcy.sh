#!/bin/bash
# usage: scripts/get_darcy.sh [FOLDER]   (default data/darcy)
# Puts the public Darcy set of neuraloperator (MIT licence) into FOLDER: 1000 training samples on 16 x 16 points, 50 test
# samples on 16 x 16 and 32 x 32. The files lie in the wheel of version 0.3.0; nothing of it is installed or run.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-data/darcy}
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
python3 -m pip download --quiet --no-deps --dest "$temporary" neuraloperator==0.3.0
python3 -m zipfile -e "$temporary"/neuraloperator-0.3.0-*.whl "$temporary/wheel"
mkdir -p "$folder"
cp "$temporary"/wheel/neuralop/datasets/data/darcy_{train_16,test_16,test_32}.pt "$folder"
cp "$temporary"/wheel/neuraloperator-0.3.0.dist-info/LICENSE "$folder/LICENSE"
(cd "$folder" && sha256sum --check --quiet - <<'SUMS'
d2b19af9d4a6ae04ba2de54b8ecccc8b89766472faf6ce7f506c0b2a60f69a4c  darcy_test_16.pt
bcbd10622373e94df84a17fcdb72ac4317d76e024c2499d21fd1fd34d0742cfd  darcy_test_32.pt
0be662acdb1dab7dfd1a1da0b140e97f75cc94f98a14edcf768abe6968b3b418  darcy_train_16.pt
SUMS
)
echo "$folder: $(ls "$folder" | tr '\n' ' ')"
