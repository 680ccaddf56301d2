"""Teach a detector that is otherwise finished to tell kinds of damage apart.

A linear model (multinomial logistic regression) of what the detector's head sees of a word, fitted on words whose
damage has a category; encoder and head stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load, save
from torch import nn

from mtfix.corpus.rows import Row
from mtfix.detector.model import CTranslate2Backend, Detector, combined, joined
from mtfix.errors import ConfigError
from mtfix.models import open_model, write_model

LEAST = 20  # words of a kind, without which it is none
EPOCHS, BATCH = 8, 256
HELD_OUT = 5  # every fifth sentence measures


@dataclass(frozen=True, slots=True)
class _Words:
    """The worst word of each edit: vectors (edits, width), categories, and the number of the sentence of each."""

    vectors: NDArray[np.float32]
    kinds: list[str]
    sentences: NDArray[np.int64]


def fit_kinds(models: Path, rows: Sequence[Row], threads: int = 0, seed: int = 1) -> dict[str, Any]:
    """Write the kinds and their weights into `models`/detector; returns how often they are right.

    rows: damaged sentences whose edits have categories. Every fifth only measures. Raises ModelError when the folder is
    damaged, ConfigError when the rows tell of fewer than two kinds.
    """
    model = open_model(models, "detector")
    found = _seen(Detector.load(model, threads), rows)
    names = sorted({kind for kind in found.kinds if found.kinds.count(kind) >= LEAST})
    if len(names) < 2:
        raise ConfigError(f"the rows tell of {len(names)} kinds of damage ({LEAST} edits each are needed), not of two")
    known = np.array([kind in names for kind in found.kinds])
    gold = np.array([names.index(kind) if kind in names else -1 for kind in found.kinds])
    measures = known & (found.sentences % HELD_OUT == 0)
    learns = known & ~measures
    weight, bias = _fitted(found.vectors[learns], gold[learns], len(names), seed)
    right = (found.vectors[measures] @ weight.T + bias).argmax(axis=1) == gold[measures]
    tensors = {**load(model.files["head.safetensors"]), "kinds.weight": weight, "kinds.bias": bias}
    settings = {**model.manifest["settings"], "kinds": names}
    write_model(models / "detector", "detector", settings, {**model.files, "head.safetensors": save(tensors)})
    return {"kinds": names, "edits": int(learns.sum()), "held out": len(right), "right": round(float(right.mean()), 4)}


def _seen(detector: Detector, rows: Sequence[Row]) -> _Words:
    assert isinstance(detector.backend, CTranslate2Backend)
    encoded = [detector.encoded(row["damaged"]) for row in rows]
    whole = [number for number, (_, chunks) in enumerate(encoded) if len(chunks) == 1]
    vectors = detector.backend.vectors([encoded[number][1][0] for number in whole])
    chosen, kinds, sentences = [], [], []
    for number, seen in zip(whole, vectors, strict=True):
        logits, _, _ = joined([detector.backend.head(seen)], len(detector.kinds))
        scores = combined(logits, detector.settings["calibration"]["word"])
        for start, end, _, kind in rows[number]["edits"]:
            inside = [i for i, span in enumerate(encoded[number][0]) if span.start < end and span.end > start]
            if inside:
                chosen.append(seen[max(inside, key=lambda i: scores[i])])
                kinds.append(kind)
                sentences.append(number)
    return _Words(np.array(chosen), kinds, np.array(sentences))


def _fitted(
    vectors: NDArray[np.float32], gold: NDArray[np.int64], kinds: int, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (kinds, width) and bias (kinds,)."""
    torch.manual_seed(seed)
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0) + 1e-3
    x, y = torch.from_numpy((vectors - mean) / spread), torch.from_numpy(gold)
    layer = nn.Linear(x.shape[1], kinds)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=2e-3, weight_decay=0.05)
    for _ in range(EPOCHS):
        for some in torch.split(torch.randperm(len(x)), BATCH):
            loss = nn.functional.cross_entropy(layer(x[some]), y[some], label_smoothing=0.05)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    weight = layer.weight.detach().numpy() / spread
    bias = layer.bias.detach().numpy() - weight @ mean
    return weight.astype(np.float32), bias.astype(np.float32)
