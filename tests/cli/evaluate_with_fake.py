"""`mtfix evaluate` in a process of its own, with fakes for models and scores; $SLOW seconds for each text."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from fake_corrector import FakeCorrector, Loader
from fakes import CountingScores

import mtfix
from mtfix.cli.main import main


class SlowCorrector(FakeCorrector):
    def _many(self, texts: Iterable[str], work: Callable[[str], Any]) -> Iterator[Any]:
        for text in texts:
            time.sleep(float(os.environ["SLOW"]))
            yield work(text)


if __name__ == "__main__":
    loader = Loader()
    loader.corrector = SlowCorrector()
    mtfix.__dict__["load"] = loader
    scorer, module = CountingScores(), ModuleType("mtfix.evaluation.scores")
    module.__dict__.update(accumulate=scorer.accumulate, compare=scorer.compare)
    sys.modules["mtfix.evaluation.scores"] = module
    sys.argv[0] = "mtfix"
    main()
