"""What a rewriter's runtime is asked, and what it answers: numbers of tokens in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Hypothesis = tuple[list[int], float]  # output ids and their summed log-probability
Tail = tuple[int, tuple[int, ...]]  # from which token of a passage on it goes on otherwise, and how


@dataclass(frozen=True, slots=True)
class Request:
    """A passage and the questions about it (token ids), and how many tokens the answer to each may have."""

    passage: tuple[int, ...]
    questions: tuple[tuple[int, ...], ...]
    longest: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage (token ids), and ways in which it goes on from some token."""

    passage: tuple[int, ...]
    tails: tuple[Tail, ...]


class Reader(Protocol):
    def score(self, readings: Sequence[Reading]) -> list[list[list[float]]]:
        """Log-probability (nats) of every token of every tail given all before it; 0 where nothing is before it.

        No reading's values depend on the other readings.
        """


class Backend(Reader, Protocol):
    def generate(self, requests: Sequence[Request], beams: int) -> list[list[list[Hypothesis]]]:
        """For every question of every request the `beams` likeliest answers, best first, each ending in a stop token.

        What isn't finished after so many tokens has no stop token; what is very unlikely may be missing. No request's
        answers depend on the other requests.
        Never asked to score where it is an encoder-decoder.
        """
