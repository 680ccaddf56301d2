"""References made of accepted repairs, and ERRANT's scores against them."""

from __future__ import annotations

import pytest
from test_scores import errant_scored

from mtfix.evaluation.items import GoldSpan, Item, Output, OutputEdit
from mtfix.evaluation.outputs import aligned, applied
from mtfix.evaluation.scores.accepted import nearest_accepted
from mtfix.types import Span

TEXT = "The high minister lost a trust vote in the lower house."
SPANS = (
    GoldSpan(Span(4, 17), repairs=("prime minister", "premier")),
    GoldSpan(Span(25, 35), repairs=("confidence vote", "vote of confidence", "no-confidence vote")),
)
REFERENCE = "The prime minister lost a confidence vote in the lower house."
ITEM = Item("x", TEXT, references=(REFERENCE,), spans=SPANS)


def output(corrected: str) -> Output:
    return Output("x", corrected, aligned(TEXT, corrected))


@pytest.mark.parametrize(
    ("corrected", "reference"),
    [
        (TEXT, REFERENCE),
        (REFERENCE, REFERENCE),
        ("The premier lost a trust vote in the lower house.", "The premier lost a confidence vote in the lower house."),
        ("The premier lost a vote of confidence in the lower house.",) * 2,
        # an edit of nothing that is wrong, and one wider than the place
        (
            "The premier lost a trust vote in the lower chamber.",
            "The premier lost a confidence vote in the lower house.",
        ),
        (
            "The premier of Spain won a vote of confidence in the lower house.",
            "The premier lost a vote of confidence in the lower house.",
        ),
        # equally near: the annotator's own
        ("The high minister lost a trust ballot in the lower house.", REFERENCE),
    ],
)
def test_the_accepted_repair_nearest_to_the_output_stands_in_every_place(corrected, reference):
    assert nearest_accepted(ITEM, output(corrected)) == reference


def test_edits_that_are_only_suggested_choose_nothing():
    edit = OutputEdit(Span(4, 17), "premier", applied=False)
    assert nearest_accepted(ITEM, Output("x", TEXT, (edit,))) == REFERENCE


@pytest.mark.parametrize(
    "item",
    [
        Item("x", TEXT, spans=SPANS),
        Item("x", TEXT, references=(REFERENCE,)),
        Item("x", TEXT, references=(REFERENCE,), spans=(SPANS[0], GoldSpan(Span(25, 35)))),
        Item("x", TEXT, references=(REFERENCE,), spans=(*SPANS, GoldSpan(Span(27, 40), repairs=("",)))),
        # the reference changes what no span says is wrong
        Item("x", TEXT, references=(REFERENCE.replace("lower", "upper"),), spans=SPANS),
    ],
    ids=["no reference", "no spans", "a place without a repair", "overlapping places", "more in the reference"],
)
def test_repairs_that_make_up_no_reference_score_nothing(item):
    assert nearest_accepted(item, output(REFERENCE)) is None


def errant(corrected: str) -> dict[str, float]:
    return errant_scored([(ITEM, output(corrected))]).values()


def test_an_accepted_repair_that_is_not_the_first_counts_among_accepted_ones_only():
    edits = (OutputEdit(Span(4, 17), "premier"), OutputEdit(Span(25, 35), "vote of confidence"))
    found = errant(applied(TEXT, edits))
    assert found["errant_f05_accepted"] == 1.0
    assert found["errant_f05"] < 0.5


@pytest.mark.parametrize("corrected", [TEXT, REFERENCE, REFERENCE.replace("house", "chamber")])
def test_without_such_a_repair_both_scores_are_the_same(corrected):
    found = errant(corrected)
    for name in ("f05", "precision", "recall"):
        assert found.get(f"errant_{name}_accepted") == found.get(f"errant_{name}")
