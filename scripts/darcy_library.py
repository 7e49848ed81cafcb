"""neuraloperator's own Darcy example with its own classes, for comparison with configs/darcy/example.yaml.

usage: .venv/bin/python scripts/darcy_library.py SEED...      (scripts/setup_test_python.sh and scripts/get_darcy.sh first)
Prints relative L2 and H1 errors on the 50 test samples at 16 x 16 and 32 x 32, and seconds an epoch, on one core.
"""
import contextlib
import io
import sys
import time

import torch
from torch.utils.data import DataLoader

torch.set_num_threads(1)
with contextlib.redirect_stdout(io.StringIO()):
    from neuralop import H1Loss, LpLoss, Trainer
    from neuralop.data.datasets.darcy import DarcyDataset
    from neuralop.models import FNO
    from neuralop.training import AdamW

EPOCHS = 15
losses = {"L2": LpLoss(d=2, p=2), "H1": H1Loss(d=2)}


def run(seed):
    torch.manual_seed(seed)
    data = DarcyDataset(
        root_dir="data/darcy", n_train=1000, n_tests=[50, 50], batch_size=64, test_batch_sizes=[50, 50],
        train_resolution=16, test_resolutions=[16, 32], encode_input=False, encode_output=True, channel_dim=1,
        encoding="channel-wise", download=False)
    train = DataLoader(data.train_db, batch_size=64, shuffle=False)  # as load_darcy_flow_small does
    tests = {size: DataLoader(data.test_dbs[size], batch_size=50) for size in (16, 32)}
    model = FNO(n_modes=(8, 8), in_channels=1, out_channels=1, hidden_channels=24, projection_channel_ratio=2)
    optimizer = AdamW(model.parameters(), lr=1e-2, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    trainer = Trainer(
        model=model, n_epochs=EPOCHS, device="cpu", data_processor=data.data_processor, wandb_log=False,
        eval_interval=EPOCHS, use_distributed=False, verbose=False)
    start = time.time()
    trainer.train(
        train_loader=train, test_loaders=tests, optimizer=optimizer, scheduler=scheduler, regularizer=False,
        training_loss=losses["H1"], eval_losses=losses)
    seconds = (time.time() - start) / EPOCHS
    model.eval()
    data.data_processor.eval()
    errors = []
    for size, loader in tests.items():
        for sample in loader:  # one batch holds all 50
            sample = data.data_processor.preprocess(sample)
            with torch.no_grad():
                out, sample = data.data_processor.postprocess(model(**sample), sample)
            errors += [f"{name} {size}x{size} {loss(out, sample['y']).item() / len(out):.4f}"
                       for name, loss in losses.items()]
    return ", ".join(errors) + f", {seconds:.2f} s an epoch"


for argument in sys.argv[1:]:
    with contextlib.redirect_stdout(io.StringIO()):
        line = run(int(argument))
    print(f"seed {argument}: {line}", flush=True)
