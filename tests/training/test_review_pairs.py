"""What a review writes as training pairs is what `mtfix train` reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from mtfix.cli.main import app
from mtfix.documents.edits import apply_edits
from mtfix.review.pairs import merged, training_pairs
from mtfix.review.points import points
from mtfix.review.session import begin
from mtfix.types import Correction, Edit, Flag, Span


class Nowhere:
    def append(self, row):
        del row


@pytest.fixture
def pairs(toy, tmp_path: Path) -> Path:
    """Every finding of the toy corpus decided: most accepted, each fifth rejected."""
    flags, edits, parts, position = [], [], [], 0
    for row in toy.rows:
        for start, end, new, category in row["edits"]:
            span = Span(position + start, position + end)
            flags.append(Flag(span, category, 0.9, ""))
            edits.append(Edit(span, row["damaged"][start:end], new, category, 0.8, "rewriter", True))
        parts.append(row["damaged"] + "\n\n")
        position += len(parts[-1])
    text = "".join(parts)
    correction = Correction(text, apply_edits(text, edits), tuple(flags), tuple(edits))
    now = begin(text, points(correction), {}, Nowhere())
    for number in range(len(now.points)):
        if number % 5:
            now.accept(number)
        else:
            now.reject(number)
    rows = list(training_pairs(text, now, "toy"))
    assert len(rows) == len(toy.rows)
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(merged(path, rows, "toy"))
    return path


def train(kind: str, folder: Path, **settings) -> dict:
    config = folder / f"{kind}.yaml"
    schedule = {"learning_rate": 3e-3, "steps": 12, "warmup": 2, "log_every": 4, "weight_decay": 0}
    config.write_text(yaml.safe_dump({"output": str(folder / kind), "schedule": schedule, "threads": 1, **settings}))
    result = CliRunner().invoke(app, ["train", kind, "--config", str(config)], prog_name="mtfix")
    assert result.exit_code == 0, result.output
    logged = [json.loads(line) for line in (folder / kind / "metrics.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in logged if "loss" in row]
    assert losses == sorted(losses, reverse=True)
    summary: dict = json.loads((folder / kind / "training.json").read_text())
    assert (summary["steps"], len(losses)) == (12, 3)
    return summary


def test_the_detector_learns_from_them(pairs: Path, tiny_detector, tmp_path: Path) -> None:
    done = train(
        "detector", tmp_path, base=str(tiny_detector.base), train=[str(pairs)], dev=[str(pairs)], head_size=32
    )
    assert done["examples"] == len(pairs.read_text().splitlines())


def test_the_rewriter_learns_from_them(pairs: Path, train_rewriter, tmp_path: Path) -> None:
    base = train_rewriter("llama").base
    done = train(
        "rewriter", tmp_path, base=str(base), train=[str(pairs)], dev=[str(pairs)], batch_tokens=1200,
        markers={"start": "<s>"},
    )  # fmt: skip
    assert done["examples"] >= 0.8 * len(pairs.read_text().splitlines())
