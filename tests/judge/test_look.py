"""The second look: which proposals the rewriter reads in their sentence."""

from __future__ import annotations

from collections.abc import Sequence

from mtfix.detector.spans import Suspicion
from mtfix.judge.look import likelier
from mtfix.judge.proposals import Answer, Proposal, proposals
from mtfix.rewriter.likelihood import Change
from mtfix.rewriter.model import Candidate
from mtfix.types import Span


class Rewriter:
    """Likes long words, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[Change]]] = []

    def gains(self, requests: Sequence[tuple[str, Sequence[Change]]]) -> list[list[float]]:
        self.asked += requests
        return [[float(len(new) - len(span.of(text))) for span, new in changes] for text, changes in requests]


def proposed(sentence: str, old: str, *new: str) -> list[Proposal]:
    span = Span(sentence.index(old), sentence.index(old) + len(old))
    candidates = [Candidate(text, 0.5 - i / 10) for i, text in enumerate(new)]
    return proposals(sentence, Suspicion(span, 0.9), [Answer(span, candidates)])


def test_the_proposals_of_every_place_are_read() -> None:
    rewriter, texts = Rewriter(), ["A final father fought.", "Good.", "On his way."]
    groups = [
        [proposed(texts[0], "final", "late", "previous"), proposed(texts[0], "fought", "battled")],
        [],
        [proposed(texts[2], "On", "Along")],
    ]
    found = likelier(rewriter, texts, groups)
    assert [[[p.replacement for p in group] for group in some] for some in found] == [
        [["late", "previous"], ["battled"]], [], [["Along"]],
    ]  # fmt: skip
    assert [[[p.likelihood for p in group] for group in some] for some in found] == [[[-1, 3], [1]], [], [[3]]]
    assert [text for text, changes in rewriter.asked if changes] == [texts[0], texts[2]]


def test_nothing_is_read_for_nothing() -> None:
    assert likelier(Rewriter(), ["Good."], [[]]) == [[]]
