"""The third look: which sentences the detector reads for the proposals, and what it says of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtfix.detector.spans import Suspicion
from mtfix.judge.proposals import Answer, Case, Proposal, proposals
from mtfix.judge.ranking import FEATURES
from mtfix.judge.reread import all_reread, best_reread
from mtfix.rewriter.model import Candidate
from mtfix.types import Span

SETTINGS = {"ranking": [1.0, 1.0, *[0.0] * (FEATURES - 2)]}  # the rewriter's probability and the likelihood
TEXTS = ["An only son fought.", "Good.", "On the his way."]


class Detector:
    """Holds long words for wrong, and notes what it read."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def reread(self, repaired: Sequence[tuple[str, Span]]) -> list[float]:
        self.read += [(text, place.of(text)) for text, place in repaired]
        return [float(place.end - place.start) for _, place in repaired]


def case(sentence: str, old: str, *new: str) -> Case:
    span = Span(sentence.index(old), sentence.index(old) + len(old))
    suspicion, candidates = Suspicion(span, 0.9), [Candidate(text, 0.5 - i / 10) for i, text in enumerate(new)]
    return Case(suspicion, (0.1,), tuple(proposals(sentence, suspicion, [Answer(span, candidates)])))


def cases() -> list[list[Case]]:
    return [
        [case(TEXTS[0], "only", "elder", "lone"), case(TEXTS[0], "fought", "battled"), case(TEXTS[0], "son", "son")],
        [],
        [case(TEXTS[2], "the his", "his")],
    ]


def reread(found: Sequence[Sequence[Case]]) -> list[list[list[tuple[str, float]]]]:
    return [[[(p.replacement, p.reread) for p in one.proposals] for one in some] for some in found]


def test_each_proposal_is_read_alone_in_its_sentence() -> None:
    detector = Detector()
    found = all_reread(detector, TEXTS, cases())  # type: ignore[arg-type]
    assert detector.read == [
        ("An elder son fought.", "elder"), ("A lone son fought.", "A lone"), ("An only son battled.", "battled"),
        ("On his way.", ""),
    ]  # fmt: skip
    assert reread(found) == [[[("elder", 5), ("A lone", 6)], [("battled", 7)], []], [], [[("", 0)]]]


def test_in_fix_only_the_best_one_is_read_and_stands_first() -> None:
    def liked(proposal: Proposal) -> Proposal:
        return replace(proposal, likelihood=9.0) if proposal.replacement == "A lone" else proposal

    detector = Detector()
    given = [[replace(one, proposals=tuple(map(liked, one.proposals))) for one in some] for some in cases()]
    found = best_reread(detector, TEXTS, given, SETTINGS)  # type: ignore[arg-type]
    assert reread(found) == [[[("A lone", 6), ("elder", 0)], [("battled", 7)], []], [], [[("", 0)]]]
    assert ("An elder son fought.", "elder") not in detector.read
