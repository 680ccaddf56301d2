"""The rewriter's own proposals become rows for the detector to learn from."""

from __future__ import annotations

import make_repaired

from mtfix.judge.proposals import Proposal
from mtfix.types import Span

ROW = {
    "text": "He filled in as minister and clutched a chair.",
    "reference": "He served as minister and held a seat.",
    "spans": [
        {"start": 3, "end": 12, "category": "wrong-sense", "repairs": ["served", "acted"]},
        {"start": 29, "end": 37, "category": "wrong-sense", "repairs": ["held"]},
        {"start": 40, "end": 45, "category": "wrong-sense", "repairs": ["seat"]},
    ],
    "doc": "written:a",
}  # fmt: skip


def tried(old: str, new: str, *, right: bool) -> dict[str, str]:
    """What stands in the row's text -> what is wrong there, by its category."""
    start = ROW["text"].index(old)
    proposal = Proposal(Span(start, start + len(old)), old, new, "collocation", 0.9, 0.5, 0.1)
    made = make_repaired.tried(ROW, proposal, right)
    assert made["damaged"] == ROW["text"].replace(old, new)
    assert made["clean"] == ROW["reference"]
    return {made["damaged"][start:end]: category for start, end, _, category in made["edits"]}


def test_what_a_right_proposal_put_there_is_right_and_the_rest_as_wrong_as_before() -> None:
    assert tried("filled in", "served", right=True) == {"clutched": "wrong-sense", "chair": "wrong-sense"}
    assert tried("chair", "seat", right=True) == {"filled in": "wrong-sense", "clutched": "wrong-sense"}


def test_a_wrong_proposal_is_wrong_instead_of_what_stood_there() -> None:
    found = tried("clutched a", "gripped the", right=False)
    assert found == {"filled in": "wrong-sense", "gripped the": "collocation", "chair": "wrong-sense"}


def test_words_that_a_wrong_proposal_left_out_are_missing() -> None:
    assert tried("clutched ", "", right=False)[""] == "collocation"
