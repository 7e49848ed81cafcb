#!/usr/bin/env python3
"""Parity files of neuraloperator as pip installs it: weights, inputs, outputs and gradients of small random models.

usage: .venv/bin/python scripts/make_parity_files.py FOLDER      (scripts/setup_test_python.sh makes .venv)
       build/release/bin/eddyline verify FOLDER/*.h5

The layout is that of the other files in tests/data/parity: /config attributes, /weights under the original names,
/inputs, /outputs, /grads, /grads_inputs; complex numbers as pairs with the attribute `complex`. Every model runs in both
precisions, and the attributes f32_vs_f64_rel_* say how far they differ. The files in tests/data/parity that end in
_pypi200 were made by this script; more cases are added to the list at its end.
"""

import contextlib
import os
import sys

import h5py
import neuralop.layers.complex
import torch
from neuralop.models import FNO, TFNO, UNO

COMMON = dict(
    channel_mlp_dropout=0, channel_mlp_expansion=0.5, channel_mlp_skip="soft-gating", domain_padding=None,
    factorization=None, fixed_rank_modes=False, fno_skip="linear", hidden_channels=8, implementation="factorized",
    in_channels=2, norm=None, out_channels=1, positional_embedding="grid", preactivation=False, rank=1.0,
    separable=False)  # fmt: skip
FNO_ONLY = dict(
    complex_data=False, decomposition_kwargs=None, fno_block_precision="full", lifting_channel_ratio=2,
    max_n_modes=None, n_layers=2, projection_channel_ratio=2, resolution_scaling_factor=None, stabilizer=None,
    use_channel_mlp=True)  # fmt: skip
UNO_ONLY = dict(
    channel_mlp_skip="linear", horizontal_skip="linear", horizontal_skips_map=None, lifting_channels=16,
    projection_channels=16)  # fmt: skip


@contextlib.contextmanager
def double_precision():
    """neuraloperator names single precision in its source; in here those names mean double."""
    names, single = torch.cfloat, torch.Tensor.float
    torch.cfloat, torch.Tensor.float = torch.cdouble, torch.Tensor.double
    torch.set_default_dtype(torch.float64)
    neuralop.layers.complex.apply_complex.__defaults__ = (torch.cdouble,)
    try:
        yield
    finally:
        torch.cfloat, torch.Tensor.float = names, single
        torch.set_default_dtype(torch.float32)
        neuralop.layers.complex.apply_complex.__defaults__ = (torch.cfloat,)


def widened(tensor):
    if tensor.is_complex():
        return tensor.to(torch.cdouble)
    return tensor.double() if tensor.is_floating_point() else tensor


def run(make, state, x):
    """Output, gradients of the parameters and of the input, for the loss mean |y|^2."""
    model = make().eval()
    if x.dtype in (torch.float64, torch.cdouble):
        model.double()
        for parameter in model.parameters():
            parameter.data = widened(parameter.data)
        state = {name: widened(value) for name, value in state.items()}
    torch.nn.Module.load_state_dict(model, state)
    x = x.clone().requires_grad_(True)
    y = model(x)
    loss = y.abs().square().mean()
    loss.backward()
    gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return {"y": y.detach(), "loss": loss.detach()}, gradients, {"x": x.grad}


def perturb(model):
    """Biases, norms and gates do not stay where a mistake would not show."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or "norm" in name or (parameter.dim() > 1 and parameter.numel() == parameter.shape[1]):
                parameter.add_(0.3 * torch.randn_like(parameter))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.3 * torch.randn_like(buffer))
            if name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand_like(buffer))


def relative(a, b, floor=0.0):
    return float((widened(a) - widened(b)).abs().max() / max(float(widened(b).abs().max()), floor))


def write_case(folder, name, model, size, batch=2, dtype="float32", **options):
    kind = UNO if model == "UNO" else {"FNO": FNO, "TFNO": TFNO}[model]
    settings = {**COMMON, **(UNO_ONLY if model == "UNO" else FNO_ONLY), **options}
    activation = settings.pop("non_linearity", None)
    if model == "UNO":
        settings["n_layers"] = len(settings["uno_out_channels"])
    keywords = dict(settings)
    if activation is not None:
        keywords["non_linearity"] = getattr(torch.nn.functional, activation)

    def make():
        return kind(**keywords)

    torch.manual_seed(sum(name.encode()))
    original = make()
    perturb(original)
    state = {key: value.clone() for key, value in original.state_dict().items() if torch.is_tensor(value)}
    is_complex = settings.get("complex_data", False)
    x = torch.randn(batch, settings["in_channels"], *size, dtype=torch.cfloat if is_complex else torch.float32)
    single = run(make, state, x)
    with double_precision():
        double = run(make, state, widened(x))
    largest = max(float(widened(g).abs().max()) for g in double[1].values())
    differences = {
        "output": max(relative(single[0][key], double[0][key]) for key in single[0]),
        "grads": max(relative(single[1][key], double[1][key], 1e-3 * largest) for key in single[1]),
        "grads_inputs": relative(single[2]["x"], double[2]["x"]),
    }
    is_double = dtype == "float64"
    outputs, gradients, input_gradients = double if is_double else single

    def put(group, key, value, kind=None):
        value = widened(value.detach()) if is_double else value.detach()
        pairs = torch.view_as_real(value.resolve_conj()) if value.is_complex() else value
        data = group.create_dataset(key, data=pairs.contiguous().numpy())
        if value.is_complex():
            data.attrs["complex"] = 1
        if kind is not None:
            data.attrs["kind"] = kind

    parameters = {key for key, _ in original.named_parameters()}
    with h5py.File(os.path.join(folder, name + ".h5"), "w") as file:
        config = file.create_group("config").attrs
        for key, value in {**settings, "operator": "fno", "model": model, "dtype": dtype, "fft_norm": "forward",
                           "non_linearity": activation or "gelu(erf)", "loss": "mean(|y|^2)",
                           "source": "PyPI neuraloperator 2.0.0"}.items():  # fmt: skip
            value = "none" if value is None else str(value) if isinstance(value, dict) else value
            config[key] = int(value) if isinstance(value, bool) else value
        for key, value in differences.items():
            config["f32_vs_f64_rel_" + key] = value
        for group, tensors in (("weights", state), ("inputs", {"x": x}), ("outputs", outputs), ("grads", gradients),
                               ("grads_inputs", input_gradients)):  # fmt: skip
            target = file.create_group(group)
            for key, value in tensors.items():
                kind = ("parameter" if key in parameters else "buffer") if group == "weights" else None
                put(target, key, value, kind)
    print(name, {key: float(f"{value:.1e}") for key, value in differences.items()})


U_SHAPE = dict(
    uno_out_channels=[6, 8, 6], uno_n_modes=[[6, 5], [3, 4], [6, 6]], uno_scalings=[[0.5, 0.5], [1, 1], [2, 2]])  # fmt: skip
CASES = [
    ("fno_1d_odd_modes_pypi200", "FNO", (27,), dict(n_modes=[9], norm="batch_norm", domain_padding=0.1)),
    ("fno_1d_rescaled_pypi200", "FNO", (17,), dict(n_modes=[10], n_layers=3, resolution_scaling_factor=[2, 0.5, 1.5])),
    ("fno_1d_complex_pypi200", "FNO", (18,), dict(n_modes=[8], complex_data=True, positional_embedding=None,
                                                   norm="batch_norm", preactivation=True)),  # fmt: skip
    ("tfno_1d_pypi200", "TFNO", (33,), dict(n_modes=[12], factorization="Tucker", rank=0.4, batch=3)),
    ("fno_2d_relu_pypi200", "FNO", (14, 13), dict(n_modes=[8, 7], non_linearity="relu")),
    ("fno_2d_skips_pypi200", "FNO", (12, 10), dict(n_modes=[6, 5], fno_skip="soft-gating", channel_mlp_skip="linear",
                                                    preactivation=True, norm="batch_norm")),  # fmt: skip
    ("fno_2d_rescaled_axes_pypi200", "FNO", (12, 14), dict(n_modes=[6, 5],
                                                            resolution_scaling_factor=[[2.0, 1.0], [0.5, 1.5]])),  # fmt: skip
    ("fno_2d_one_mode_pypi200", "FNO", (10, 11), dict(n_modes=[1, 1])),
    ("tfno_2d_tt_exceeds_grid_pypi200", "FNO", (7, 6), dict(n_modes=[10, 9], factorization="TT", rank=0.4)),
    ("tfno_2d_cp_exceeds_grid_pypi200", "FNO", (7, 6), dict(n_modes=[10, 9], factorization="CP", rank=0.4)),
    ("tfno_2d_separable_pypi200", "FNO", (14, 10), dict(n_modes=[6, 8], factorization="Tucker", rank=0.5, separable=True)),
    ("tfno_2d_complex_pypi200", "FNO", (10, 13), dict(n_modes=[5, 6], factorization="Tucker", rank=0.5,
                                                       complex_data=True, positional_embedding=None)),  # fmt: skip
    ("tfno_3d_pypi200", "TFNO", (6, 7, 8), dict(n_modes=[4, 4, 6], factorization="Tucker", rank=0.3, batch=1)),
    ("fno_3d_separable_pypi200", "FNO", (6, 7, 8), dict(n_modes=[4, 9, 6], separable=True, norm="batch_norm", batch=1)),
    ("uno_1d_pypi200", "UNO", (21,), dict(uno_out_channels=[6, 8, 6], uno_n_modes=[[8], [5], [8]],
                                          uno_scalings=[[0.5], [1], [2]])),  # fmt: skip
    ("uno_2d_odd_skips_map_pypi200", "UNO", (15, 10), dict(horizontal_skips_map={2: 1}, norm="group_norm", **U_SHAPE)),
    ("uno_2d_padded_f64_pypi200", "UNO", (12, 10), dict(domain_padding=[0.25, 0.2], dtype="float64", **U_SHAPE)),
]  # fmt: skip

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    for case, kind_name, cells, choices in CASES:
        write_case(sys.argv[1], case, kind_name, cells, **choices)
