"""Train the rewriter. The same as `mtfix train rewriter`.

    python scripts/train_rewriter.py --config scripts/configs/rewriter.yaml [key=value ...]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mtfix.training.run import train


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    arguments = parser.parse_args()
    print(train("rewriter", arguments.config, arguments.overrides, arguments.output))


if __name__ == "__main__":
    main()
