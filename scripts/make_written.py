"""Turn articles damaged by hand (seeds/training) into pairs to train with: OUT/train.jsonl.gz and OUT/dev.jsonl.gz.

    python scripts/make_written.py --out work/written

Every spot is given one of its accepted repairs, most often the first; a sentence with several ways to be repaired
comes up to --draws times. Sentences that overlap an evaluation text, or hold a forbidden phrase, are left out.
OUT/articles.jsonl.gz holds the articles of the dev rows as they were written, with all repairs, to fit and measure by.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from make_benchmark import ROOT, SPOT, sections, spun_row

from mtfix.corpus.align import PairEdit
from mtfix.corpus.overlap import HeldOut
from mtfix.corpus.rows import Row, edit_row, is_dev, write_jsonl
from mtfix.documents.edits import apply_edits
from mtfix.types import Span

TRAINING = ROOT / "seeds" / "training"
FIRST = 0.6  # how often the first of several repairs is taken
TASTE = ("ot",)  # categories that are mostly a matter of taste in these articles
# what the seed article is told by: nothing may learn these by heart
FORBIDDEN = ("pandiness", "final father", "late father")
EVALUATION = ("benchmark/spun.jsonl", "benchmark/tricky_clean.jsonl", "development/articles.jsonl")


def held_out() -> HeldOut:
    """Every sentence of seeds that is measured on or fitted with, spun and repaired, and the seed article's lines."""
    texts = [("seed_article", line) for line in (ROOT / "seeds/seed_article.txt").read_text("utf-8").splitlines()]
    for name in EVALUATION:
        for line in (ROOT / "seeds" / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            texts += [(row["id"], row[key]) for key in ("text", "reference") if key in row]
    return HeldOut(texts)


def may_be_learnt(row: Row, apart: HeldOut) -> bool:
    """Whether the sentence, spun and repaired, is like none that is held out, and holds nothing that is FORBIDDEN."""
    texts = (row["text"], row["reference"])
    return not any(phrase in text.lower() for phrase in FORBIDDEN for text in texts) and not any(
        map(apart.overlap, texts)
    )


def meant(line: str) -> str:
    """The marked-up line without spots of taste: their first repair stands in the text."""
    return SPOT.sub(lambda spot: spot[2].split("~")[0].replace("∅", "") if spot[3] in TASTE else spot[0], line)


def articles(path: Path) -> Iterator[Row]:
    """Sentences with their article's name (`topic`), and an `id`."""
    for heading, number, line in sections(path):
        yield {"id": f"{path.stem}:{number}", "topic": heading.split()[0], **spun_row(meant(line), maybe_good=True)}


def pairs(row: Row, draws: int) -> Iterator[Row]:
    """Up to `draws` different rows of a corpus, with a repair drawn for every spot."""
    text, seen = row["text"], set()
    for draw in range(draws):
        rng = random.Random(f"{row['id']} {draw}")
        edits = [
            PairEdit(Span(s["start"], s["end"]), text[s["start"] : s["end"]], _drawn(s["repairs"], rng), s["category"])
            for s in row["spans"]
        ]
        clean = apply_edits(text, edits)
        if clean not in seen:
            seen.add(clean)
            yield {
                "id": f"{row['id']}/{draw}", "damaged": text, "clean": clean, "edits": [edit_row(e) for e in edits],
                "engine": "written" if edits else "identity:written", "doc": f"written:{row['topic']}",
            }  # fmt: skip


def _drawn(repairs: Sequence[str], rng: random.Random) -> str:
    return repairs[0] if len(repairs) == 1 or rng.random() < FIRST else rng.choice(repairs[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=Path, nargs="+", help="default: seeds/training/*.spun")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three files")
    parser.add_argument("--draws", type=int, default=1, help="rows made of a sentence at most")
    arguments = parser.parse_args()
    apart, counts = held_out(), Counter[str]()
    found: dict[str, list[Row]] = {"train": [], "dev": [], "articles": []}
    for row in (r for path in arguments.articles or sorted(TRAINING.glob("*.spun")) for r in articles(path)):
        if not may_be_learnt(row, apart):
            counts["sentences left out"] += 1
            continue
        split = "dev" if is_dev(f"written:{row['topic']}") else "train"
        counts.update({f"{split} sentences": 1, f"{split} spots": len(row["spans"])})
        found[split] += pairs(row, arguments.draws)
        found["articles"] += [row] if split == "dev" else []
    for name, rows in found.items():
        counts[f"{name} rows"] = write_jsonl(arguments.out / f"{name}.jsonl.gz", rows)
    print(json.dumps(dict(sorted(counts.items()))))


if __name__ == "__main__":
    main()
