"""Train the detector: tagged words in, a self-describing run folder out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
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
from mtfix.training.loop import Batches, Run, encoded
from mtfix.training.shipped import blend, load_detector, totals
from mtfix.training.tagged import Tagged, read_tagged

CHUNK = 2000  # rows that a process encodes at a time
ALL = -1  # the task of examples that every output learns from


@dataclass(frozen=True, slots=True)
class Example:
    """labels: (words + 1, 2), wrong and missing before; -1 where nothing is known: the end has no word, and beside a
    repair that is judged nothing is. task: its index or ALL."""

    chunk: Chunk
    labels: np.ndarray
    group: str
    task: int
    weight: float = 1.0


def train(config: DetectorConfig, folder: Path) -> Path:
    """Train (or go on training) in `folder`; returns the folder of the finished torch model."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    teacher = _teacher(config)
    encoder = WordEncoder(load_tokenizer(config.base))
    examples = load_examples(encoder, config.train, config)
    dev = load_examples(encoder, config.dev, config)
    model = Detector.from_encoder(config.base, config.head_size, len(config.tasks))
    before = load_detector(model, Path(config.go_on_from)) if config.go_on_from else {}
    model.encoder.embeddings.requires_grad_(config.train_embeddings)
    run = Run(folder, model, config.schedule)
    batches = Batches([len(e.chunk.ids) for e in examples], config.batch_tokens, config.seed)

    def batch(step: int) -> list[Example]:
        return [examples[i] for i in batches(step)]

    def loss_function(chosen: list[Example]) -> tuple[Tensor, dict[str, Tensor]]:
        batch = DetectorBatch.of([e.chunk for e in chosen])
        word, gap = losses(model(batch), chosen, teacher and teacher(batch))
        return word + config.gap_weight * gap, {"word_loss": word.detach(), "gap_loss": gap.detach()}

    found = run.train(batch, loss_function, lambda: evaluate(model, dev, config.tasks))
    model.eval()
    if config.go_on_from and config.share_of_start:
        blend(model, load_detector, Path(config.go_on_from), config.share_of_start)
        found = evaluate(model, dev, config.tasks)
    model.save(folder)
    encoder.tokenizer.save(str(folder / "tokenizer.json"))
    summary = {
        "kind": "detector", "base": config.base, "device": run.device, "steps": run.step,
        "minutes": round(run.seconds / 60, 1), "examples": len(examples), "before": totals(before),
        "tasks": config.tasks, "share_of_start": config.share_of_start, "dev": found,
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


def losses(logits: Tensor, chosen: Sequence[Example], advice: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy of words and of gaps over all tasks that the examples have labels for.

    advice: a teacher's logits; its probabilities then count as much as the labels (Hinton et al. 2015, "Distilling
    the knowledge in a neural network").
    """
    labels = torch.from_numpy(np.concatenate([e.labels for e in chosen]))
    task = torch.from_numpy(np.repeat([e.task for e in chosen], [len(e.labels) for e in chosen]))
    outputs = torch.arange(logits.shape[1] // 2)
    learns = (task[:, None] == outputs) | (task[:, None] == ALL)
    weights = torch.tensor([e.weight for e in chosen for _ in e.labels])[:, None]
    gold = labels.clamp(min=0).to(logits.device).repeat(1, len(outputs))
    if advice is not None:
        gold = (gold + advice.sigmoid()) / 2
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, gold, reduction="none")
    # sums over masks, not selections: their size would have to come back from a graphics card first
    means = []
    for kind in (0, 1):
        known = weights * (learns & (labels[:, kind : kind + 1] >= 0))
        total = max(1.0, float(known.sum()))
        means.append((entropy[:, kind::2] * known.to(logits.device, entropy.dtype)).sum() / total)
    return means[0], means[1]


def _teacher(config: DetectorConfig) -> Callable[[DetectorBatch], Tensor] | None:
    if not config.teacher:
        return None
    if not (Path(config.teacher) / "head.safetensors").exists():
        raise ConfigError(f"the teacher {config.teacher} is no finished run of a detector")
    model = Detector.from_run(Path(config.teacher)).to(config.schedule.device)
    if model.output.out_features != 2 * len(config.tasks):
        raise ConfigError(f"the teacher {config.teacher} knows other tasks")
    return torch.no_grad()(model)


def load_examples(encoder: WordEncoder, sources: Sequence[Source], config: DetectorConfig) -> list[Example]:
    """Encoded sentences of all sources; a weight of 0.5 takes half of the rows, 2 every row twice."""
    rng = random.Random(config.seed)
    examples: list[Example] = []
    for source in sources:
        path = Path(source.path)
        if not path.exists():
            raise ConfigError(f"training data {path} is missing: build it first (see docs/training.md)")
        if source.task and source.task not in config.tasks:
            raise ConfigError(f"{source.path}: unknown task {source.task!r}; known are {', '.join(config.tasks)}")
        rows = list(read_tagged(path, reference=source.reference))
        rng.shuffle(rows)
        rows = rows[: source.limit or None]
        whole, part = int(source.weight), source.weight % 1
        rows = rows * whole + rows[: round(part * len(rows))]
        task = config.tasks.index(source.task) if source.task else ALL
        make = partial(_examples, encoder, rows, task, config.judged_weight)
        examples += encoded(make, -(-len(rows) // CHUNK), config.processes)
    return examples


def _examples(encoder: WordEncoder, rows: Sequence[Tagged], task: int, judged: float, chunk: int) -> list[Example]:
    some = rows[chunk * CHUNK : (chunk + 1) * CHUNK]
    return [example for row in some if (example := _example(encoder, row, task, judged))]


def _example(encoder: WordEncoder, row: Tagged, task: int, judged: float) -> Example | None:
    chunks = encoder.encode(row.words, row.spaced, row.replaced)
    if len(chunks) != 1:  # hardly any; a label for each chunk's end would be invented
        return None
    labels = np.array([[*map(float, row.bad), -1.0], list(map(float, row.missing))], np.float32).T
    if row.asked is None:
        return Example(chunks[0], labels, row.group, task)
    count = len(row.words)
    asked = np.array([[*row.asked[:count], False], row.asked[count:]]).T
    return Example(chunks[0], np.where(asked, labels, -1.0).astype(np.float32), row.group, task, judged)


@torch.no_grad()
def predict(model: Detector, examples: Sequence[Example], batch_tokens: int = 8000) -> list[np.ndarray]:
    """Logits (words + 1, 2) of each example by the outputs of its task (the first for ALL), in order."""
    results: dict[int, np.ndarray] = {}
    order = sorted(range(len(examples)), key=lambda i: len(examples[i].chunk.ids))
    while order:
        width = len(examples[order[-1]].chunk.ids)
        taken = [order.pop() for _ in range(min(len(order), max(1, batch_tokens // width)))]
        logits = model(DetectorBatch.of([examples[i].chunk for i in taken])).cpu().numpy()
        sizes = np.cumsum([len(examples[i].labels) for i in taken])[:-1]
        for i, found in zip(taken, np.split(logits, sizes), strict=True):
            column = 2 * max(0, examples[i].task)
            results[i] = found[:, column : column + 2]
    return [results[i] for i in range(len(examples))]


def evaluate(model: Detector, examples: Sequence[Example], tasks: Sequence[str]) -> dict[str, float]:
    """Word MCC per group at the threshold that is best over all groups of a task, and gap MCC, by task."""
    scores = [1 / (1 + np.exp(-found)) for found in predict(model, examples)]
    result: dict[str, float] = {}
    for task in sorted({e.task for e in examples}):
        pairs = [(e, s) for e, s in zip(examples, scores, strict=True) if e.task == task]
        threshold, result[f"mcc {tasks[max(0, task)]}"] = best_threshold(*_known(pairs, 0))
        for group in sorted({e.group for e, _ in pairs}):
            gold, found = _known([(e, s) for e, s in pairs if e.group == group], 0)
            result[f"mcc {group}"] = mcc(gold, found >= threshold)
        _, result[f"gap mcc {tasks[max(0, task)]}"] = best_threshold(*_known(pairs, 1))
    return {name: round(value, 4) for name, value in result.items()}


def _known(pairs: Sequence[tuple[Example, np.ndarray]], kind: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores of words (0) or gaps (1), where there are labels."""
    gold = np.concatenate([e.labels[:, kind] for e, _ in pairs])
    return gold[gold >= 0] > 0.5, np.concatenate([s[:, kind] for _, s in pairs])[gold >= 0]
