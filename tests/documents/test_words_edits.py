from dataclasses import dataclass

import pytest
from hostile import texts
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.edits import apply_edits
from mtfix.documents.words import words
from mtfix.types import Span


@dataclass(frozen=True)
class Change:
    span: Span
    original: str
    replacement: str


@given(texts)
def test_words_cover_all_but_white_space(text: str) -> None:
    position = 0
    for span in words(text):
        assert position <= span.start < span.end
        assert not text[position : span.start].strip()
        assert not any(char.isspace() for char in span.of(text))
        position = span.end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Massoud’s father, the U.S. envoy", ["Massoud", "’s", "father", ",", "the", "U.S.", "envoy"]),
        ("well-known 1,000.5 at 19:30", ["well-known", "1,000.5", "at", "19:30"]),
        ("It rose to 1.5.", ["It", "rose", "to", "1.5", "."]),
        ("Pe\u0301tain spoke", ["Pe\u0301tain", "spoke"]),
    ],
)
def test_golden_words(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in words(text)] == expected


@given(texts)
def test_no_edits_change_nothing(text: str) -> None:
    assert apply_edits(text, []) == text


@given(texts, st.data())
def test_nothing_outside_the_spans_changes(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = [Span(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    changes = [Change(span, span.of(text), data.draw(st.text(max_size=5))) for span in spans]
    changed = apply_edits(text, data.draw(st.permutations(changes)))
    kept = [
        text[a:b] for a, b in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)
    ]
    position = 0
    for piece in kept:
        position = changed.index(piece, position) + len(piece)
    assert len(changed) == len(text) + sum(len(c.replacement) - len(c.original) for c in changes)
    assert changed.startswith(kept[0])
    assert changed.endswith(kept[-1])


def test_overlapping_and_foreign_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abc", [Change(Span(0, 2), "ab", "x"), Change(Span(1, 3), "bc", "y")])
    with pytest.raises(ValueError, match="another text"):
        apply_edits("abc", [Change(Span(0, 2), "xx", "y")])
    with pytest.raises(ValueError, match="another text"):
        apply_edits("abc", [Change(Span(2, 9), "c", "y")])
