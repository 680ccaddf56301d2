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


def tried(old: str, new: str, *, right: bool) -> list[tuple[str, str, str]]:
    """What the row says is wrong: what stands there, what it replaced, of which category."""
    start = ROW["text"].index(old)
    proposal = Proposal(Span(start, start + len(old)), old, new, "collocation", 0.9, 0.5, 0.1)
    made = make_repaired.tried(ROW, proposal, right)
    assert made["damaged"] == ROW["text"].replace(old, new)
    assert made["clean"] == ROW["reference"]
    start, end, replaced, _ = made["tried"]
    assert (made["damaged"][start:end], replaced) == (new, old)
    return [(made["damaged"][a:b], replaced, category) for a, b, replaced, category in made["edits"]]


def test_of_a_right_proposal_nothing_is_wrong_though_other_words_may_be() -> None:
    assert tried("filled in", "served", right=True) == []
    assert tried("chair", "seat", right=True) == []


def test_a_wrong_proposal_is_wrong_and_nothing_is_said_of_the_words_beside_it() -> None:
    assert tried("clutched a", "gripped the", right=False) == [("gripped the", "clutched a", "collocation")]


def test_words_that_a_wrong_proposal_left_out_are_missing() -> None:
    assert tried("clutched ", "", right=False) == [("", "clutched ", "collocation")]
