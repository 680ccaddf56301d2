"""Own words for a finding stand in the text as the words before them did."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import Memory

from mtfix.documents.edits import apply_edits
from mtfix.review.mending import on_one_line, retyped
from mtfix.review.points import Point
from mtfix.review.session import Session, begin
from mtfix.types import Alternative, Span

LETTERS = st.text("ab \n\x1b\u202e", max_size=12)


def of_one(text: str, old: str, *choices: str) -> Session:
    span = Span(text.index(old), text.index(old) + len(old))
    alternatives = tuple(Alternative(words, 0.5) for words in choices)
    return begin(text, [Point(span, old, "other", "", None, alternatives)], {}, Memory())


@pytest.mark.parametrize(
    ("old", "typed_", "expected"),
    [
        (" of", "some", "He ate some bread, and left."),
        ("ate ", " saw", "He saw of bread, and left."),
        (" of", ",", "He ate, bread, and left."),
        (" of", "", "He ate bread, and left."),
    ],
)
def test_own_words_in_place_of_words_with_a_blank_keep_it(old: str, typed_: str, expected: str) -> None:
    text = "He ate of bread, and left."
    now = of_one(text, old, "")
    now.edit(0, typed_)
    assert apply_edits(text, now.edits()) == expected


def test_own_words_that_are_a_choice_are_taken_as_it_is() -> None:
    text = "The man of hat left."
    now = of_one(text, " of", "’s")
    now.edit(0, "’s")
    assert (now.decisions[0].kind, apply_edits(text, now.edits())) == ("accept", "The man’s hat left.")


@pytest.mark.parametrize("mark", list(".,;:!?)"))
def test_a_word_taken_out_leaves_no_blank_before_a_mark(mark: str) -> None:
    text = f"He ate bread{mark}"
    now = of_one(text, "bread", "")
    now.accept(0)
    assert apply_edits(text, now.edits()) == f"He ate{mark}"


@given(LETTERS, LETTERS)
def test_any_words_can_be_typed_anew(old: str, new: str) -> None:
    assert on_one_line(retyped(old, new)) == on_one_line(new)
    assert retyped(old, on_one_line(old)) == old
