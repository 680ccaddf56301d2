"""From word probabilities to suspicious spans: what an editor would underline as one thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mtfix.detector.document import logit
from mtfix.types import Category, Gap, Span, Token

LONGEST = 8  # words; a longer run of bad words becomes several spans
BRIDGE = 0.5  # one word between two bad ones joins them from this share of the threshold on
CORE = 1.0  # log-odds; words beside the worst one that are no further below it belong to the core


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A span (empty for a missing word) with the highest probability in it.

    core: the worst word of it and those beside that are nearly as bad, where they are fewer than all. beyond: what the
    rewriter is asked about as well, `mtfix.judge.asking.beyond`. kind: what the worst word is likeliest to be, if the
    detector tells.
    """

    span: Span
    score: float
    core: Span | None = None
    beyond: Span | None = None
    kind: Category | None = None


def suspicions(
    tokens: Sequence[Token], gaps: Sequence[Gap], *, word: float, gap: float, untouchable: Sequence[Span] = ()
) -> list[Suspicion]:
    """Sorted, disjoint spans of words at or over the threshold `word`, and gaps at or over `gap`.

    Nothing that touches `untouchable` is suspected.
    """
    free = [not any(t.span.overlaps(u) for u in untouchable) for t in tokens]
    bad = [ok and t.score >= word for t, ok in zip(tokens, free, strict=True)]
    for i in range(1, len(tokens) - 1):
        if bad[i - 1] and bad[i + 1] and free[i] and tokens[i].score >= word * BRIDGE:
            bad[i] = True
    flat = [_suspicion(tokens[a:b]) for a, b in _runs(tokens, bad)]
    for i, place in enumerate(gaps):
        beside = [t for t in tokens[max(0, i - 1) : i + 1] if any(s.span.overlaps(t.span) for s in flat)]
        # written after the word before, where the missing word's own space will go
        end = tokens[i - 1].span.end if i else place.offset
        inside = any(u.start <= place.offset and end <= u.end for u in untouchable)
        if place.score >= gap and not beside and not inside:
            flat.append(Suspicion(Span(end, end), place.score))
    return sorted(flat, key=lambda s: s.span)


def _runs(tokens: Sequence[Token], bad: Sequence[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = None
    for i, flag in enumerate([*bad, False]):
        if flag and start is None:
            start = i
        elif not flag and start is not None:
            runs += _pieces(tokens, start, i)
            start = None
    return runs


def _pieces(tokens: Sequence[Token], start: int, end: int) -> list[tuple[int, int]]:
    """Cut a long run where the detector was least sure."""
    if end - start <= LONGEST:
        return [(start, end)]
    inner = range(start + 2, end - 2)
    cut = min(inner, key=lambda i: (tokens[i].score, abs(i - (start + end) / 2)))
    return _pieces(tokens, start, cut) + _pieces(tokens, cut, end)


def _suspicion(run: Sequence[Token]) -> Suspicion:
    worst = max(range(len(run)), key=lambda i: run[i].score)
    least = logit(run[worst].score) - CORE
    first = last = worst
    while first > 0 and logit(run[first - 1].score) >= least:
        first -= 1
    while last + 1 < len(run) and logit(run[last + 1].score) >= least:
        last += 1
    whole, core = (Span(part[0].span.start, part[-1].span.end) for part in (run, run[first : last + 1]))
    return Suspicion(whole, run[worst].score, core if core != whole else None, kind=run[worst].kind)
