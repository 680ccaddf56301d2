"""A detector that suspects listed words and a rewriter with listed answers: the flow without models."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from mtfix.corrector import Corrector
from mtfix.documents.words import words
from mtfix.judge import confidence, ranking
from mtfix.rewriter.model import Candidate
from mtfix.settings import Settings
from mtfix.types import Gap, Span, Token


class FakeDetector:
    def __init__(self, bad: set[str]) -> None:
        self.bad = bad
        self.doubtful: dict[str, float] = {}
        limits = {"word": 0.5, "gap": 0.5, "ask": 0.5}
        self.settings = {"thresholds": dict.fromkeys(("conservative", "balanced", "aggressive"), limits)}

    def score(self, sentences: Sequence[str]) -> list[tuple[list[Token], list[Gap]]]:
        return [
            ([Token(s, 0.9 if s.of(text) in self.bad else self.doubtful.get(s.of(text), 0.1)) for s in words(text)],
             [Gap(s.start, 0.0) for s in words(text)] + ([Gap(words(text)[-1].end, 0.0)] if words(text) else []))
            for text in sentences
        ]  # fmt: skip

    def reread(self, repaired: Sequence[tuple[str, Span, str]]) -> list[float]:
        return [0.0] * len(repaired)


def weights(model: ModuleType, *seen: float) -> list[float]:
    """Of the first things that a model sees, whether or not words look exchanged; nothing else counts."""
    own = [*seen, *[0.0] * (model.SEEN - len(seen))]
    return [*own, *own, *[0.0] * model.FURTHER]


class FakeRewriter:
    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        points = dict.fromkeys(("conservative", "balanced", "aggressive"), 0.5)
        among = [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0]
        self.settings = {
            "ranking": weights(ranking, 1.0),
            "choice": {"among": [*among, *among, 1.0, -4.0], "any": [0.0, 0.0, 2.0] * 2},
            "confidence": weights(confidence, 0.0, 1.0),
            "apply": points,
        }

    def propose(self, requests: Sequence[tuple[str, Sequence[Span]]], beams: int) -> list[list[list[Candidate]]]:
        del beams
        self.asked += [text for text, _ in requests]
        return [[self._candidates(span.of(text)) for span in spans] for text, spans in requests]

    def gains(self, requests: Sequence[tuple[str, Sequence[tuple[Span, str]]]]) -> list[list[float]]:
        return [[0.0] * len(changes) for _, changes in requests]

    def probabilities(
        self, asked: Sequence[tuple[str, Span, Sequence[tuple[Span, str]]]], around: int = 0
    ) -> list[list[float]]:
        del around
        return [[] for _ in asked]

    def _candidates(self, text: str) -> list[Candidate]:
        return [Candidate(self.answers[text], 0.9)] if text in self.answers else []


def corrector(answers: dict[str, str], hopeless: set[str] = frozenset(), **settings: object) -> Corrector:
    """Suspects every key of `answers` and every word of `hopeless`; repairs the former."""
    detector = FakeDetector({*answers, *hopeless})
    return Corrector(detector, FakeRewriter(answers), Settings(**settings), {})
