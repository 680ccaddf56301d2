"""Export finished runs to the inference runtime.

    python scripts/export_models.py --detector work/runs/detector --rewriter work/runs/rewriter --out models
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mtfix.training.export import export_detector, export_rewriter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--detector", type=Path, help="run folder; left out: the detector stays as it is")
    parser.add_argument("--rewriter", type=Path, help="run folder; left out: the rewriter stays as it is")
    parser.add_argument(
        "--mean-with", type=Path, metavar="FOLDER",
        help="models whose rewriter the run went on from: write the mean of its weights and the run's",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("models"))
    parser.add_argument("--name", default="mtfix-1")
    arguments = parser.parse_args()
    if arguments.detector:
        export_detector(arguments.detector, arguments.out / "detector", arguments.name)
    if arguments.rewriter:
        export_rewriter(arguments.rewriter, arguments.out / "rewriter", arguments.name, arguments.mean_with)


if __name__ == "__main__":
    main()
