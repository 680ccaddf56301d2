"""Train the detector: tagged words in, a self-describing run folder out."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from mtfix.detector.encode import Chunk, WordEncoder
from mtfix.errors import ConfigError
from mtfix.metrics import best_threshold, mcc
from mtfix.training.config import DetectorConfig, Source
from mtfix.training.detector_model import Detector, DetectorBatch
from mtfix.training.loop import Batches, Run
from mtfix.training.tagged import Tagged, read_tagged

Example = tuple[Chunk, np.ndarray, str]


def train(config: DetectorConfig, folder: Path) -> Path:
    """Train (or go on training) in `folder`; returns the folder of the finished torch model."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    encoder = WordEncoder(load_tokenizer(config.base))
    examples = load_examples(encoder, config.train, config.seed)
    dev = load_examples(encoder, config.dev, config.seed)
    model = Detector.from_encoder(config.base, config.head_size)
    run = Run(folder, model, config.schedule)
    batches = Batches([len(chunk.ids) for chunk, _, _ in examples], config.batch_tokens, config.seed)
    loss = nn.BCEWithLogitsLoss()

    def batch(step: int) -> list[Example]:
        return [examples[i] for i in batches(step)]

    def loss_function(chosen: list[Example]) -> tuple[Tensor, dict[str, float]]:
        logits = model(DetectorBatch.of([chunk for chunk, _, _ in chosen]))
        gold = torch.from_numpy(np.concatenate([labels for _, labels, _ in chosen]))
        real = gold[:, 0] >= 0  # the end of a sentence has a gap but no word
        word = loss(logits[real, 0], gold[real, 0])
        gap = loss(logits[:, 1], gold[:, 1])
        return word + config.gap_weight * gap, {"word_loss": word.item(), "gap_loss": gap.item()}

    run.train(batch, loss_function, lambda: evaluate(model, dev))
    model.eval()
    model.save(folder)
    encoder.tokenizer.save(str(folder / "tokenizer.json"))
    summary = {
        "kind": "detector", "base": config.base, "steps": run.step, "minutes": round(run.seconds / 60, 1),
        "examples": len(examples), "dev": evaluate(model, dev),
    }  # fmt: skip
    (folder / "training.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return folder


def load_tokenizer(base: str) -> Tokenizer:
    """The base's own tokenizer.json when it is a folder, else through transformers (hub names)."""
    path = Path(base) / "tokenizer.json"
    if path.exists():
        return Tokenizer.from_file(str(path))
    from transformers import AutoTokenizer

    try:
        return Tokenizer.from_str(AutoTokenizer.from_pretrained(base).backend_tokenizer.to_str())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot load the base model {base}: {str(error).splitlines()[0]}") from error


def load_examples(encoder: WordEncoder, sources: Sequence[Source], seed: int) -> list[Example]:
    """Encoded sentences of all sources; a weight of 0.5 takes half of the rows, 2 every row twice."""
    rng = random.Random(seed)
    examples: list[Example] = []
    for source in sources:
        path = Path(source.path)
        if not path.exists():
            raise ConfigError(f"training data {path} is missing: build it first (see the README, 'Training')")
        rows = list(read_tagged(path))
        rng.shuffle(rows)
        rows = rows[: source.limit or None]
        whole, part = int(source.weight), source.weight % 1
        rows = rows * whole + rows[: round(part * len(rows))]
        examples += [example for row in rows if (example := _example(encoder, row))]
    return examples


def _example(encoder: WordEncoder, row: Tagged) -> Example | None:
    chunks = encoder.encode(row.words, row.spaced)
    if len(chunks) != 1:  # hardly any; a label for each chunk's end would be invented
        return None
    labels = np.array([[*map(float, row.bad), -1.0], list(map(float, row.missing))], np.float32).T
    return chunks[0], labels, row.group


@torch.no_grad()
def predict(model: Detector, examples: Sequence[Example], batch_tokens: int = 8000) -> list[np.ndarray]:
    """Logits (words + 1, 2) of each example, in order."""
    results: dict[int, np.ndarray] = {}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i][0].ids))
    while order:
        width = len(examples[order[-1]][0].ids)
        taken = [order.pop() for _ in range(min(len(order), max(1, batch_tokens // width)))]
        logits = model(DetectorBatch.of([examples[i][0] for i in taken])).numpy()
        sizes = np.cumsum([len(examples[i][0].first) for i in taken])[:-1]
        results.update(zip(taken, np.split(logits, sizes), strict=True))
    return [results[i] for i in range(len(examples))]


def evaluate(model: Detector, examples: Sequence[Example]) -> dict[str, float]:
    """Word MCC per group at one global threshold (best over all groups together), and gap MCC."""
    if not examples:
        return {}
    logits = predict(model, examples)
    scores = [1 / (1 + np.exp(-found)) for found in logits]
    groups = sorted({group for _, _, group in examples})
    word_gold = np.concatenate([labels[:-1, 0] for _, labels, _ in examples]) > 0.5
    word_scores = np.concatenate([found[:-1, 0] for found in scores])
    threshold, overall = best_threshold(word_gold, word_scores)
    gap_gold = np.concatenate([labels[:, 1] for _, labels, _ in examples]) > 0.5
    _, gap = best_threshold(gap_gold, np.concatenate([found[:, 1] for found in scores]))
    result = {"threshold": float(threshold), "mcc": overall, "gap_mcc": gap}
    for group in groups:
        chosen = [(e[1], s) for e, s in zip(examples, scores, strict=True) if e[2] == group]
        gold = np.concatenate([labels[:-1, 0] for labels, _ in chosen]) > 0.5
        result[f"mcc {group}"] = mcc(gold, np.concatenate([s[:-1, 0] for _, s in chosen]) >= threshold)
    return {name: round(value, 4) for name, value in result.items()}
