"""The detector at run time: CTranslate2 for the encoder, numpy for its small head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from mtfix.detector.encode import CASINGS, Chunk, WordEncoder
from mtfix.documents.words import words
from mtfix.models import ModelFolder, by_index, workers
from mtfix.types import Category, Gap, Span, Token

# subwords per call of the encoder: enough for one core, little enough for its cache
BATCH = 512
CERTAIN = 8.0  # log-odds; of a repair it is no surer


class Backend(Protocol):
    def logits(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        """For each chunk (words + 1, 2 * tasks + kinds): of each task, word is wrong, something is missing before it;
        then how much speaks for each kind of damage, where the model tells any (`settings["kinds"]`)."""


class CTranslate2Backend:
    """int8 encoder; the head stays float32. `files` of the model folder are loaded from memory."""

    def __init__(self, model: ModelFolder, threads: int, device: str = "cpu") -> None:
        import ctranslate2
        from safetensors.numpy import load

        files = model.inside("encoder/")
        self.workers = workers(device, threads)
        self.encoder = ctranslate2.Encoder(
            str(model.path), device=device, compute_type="int8", inter_threads=self.workers, intra_threads=1,
            files=files,
        )  # fmt: skip
        head = load(model.files["head.safetensors"])
        self.hidden = head["hidden.weight"].T, head["hidden.bias"]
        self.output = head["output.weight"].T, head["output.bias"]
        self.kinds = (head["kinds.weight"].T, head["kinds.bias"]) if "kinds.weight" in head else None
        self.positions = bool(model.manifest["settings"].get("position_types"))

    def logits(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        return self._of_each(chunks, self.head)

    def vectors(self, chunks: Sequence[Chunk]) -> list[NDArray[np.float32]]:
        """For each chunk (words + 1, 2 * width + FEATURES): what the head sees of every word and of the end."""
        return self._of_each(chunks, lambda vectors: vectors)

    def _of_each(
        self, chunks: Sequence[Chunk], made: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        """What is made of the vectors of each chunk.

        A batch has chunks of one length only: to sum over padding rounds otherwise, which int8 makes large enough to
        see, and what else a text holds must not decide about a sentence.
        """
        order = sorted(range(len(chunks)), key=lambda i: -len(chunks[i].ids))  # the longest first
        batches: list[list[int]] = []
        for width, equal in groupby(order, key=lambda i: len(chunks[i].ids)):
            some, most = list(equal), max(1, BATCH // width)
            batches += [some[i : i + most] for i in range(0, len(some), most)]
        work = partial(self._of_batch, chunks, made)
        results = by_index(batches, work, self.workers)
        return [results[i] for i in range(len(chunks))]

    def _of_batch(
        self, chunks: Sequence[Chunk], made: Callable[[NDArray[np.float32]], NDArray[np.float32]], batch: list[int]
    ) -> list[NDArray[np.float32]]:
        some = [chunks[i] for i in batch]
        return [
            made(np.concatenate([states[chunk.first], states[chunk.last], chunk.features], axis=1))
            for states, chunk in zip(self._states(some), some, strict=True)
        ]

    def _states(self, chunks: Sequence[Chunk]) -> NDArray[np.float32]:
        types = [
            [i * CASINGS + c for i, c in enumerate(chunk.casing)] if self.positions else chunk.casing
            for chunk in chunks
        ]
        output = self.encoder.forward_batch([chunk.ids for chunk in chunks], token_type_ids=types)
        states: NDArray[np.float32] = np.asarray(_on_host(output.last_hidden_state))
        return states

    def head(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The logits of a chunk, from its vectors."""
        hidden = np.maximum(vectors @ self.hidden[0] + self.hidden[1], 0)
        logits: NDArray[np.float32] = hidden @ self.output[0] + self.output[1]
        if self.kinds is None:
            return logits
        return np.concatenate([logits, vectors @ self.kinds[0] + self.kinds[1]], axis=1)


class Detector:
    """Calibrated probabilities for words and gaps of sentences."""

    def __init__(self, encoder: WordEncoder, backend: Backend, settings: dict[str, Any]) -> None:
        self.encoder, self.backend, self.settings = encoder, backend, settings

    @classmethod
    def load(cls, model: ModelFolder, threads: int = 0, device: str = "cpu") -> Detector:
        tokenizer = Tokenizer.from_str(model.files["tokenizer.json"].decode())
        return cls(WordEncoder(tokenizer), CTranslate2Backend(model, threads, device), dict(model.manifest["settings"]))

    @property
    def kinds(self) -> list[Category]:
        """The kinds of damage that it tells apart, in the order of the backend's logits."""
        return list(self.settings.get("kinds", ()))

    @property
    def tasks(self) -> int:
        """How many of the backend's tasks say what is wrong in a text; one more, where there is, judges repairs."""
        return len(self.settings["calibration"]["word"]) - 2

    def encoded(self, sentence: str, replaced: str | None = None) -> tuple[list[Span], list[Chunk]]:
        """The words of a sentence, and what the backend reads of them; chunks of no words are none.

        replaced: what a repair in it took the place of, if that is to be judged.
        """
        spans = words(sentence)
        if not spans:
            return spans, []
        old = None if replaced is None else [s.of(replaced) for s in words(replaced)]
        return spans, self.encoder.encode([s.of(sentence) for s in spans], spaced(sentence, spans), old)

    def score(self, sentences: Sequence[str]) -> list[tuple[list[Token], list[Gap]]]:
        """Tokens and gaps of every sentence, offsets within the sentence; gaps lie before words and at the end."""
        encoded = [self.encoded(sentence) for sentence in sentences]
        logits = iter(self.backend.logits([chunk for _, chunks in encoded for chunk in chunks]))
        return [self._scored(spans, [next(logits) for _ in chunks]) for spans, chunks in encoded]

    def reread(self, repaired: Sequence[tuple[str, Span, str]]) -> list[float]:
        """How wrong what a repair put into a sentence is, in log-odds: its worst word; the gap where it left none.

        repaired: sentences with a repair in each, where it stands, and what it replaced. 0 throughout where the model
        judges no repairs.
        """
        encoded = [self.encoded(sentence, old) for sentence, _, old in repaired]
        logits = iter(self.backend.logits([chunk for _, chunks in encoded for chunk in chunks]))
        results = []
        for (spans, chunks), (_, place, _) in zip(encoded, repaired, strict=True):
            found = 0.0
            if chunks:
                word, gap, _ = joined([next(logits) for _ in chunks], len(self.kinds))
                inside = [i for i, span in enumerate(spans) if span.overlaps(place)]
                some = word[inside] if inside else gap[[sum(span.end <= place.start for span in spans)]]
                found = float(some[:, self.tasks].max()) if some.shape[1] > self.tasks else 0.0
            results.append(max(-CERTAIN, min(CERTAIN, found)))
        return results

    def _scored(self, spans: list[Span], parts: list[NDArray[np.float32]]) -> tuple[list[Token], list[Gap]]:
        if not spans:
            return [], []
        names = self.kinds
        *logits, kinds = joined(parts, len(names))
        word, gap = (self._probability(*pair) for pair in zip(("word", "gap"), logits, strict=True))
        told = [names[i] for i in kinds.argmax(axis=1)] if names else [None] * len(spans)
        tokens = [Token(span, float(p), kind) for span, p, kind in zip(spans, word, told, strict=True)]
        offsets = [span.start for span in spans] + [spans[-1].end]
        return tokens, [Gap(offset, float(p)) for offset, p in zip(offsets, gap, strict=True)]

    def _probability(self, what: str, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        probability: NDArray[np.float32] = 1 / (1 + np.exp(-combined(logits, self.settings["calibration"][what])))
        return probability


def _on_host(states: Any) -> Any:
    """CTranslate2's array where numpy can read it, float32."""
    import ctranslate2

    return states if states.device == "cpu" else states.to_device(ctranslate2.Device.cpu)


def joined(
    parts: Sequence[NDArray[np.float32]], kinds: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The backend's results for a sentence's chunks as logits of words (n, tasks), of gaps (n + 1, tasks) and of the
    kinds of damage (n, kinds)."""
    end = parts[0].shape[1] - kinds
    word = np.concatenate([part[:-1, 0:end:2] for part in parts])
    # a chunk's end is a gap only where the sentence ends
    gap = np.concatenate([*(part[:-1, 1:end:2] for part in parts), parts[-1][-1:, 1:end:2]])
    return word, gap, np.concatenate([part[:-1, end:] for part in parts])


def combined(logits: NDArray[Any], weights: Sequence[float]) -> NDArray[Any]:
    """One logit from those of all tasks: the place is wrong in one way or another. (n, tasks) -> (n,), within +-30.

    weights: what is added to the logit of each task, then scale and bias; a task beyond them is not heard. The odds of
    the tasks add up, so that a task that sees nothing does not talk another out of what it sees, as a weighted mean
    would.
    """
    *offsets, scale, bias = weights
    either = np.logaddexp.reduce(logits[..., : len(offsets)] + np.asarray(offsets), axis=-1)
    result: NDArray[Any] = np.clip(scale * either + bias, -30, 30)
    return result


def spaced(text: str, spans: Sequence[Span]) -> list[bool]:
    """Whether each word opens the text or follows white space."""
    return [span.start == 0 or text[span.start - 1].isspace() for span in spans]
