"""a and an: what the spelling tells, and nothing where it doesn't."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mtfix.documents.articles import article, mended
from mtfix.types import Span


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("attack", "an"), ("battle", "a"), ("hour", "an"), ("honest", "an"), ("house", "a"), ("university", "a"),
        ("uninhabited", "an"), ("unidentified", "an"), ("urgent", "an"), ("user", "a"), ("European", "a"),
        ("one-sided", "a"), ("onion", "an"), ("Ukrainian", "a"), ("umbrella", "an"), ("yellow", "a"), ("heir", "an"),
        ("heiress", "an"), ("heirloom", "an"), ("usual", "a"), ("usher", "an"), ("ewe", "a"), ("once", "a"),
    ],
)  # fmt: skip
def test_what_the_spelling_tells(word: str, right: str) -> None:
    assert article(word) == right


@pytest.mark.parametrize("word", ["historic", "NATO", "FBI", "8", "X", "élan", "", "“", "MRI"])
def test_where_it_does_not_tell(word: str) -> None:
    assert article(word) is None


def edited(text: str, old: str, new: str, floor: int = 0) -> str:
    start = text.index(old)
    span, replacement = mended(text, Span(start, start + len(old)), new, floor)
    return text[: span.start] + replacement + text[span.end :]


@pytest.mark.parametrize(
    ("text", "old", "new", "result"),
    [
        ("It was a big attack.", "big", "early", "It was an early attack."),
        ("An early attack.", "early", "big", "A big attack."),
        ("It was a big attack.", " big", "", "It was an attack."),
        ("It was a\n  big attack.", "big", "early", "It was an\n  early attack."),
        ("It was his attack.", "his", "a", "It was an attack."),
        ("It was his attack.", "his", "an", "It was an attack."),
        ("It was a big attack.", "big", "NATO", "It was a NATO attack."),
        ("It was vitamin-a big.", "big", "early", "It was vitamin-a early."),
        ("It was Plan A big.", "big", "early", "It was Plan A early."),
        ("It was a big one.", "big", "bigger", "It was a bigger one."),
    ],
)
def test_an_edit_mends_the_article_it_would_leave_wrong(text: str, old: str, new: str, result: str) -> None:
    assert edited(text, old, new) == result


def test_an_article_that_is_not_free_stays() -> None:
    text = "It was a big attack."
    assert edited(text, "big", "early", floor=text.index("big")) == "It was a early attack."


@example("", "an", "na")
@given(st.text("a n\nxeu", max_size=12), st.text("a n\nxeu", max_size=6), st.text("a n\nxeu", max_size=6))
def test_nothing_else_changes(before: str, new: str, after: str) -> None:
    text = f"{before}old{after}"
    span, replacement = mended(text, Span(len(before), len(before) + 3), new)
    result = text[: span.start] + replacement + text[span.end :]
    plain = before + new + after
    assert span.end == len(before) + 3
    assert span.start <= len(before)
    assert result.replace("an", "a") == plain.replace("an", "a")
