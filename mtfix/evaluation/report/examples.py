"""The worst errors and the best repairs of every system, picked from samples.jsonl in one pass.

An error is harm first: words further from the reference than before, or edits and changed facts in clean
text. Among equal harm it is what was overlooked or flagged in vain. A repair is measured by the words that the
correction is nearer to the reference.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtfix.errors import InputError

MOST = 50
Row = Mapping[str, Any]


@dataclass
class Examples:
    """worst, best: rows of samples.jsonl, the foremost first. touched: whether the system did anything at all."""

    worst: list[Row] = field(default_factory=list)
    best: list[Row] = field(default_factory=list)
    touched: bool = False


class _Best:
    """The `MOST` rows with the highest keys; the earlier of equal ones. Memory does not grow beyond them."""

    def __init__(self) -> None:
        self._heap: list[tuple[tuple[float, ...], int, Row]] = []

    def add(self, key: tuple[float, ...], number: int, row: Row) -> None:
        entry = (key, -number, row)  # numbers differ, so rows are never compared
        if len(self._heap) < MOST:
            heapq.heappush(self._heap, entry)
        elif entry[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, entry)

    def rows(self) -> list[Row]:
        return [row for *_, row in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]


def pick(rows: Iterable[Row]) -> dict[str, Examples]:
    """The examples of each system, by its name."""
    worst: dict[str, _Best] = {}
    best: dict[str, _Best] = {}
    touched: set[str] = set()
    for number, row in enumerate(rows):
        system, scores = row["system"], row["scores"]
        if scores.get("edits") or scores.get("flags") or row["corrected"] != row["text"]:
            touched.add(system)
        bad = error(row)
        if any(bad):
            worst.setdefault(system, _Best()).add(bad, number, row)
        if scores.get("improved", 0) > 0:
            best.setdefault(system, _Best()).add((scores["improved"], -scores["after"]), number, row)
    return {
        name: Examples(
            worst[name].rows() if name in worst else [], best[name].rows() if name in best else [], name in touched
        )
        for name in {**worst, **best}
    }


def error(row: Row) -> tuple[float, float]:
    """How much harm was done, and how much was overlooked or flagged in vain."""
    scores = row["scores"]
    if row["clean"]:
        harm = scores.get("harm_edits", scores["edits"]) + scores.get("facts_changed", 0)
        return harm, scores["flags"]
    harm = max(0, -scores.get("improved", 0))
    if "missed" in scores:
        return harm, scores["missed"]
    if "words_missed" in scores:
        return harm, scores["words_missed"] + scores["words_false"]
    return harm, scores.get("after", 0)


def verdict(row: Row) -> str:
    """What the item's own scores say, in words."""
    scores, parts = row["scores"], []
    if row.get("failed") is not None:
        parts.append(f"no output: {row['failed']}")
    if row["clean"]:
        parts += [f"nothing is wrong here: {_of(scores['edits'], 'edit')}, {_of(scores['flags'], 'flag')}"]
        if changed := scores.get("facts_changed"):
            parts.append(f"{_of(changed, 'kind')} of facts changed")
    if change := scores.get("improved"):
        parts.append(f"{_of(abs(change), 'word')} {'nearer to' if change > 0 else 'further from'} the reference")
    elif "improved" in scores:
        parts.append("as far from the reference as before")
    if "missed" in scores:
        parts.append(f"{scores['missed']} of {_of(scores['found'] + scores['missed'], 'wrong stretch')} overlooked")
    elif "words_missed" in scores:
        parts.append(
            f"{_of(scores['words_missed'], 'wrong word')} overlooked, {_of(scores['words_false'], 'good word')} flagged"
        )
    return "; ".join(parts)


def _of(number: float, what: str) -> str:
    return f"{number:g} {what}{'' if number == 1 else 'es' if what.endswith('ch') else 's'}"


def samples(path: Path) -> Iterable[Row]:
    """The rows of samples.jsonl one by one; InputError where one can't be read."""
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except OSError as e:
        raise InputError(f"{path} cannot be read: {e.strerror}; run mtfix evaluate with --output first.") from e
    except ValueError as e:
        raise InputError(f"{path} has a line that is no JSON; run mtfix evaluate once more.") from e
