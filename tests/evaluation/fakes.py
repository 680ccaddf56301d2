"""Small suites on disk, a scorer that counts, and systems without models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mtfix.evaluation.items import Item, Output, ScoredSpan
from mtfix.evaluation.outputs import aligned


def write_rows(path: Path, rows: Iterable[Any]) -> Path:
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def write_suite(folder: Path, entries: Sequence[dict[str, Any]], **more: Any) -> Path:
    """A suite file (YAML reads JSON) in `folder`."""
    about = {"name": "tiny", "version": "1", "licence": "CC0-1.0", "kind": "pairs", "metrics": ["correction"]}
    path = folder / f"{more.get('name', 'tiny')}.yaml"
    path.write_text(json.dumps({**about, "data": list(entries), **more}), encoding="utf-8")
    return path


def pairs(folder: Path, number: int = 6) -> Path:
    """A suite of `number` pairs: every second one has "final" for "late"."""
    rows = [
        {"text": f"his {'final' if i % 2 else 'late'} father {i}", "ref": f"his late father {i}"} for i in range(number)
    ]
    write_rows(folder / "pairs.jsonl", rows)
    return write_suite(
        folder, [{"path": "pairs.jsonl", "format": "jsonl", "fields": {"references": "ref"}, "group": "news"}]
    )


class CountingScores:
    """Stands in for `mtfix.evaluation.scores`: the share of items that equal their reference."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def accumulate(self, metrics: Sequence[str]) -> Any:
        self.asked.append(list(metrics))
        return Counts()

    def compare(self, a: Any, b: Any) -> dict[str, dict[str, float]]:
        difference = a.value - b.value
        return {"right": {"difference": difference, "low": difference, "high": difference, "p": 0.5}}


class Counts:
    def __init__(self) -> None:
        self.hits: list[bool] = []

    def add(self, item: Item, output: Output) -> dict[str, float]:
        self.hits.append(output.corrected in (item.references or (item.text,)))
        return {"right": float(self.hits[-1])}

    @property
    def value(self) -> float:
        return sum(self.hits) / max(1, len(self.hits))

    def result(self) -> dict[str, Any]:
        score = {"value": self.value, "low": self.value - 0.1, "high": self.value + 0.1, "unit": "", "better": "higher"}
        return {
            "metrics": {"right": score}, "groups": {}, "curves": {}, "counts": {"items": {"value": len(self.hits)}}
        }  # fmt: skip


class Watcher:
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.begun: list[tuple[str, int]] = []
        self.steps = 0

    def begin(self, system: str, items: int) -> None:
        self.begun.append((system, items))

    def advance(self) -> None:
        self.steps += 1

    def note(self, message: str) -> None:
        self.notes.append(message)


class LateSystem:
    """Writes "late" for "final". `ill`: texts it fails on. `batches`: sizes of what it was given."""

    stored = False

    def __init__(self, name: str = "late", ill: Sequence[str] = (), setting: int = 0) -> None:
        self.name, self.ill, self.setting = name, ill, setting
        self.batches: list[list[str]] = []

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    @property
    def signature(self) -> dict[str, Any]:
        return {"setting": self.setting}

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        chosen = list(items)
        if any(item.id == "warm-up" for item in chosen):
            yield Output("warm-up", "")
            return
        self.batches.append([item.text for item in chosen])
        for item in chosen:
            if any(word in item.text for word in self.ill):
                raise ZeroDivisionError("ill")
            corrected = item.text.replace("final", "late")
            yield Output(item.id, corrected, aligned(item.text, corrected), flags=())


class TaggingSystem(LateSystem):
    """The same with scores of words and fillings."""

    def tag(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        scores = [tuple(ScoredSpan(t, 0.25) for t in item.tokens or ()) for item in items]
        return [replace(output, tokens=found) for output, found in zip(outputs, scores, strict=True)]

    def fill(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        return [replace(o, filled=tuple(("late",) for _ in i.spans or ())) for i, o in zip(items, outputs, strict=True)]
