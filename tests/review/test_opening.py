"""What a review asks the corrector for."""

from __future__ import annotations

from making import TEXT, Fake

from mtfix.review.opening import repairs
from mtfix.types import Alternative, Document, Span


def test_further_repairs_change_nothing_beside_their_place() -> None:
    start = TEXT.index("refused")
    found = repairs(Fake(), Document(TEXT), Span(start, start + len("refused")))
    assert found == [Alternative("declined", 0.3), Alternative("rejected", 0.3)]
