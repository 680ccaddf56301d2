"""Edits of later passes must be expressible as edits of the original, whatever they hit."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mtfix.compose import compose
from mtfix.documents.edits import apply_edits
from mtfix.types import Edit, Span


def make(text: str, span: Span, new: str, *, applied: bool = True) -> Edit:
    return Edit(span, span.of(text), new, "other", 0.5, "test", applied)


@st.composite
def edits_of(draw: st.DrawFn, text: str, *, applied: bool | None = True) -> list[Edit]:
    points = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(a, b) for a, b in zip(points[::2], points[1::2], strict=False)]
    return [
        make(text, span, draw(st.text("xyz ", max_size=4)), applied=draw(st.booleans()) if applied is None else applied)
        for span in spans
    ]


@given(st.data(), st.text("abc d", min_size=1, max_size=20))
def test_composed_edits_give_the_twice_edited_text(data: st.DataObject, original: str) -> None:
    first = data.draw(edits_of(original, applied=None))
    current = apply_edits(original, [e for e in first if e.applied])
    second = data.draw(edits_of(current))
    final = apply_edits(current, second)

    composed = compose(original, first, current, second)

    assert apply_edits(original, [e for e in composed if e.applied]) == final
    assert all(e.original == e.span.of(original) for e in composed)
    assert composed == sorted(composed, key=lambda e: e.span)


def test_a_second_edit_inside_the_first_ones_replacement_becomes_one_edit() -> None:
    first = [make("the final father", Span(4, 9), "last old")]
    second = [make("the last old father", Span(4, 8), "late")]
    (edit,) = compose("the final father", first, "the last old father", second)
    assert (edit.span, edit.original, edit.replacement) == (Span(4, 9), "final", "late old")


def test_insertions_at_one_place_become_one_edit() -> None:
    original = "He went store today."
    first = [make(original, Span(7, 7), " to")]
    for at, word, whole in ((10, " the", " to the"), (7, " straight", " straight to")):
        second = [make("He went to store today.", Span(at, at), word)]
        (edit,) = compose(original, first, "He went to store today.", second)
        assert (edit.span, edit.replacement) == (Span(7, 7), whole)


@given(st.data(), st.text("abc d", min_size=1, max_size=12))
def test_no_two_edits_have_one_place(data: st.DataObject, original: str) -> None:
    def some(text: str) -> list[Edit]:
        places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
        return [
            make(text, Span(a, data.draw(st.sampled_from([a, b]))), data.draw(st.text("xyz ", max_size=3)))
            for a, b in pairwise([*places, len(text)])
        ]

    first = some(original)
    current = apply_edits(original, first)
    second = some(current)
    composed = compose(original, first, current, second)
    assert apply_edits(original, composed) == apply_edits(current, second)
    assert len({edit.span for edit in composed}) == len(composed)


def test_taking_an_edit_back_leaves_no_edit() -> None:
    first = [make("a big dog", Span(2, 5), "large")]
    assert compose("a big dog", first, "a large dog", [make("a large dog", Span(2, 7), "big")]) == []


def test_a_suggestion_that_a_later_edit_covers_is_dropped() -> None:
    first = [make("one two three", Span(0, 3), "1"), make("one two three", Span(8, 13), "3", applied=False)]
    second = [make("1 two three", Span(2, 11), "2 3")]
    assert [e.replacement for e in compose("one two three", first, "1 two three", second)] == ["1", "2 3"]
