"""Loads exported weights into neuraloperator's own model, strictly, and compares outputs.

usage: load_into_neuraloperator.py WEIGHTS.safetensors OPTIONS.json ARRAYS.safetensors
ARRAYS holds the input x and the output y that the C++ operator gave for it. Prints the largest relative difference.
"""
import contextlib
import io
import json
import sys

import torch
from safetensors.torch import load_file

with contextlib.redirect_stdout(io.StringIO()):
    from neuralop.models import FNO

options = json.load(open(sys.argv[2]))
arrays = load_file(sys.argv[3])
with contextlib.redirect_stdout(io.StringIO()):
    model = FNO(**options).eval()
model.load_state_dict(load_file(sys.argv[1]), strict=True)
with torch.no_grad():
    y = model(arrays["x"])
print(((y - arrays["y"]).abs().max() / arrays["y"].abs().max()).item())
