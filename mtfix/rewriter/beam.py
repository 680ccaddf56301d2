"""Beam search for one answer: which beginnings are worth going on with, and when the likeliest answers are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from mtfix.rewriter.requests import Hypothesis

# no answer as unlikely as this is ever worth showing
LEAST = math.log(0.005)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of an answer and its log-probability.

    kept: where the runtime keeps the token before it and all of its own but the last.
    """

    ids: tuple[int, ...]
    score: float
    kept: tuple[int, ...] = ()


@dataclass(slots=True)
class Beam:
    """`beams` answers are looked for, of at most `longest` tokens, each ending in `stop`."""

    beams: int
    stop: int
    longest: int
    live: list[Beginning] = field(default_factory=lambda: [Beginning((), 0.0)])
    done: list[Hypothesis] = field(default_factory=list)

    def advance(self, scores: Sequence[Sequence[float]], ids: Sequence[Sequence[int]], kept: Sequence[int]) -> None:
        """Go on with the likeliest tokens after every beginning in `live`, twice as many as beams.

        kept: where the runtime keeps each one's last token.
        """
        options = sorted(
            (
                (start.score + score, token, place, start)
                for start, some, tokens, place in zip(self.live, scores, ids, kept, strict=True)
                for score, token in zip(some, tokens, strict=True)
            ),
            key=lambda option: -option[0],
        )
        self.live = []
        for score, token, place, start in options:
            if len(self.live) == self.beams:
                break
            if token == self.stop:
                self.done.append(([*start.ids, token], score))
            else:
                self.live.append(Beginning((*start.ids, token), score, (*start.kept, place)))
        self.done = sorted(self.done, key=lambda found: -found[1])[: self.beams]
        # a longer answer is never likelier than its beginning
        least = self.done[-1][1] if len(self.done) == self.beams else LEAST
        self.live = [start for start in self.live if start.score > max(least, LEAST)]

    @property
    def over(self) -> bool:
        return not self.live or len(self.live[0].ids) == self.longest

    def found(self) -> list[Hypothesis]:
        """The answers, best first; after them, where there are too few, beginnings of more."""
        unfinished = [(list(start.ids), start.score) for start in self.live]
        return [*self.done, *unfinished][: self.beams]
