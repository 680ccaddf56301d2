"""Rows in which the rewriter's own proposals stand, right and wrong, for the detector to learn to tell them apart.

    python scripts/make_repaired.py --models models --clean data/clean --out work/repaired

Of sentences that were damaged by hand (seeds/training) or are good (of data/clean), the places that the detector
suspects get each of the rewriter's proposals that `mtfix fix` would look at, one a row; in good ones what is hardly
suspicious is asked about, too, which `fix` leaves alone there, for else there would be next to none. A row's edit says
that its proposal does not repair the place as in any accepted repair; of the words beside it nothing is said.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from make_written import TRAINING, articles, held_out, may_be_learnt

from mtfix.corpus.rows import Row, is_dev, read_jsonl, write_jsonl
from mtfix.corrector import Corrector, load
from mtfix.documents.edits import apply_edits
from mtfix.evaluation.data import repaired
from mtfix.evaluation.flow import settled
from mtfix.judge.proposals import Proposal

CHUNK = 500  # sentences that are worked on together


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", type=Path, nargs="+", help="default: seeds/training/*.spun")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--clean", type=Path, help="folder of clean text, which good ones are drawn from")
    parser.add_argument("--sentences", type=int, default=20_000, help="how many damaged ones are drawn")
    parser.add_argument("--good", type=int, default=20_000, help="how many good ones are drawn, at most")
    parser.add_argument("--seed", type=int, default=0, help="which are drawn (default: 0)")
    parser.add_argument("--out", type=Path, required=True, help="folder for train.jsonl.gz and dev.jsonl.gz")
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    rows = list(hand_damaged(arguments.articles or sorted(TRAINING.glob("*.spun"))))
    rng.shuffle(rows)
    good = list(good_rows(arguments.clean)) if arguments.clean else []
    good = rng.sample(good, min(len(good), arguments.good))
    corrector, counts = load(models=arguments.models), Counter[str]()
    found: dict[str, list[Row]] = {"train": [], "dev": []}
    for kind, some in (("damaged", rows[: arguments.sentences]), ("good", good)):
        if kind == "good":
            corrector.rewriter.settings.pop("quiet", None)
        for row, number, proposal in proposed(corrector, some):
            split = "dev" if is_dev(row["doc"]) else "train"
            right = any(settled(row["text"], proposal, text) for text in row["accepted"])
            counts[f"{split} {kind} {'right' if right else 'wrong'}"] += 1
            found[split].append({"id": f"{row['id']}/{number}", **tried(row, proposal, right)})
    for name, some in found.items():
        write_jsonl(arguments.out / f"{name}.jsonl.gz", some)
    print(json.dumps(dict(sorted(counts.items()))))


def proposed(corrector: Corrector, rows: Iterable[Row]) -> Iterator[tuple[Row, int, Proposal]]:
    """Each proposal for each row's sentence, with its number in that."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        for row, cases in zip(chunk, corrector.trace([[row["text"]] for row in chunk]), strict=True):
            for number, proposal in enumerate(p for case in cases for p in case.proposals):
                yield row, number, proposal


def hand_damaged(paths: Iterable[Path]) -> Iterator[Row]:
    """Sentences with their spans and accepted repairs; `doc` says which of them are held out."""
    apart = held_out()
    for row in (row for path in paths for row in articles(path)):
        if may_be_learnt(row, apart):
            ways = [apply_edits(row["text"], way) for way in repaired(row)]
            yield {**row, "accepted": ways, "doc": f"written:{row['topic']}"}


def good_rows(folder: Path) -> Iterator[Row]:
    """Sentences of documents that do not measure harm, each as a document: chance says which are held out."""
    for path in sorted(folder.glob("*.jsonl.gz")):
        for number, row in enumerate(read_jsonl(path)):
            if not is_dev(row["doc"]):
                text, name = row["text"], f"{path.name}:{number}"
                yield {"id": name, "text": text, "reference": text, "accepted": [text], "doc": name}


def tried(row: Row, proposal: Proposal, right: bool) -> Row:
    """The sentence with the proposal in it, where that stands and what it replaces."""
    start, end = proposal.span.start, proposal.span.start + len(proposal.replacement)
    place = [start, end, proposal.original, proposal.category]
    return {
        "damaged": apply_edits(row["text"], [proposal]), "clean": row["reference"], "tried": place,
        "edits": [] if right else [place], "engine": "repaired", "doc": row["doc"],
    }  # fmt: skip


if __name__ == "__main__":
    main()
