"""The rewriter at run time: marked spans in, ranked replacements with probabilities out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tokenizers import Tokenizer

from mtfix.models import ModelFolder
from mtfix.rewriter.prompt import Markers, PromptEncoder, canonical
from mtfix.types import Span

BATCH = 16  # prompts decoded together
Hypothesis = tuple[list[int], float]  # output ids and their summed log-probability


class Backend(Protocol):
    def generate(
        self, prompts: Sequence[list[int]], prefixes: Sequence[list[int]], beams: int, longest: Sequence[int]
    ) -> list[list[Hypothesis]]:
        """The `beams` likeliest next answers of every prompt, best first, each ending in a stop token.

        `prefixes` begin the output of encoder-decoder models (empty for causal ones, whose prompts hold
        them). At most `longest[i]` tokens for prompt i; what isn't finished by then has no stop token.
        """


@dataclass(frozen=True, slots=True)
class Candidate:
    """A replacement for a span (spacing not yet fitted) and the model's probability for it."""

    text: str
    probability: float


class CTranslate2Backend:
    """int8 decoding, causal or encoder-decoder, from the files of a model folder in memory."""

    def __init__(
        self, model: ModelFolder, tokenizer: Tokenizer, stops: Sequence[int], threads: int, device: str = "cpu"
    ) -> None:
        import ctranslate2

        self.encoder_decoder = bool(model.manifest["settings"]["encoder_decoder"])
        kind = ctranslate2.Translator if self.encoder_decoder else ctranslate2.Generator
        self.runtime = kind(
            str(model.path), device=device, compute_type="int8", intra_threads=threads, files=model.inside("model/")
        )
        self.tokenizer, self.stops = tokenizer, self._tokens(tokenizer, stops)

    def generate(
        self, prompts: Sequence[list[int]], prefixes: Sequence[list[int]], beams: int, longest: Sequence[int]
    ) -> list[list[Hypothesis]]:
        # only prompts of one length are decoded together: fast, and no result depends on its neighbours
        groups: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for index, (prompt, prefix) in enumerate(zip(prompts, prefixes, strict=True)):
            groups[len(prompt), len(prefix), longest[index]].append(index)
        results: dict[int, list[Hypothesis]] = {}
        for (_, _, limit), indices in groups.items():
            for start in range(0, len(indices), BATCH):
                chosen = indices[start : start + BATCH]
                found = self._generate([prompts[i] for i in chosen], [prefixes[i] for i in chosen], beams, limit)
                results.update(zip(chosen, found, strict=True))
        return [results[i] for i in range(len(prompts))]

    @staticmethod
    def _tokens(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
        return [tokenizer.id_to_token(i) or "" for i in ids]

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        vocabulary = self.tokenizer.token_to_id
        return [found for token in tokens if (found := vocabulary(token)) is not None]

    def _generate(
        self, prompts: Sequence[list[int]], prefixes: Sequence[list[int]], beams: int, longest: int
    ) -> list[list[Hypothesis]]:
        sources = [self._tokens(self.tokenizer, prompt) for prompt in prompts]
        common: dict[str, Any] = {
            "beam_size": beams, "num_hypotheses": beams, "length_penalty": 0, "end_token": self.stops,
            "return_end_token": True, "return_scores": True,
        }  # fmt: skip
        if self.encoder_decoder:
            begun = [self._tokens(self.tokenizer, prefix) for prefix in prefixes]
            outputs = self.runtime.translate_batch(
                sources, target_prefix=begun, max_decoding_length=longest + len(prefixes[0]), **common
            )
            skip = len(prefixes[0])
            return [
                [(self._ids(tokens[skip:]), score) for tokens, score in zip(o.hypotheses, o.scores, strict=True)]
                for o in outputs
            ]
        outputs = self.runtime.generate_batch(sources, max_length=longest, include_prompt_in_result=False, **common)
        return [list(zip(o.sequences_ids, o.scores, strict=True)) for o in outputs]


class Rewriter:
    """Proposes replacements for spans of sentences."""

    def __init__(self, encoder: PromptEncoder, backend: Backend, settings: dict[str, Any]) -> None:
        self.encoder, self.backend, self.settings = encoder, backend, settings

    @classmethod
    def load(cls, model: ModelFolder, threads: int = 0, device: str = "cpu") -> Rewriter:
        settings = dict(model.manifest["settings"])
        tokenizer = Tokenizer.from_str(model.files["tokenizer.json"].decode())
        encoder = PromptEncoder(
            tokenizer,
            Markers(**settings["markers"]),
            encoder_decoder=settings["encoder_decoder"],
            max_tokens=settings["max_tokens"],
        )
        return cls(encoder, CTranslate2Backend(model, tokenizer, encoder.stops, threads, device), settings)

    def propose(self, requests: Sequence[tuple[str, Sequence[Span]]], beams: int) -> list[list[list[Candidate]]]:
        """For every (sentence, spans): for every span its candidates, best first; empty where it has none.

        A sentence's spans are answered from left to right, each knowing the best answers before it; the
        first open span of every sentence is answered in one batch, then the second, and so on.
        """
        results: list[list[list[Candidate]]] = [[[] for _ in spans] for _, spans in requests]
        given: list[list[list[int]]] = [[] for _ in requests]
        active = [i for i, (_, spans) in enumerate(requests) if spans]
        while active:
            asked = [(i, prompt) for i in active if (prompt := self.encoder.prompt(*requests[i], given[i]))]
            outputs = self.backend.generate(
                [prompt for _, prompt in asked],
                [self.encoder.prefix(given[i]) if self.encoder.encoder_decoder else [] for i, _ in asked],
                beams,
                [_room(requests[i][0], requests[i][1][len(given[i])]) for i, _ in asked],
            )
            active = []
            for (i, _), hypotheses in zip(asked, outputs, strict=True):
                spans = requests[i][1]
                answers = [(answer, score) for ids, score in hypotheses if (answer := self.encoder.read(ids))]
                results[i][len(given[i])] = _ranked([(text, score) for (_, text), score in answers])
                if answers and len(given[i]) + 1 < len(spans):
                    given[i].append(answers[0][0][0])
                    active.append(i)
        return results


def _room(sentence: str, span: Span) -> int:
    """Tokens for the span's words three times over, in steps of 16 so that prompts can share a batch."""
    return 16 * math.ceil((8 + 3 * len(canonical(sentence, span).of(sentence).split())) / 16)


def _ranked(answers: Sequence[tuple[str, float]]) -> list[Candidate]:
    """Candidates with the summed probability of the hypotheses that say the same."""
    sums: dict[str, float] = defaultdict(float)
    for text, score in answers:
        sums[text.strip()] += math.exp(score)
    return [Candidate(text, min(1.0, p)) for text, p in sorted(sums.items(), key=lambda item: (-item[1], item[0]))]
