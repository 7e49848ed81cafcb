#!/usr/bin/env python3
"""The textbook arms of scripts/bench_operators.sh beside eager Python, in alternating processes on one machine.

usage: .venv/bin/python scripts/bench_operators_python.py [WORK...] [--rounds N] [--seconds S] [--originals FOLDER]

In every round this process times each pass in eager PyTorch, then build/release/bin/eddyline_benchmark times its two arms on
the same shapes; the table gives the minima over all rounds (CPU time of the process, one thread, milliseconds) and their
ratios. neuraloperator comes from pip (scripts/setup_test_python.sh); the other originals from clones in FOLDER, as named in
`WORKS`; without them the work is passed over and named.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import time
import types

os.environ["OMP_NUM_THREADS"] = "1"
# The benchmark keeps freed memory in both arms (core/base/memory.hpp): so does Python here.
if os.environ.get("MALLOC_TRIM_THRESHOLD_") is None:
    os.environ["MALLOC_TRIM_THRESHOLD_"] = os.environ["MALLOC_MMAP_THRESHOLD_"] = str(1 << 30)
    os.execv(sys.executable, [sys.executable, *sys.argv])

import torch  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PASSES = ("forward", "training step", "rollout")


def library_fno(n_modes, width, channels, **options):
    from neuralop.models import FNO

    return FNO(n_modes=n_modes, in_channels=channels, out_channels=1, hidden_channels=width, **options)


def module_of(folder, path, name):
    """A file of a clone as a module of its own package."""
    parent = types.ModuleType(name)
    parent.__path__ = [os.path.dirname(os.path.join(folder, path))]
    sys.modules[name] = parent
    stem = os.path.basename(path)[:-3]
    spec = importlib.util.spec_from_file_location(f"{name}.{stem}", os.path.join(folder, path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class PdeBenchFno(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        path = "PDEBench/pdebench/models/fno/fno.py"
        self.model = module_of(folder, path, "pdebench_fno").FNO2d(1, modes1=12, modes2=12, width=32, initial_step=10)

    def forward(self, x):
        n = x.shape[-1]
        line = torch.linspace(0, 1, n)
        grid = torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).expand(x.shape[0], n, n, 2)
        return self.model(x.permute(0, 2, 3, 1), grid)[..., 0, :].permute(0, 3, 1, 2)


class ArenaUnet(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        unet = module_of(folder, "pdearena/pdearena/modules/twod_unet.py", "pdearena_modules").Unet
        self.model = unet(1, 0, 1, 0, 4, 1, 32, "gelu", norm=True, ch_mults=(1, 2, 2), is_attn=(False,) * 3, n_blocks=2)

    def forward(self, x):
        return self.model(x.unsqueeze(2)).squeeze(2)


# name of the work: how to make the original, [batch, frames in, cells], frames out
WORKS = {
    "fno_1d": (lambda _: library_fno((32,), 32, 10), (50, 10, 1024), 1),
    "fno_2d": (lambda _: library_fno((24, 24), 32, 10), (20, 10, 64, 64), 1),
    "fno_3d": (lambda _: library_fno((12, 12, 12), 24, 4), (2, 4, 32, 32, 32), 1),
    "tfno_2d": (lambda _: library_fno((24, 24), 32, 10, factorization="Tucker", rank=0.1), (20, 10, 64, 64), 1),
    "fno_classic_2d": (PdeBenchFno, (20, 10, 64, 64), 1),
    "unet_2d": (ArenaUnet, (8, 4, 64, 64), 1),
}


def calls_of(model, shape, frames):
    x, target = torch.randn(shape), torch.randn(shape[0], frames, *shape[2:])
    adam = torch.optim.Adam(model.parameters(), lr=1e-12)

    def forward():
        with torch.no_grad():
            model(x)

    def training_step():
        adam.zero_grad()
        torch.nn.functional.mse_loss(model(x), target).backward()
        adam.step()

    def rollout():
        with torch.no_grad():
            past = x[:1]
            for _ in range(100):
                past = torch.cat((past, model(past)), 1)[:, -shape[1] :]

    return dict(zip(PASSES, (forward, training_step, rollout)))


def least_time(call, seconds):
    call()
    best, end = float("inf"), time.monotonic() + seconds
    while time.monotonic() < end or best == float("inf"):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return 1e3 * best


def benchmark_times(work, seconds):
    """CPU milliseconds of the benchmark program: pass -> (textbook, eddyline)."""
    program = os.path.join(ROOT, "build/release/bin/eddyline_benchmark")
    text = subprocess.run([program, work, "--seconds", str(seconds)], check=True, capture_output=True, text=True).stdout
    row = re.compile(rf"\| {work} \| ([a-z ]+) \| ([\d.e+]+) / \S+ \| ([\d.e+]+) / \S+ \|")
    return {name: (float(textbook), float(ours)) for name, textbook, ours in row.findall(text)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", default=list(WORKS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each pass in each round")
    parser.add_argument("--originals", default="", help="folder with clones of PDEBench and pdearena")
    options = parser.parse_args()
    torch.set_num_threads(1)
    import neuralop

    print(f"Python {sys.version.split()[0]}, torch {torch.__version__}, neuraloperator {neuralop.__version__}, one thread\n")
    print("| work | pass | Python ms | textbook ms | eddyline ms | textbook / Python | Python / eddyline |")
    print("|---|---|---|---|---|---|---|")
    for work in options.works:
        make, shape, frames = WORKS[work]
        torch.manual_seed(0)
        try:
            calls = calls_of(make(options.originals), shape, frames)
        except FileNotFoundError as error:
            print(f"{work}: the original is not there ({error.filename}); see --originals", file=sys.stderr)
            continue
        python = {name: float("inf") for name in PASSES}
        arms = {name: (float("inf"), float("inf")) for name in PASSES}
        for _ in range(options.rounds):
            for name, call in calls.items():
                python[name] = min(python[name], least_time(call, options.seconds))
            for name, times in benchmark_times(work, options.seconds).items():
                arms[name] = tuple(map(min, zip(arms[name], times)))
        for name in PASSES:
            textbook, ours = arms[name]
            print(f"| {work} | {name} | {python[name]:.4g} | {textbook:.4g} | {ours:.4g} | {textbook / python[name]:.3f} | "
                  f"{python[name] / ours:.3f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
