"""Baselines: what a system must beat to be worth anything."""

from __future__ import annotations

from collections.abc import Callable

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

__all__ = ["BASELINES"]
