"""Teach an exported detector to tell kinds of damage apart.

    python scripts/make_written.py --out work/written
    python scripts/fit_kinds.py --rows work/written/train.jsonl.gz --models models

To be run after export_models.py, which knows of no kinds, and before calibrate.py.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from mtfix.corpus.rows import read_jsonl
from mtfix.training.kinds import fit_kinds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True, help="damaged sentences whose edits have categories")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--sentences", type=int, default=12000, help="at most")
    arguments = parser.parse_args()
    rows = [row for row in read_jsonl(arguments.rows) if row["edits"]]
    random.Random(7).shuffle(rows)
    print(json.dumps(fit_kinds(arguments.models, rows[: arguments.sentences])))


if __name__ == "__main__":
    main()
