"""What stands in quotation marks is found, whatever marks a text uses."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.quotes import quotations


@given(st.text(alphabet="“”„«»‘’\"a. \n", max_size=40))
def test_spans_are_sorted_disjoint_and_not_empty(text: str) -> None:
    spans = quotations(text)
    assert spans == sorted(spans)
    assert all(span.start < span.end for span in spans)
    assert all(not one.overlaps(other) for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said “a b” and "c d" and «e».', ["a b", "c d", "e"]),
        ('"Why?" he "went."', ["Why?", "went."]),
        ('a 5" screen and "open', []),
        ("“unclosed «in» x", ["in"]),
        ('"yes\n\nno"', []),
        ("“outer «inner» outer”", ["outer «inner» outer"]),
        ("“The men were “badly” killed,” he said.", ["The men were “badly” killed,"]),
        ("“unclosed “in” x", ["in"]),
        ("‘The men were killed,’ he said of the boys’ house.", ["The men were killed,"]),
        ("‘The boys’ house burned,’ he said.", ["The boys’ house burned,"]),
        ("In the ‘90s rock ‘n’ roll, and ‘til now.", ["n"]),
        ("»So« it was.", ["So"]),
        ('a “mixed" pair', ["mixed"]),
        ('a "mixed” pair', ["mixed"]),
        ("“over two lines,\nand no more” he said", ["over two lines,\nand no more"]),
        ("“First.\n\n“Second,” she said.", ["First.", "Second,"]),
        ('"First.\n\n"Second," she said.', ["First.", "Second,"]),
        ("He said: “First.\n\n“Second,” he said.", ["First.", "Second,"]),
        ('She said, "First.\n\n"Second," she said.', ["First.", "Second,"]),
        ("He “left.\n\nNobody” came.", ["left.\n\nNobody"]),
        ("“never closed\n\nnext", []),
    ],
)
def test_golden_quotations(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in quotations(text)] == expected
