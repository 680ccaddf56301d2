"""Build pairs of damaged and clean sentences from clean text and from human post-edits.

Rows are JSON lines: `damaged`, `clean`, `before` (the clean sentence before it in its document or ""),
`edits` ([start, end, replacement, category], offsets in `damaged`), `engine`, `doc`, `source`,
`licence`. A document's rows are all in train or all in dev, by a hash of its name.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mtfix.corpus.align import PairEdit, align
from mtfix.corpus.engines.neural import neural_round_trip, usable_chains
from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.engines.roundtrip import available_chains, round_trip
from mtfix.corpus.engines.syntax import SyntaxEngine
from mtfix.documents.words import words

Row = dict[str, Any]
DEV_SHARE = 20  # one document in so many


def read_jsonl(path: Path) -> Iterator[Row]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def is_dev(doc: str) -> bool:
    return int(hashlib.sha256(doc.encode()).hexdigest(), 16) % DEV_SHARE == 0


def clean_sentences(folder: Path, limit: int, rng: random.Random) -> list[Row]:
    """`limit` random clean sentences of 6 to 45 words with the sentence before each."""
    rows: list[Row] = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        before: Row | None = None
        for row in read_jsonl(path):
            same = before is not None and before["doc"] == row["doc"]
            if 6 <= len(row["text"].split()) <= 45:
                rows.append({**row, "before": before["text"] if same and before else ""})
            before = row
    rng.shuffle(rows)
    return rows[:limit]


def synthetic(rows: list[Row], engines: list[str], pivots: Path, rng: random.Random) -> Iterator[Row]:
    """Each clean row damaged once; the engine is drawn per row among `engines`."""
    pivot = PivotEngine.from_folder(pivots) if "pivot" in engines else None
    syntax = SyntaxEngine()
    shares: dict[str, list[Row]] = {engine: [] for engine in engines}
    for row in rows:
        shares[rng.choice(engines)].append(row)
    for row in shares.get("pivot", ()):
        assert pivot is not None
        damaged = pivot.damage(row["text"], rng.uniform(0.1, 0.6), rng)
        if rng.random() < 0.3:
            damaged = syntax.damage(damaged, rng, most=2)
        yield from _pair(row, damaged, "pivot")
    for row in shares.get("syntax", ()):
        yield from _pair(row, syntax.damage(row["text"], rng), "syntax")
    yield from _round_trips(shares.get("roundtrip", []), "roundtrip", syntax, rng)
    yield from _round_trips(shares.get("neural", []), "neural", syntax, rng)


def _round_trips(
    rows: list[Row], engine: str, syntax: SyntaxEngine, rng: random.Random, batch: int = 500
) -> Iterator[Row]:
    chains, translate = (
        (usable_chains(), neural_round_trip) if engine == "neural" else (available_chains(), round_trip)
    )
    if not chains:
        return
    batches = [(rows[i : i + batch], rng.choice(chains)) for i in range(0, len(rows), batch)]
    with ThreadPoolExecutor(2) as pool:  # the work is done outside the interpreter
        results = pool.map(lambda job: translate([row["text"] for row in job[0]], job[1]), batches)
        for (group, chain), outputs in zip(batches, results, strict=True):
            for row, damaged in zip(group, outputs, strict=True):
                if damaged is not None:
                    more = syntax.damage(damaged, rng, most=1) if rng.random() < 0.1 else damaged
                    yield from _pair(row, more, f"{engine}:{chain}")


def _pair(row: Row, damaged: str, engine: str) -> Iterator[Row]:
    """The row of a pair whose damage a reader could still see through; nothing otherwise."""
    edits = align(damaged, row["text"])
    total = len(words(damaged))
    if not total or sum(len(words(edit.original)) for edit in edits) > 0.7 * total:
        return
    yield {
        "damaged": damaged,
        "clean": row["text"],
        "before": row["before"],
        "edits": [_edit_row(edit) for edit in edits],
        "engine": engine if edits else "identity",
        "doc": row["doc"],
        "source": row["source"],
        "licence": row["licence"],
    }


def _edit_row(edit: PairEdit) -> list[Any]:
    return [edit.span.start, edit.span.end, edit.replacement, edit.category]


def write_rows(rows: Iterable[Row], train: Path, dev: Path) -> Counter[str]:
    """Split rows by document into two gzip files; returns counts by split and engine."""
    counts: Counter[str] = Counter()
    train.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(train, "wt", encoding="utf-8") as train_file, gzip.open(dev, "wt", encoding="utf-8") as dev_file:
        for row in rows:
            split = "dev" if is_dev(row["doc"]) else "train"
            counts[f"{split} {row['engine']}"] += 1
            (dev_file if split == "dev" else train_file).write(json.dumps(row, ensure_ascii=False) + "\n")
    return counts
