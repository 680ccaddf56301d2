"""The rewriter at run time: sentences and spans in, ranked replacements with probabilities out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from mtfix.documents.spelling import spelled_as
from mtfix.errors import ModelError
from mtfix.models import ModelFolder
from mtfix.rewriter.branches import OnnxBackend
from mtfix.rewriter.ctranslate2_backend import CTranslate2Backend
from mtfix.rewriter.forced import Asked, probabilities
from mtfix.rewriter.likelihood import Change, gains
from mtfix.rewriter.prompt import Markers, PromptEncoder, canonical
from mtfix.rewriter.requests import Backend, Hypothesis, Request
from mtfix.types import Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """A replacement for a span (spacing not yet fitted) and the model's probability for it."""

    text: str
    probability: float


class Rewriter:
    """Proposes replacements for spans of sentences."""

    def __init__(self, encoder: PromptEncoder, backend: Backend, settings: dict[str, Any]) -> None:
        self.encoder, self.backend, self.settings = encoder, backend, settings

    @classmethod
    def load(cls, model: ModelFolder, threads: int = 0, device: str = "cpu") -> Rewriter:
        settings = dict(model.manifest["settings"])
        tokenizer = Tokenizer.from_str(model.files["tokenizer.json"].decode())
        try:
            markers = Markers(**settings["markers"])
        except TypeError as error:
            raise ModelError(f"the rewriter in {model.path} was made for another version of mtfix ({error})") from error
        encoder = PromptEncoder(
            tokenizer, markers, encoder_decoder=settings["encoder_decoder"], max_tokens=settings["max_tokens"]
        )
        return cls(encoder, _backend(model, encoder, threads, device), settings)

    def propose(self, requests: Sequence[tuple[str, Sequence[Span]]], beams: int) -> list[list[list[Candidate]]]:
        """For every (sentence, spans): for every span its candidates, best first; empty where it has none.

        Every span is asked about alone, the rest of its sentence left as it is: no wrong answer spoils the next.
        A word of the span is spelled as it is there, British or American.
        """
        results: list[list[list[Candidate]]] = [[[] for _ in spans] for _, spans in requests]
        asked: list[Request] = []
        owners: list[tuple[list[list[Candidate]], dict[int, str]]] = []
        for (sentence, spans), answers in zip(requests, results, strict=True):
            groups: dict[tuple[int, ...], dict[int, tuple[int, ...]]] = defaultdict(dict)
            for number, prompt in enumerate(self.encoder.prompts(sentence, spans)):
                if prompt:
                    groups[prompt.passage][number] = prompt.question
            for passage, questions in groups.items():
                rooms = tuple(_room(sentence, spans[number]) for number in questions)
                asked.append(Request(passage, tuple(questions.values()), rooms))
                owners.append((answers, {number: spans[number].of(sentence) for number in questions}))
        for (answers, places), found in zip(owners, self.backend.generate(asked, beams), strict=True):
            for (number, old), hypotheses in zip(places.items(), found, strict=True):
                answers[number] = self._candidates(hypotheses, old)
        return results

    def gains(self, requests: Sequence[tuple[str, Sequence[Change]]]) -> list[list[float]]:
        """As `mtfix.rewriter.likelihood.gains`; 0 throughout where the model is no causal one."""
        if self.encoder.encoder_decoder:
            return [[0.0] * len(changes) for _, changes in requests]
        return gains(self.encoder, self.backend, requests)

    def probabilities(self, asked: Sequence[Asked], around: int = 0) -> list[list[float]]:
        """As `mtfix.rewriter.forced.probabilities`; nothing where the model is no causal one."""
        if self.encoder.encoder_decoder:
            return [[] for _ in asked]
        return probabilities(self.encoder, self.backend, asked, around)

    def _candidates(self, hypotheses: Sequence[Hypothesis], old: str) -> list[Candidate]:
        read = [(self.encoder.read(ids), score) for ids, score in hypotheses]
        return _ranked([(spelled_as(old, text), score) for text, score in read if text is not None])


def _backend(model: ModelFolder, encoder: PromptEncoder, threads: int, device: str) -> Backend:
    """The faster runtime where it can run the model."""
    if device == "cpu" and not encoder.encoder_decoder:
        try:
            return OnnxBackend(model, encoder.end, threads)
        except ValueError:
            pass
    return CTranslate2Backend(model, encoder.tokenizer, encoder.end, threads, device)


def _room(sentence: str, span: Span) -> int:
    """Tokens for the span's words three times over, in steps of 16."""
    return 16 * math.ceil((8 + 3 * len(canonical(sentence, span).of(sentence).split())) / 16)


def _ranked(answers: Sequence[tuple[str, float]]) -> list[Candidate]:
    """Candidates with the summed probability of the hypotheses that say the same."""
    sums: dict[str, float] = defaultdict(float)
    for text, score in answers:
        sums[text.strip()] += math.exp(score)
    return [Candidate(text, min(1.0, p)) for text, p in sorted(sums.items(), key=lambda item: (-item[1], item[0]))]
