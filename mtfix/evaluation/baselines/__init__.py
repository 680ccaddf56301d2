"""Baselines: what a system must beat to be worth anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec

from mtfix.evaluation.baselines.harper import HarperBaseline
from mtfix.evaluation.baselines.lexicon import LexiconBaseline
from mtfix.evaluation.baselines.nothing import NothingBaseline
from mtfix.evaluation.baselines.surprisal import SurprisalBaseline
from mtfix.evaluation.baselines.whole import WholeBaseline
from mtfix.evaluation.systems import Options, System

BASELINES: dict[str, Callable[[Options], System]] = {
    "none": NothingBaseline,
    "lexicon": LexiconBaseline,
    "surprisal": SurprisalBaseline,
    "harper": HarperBaseline,
    "whole": WholeBaseline,
}

# what takes next to no time, and is there without being asked for
LIGHT = ("none", "lexicon", "harper")
# scores of corrections mean little without that of doing nothing beside them
_CORRECTIONS = frozenset({"correction", "errant", "gleu"})
# nothing but told places to fill: the light ones have nothing to say
_ELSEWHERE = frozenset({"filling", "speed"})

__all__ = ["BASELINES", "LIGHT", "by_default", "lacking"]


def by_default(metrics: Iterable[str], options: Options) -> list[str]:
    """The light baselines that can run here and have something to say about a suite with these metrics."""
    if set(metrics) <= _ELSEWHERE:
        return []
    found = [name for name in LIGHT if lacking(name, options) is None]
    return found if _CORRECTIONS & set(metrics) else [name for name in found if name != "none"]


def lacking(name: str, options: Options) -> str | None:
    """What a baseline needs that isn't there, and how to get it, in one sentence; None when it can run."""
    if name == "lexicon" and options.lexicon is None:
        return "the baseline lexicon needs a file of phrases: name it with --lexicon"
    needed = {"harper": (("harper",), "evaluate"), "whole": (("torch", "transformers"), "train")}
    libraries, extra = needed.get(name, ((), ""))
    missing = [library for library in libraries if find_spec(library) is None]
    return f'the baseline {name} needs {missing[0]}: pip install "mtfix[{extra}]"' if missing else None
