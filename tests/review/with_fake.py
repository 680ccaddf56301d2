"""The real command line in a process of its own, with the made-up findings in place of the models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from making import Fake

import mtfix
from mtfix.cli.main import main

if __name__ == "__main__":

    def load(**_: Any) -> Fake:
        Path("loaded").touch()  # standard error is the screen's
        return Fake()

    mtfix.__dict__["load"] = load
    sys.argv[0] = "mtfix"
    main()
