"""Detector and rewriter together say whether a place is flagged."""

from __future__ import annotations

from typing import Any

import pytest
from fake_models import corrector
from hypothesis import given
from hypothesis import strategies as st

from mtfix.detector.spans import Suspicion
from mtfix.errors import ModelError
from mtfix.judge import choice, confidence, ranking
from mtfix.judge.proposals import Case
from mtfix.judge.stacking import FEATURES, check, features, wrong
from mtfix.rewriter.model import Candidate
from mtfix.types import Span

PROBABILITY = st.floats(0, 1)
# the detector's log-odds, less what the rewriter thinks of keeping
WEIGHTS = [1.0, -1.0, *[0.0] * (FEATURES - 2)]
SETTINGS = {"flags": {"weights": WEIGHTS, "thresholds": {"balanced": 0.5}}}


def case(score: float, *keep: float) -> Case:
    return Case(Suspicion(Span(2, 7), score), keep, ())


def test_where_nothing_was_fitted_the_detector_alone_counts() -> None:
    assert wrong(case(0.3, 0.9), None, {}) == 0.3


@given(PROBABILITY, st.lists(PROBABILITY, max_size=2), st.none() | PROBABILITY)
def test_features_are_finite_whatever_the_models_say(score: float, keep: list[float], sure: float | None) -> None:
    found = features(case(score, *keep), sure)
    assert len(found) == FEATURES
    assert all(abs(x) < 10 for x in found)


@given(PROBABILITY, PROBABILITY, PROBABILITY)
def test_what_the_rewriter_would_rather_keep_is_less_likely_wrong(score: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert wrong(case(score, high), None, SETTINGS) <= wrong(case(score, low), None, SETTINGS)


@pytest.mark.parametrize(("keep", "flagged"), [(0.95, False), (0.2, True)])
def test_a_place_is_flagged_by_what_both_say(keep: float, flagged: bool) -> None:
    tool = corrector({}, {"odd"})
    tool.detector.doubtful = {"odd": 0.9}
    tool.rewriter.settings |= SETTINGS
    tool.rewriter._candidates = lambda text: [Candidate(text, keep)]
    # the detector says .9, log-odds 2.2; keeping has 2.9 or -1.4
    result = tool.fix("An odd thing happened.")
    assert ([f.span.of(result.original) for f in result.flags] == ["odd"]) is flagged
    assert [f.score > 0.9 for f in result.flags] == [True] * flagged


def test_an_edit_that_is_applied_is_flagged_however_unlikely() -> None:
    tool = corrector({"final": "late"})
    tool.rewriter.settings |= {"flags": {"weights": [0.0] * FEATURES, "thresholds": {"balanced": 0.9}}}
    result = tool.fix("A final father.")
    assert (result.text, len(result.flags)) == ("A late father.", 1)


def chosen(more: int = 0, any_more: int = 0) -> dict[str, Any]:
    return {"among": [0.0] * (choice.FEATURES + more), "any": [0.0] * (choice.ANY + any_more)}


@pytest.mark.parametrize("other", ["ranking", "among", "any", "confidence", "flags"])
@pytest.mark.parametrize("more", [-1, 1])
def test_settings_for_other_features_are_refused(other: str, more: int) -> None:
    def fitted(**more: int) -> dict[str, Any]:
        return {
            "ranking": [0.0] * (ranking.FEATURES + more.get("ranking", 0)),
            "confidence": [0.0] * (confidence.FEATURES + more.get("confidence", 0)),
            "flags": {"weights": [0.0] * (FEATURES + more.get("flags", 0))},
            "choice": chosen(more.get("among", 0), more.get("any", 0)),
        }

    check(fitted())
    with pytest.raises(ModelError, match="another version"):
        check(fitted(**{other: more}))


@pytest.mark.parametrize("missing", ["ranking", "choice", "among", "any"])
def test_settings_without_what_ranks_are_refused(missing: str) -> None:
    fitted = {
        "confidence": [0.0] * confidence.FEATURES, "ranking": [0.0] * ranking.FEATURES,
        "choice": chosen(),
    }  # fmt: skip
    check(fitted)
    del (fitted if missing in fitted else fitted["choice"])[missing]
    with pytest.raises(ModelError, match="another version"):
        check(fitted)
