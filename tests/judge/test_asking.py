"""In a text that looks clean, the rewriter is asked about fewer places."""

from __future__ import annotations

import pytest
from fake_models import FakeDetector, FakeRewriter
from hypothesis import given
from hypothesis import strategies as st

from mtfix.corrector import Corrector
from mtfix.judge.asking import MOST, least_suspicion
from mtfix.judge.confidence import log_odds
from mtfix.settings import Settings

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
