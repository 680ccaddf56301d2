"""One resumable training loop for every model: batches in, checkpoints and logs out.

A run folder holds `checkpoint.pt` (written atomically every few minutes), `metrics.jsonl` and
TensorBoard events. Batches are a pure function of the step, so a killed run continues with the batch
that it would have seen.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from mtfix.errors import ConfigError
from mtfix.training.config import Schedule

T = TypeVar("T")
# values to log come as tensors: reading one waits for the graphics card
LossFunction = Callable[[Any], tuple[Tensor, dict[str, Tensor]]]


class Run:
    """A training run of `model` in `folder`; `batch(step)` gives the input of one optimiser step."""

    def __init__(self, folder: Path, model: nn.Module, schedule: Schedule) -> None:
        self.folder, self.model, self.schedule = folder, model, schedule
        folder.mkdir(parents=True, exist_ok=True)
        model.to(schedule.device)
        self.trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.AdamW(
            self.trainable.values(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay, fused=True
        )
        self.step = 0
        self.seconds = 0.0
        self._load()
        self._trim_log()

    @property
    def device(self) -> str:
        """What the model is trained on, for its card."""
        return torch.cuda.get_device_name() if self.schedule.device == "cuda" else "CPU"

    @property
    def progress(self) -> float:
        """How much of the budget is used, 0 to 1: steps or minutes, whichever is further along."""
        parts = [self.step / self.schedule.steps] if self.schedule.steps else []
        parts += [self.seconds / 60 / self.schedule.minutes] if self.schedule.minutes else []
        return min(1.0, max(parts))

    def train(
        self,
        batch: Callable[[int], Any],
        loss_function: LossFunction,
        evaluate: Callable[[], dict[str, float]] | None = None,
    ) -> dict[str, float]:
        """Train until the budget is used up; raises nothing of its own, can be killed at any time.

        Returns what `evaluate` finds at the end.
        """
        schedule = self.schedule
        saved = tick = time.monotonic()
        with SummaryWriter(str(self.folder / "tensorboard")) as board:
            self.model.train()
            while self.progress < 1:
                rate = schedule.learning_rate * self._rate()
                for group in self.optimizer.param_groups:
                    group["lr"] = rate
                with self._precision():
                    loss, values = loss_function(batch(self.step))
                self.optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                nn.utils.clip_grad_norm_(self.trainable.values(), schedule.clip)
                self.optimizer.step()
                self.step += 1
                now = time.monotonic()
                self.seconds += now - tick
                tick = now
                if self.step % schedule.log_every == 0:
                    numbers = {name: float(value) for name, value in values.items()}
                    self._log(board, {"loss": loss.item(), "lr": rate, **numbers})
                if evaluate and self.step % schedule.evaluate_every == 0:
                    self._log(board, self._evaluated(evaluate))
                    tick = time.monotonic()  # evaluation is not training time
                if now - saved > schedule.checkpoint_minutes * 60:
                    self.save()
                    saved = now
            self.save()
            found = self._evaluated(evaluate) if evaluate else {}
            if found:
                self._log(board, found)
        return found

    def _evaluated(self, evaluate: Callable[[], dict[str, float]]) -> dict[str, float]:
        """In float32: without gradients, every product in bfloat16 would cast the weights anew."""
        self.model.eval()
        found = evaluate()
        self.model.train()
        return found

    def _precision(self) -> torch.autocast:
        """Products of matrices in bfloat16, where asked for; weights, their updates and sums stay in float32."""
        return torch.autocast(self.schedule.device, torch.bfloat16, enabled=self.schedule.bfloat16)

    def _rate(self) -> float:
        """Linear warm-up by steps, then a cosine over the whole budget down to a tenth."""
        warm = min(1.0, (self.step + 1) / max(1, self.schedule.warmup))
        return warm * (0.55 + 0.45 * math.cos(math.pi * self.progress))

    def _log(self, board: SummaryWriter, values: dict[str, float]) -> None:
        row = {"step": self.step, "minutes": round(self.seconds / 60, 2), **values}
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        for name, value in values.items():
            board.add_scalar(name, value, self.step)

    def save(self) -> None:
        """Write the checkpoint; a kill while writing leaves the one before."""
        state = {
            "model": {name: p.detach() for name, p in self.trainable.items()},
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "random": torch.get_rng_state(),
        }
        temporary = self.folder / "checkpoint.pt.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / "checkpoint.pt")

    def _load(self) -> None:
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(state["model"], strict=False)
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]
        torch.set_rng_state(state["random"])

    def _trim_log(self) -> None:
        """Drop what a killed run logged after its last checkpoint: it is about to be logged again."""
        path = self.folder / "metrics.jsonl"
        if not path.exists():
            return
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if _logged_step(line) <= self.step]
        temporary = self.folder / "metrics.jsonl.tmp"
        temporary.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        os.replace(temporary, path)


def _logged_step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except ValueError:  # the kill came in the middle of the line
        return math.inf


def padded(rows: Sequence[Sequence[int]], value: int, step: int = 1) -> Tensor:
    """The rows as one matrix (rows, longest rounded up to a multiple of `step`) of int64, `value` where a row ended."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    matrix: NDArray[np.int64] = np.full((len(rows), -(-lengths.max(initial=0) // step) * step), value)
    flat = np.fromiter(chain.from_iterable(rows), np.int64, lengths.sum())
    matrix[np.arange(matrix.shape[1]) < lengths[:, None]] = flat
    return torch.from_numpy(matrix)


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on `device`; a copy to a graphics card does not wait until that has done what it was told before."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def encoded(encode: Callable[[int], list[T]], chunks: int, processes: int) -> list[T]:
    """What `encode` makes of chunk 0, 1, …, joined in order; forked processes share what it holds."""
    if processes <= 1 or chunks <= 1:
        return [item for i in range(chunks) for item in encode(i)]
    _ENCODE.append(encode)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # its threads would not live on in a forked process
    try:
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            return [item for items in pool.imap(_call, range(chunks)) for item in items]
    finally:
        _ENCODE.pop()


_ENCODE: list[Callable[[int], list[Any]]] = []


def _call(chunk: int) -> list[Any]:
    return _ENCODE[-1](chunk)


class Batches:
    """Examples grouped into batches of similar length, in an order fixed by seed and epoch.

    `lengths[i]` is the cost of example i; a batch holds at most `budget` of padded cost (and at least
    one example). Calling with a step gives the example indices of that step's batch, for ever.
    """

    def __init__(self, lengths: list[int], budget: int, seed: int) -> None:
        if not lengths:
            raise ConfigError("the training data holds no usable examples")
        self.lengths, self.budget, self.seed = lengths, budget, seed
        self._epoch = -1
        self._batches: list[list[int]] = []
        self._before = 0

    def __call__(self, step: int) -> list[int]:
        if step < self._before:
            self._epoch, self._batches, self._before = -1, [], 0
        while self._epoch < 0 or step >= self._before + len(self._batches):
            self._before += len(self._batches) if self._epoch >= 0 else 0
            self._epoch += 1
            self._batches = self._shuffled(self._epoch)
        return self._batches[step - self._before]

    def _shuffled(self, epoch: int) -> list[list[int]]:
        generator = torch.Generator().manual_seed(self.seed * 1000 + epoch)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        batches: list[list[int]] = []
        pool = 4096  # sort inside pools only, so that batches stay a mixture
        for start in range(0, len(order), pool):
            current: list[int] = []
            for index in sorted(order[start : start + pool], key=self.lengths.__getitem__):
                if current and self.lengths[index] * (len(current) + 1) > self.budget:
                    batches.append(current)
                    current = []
                current.append(index)
            batches.append(current)
        shuffle = torch.randperm(len(batches), generator=generator).tolist()
        return [batches[i] for i in shuffle]
