"""Rebuild the training corpus: damaged and clean sentence pairs from a data folder.

    python scripts/build_corpus.py --data DATA --out work/corpus --sentences 112000

DATA holds clean/*.jsonl.gz (text, doc, source, licence) and omw/wn-data-*.tab.gz. Round trips need
Apertium; the error message says which Debian packages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter
from pathlib import Path

from mtfix.corpus.build import clean_sentences, synthetic, write_rows
from mtfix.corpus.engines.neural import INSTALL as NEURAL_INSTALL
from mtfix.corpus.engines.neural import usable_chains
from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.engines.roundtrip import INSTALL, available_chains
from mtfix.corpus.post_edits import recoverable_rows


def build_post_edits(data: Path, out: Path, pairs: list[str]) -> dict[str, int]:
    """Recoverable human post-edits of the language pairs; MLQE-PE brings its own split."""
    pivot = PivotEngine.from_folder(data / "omw")
    counts = {}
    out.mkdir(parents=True, exist_ok=True)
    for split, ending in (("train", "train.jsonl.gz"), ("dev", "dev.jsonl")):
        with gzip.open(out / f"post_edits.{split}.jsonl.gz", "wt", encoding="utf-8") as file:
            for pair in pairs:
                rows = list(recoverable_rows(data / "mlqe_pe" / f"{pair}.{ending}", pivot))
                counts[f"{split} post-edit:{pair}"] = len(rows)
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("work/corpus"))
    parser.add_argument("--sentences", type=int, default=112_000)
    parser.add_argument("--engines", default="pivot,roundtrip,roundtrip,syntax", help="repeat one for weight")
    parser.add_argument("--post-edits", default="ro-en,et-en,ru-en", help="language pairs of DATA/mlqe_pe")
    parser.add_argument("--seed", type=int, default=13)
    arguments = parser.parse_args()
    engines = arguments.engines.split(",")
    if "roundtrip" in engines and not available_chains():
        sys.exit(f"build_corpus: round trips need Apertium: {INSTALL}")
    if "neural" in engines and not usable_chains():
        sys.exit(f"build_corpus: neural round trips need more packages: {NEURAL_INSTALL}")
    rng = random.Random(arguments.seed)
    rows = clean_sentences(arguments.data / "clean", arguments.sentences, rng)
    counts = Counter(build_post_edits(arguments.data, arguments.out, arguments.post_edits.split(",")))
    counts += write_rows(
        synthetic(rows, engines, arguments.data / "omw", rng),
        arguments.out / "synthetic.train.jsonl.gz",
        arguments.out / "synthetic.dev.jsonl.gz",
    )
    (arguments.out / "counts.json").write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    print(json.dumps(counts, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
