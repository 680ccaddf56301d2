"""In a text that looks clean, the rewriter is asked about fewer places."""

from __future__ import annotations

import pytest
from fake_models import FakeDetector, FakeRewriter
from hypothesis import given
from hypothesis import strategies as st

from mtfix.corrector import Corrector
from mtfix.detector.spans import Suspicion
from mtfix.judge.asking import MOST, beyond, least_suspicion
from mtfix.judge.confidence import log_odds
from mtfix.settings import Settings
from mtfix.types import Span

QUIET = {"quiet": -1.2}


@given(st.floats(0.01, 0.9), st.floats(-6, 2), st.floats(0, 3))
def test_the_cleaner_a_text_looks_the_more_suspicious_a_place_must_be(lowest: float, density: float, by: float) -> None:
    here, cleaner = (least_suspicion(QUIET, lowest, d) for d in (density, density - by))
    assert lowest <= here + 1e-9
    assert here <= cleaner + 1e-9
    assert log_odds(cleaner) <= log_odds(lowest) + MOST + 1e-9


def test_in_a_damaged_text_and_without_calibration_the_lowest_suspicion_is_enough() -> None:
    assert least_suspicion(QUIET, 0.12, -1.2) == 0.12
    assert least_suspicion({}, 0.12, -9.0) == 0.12
    assert least_suspicion(QUIET, 0.12, -1.3) == pytest.approx(0.169, abs=0.001)


@pytest.mark.parametrize(("quiet", "applied"), [(-1.0, {"final", "big"}), (1.0, {"final"})])
def test_a_faint_suspicion_is_looked_into_only_in_a_text_that_looks_damaged(quiet: float, applied: set[str]) -> None:
    detector, rewriter = FakeDetector({"final"}), FakeRewriter({"final": "late", "big": "great"})
    detector.doubtful = {"big": 0.55}  # suspicious enough to be asked about at all; the density is 0
    rewriter.settings["quiet"] = quiet
    result = Corrector(detector, rewriter, Settings(), {}).fix("The big man buried his final father in the evening.")
    assert {edit.original for edit in result.edits if edit.applied} == applied


def reached(text: str, whole: str, core: str | None = None, taken: tuple[Span, ...] = ()) -> str | None:
    span, part = (words and Span(text.index(words), text.index(words) + len(words)) for words in (whole, core))
    found = beyond(text, Suspicion(span, 0.9, part), taken)
    return found.of(text) if found else None


def test_a_word_or_two_are_asked_about_with_the_word_behind_them() -> None:
    assert reached("He waited on his turn.", "waited") == "waited on"
    assert reached("He waited on his turn.", "waited on") == "waited on his"
    assert reached("He waited on his turn.", "waited on his", "waited") == "waited on"
    assert reached("Ten  years\nago.", "years") == "years\nago"


@pytest.mark.parametrize(("whole", "core"), [
    ("He waited on", None),  # too long
    ("his turn", "his"),  # asked about already
    ("turn", None), ("Massoud", None), ("fought", None),  # a mark or an ending follows, or nothing
])  # fmt: skip
def test_nothing_is_beyond_what_is_long_or_ends_there(whole: str, core: str | None) -> None:
    assert reached("He waited on his turn. Massoud's men fought", whole, core) is None


def test_a_missing_word_and_one_before_what_may_not_be_touched_have_nothing_beyond() -> None:
    text = "The town of Anabah fell."
    assert beyond(text, Suspicion(Span(8, 8), 0.9), ()) is None
    assert reached(text, "of", taken=(Span(12, 18),)) is None
    assert reached(text, "town", taken=(Span(12, 18),)) == "town of"
