"""Make the project's own suites from development data: YAML files with their data beside them.

    python scripts/make_suites.py --data DATA --corpus work/corpus --corpus work/corpus_neural --out work/suites

DATA holds mlqe_pe, wets, tortured and clean; corpus folders are made by `mtfix corpus build`.
Nothing here was trained on: MLQE-PE and WeTS bring dev splits, documents and phrases are held out by
a hash of their names. The same input gives the same files. OUT/lexicon_rest.jsonl are the phrases that may be
learned from, for the lexicon baseline and scripts/build_channel.py.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from mtfix.corpus.engines.tortured import part_of, stands_alone
from mtfix.corpus.rows import is_dev, read_jsonl, read_rows
from mtfix.errors import InputError

Row = dict[str, Any]
VERSION = "1.1"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Folder:
    """Where suites are written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def data(self, name: str, rows: Iterable[Row], **entry: Any) -> Row:
        """Write rows as JSON lines; returns the entry for a suite's `data`."""
        file = self.path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
        if not text:
            raise LookupError("there is no row for it")
        file.write_text(text, encoding="utf-8", newline="\n")
        return {"path": f"data/{name}", **entry, "sha256": digest(text)}

    def suite(self, name: str, **fields: Any) -> None:
        about = {"name": name, "version": VERSION, **fields}
        text = yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=110)
        (self.path / f"{name}.yaml").write_text(text, encoding="utf-8", newline="\n")


def per_group(rows: Iterable[Row], most: int, text: str) -> list[Row]:
    """At most so many rows of each group: those whose text has the smallest hashes, a row of each group in turn.

    So the first rows, which are all that a limit takes, are of all groups alike.
    """
    groups: dict[str, list[tuple[int, Row]]] = {}
    seen: set[int] = set()
    for row in rows:
        key = int(digest(row[text]), 16)
        if key not in seen:
            seen.add(key)
            # negated: the first entry of a heap is its smallest, and the largest hash has to go
            heap = groups.setdefault(row["group"], [])
            heapq.heappush(heap, (-key, row))
            if len(heap) > most:
                heapq.heappop(heap)
    ordered = (sorted(heap, key=lambda entry: -entry[0]) for _, heap in sorted(groups.items()))
    return [entry[1] for turn in zip_longest(*ordered) for entry in turn if entry]


def licences(rows: Iterable[Row]) -> str:
    return "; ".join(sorted({row["licence"] for row in rows}))


def mlqe_pe(arguments: argparse.Namespace, out: Folder) -> None:
    found = sorted((arguments.data / "mlqe_pe").glob("*.dev.jsonl"))
    entries = [
        out.data(f"mlqe-pe.{path.name.split('.')[0]}.jsonl", read_jsonl(path), format="mlqe-pe", group=path.name[:5])
        for path in found
    ]
    out.suite(
        "mlqe-pe-dev",
        description="Machine translations with post-edits and tags of words and gaps, five language pairs "
        "(MLQE-PE dev).",
        licence="CC0-1.0",
        kind="mixed",
        metrics=["detection", "correction", "errant", "speed"],
        data=_some(entries, arguments.data / "mlqe_pe"),
    )


def wets(arguments: argparse.Namespace, out: Folder) -> None:
    entries = [
        out.data(f"wets.{path.name.split('.')[0]}.jsonl", read_jsonl(path), format="wets", group=path.name[:5])
        for path in sorted((arguments.data / "wets").glob("*.dev.jsonl"))
    ]
    out.suite(
        "wets-dev",
        description="Expert replacements of masked stretches in raw machine translation (WeTS dev). The rest of the "
        "sentences is uncorrected, so that only the filling of the given place is scored.",
        licence="Unlicense",
        kind="spans",
        metrics=["filling", "speed"],
        data=_some(entries, arguments.data / "wets"),
    )


def tortured(arguments: argparse.Namespace, out: Folder) -> None:
    rows = list(read_jsonl(arguments.data / "tortured" / "lexicon_train.jsonl"))
    # phrases that are wrong only beside certain words say nothing in a made-up sentence
    probes = [r for r in rows if part_of(r["expected"]) == "test" and stands_alone(r)]
    kept = ("tortured", "expected", "alternatives")
    entry = out.data(
        "tortured.jsonl",
        ({"id": f"tortured-{n:04}", **{key: row[key] for key in kept}} for n, row in enumerate(probes, 1)),
        format="probes",
        fields={"id": "id", "phrase": "tortured", "expected": "expected", "alternatives": "alternatives"},
    )
    rest = (row for row in rows if part_of(row["expected"]) == "train")
    (out.path / "lexicon_rest.jsonl").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rest), encoding="utf-8", newline="\n"
    )
    out.suite(
        "tortured-dev",
        description="Tortured phrases of the Problematic Paper Screener in plain sentences: a tenth of the expected "
        "phrases; neither they nor the tenth that the rewriter's choice is fitted on are in lexicon_rest.jsonl.",
        licence="CC BY 4.0",
        kind="probes",
        data=[entry],
    )


def synthetic(arguments: argparse.Namespace, out: Folder) -> None:
    rows = per_group(
        (_damaged(row) for corpus in arguments.corpus for row in read_rows(corpus / "dev")),
        arguments.per_group, "damaged",
    )  # fmt: skip
    entry = out.data(
        "synthetic.jsonl",
        rows,
        format="jsonl",
        fields={"text": "damaged", "references": "clean", "spans": "edits", "group": "group"},
        derive=["tags"],
    )
    out.suite(
        "synthetic-dev",
        description="Damage made by the corpus engines in held-out documents, by engine; 'identity' are sentences "
        "left as they were.",
        licence=licences(rows),
        kind="mixed",
        metrics=["detection", "spans", "correction", "filling", "speed"],
        data=[entry],
    )


def _damaged(row: Row) -> Row:
    kept = {key: row[key] for key in ("damaged", "clean", "edits", "doc", "source", "licence")}
    return {**kept, "group": row["engine"]}


def clean(arguments: argparse.Namespace, out: Folder) -> None:
    files = sorted((arguments.data / "clean").glob("*.jsonl.gz"))
    rows = per_group((row for file in files for row in _held_out_clean(file)), arguments.per_group, "text")
    entry = out.data("clean.jsonl", rows, format="clean", fields={"text": "text", "group": "group"})
    out.suite(
        "clean-dev",
        description="Sentences of held-out documents in which nothing was damaged, by source.",
        licence=licences(rows),
        kind="clean",
        data=[entry],
    )


def _held_out_clean(file: Path) -> Iterator[Row]:
    kind = file.name.split(".")[0]
    for row in read_jsonl(file):
        if is_dev(row["doc"]):
            kept = {key: row[key] for key in ("text", "doc", "source", "licence")}
            yield {**kept, "group": f"{kind}: {short_source(row['source'])}"}


def short_source(source: str) -> str:
    """A name for a source of clean text: its genre in brackets where it is one of several, else its first words."""
    if genre := re.search(r"GUM \(([^)]*)\)|masc_tagged \(([^)]*)\)", source):
        return f"GUM {genre[1]}" if genre[1] else f"MASC {genre[2]}"
    return " ".join(source.split(" (")[0].split("/")[-1].replace("nltk_data", "").split()[:3])


def _some(entries: Sequence[Row], folder: Path) -> list[Row]:
    if not entries:
        raise FileNotFoundError(str(folder / "*.dev.jsonl"))
    return list(entries)


SUITES: dict[str, Callable[[argparse.Namespace, Folder], None]] = {
    "mlqe-pe-dev": mlqe_pe, "wets-dev": wets, "tortured-dev": tortured, "synthetic-dev": synthetic, "clean-dev": clean,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--corpus", type=Path, action="append", help="may be repeated (default: work/corpus)")
    parser.add_argument("--out", type=Path, default=Path("work/suites"))
    parser.add_argument("--per-group", type=int, default=300, help="sentences of each engine or source at most")
    parser.add_argument("--suite", action="append", choices=list(SUITES), help="make only this one; may be repeated")
    arguments = parser.parse_args(argv)
    arguments.corpus = arguments.corpus or [Path("work/corpus")]
    out = Folder(arguments.out)
    missing = 0
    for name in arguments.suite or SUITES:
        try:
            SUITES[name](arguments, out)
            print(out.path / f"{name}.yaml")
        except FileNotFoundError as error:
            missing += 1
            print(f"make_suites: {name} was not made: {error.filename or error} is missing.", file=sys.stderr)
        except (LookupError, InputError) as error:
            missing += 1
            print(f"make_suites: {name} was not made: {str(error).rstrip('.')}.", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
