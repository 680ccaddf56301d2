"""The rewriter at run time: sentences and spans in, ranked replacements with probabilities out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tokenizers import Tokenizer

from mtfix.errors import ModelError
from mtfix.models import ModelFolder, by_index, workers
from mtfix.rewriter.likelihood import Change, gains
from mtfix.rewriter.prompt import Markers, PromptEncoder, canonical
from mtfix.types import Span

SHARED = 3  # so many questions about one passage, and it is read once for all of them
BATCH = 4  # questions that are decoded together; more are no faster, and take more memory
READ = 256  # tokens that are scored together: each takes memory for a probability of every word there is
Hypothesis = tuple[list[int], float]  # output ids and their summed log-probability


@dataclass(frozen=True, slots=True)
class Request:
    """A passage and the questions about it (token ids), and how many tokens the answer to each may have."""

    passage: tuple[int, ...]
    questions: tuple[tuple[int, ...], ...]
    longest: tuple[int, ...]


class Backend(Protocol):
    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        """For every question of every request the `beams` likeliest answers, best first, each ending in a stop token.

        What isn't finished after so many tokens has no stop token. No request's answers depend on the other requests.
        """

    def score(self, passages: Sequence[tuple[int, ...]]) -> list[list[float]]:
        """As `mtfix.rewriter.likelihood.Reader`; never asked of an encoder-decoder."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A replacement for a span (spacing not yet fitted) and the model's probability for it."""

    text: str
    probability: float


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

        def decode(number: int) -> list[list[Hypothesis]]:
            batch = batches[number]
            longest = max(requests[i].longest[j] for i, j in batch.places)
            return self._generate([_parts(requests[i], j, batch.shared) for i, j in batch.places], beams, longest)

        done = by_index([[number] for number in range(len(batches))], lambda some: [decode(some[0])], self.workers)
        found = {
            place: one
            for number, batch in enumerate(batches)
            for place, one in zip(batch.places, done[number], strict=True)
        }
        # an answer that only a neighbour's greater length let finish counts as unfinished
        return [
            [
                [(ids[:most], score) for ids, score in found[i, j]]
                for j, most in enumerate(request.longest)
            ]
            for i, request in enumerate(requests)
        ]

    def score(self, passages: Sequence[tuple[int, ...]]) -> list[list[float]]:
        lengths: dict[int, list[int]] = defaultdict(list)
        for i, ids in enumerate(passages):
            lengths[len(ids)].append(i)
        # only what is of equal length is read together: no padding, which would move the values
        batches: list[list[int]] = []
        for length, some in sorted(lengths.items(), reverse=True):
            size = max(1, READ // length)
            batches += [some[i : i + size] for i in range(0, len(some), size)]

        def read(some: list[int]) -> list[list[float]]:
            results = self.runtime.score_batch([self._tokens(passages[i]) for i in some])
            return [list(result.log_probs) for result in results]

        found = by_index(batches, read, self.workers)
        return [found[i] for i in range(len(passages))]

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
        return cls(encoder, CTranslate2Backend(model, tokenizer, encoder.end, threads, device), settings)

    def propose(self, requests: Sequence[tuple[str, Sequence[Span]]], beams: int) -> list[list[list[Candidate]]]:
        """For every (sentence, spans): for every span its candidates, best first; empty where it has none.

        Every span is asked about alone, the rest of its sentence left as it is: no wrong answer spoils the next.
        """
        results: list[list[list[Candidate]]] = [[[] for _ in spans] for _, spans in requests]
        asked: list[Request] = []
        owners: list[tuple[list[list[Candidate]], list[int]]] = []
        for (sentence, spans), answers in zip(requests, results, strict=True):
            groups: dict[tuple[int, ...], dict[int, tuple[int, ...]]] = defaultdict(dict)
            for number, prompt in enumerate(self.encoder.prompts(sentence, spans)):
                if prompt:
                    groups[prompt.passage][number] = prompt.question
            for passage, questions in groups.items():
                rooms = tuple(_room(sentence, spans[number]) for number in questions)
                asked.append(Request(passage, tuple(questions.values()), rooms))
                owners.append((answers, list(questions)))
        for (answers, numbers), found in zip(owners, self.backend.generate(asked, beams), strict=True):
            for number, hypotheses in zip(numbers, found, strict=True):
                answers[number] = self._candidates(hypotheses)
        return results

    def gains(self, requests: Sequence[tuple[str, Sequence[Change]]]) -> list[list[float]]:
        """As `mtfix.rewriter.likelihood.gains`; 0 throughout where the model is no causal one."""
        if self.encoder.encoder_decoder:
            return [[0.0] * len(changes) for _, changes in requests]
        return gains(self.encoder, self.backend, requests)

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
