#!/usr/bin/env bash
# Python packages that only the tests use: The Well's own loader opens the datasets that we write, neuraloperator the
# weights that we export, TensorBoard the event files.
set -euo pipefail
cd "$(dirname "$0")/.."
marker=.venv/.test-packages-3
[ ! -e "$marker" ] || exit 0
echo "setup: installing the_well, h5py, neuraloperator, safetensors and tensorboard into .venv for the tests" >&2
.venv/bin/python -m pip install --quiet the_well==1.2.0 h5py neuraloperator==2.0.0 safetensors tensorboard==2.21.0 2>&1 | grep -v '^WARNING: Location' >&2 || true
.venv/bin/python -c 'import the_well, h5py, neuralop, safetensors, tensorboard'
touch "$marker"
