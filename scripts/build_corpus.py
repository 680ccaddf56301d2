"""Rebuild the training corpus: damaged and clean sentence pairs from a data folder, as JSON lines.

    python scripts/build_corpus.py --data DATA --out work/corpus --sentences 112000

DATA holds clean/*.jsonl.gz (text, doc, source, licence), omw/wn-data-*.tab.gz and mlqe_pe. The synthetic part is
that of `mtfix corpus build`; the human post-edits and a report of their filter stand beside it. Started again
after an interruption, it goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from mtfix.corpus.build import Progress, Request, build, usable
from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.gain import LanguageModelGain
from mtfix.corpus.overlap import HeldOut
from mtfix.corpus.post_edits import Filter, Gain
from mtfix.corpus.post_edits_report import report
from mtfix.corpus.rows import read_rows, write_jsonl
from mtfix.errors import MtfixError


def build_post_edits(data: Path, out: Path, pairs: list[str], gain: Gain | None) -> dict[str, int]:
    """Recoverable human post-edits of the language pairs; MLQE-PE brings its own split."""
    pivot = PivotEngine.from_folder(data / "omw")
    counts = {}
    for split, ending in (("train", "train.jsonl.gz"), ("dev", "dev.jsonl")):
        found = Filter(pivot, gain)
        rows = (row for pair in pairs for row in found.rows(data / "mlqe_pe" / f"{pair}.{ending}"))
        write_jsonl(out / f"post_edits.{split}.jsonl.gz", rows)
        counts.update({f"{split} post-edit:{pair}": found.kept_rows[pair] for pair in pairs})
        (out / f"post_edits.{split}.md").write_text(report(found), encoding="utf-8")
    return counts


def show(progress: Progress) -> None:
    left = "" if progress.left is None else f", {progress.left / 60:.0f} minutes left"
    print(f"{progress.stage}: {progress.done} of {progress.wanted}{left}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("work/corpus"))
    parser.add_argument("--sentences", type=int, default=112_000)
    parser.add_argument("--engines", default="pivot,roundtrip,roundtrip,syntax", help="repeat one for weight")
    parser.add_argument("--post-edits", default="ro-en,et-en,ru-en", help="language pairs of DATA/mlqe_pe")
    parser.add_argument("--gain", action="store_true", help="post-edits must be likelier to the rewriter, too: slow")
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    try:
        engines, hints = usable(arguments.engines.split(","), arguments.data)
        if hints:
            sys.exit(f"build_corpus: {hints[0]}")
        parts = arguments.out / "parquet"
        request = Request(
            [arguments.data / "clean"], engines, parts, arguments.sentences, arguments.seed, arguments.data
        )
        manifest = build(request, workers=os.cpu_count() or 1, held_out=lambda: HeldOut(()), report=show)
    except MtfixError as error:
        sys.exit(f"build_corpus: {error}")
    for split in ("train", "dev"):
        write_jsonl(arguments.out / f"synthetic.{split}.jsonl.gz", read_rows(parts / split))
    counts = Counter(manifest["counts"]) + Counter(
        build_post_edits(
            arguments.data, arguments.out, arguments.post_edits.split(","),
            LanguageModelGain() if arguments.gain else None,
        )
    )
    (arguments.out / "counts.json").write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    print(json.dumps(counts, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
