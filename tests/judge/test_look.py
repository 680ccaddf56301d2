"""The second look: a repair that reads better gains, one that reads no better doesn't."""

from __future__ import annotations

import pytest

from mtfix.detector.document import logit
from mtfix.detector.spans import Suspicion
from mtfix.documents.words import words
from mtfix.judge.look import LOOKED, looked
from mtfix.judge.proposals import Answer, proposals
from mtfix.rewriter.model import Candidate
from mtfix.types import Span, Token


class Detector:
    """Knows the words it was given; all others read well."""

    def __init__(self, **scores: float) -> None:
        self.scores, self.calls = scores, 0

    def score(self, sentences):
        self.calls += 1
        return [([Token(s, self.scores.get(s.of(text), 0.1)) for s in words(text)], []) for text in sentences]


def look(detector: Detector, sentence: str, old: str, *new: str, shift: float = 0.0):
    span = Span(sentence.index(old), sentence.index(old) + len(old))
    candidates = [Candidate(text, 0.5 - i / 10) for i, text in enumerate(new)]
    proposed = proposals(sentence, Suspicion(span, 0.9), [Answer(span, candidates)])
    before = detector.score([sentence])[0][0]
    return looked(detector, [sentence, "Good."], [before, []], [shift, 0.0], [[proposed], []])[0][0]


def test_a_repair_that_reads_better_gains() -> None:
    late, last = look(Detector(final=0.9, last=0.8), "Massoud's final father fought.", "final", "late", "last")
    assert late.gain == pytest.approx(logit(0.9) - logit(0.1))
    assert last.gain == pytest.approx(logit(0.9) - logit(0.8))
    assert last.left == pytest.approx(logit(0.8))


def test_neighbours_count_and_words_further_off_do_not() -> None:
    detector = Detector(father=0.7, fought=0.95)
    (found,) = look(detector, "Massoud's final father fought.", "final", "late")
    assert found.left == pytest.approx(logit(0.7))


@pytest.mark.parametrize(("old", "new"), [("final", ""), ("Massoud's", "the"), ("fought.", "died.")])
def test_deletions_and_the_ends_of_the_sentence(old: str, new: str) -> None:
    (found,) = look(Detector(), "Massoud's final father fought.", old, new)
    assert found.left == pytest.approx(logit(0.1))


def test_the_document_moves_before_and_after_alike() -> None:
    (found,) = look(Detector(final=0.9), "A final father.", "final", "late", shift=0.0)
    (moved,) = look(Detector(final=0.9), "A final father.", "final", "late", shift=1.0)
    assert moved.left == pytest.approx(found.left + 1)


def test_a_few_proposals_are_looked_at_in_one_call() -> None:
    detector = Detector(final=0.9)
    found = look(detector, "A final father.", "final", *"bcdefg")
    assert len(found) == LOOKED
    assert detector.calls == 2
