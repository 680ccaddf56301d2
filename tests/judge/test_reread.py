"""The third look: which sentences the detector reads for the proposals, and what it says of each."""

from __future__ import annotations

from collections.abc import Sequence

from mtfix.detector.spans import Suspicion
from mtfix.judge.proposals import Answer, Proposal, proposals
from mtfix.judge.reread import reread
from mtfix.rewriter.model import Candidate
from mtfix.types import Span

TEXTS = ["An only son fought.", "Good.", "On the his way."]


class Detector:
    """Holds long words for wrong, and notes what it read."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str, str]] = []

    def reread(self, repaired: Sequence[tuple[str, Span, str]]) -> list[float]:
        self.read += [(text, place.of(text), old) for text, place, old in repaired]
        return [float(place.end - place.start) for _, place, _ in repaired]


def proposed(sentence: str, old: str, *new: str) -> list[Proposal]:
    span = Span(sentence.index(old), sentence.index(old) + len(old))
    candidates = [Candidate(text, 0.5 - i / 10) for i, text in enumerate(new)]
    return proposals(sentence, Suspicion(span, 0.9), [Answer(span, candidates)])


def test_each_proposal_is_read_alone_in_its_sentence() -> None:
    detector = Detector()
    given = [
        [
            proposed(TEXTS[0], "only", "elder", "lone"), proposed(TEXTS[0], "fought", "battled"),
            proposed(TEXTS[0], "son", "son"),
        ],
        [],
        [proposed(TEXTS[2], "the his", "his")],
    ]  # fmt: skip
    found = reread(detector, TEXTS, given)  # type: ignore[arg-type]
    assert detector.read == [
        ("An elder son fought.", "elder", "only"), ("A lone son fought.", "A lone", "An only"),
        ("An only son battled.", "battled", "fought"), ("On his way.", "", "the "),
    ]  # fmt: skip
    assert [[[(p.replacement, p.reread) for p in one] for one in some] for some in found] == [
        [[("elder", 5), ("A lone", 6)], [("battled", 7)], []], [], [[("", 0)]],
    ]  # fmt: skip
