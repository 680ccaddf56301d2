"""A rewriter on CTranslate2: encoder-decoders, causal models of any family, and graphics cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from mtfix.models import ModelFolder, each, workers
from mtfix.rewriter.requests import Hypothesis, Reading, Request

SHARED = 3  # so many questions about one passage, and it is read once for all of them
BATCH = 4  # questions that are decoded together; more are no faster, and take more memory
READ = 256  # tokens that are scored together: each takes memory for a probability of every word there is


@dataclass(frozen=True, slots=True)
class _Batch:
    """Questions (request, question) of one length; `shared`: about one passage, which is read once."""

    shared: bool
    places: tuple[tuple[int, int], ...]


class CTranslate2Backend:
    """int8 decoding, causal or encoder-decoder, from the files of a model folder in memory."""

    def __init__(
        self, model: ModelFolder, tokenizer: Tokenizer, stop: int, threads: int, device: str = "cpu"
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
        self.tokenizer = tokenizer
        self.stop = self._tokens([stop])

    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        batches = _batches(requests, can_share=not self.encoder_decoder)

        def decode(batch: _Batch) -> list[list[Hypothesis]]:
            longest = max(requests[i].longest[j] for i, j in batch.places)
            return self._generate([_parts(requests[i], j, batch.shared) for i, j in batch.places], beams, longest)

        done = each(batches, decode, self.workers)
        found = {p: one for b, some in zip(batches, done, strict=True) for p, one in zip(b.places, some, strict=True)}
        # an answer that only a neighbour's greater length let finish counts as unfinished
        return [
            [
                [(ids[:most], score) for ids, score in found[i, j]]
                for j, most in enumerate(request.longest)
            ]
            for i, request in enumerate(requests)
        ]

    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        texts = [(*r.passage[:start], *ids) for r in readings for start, ids in r.tails]
        lengths: dict[int, set[tuple[int, ...]]] = defaultdict(set)
        for text in texts:
            lengths[len(text)].add(text)
        # only what is of equal length is read together: no padding, which would move the values
        batches: list[list[tuple[int, ...]]] = []
        for length, some in sorted(lengths.items(), reverse=True):
            size = max(1, READ // length)
            batches += [sorted(some)[i : i + size] for i in range(0, len(some), size)]

        def read(some: list[tuple[int, ...]]) -> list[list[float]]:
            results = self.runtime.score_batch([self._tokens(text) for text in some])
            return [[0.0, *result.log_probs] for result in results]  # nothing stands before the first

        found = each(batches, read, self.workers)
        known = {t: scores for b, some in zip(batches, found, strict=True) for t, scores in zip(b, some, strict=True)}
        left = iter(texts)
        return [[known[next(left)][start:] for start, _ in r.tails] for r in readings]

    def _tokens(self, ids: Sequence[int]) -> list[str]:
        return [self.tokenizer.id_to_token(i) or "" for i in ids]

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        vocabulary = self.tokenizer.token_to_id
        return [found for token in tokens if (found := vocabulary(token)) is not None]

    def _generate(
        self, asked: Sequence[tuple[Sequence[int], Sequence[int]]], beams: int, longest: int
    ) -> list[list[Hypothesis]]:
        """The answers to every (what is read once for all, what is read for this one)."""
        sources = [self._tokens(own) for _, own in asked]
        common: dict[str, Any] = {
            "beam_size": beams, "num_hypotheses": beams, "length_penalty": 0, "end_token": self.stop,
            "return_end_token": True, "return_scores": True,
        }  # fmt: skip
        if self.encoder_decoder:
            outputs = self.runtime.translate_batch(sources, max_decoding_length=longest, **common)
            return [
                [(self._ids(tokens), score) for tokens, score in zip(o.hypotheses, o.scores, strict=True)]
                for o in outputs
            ]
        outputs = self.runtime.generate_batch(
            sources, static_prompt=self._tokens(asked[0][0]) or None, cache_static_prompt=False,
            max_length=longest, include_prompt_in_result=False, **common,
        )  # fmt: skip
        return [list(zip(o.sequences_ids, o.scores, strict=True)) for o in outputs]


def _parts(request: Request, number: int, shared: bool) -> tuple[Sequence[int], Sequence[int]]:
    question = request.questions[number]
    return (request.passage, question) if shared else ((), (*request.passage, *question))


def _batches(requests: Sequence[Request], *, can_share: bool) -> list[_Batch]:
    """Every question once, the largest batches first, so that no core waits for one.

    Only what is of equal length is decoded together: fast, and no result depends on its neighbours.
    """
    batches: list[_Batch] = []
    apart: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for i, request in enumerate(requests):
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for j, question in enumerate(request.questions):
            groups[len(question)].append((i, j))
        for length, places in groups.items():
            if can_share and len(places) >= SHARED:
                batches += [_Batch(True, tuple(some)) for some in _split(places)]
            else:
                apart[len(request.passage) + length] += places
    batches += [_Batch(False, tuple(some)) for places in apart.values() for some in _split(places)]
    return sorted(batches, key=lambda batch: -_cost(requests, batch))


def _split(places: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    count = -(-len(places) // BATCH)
    size = -(-len(places) // count)  # no batch with a single question where it can be helped
    return [places[i : i + size] for i in range(0, len(places), size)]


def _cost(requests: Sequence[Request], batch: _Batch) -> int:
    """Tokens that are read."""
    (i, j), count = batch.places[0], len(batch.places)
    passage, question = len(requests[i].passage), len(requests[i].questions[j])
    return passage + count * question if batch.shared else count * (passage + question)
