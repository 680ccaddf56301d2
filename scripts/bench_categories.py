"""How often the category of a finding is that of the benchmark's annotator.

    python scripts/bench_categories.py --benchmark seeds/benchmark/spun.jsonl

Of edits: the category of the first accepted repair. Of flags without a repair: those of `mtfix detect` that overlap
an annotated stretch, and how many of them say more than "other".
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from mtfix.corrector import load
from mtfix.documents.categories import categorise
from mtfix.judge.proposals import trimmed
from mtfix.types import Span


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--benchmark", type=Path, default=Path("seeds/benchmark/spun.jsonl"))
    parser.add_argument("--models", type=Path)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.benchmark.read_text(encoding="utf-8").splitlines()]
    edits, flags = [], []
    detections = load(models=arguments.models).detect_many(row["text"] for row in rows)
    for row, found in zip(rows, detections, strict=True):
        spans = [(Span(gold["start"], gold["end"]), gold) for gold in row["spans"]]
        for place, gold in spans:
            if gold["repairs"]:
                span, new = trimmed(row["text"], place, gold["repairs"][0])
                edits.append((gold["category"], categorise(span.of(row["text"]), new, initial=not span.start)))
        for flag in found.flags:
            flags += [(gold["category"], flag.category) for place, gold in spans if place.overlaps(flag.span)][:1]
    told = [pair for pair in flags if pair[1] != "other"]
    for name, pairs in (("edits", edits), ("flags", flags), ('flags that say more than "other"', told)):
        right = sum(gold == category for gold, category in pairs)
        print(f"{name}: {right} of {len(pairs)} right ({right / max(1, len(pairs)):.0%})")
    for (gold, category), count in Counter(told).most_common(15):
        print(f"  {count:4} {category} for {gold}")


if __name__ == "__main__":
    main()
