"""The rewriter at run time: marked spans in, ranked replacements with probabilities out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tokenizers import Tokenizer

from mtfix.models import ModelFolder, by_index, workers
from mtfix.rewriter.prompt import Markers, PromptEncoder, canonical
from mtfix.types import Span

BATCH = 4  # prompts decoded together
Hypothesis = tuple[list[int], float]  # output ids and their summed log-probability


class Backend(Protocol):
    def generate(self, prompts: Sequence[list[int]], beams: int, longest: Sequence[int]) -> list[list[Hypothesis]]:
        """The `beams` likeliest answers to every prompt, best first, each ending in a stop token.

        At most `longest[i]` tokens for prompt i; what isn't finished by then has no stop token.
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
        # a decoding step is too small a piece of work to share: cores take whole batches instead
        self.workers = workers(device, threads)
        self.runtime = kind(
            str(model.path), device=device, compute_type="int8", inter_threads=self.workers, intra_threads=1,
            files=model.inside("model/"),
        )  # fmt: skip
        self.tokenizer, self.stops = tokenizer, self._tokens(tokenizer, stops)

    def generate(self, prompts: Sequence[list[int]], beams: int, longest: Sequence[int]) -> list[list[Hypothesis]]:
        # only prompts of one length are decoded together: fast, and no result depends on its neighbours
        groups: dict[int, list[int]] = defaultdict(list)
        for index, prompt in enumerate(prompts):
            groups[len(prompt)].append(index)
        batches = [some[i : i + BATCH] for some in groups.values() for i in range(0, len(some), BATCH)]
        batches.sort(key=lambda some: -len(some) * len(prompts[some[0]]))  # the largest first: no core waits for it

        def decode(some: list[int]) -> list[list[Hypothesis]]:
            return self._generate([prompts[i] for i in some], beams, max(longest[i] for i in some))

        results = by_index(batches, decode, self.workers)
        # an answer that only a neighbour's greater length let finish counts as unfinished
        return [[(ids[: longest[i]], score) for ids, score in results[i]] for i in range(len(prompts))]

    @staticmethod
    def _tokens(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
        return [tokenizer.id_to_token(i) or "" for i in ids]

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        vocabulary = self.tokenizer.token_to_id
        return [found for token in tokens if (found := vocabulary(token)) is not None]

    def _generate(self, prompts: Sequence[list[int]], beams: int, longest: int) -> list[list[Hypothesis]]:
        sources = [self._tokens(self.tokenizer, prompt) for prompt in prompts]
        common: dict[str, Any] = {
            "beam_size": beams, "num_hypotheses": beams, "length_penalty": 0, "end_token": self.stops,
            "return_end_token": True, "return_scores": True,
        }  # fmt: skip
        if self.encoder_decoder:
            outputs = self.runtime.translate_batch(sources, max_decoding_length=longest, **common)
            return [
                [(self._ids(tokens), score) for tokens, score in zip(o.hypotheses, o.scores, strict=True)]
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

        Every span is asked about alone, the rest of its sentence left as it is: all questions share batches, and no
        wrong answer spoils the next.
        """
        asked = [
            (prompt, _room(sentence, span)) if (prompt := self.encoder.prompt(sentence, [span])) else None
            for sentence, spans in requests
            for span in spans
        ]
        prompts, longest = zip(*filter(None, asked), strict=True) if any(asked) else ((), ())
        outputs = iter(self.backend.generate(prompts, beams, longest))
        found = iter([self._candidates(next(outputs)) if question else [] for question in asked])
        return [[next(found) for _ in spans] for _, spans in requests]

    def _candidates(self, hypotheses: Sequence[Hypothesis]) -> list[Candidate]:
        return _ranked([(text, score) for ids, score in hypotheses if (text := self.encoder.read(ids)) is not None])


def _room(sentence: str, span: Span) -> int:
    """Tokens for the span's words three times over, in steps of 16."""
    return 16 * math.ceil((8 + 3 * len(canonical(sentence, span).of(sentence).split())) / 16)


def _ranked(answers: Sequence[tuple[str, float]]) -> list[Candidate]:
    """Candidates with the summed probability of the hypotheses that say the same."""
    sums: dict[str, float] = defaultdict(float)
    for text, score in answers:
        sums[text.strip()] += math.exp(score)
    return [Candidate(text, min(1.0, p)) for text, p in sorted(sums.items(), key=lambda item: (-item[1], item[0]))]
