"""Opens a dataset folder of ours with The Well's own loader and prints what it sees: check_the_well.py FOLDER SPLIT.

Exits 0 when every window loads with finite numbers, 3 when the package the_well is not installed.
"""
import sys

try:
    from the_well.data import WellDataset
except ImportError as error:
    print(f"the_well is not installed: {error}")
    sys.exit(3)

import torch

folder, split = sys.argv[1], sys.argv[2]
dataset = WellDataset(path=f"{folder}/data/{split}", n_steps_input=2, n_steps_output=2, use_normalization=False)
print("windows", len(dataset))
sample = dataset[0]
print("input", list(sample["input_fields"].shape), "output", list(sample["output_fields"].shape))
print("constant", list(sample["constant_fields"].shape), "scalars", list(sample["constant_scalars"].shape))
print("boundaries", sample["boundary_conditions"].tolist())
print("grid", list(sample["space_grid"].shape), "last", sample["space_grid"][-1, -1].tolist())
print("first", [round(float(value), 6) for value in sample["input_fields"][0, 1, 2]])
for index in (0, len(dataset) - 1):
    sample = dataset[index]
    assert torch.isfinite(sample["input_fields"]).all() and torch.isfinite(sample["output_fields"]).all()
print("ok")
