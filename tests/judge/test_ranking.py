"""Which repair of a place comes first."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.judge.proposals import Proposal
from mtfix.judge.ranking import FEATURES, LEAST, ranked
from mtfix.types import Span

SETTINGS = {"ranking": [1.0, 0.5, 0.0, -2.0, -1.0, -0.1, 0.5, 0.5, 0.0, -2.0, -1.0, -0.1, 0.3, -1.0, -4.0]}


def proposal(new: str, rewriter: float, likelihood: float = 0.0, exchanged: float | None = None) -> Proposal:
    return Proposal(
        Span(0, 5), "final", new, "wrong-sense", 0.9, rewriter, 0.1, likelihood=likelihood, exchanged=exchanged
    )


def test_a_likelier_sentence_outweighs_a_little_less_of_the_rewriter() -> None:
    found = ranked([proposal("last", 0.4, -1.0), proposal("late", 0.3, 2.0)], SETTINGS)
    assert [p.replacement for p in found] == ["late", "last"]
    assert found[0].share / found[1].share == pytest.approx(0.3 / 0.4 * math.exp(0.5 * 3))


def test_to_leave_a_word_out_must_be_likelier() -> None:
    assert [p.replacement for p in ranked([proposal("", 0.4), proposal("late", 0.3)], SETTINGS)] == ["late", ""]


def test_what_the_detector_holds_for_wrong_in_its_place_comes_later_and_so_does_what_reaches_beyond_its_own() -> None:
    last, late = proposal("last", 0.4), proposal("late", 0.3)
    assert ranked([replace(last, reread=5.0), late], SETTINGS)[0] == replace(late, share=pytest.approx(0.553, abs=1e-3))
    assert [p.replacement for p in ranked([replace(last, beyond=True), late], SETTINGS)] == ["late", "last"]


def test_where_words_look_exchanged_that_counts_and_that_the_rewriter_was_not_asked() -> None:
    first, second = ranked([proposal("last", 0.4, exchanged=-math.inf), proposal("late", 0.0, exchanged=6.0)], SETTINGS)
    assert (first.replacement, second.replacement) == ("last", "late")
    assert first.share / second.share == pytest.approx(math.sqrt(0.4 / LEAST) * math.exp(-1 - (0.3 * 6 - 4)))


NUMBERS = st.floats(-50, 50)


@given(
    st.lists(st.tuples(st.floats(0, 1), NUMBERS, st.none() | st.just(-math.inf) | NUMBERS), max_size=6),
    st.lists(NUMBERS, min_size=FEATURES, max_size=FEATURES),
)
def test_shares_are_probabilities_of_what_is_there(
    made: list[tuple[float, float, float | None]], weights: list[float]
) -> None:
    given_ = [proposal(str(i), *one) for i, one in enumerate(made)]
    found = ranked(given_, {"ranking": weights})
    assert sorted(p.replacement for p in found) == sorted(p.replacement for p in given_)
    assert [p.share for p in found] == sorted((p.share for p in found), reverse=True)
    assert sum(p.share for p in found) == pytest.approx(1 if made else 0)
