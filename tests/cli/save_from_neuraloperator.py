"""Saves a state dict of neuraloperator's own model with an input and its output.

usage: save_from_neuraloperator.py OPTIONS.json STATE.pt ARRAYS.safetensors CHANNELS POINTS
"""
import contextlib
import io
import json
import sys

import torch
from safetensors.torch import save_file

with contextlib.redirect_stdout(io.StringIO()):
    from neuralop.models import FNO

    torch.manual_seed(0)
    model = FNO(**json.load(open(sys.argv[1]))).eval()
state = model.state_dict()
state.pop("_metadata", None)  # neuraloperator's options; torch's own attribute of that name stays
torch.save(state, sys.argv[2])
x = torch.randn(2, int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[5]))
with torch.no_grad():
    save_file({"x": x, "y": model(x)}, sys.argv[3])
