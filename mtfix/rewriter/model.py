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
    def generate(self, prompts: Sequence[list[int]], beams: int, longest: Sequence[int]) -> list[list[Hypothesis]]:
        """The `beams` best outputs of every prompt, best first; at most `longest[i]` tokens for prompt i."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A replacement for a span (spacing not yet fitted) and the model's probability for it."""

    text: str
    probability: float


class CTranslate2Backend:
    """int8 decoding, causal or encoder-decoder, from the files of a model folder in memory."""

    def __init__(self, model: ModelFolder, tokenizer: Tokenizer, end: str, threads: int) -> None:
        import ctranslate2

        files = model.inside("model/")
        self.encoder_decoder = bool(model.manifest["settings"]["encoder_decoder"])
        kind = ctranslate2.Translator if self.encoder_decoder else ctranslate2.Generator
        self.runtime = kind(str(model.path), device="cpu", compute_type="int8", intra_threads=threads, files=files)
        self.tokenizer, self.end = tokenizer, end

    def generate(self, prompts: Sequence[list[int]], beams: int, longest: Sequence[int]) -> list[list[Hypothesis]]:
        # only prompts of one length are decoded together: fast, and no result depends on its neighbours
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for index, prompt in enumerate(prompts):
            groups[len(prompt), longest[index]].append(index)
        results: dict[int, list[Hypothesis]] = {}
        for (_, limit), indices in groups.items():
            for start in range(0, len(indices), BATCH):
                chosen = indices[start : start + BATCH]
                found = self._generate([self._tokens(prompts[i]) for i in chosen], beams, limit)
                results.update(zip(chosen, found, strict=True))
        return [results[i] for i in range(len(prompts))]

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        return [self.tokenizer.id_to_token(i) or "" for i in ids]

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        vocabulary = self.tokenizer.token_to_id
        return [found for token in tokens if (found := vocabulary(token)) is not None]

    def _generate(self, prompts: list[list[str]], beams: int, longest: int) -> list[list[Hypothesis]]:
        common = {"beam_size": beams, "num_hypotheses": beams, "length_penalty": 0, "end_token": self.end,
                  "return_end_token": True, "return_scores": True}  # fmt: skip
        if self.encoder_decoder:
            outputs = self.runtime.translate_batch(prompts, max_decoding_length=longest, **common)
            return [
                [(self._ids(tokens), score) for tokens, score in zip(output.hypotheses, output.scores, strict=True)]
                for output in outputs
            ]
        outputs = self.runtime.generate_batch(
            prompts, max_length=longest, include_prompt_in_result=False, **common
        )
        return [list(zip(o.sequences_ids, o.scores, strict=True)) for o in outputs]


class Rewriter:
    """Proposes replacements for spans of sentences."""

    def __init__(self, encoder: PromptEncoder, backend: Backend, settings: dict[str, Any]) -> None:
        self.encoder, self.backend, self.settings = encoder, backend, settings

    @classmethod
    def load(cls, model: ModelFolder, threads: int = 0) -> Rewriter:
        settings = dict(model.manifest["settings"])
        tokenizer = Tokenizer.from_str(model.files["tokenizer.json"].decode())
        markers = Markers(**settings["markers"])
        encoder = PromptEncoder(
            tokenizer, markers, encoder_decoder=settings["encoder_decoder"], max_tokens=settings["max_tokens"]
        )
        return cls(encoder, CTranslate2Backend(model, tokenizer, markers.end, threads), settings)

    def propose(self, requests: Sequence[tuple[str, Sequence[Span]]], beams: int) -> list[list[list[Candidate]]]:
        """For every (sentence, spans): for every span its candidates, best first; empty where it has none.

        A sentence's spans are answered together, so a later answer knows the earlier ones; a span's
        probability sums over the hypotheses that agree on it.
        """
        prompts = [self.encoder.prompt(sentence, spans) for sentence, spans in requests]
        usable = [i for i, prompt in enumerate(prompts) if prompt]
        chosen = [prompts[i] or [] for i in usable]
        longest = [self._longest(*requests[i]) for i in usable]
        outputs = dict(zip(usable, self.backend.generate(chosen, beams, longest), strict=True))
        return [self._candidates(outputs.get(i, []), len(spans)) for i, (_, spans) in enumerate(requests)]

    def _longest(self, sentence: str, spans: Sequence[Span]) -> int:
        """Room for each span's words twice over, in steps of 16 so that prompts can share a batch."""
        tokens = sum(8 + 2 * len(canonical(sentence, span).of(sentence).split()) for span in spans)
        return 16 * math.ceil((tokens + 1) / 16)

    def _candidates(self, hypotheses: Sequence[Hypothesis], count: int) -> list[list[Candidate]]:
        sums: list[dict[str, float]] = [defaultdict(float) for _ in range(count)]
        for ids, score in hypotheses:
            for place, text in zip(sums, self.encoder.read(ids, count) or [], strict=False):
                place[text.strip()] += math.exp(score)
        total = max(1e-12, sum(math.exp(score) for _, score in hypotheses))
        # a beam that ended badly is evidence against all that didn't: divide by everything seen
        return [
            [Candidate(text, p / total) for text, p in sorted(place.items(), key=lambda item: (-item[1], item[0]))]
            for place in sums
        ]
