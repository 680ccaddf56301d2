"""Proposals put together word by word: what the words of a place may have been before each was exchanged.

A noisy channel proposes, a language model chooses (Brown et al. 1993, "The Mathematics of Statistical Machine
Translation"). The rewriter alone knows the terms that it was trained on; what "profound" and "organization" stood for
in other terms makes one that it never saw.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from mtfix.detector.spans import Suspicion
from mtfix.judge.confidence import log_odds
from mtfix.judge.proposals import Answer, Proposal, change, proposals
from mtfix.judge.ranking import LEAST
from mtfix.rewriter.model import Candidate, Rewriter
from mtfix.senses.channel import LONGEST, Channel
from mtfix.types import Span, Token

SURE = -2.0  # log-odds; where no wording is as probable against the words as they are, nothing looks exchanged
READ = 1  # wordings of a suspicion that are read in its sentence: the second best hardly ever wins
MOST = 48  # and of a place for which a person waits
KEPT = 8  # of which so many are asked about
LIKELIHOOD = 0.4  # what a nat of likelihood counts there, beside one of the channel's


def wordings(
    channel: Channel, sentence: str, suspicion: Suspicion, tokens: Sequence[Token],
    taken: Sequence[Span] = (), floor: int = 0, most: int = READ,
) -> list[Proposal]:  # fmt: skip
    """What a suspicion may have been before its words, and words beside them, were exchanged; the likeliest first.

    None where nothing looks exchanged, by the channel and by how the detector scored each of the `tokens`. Of words
    that are `taken` none is touched; `floor` as for `proposals`.
    """
    found: list[Proposal] = []
    for run in _runs(sentence, suspicion.span, tokens, taken):
        doubts = [log_odds(token.score) for token in run]
        spans = [token.span for token in run]
        for one in channel.rewordings(sentence, spans, doubts, suspicion.span, most, SURE):
            answer = Answer(one.span, [Candidate(one.text, 0.0)])
            fitted = proposals(sentence, replace(suspicion, span=one.span), [answer], floor, wrong=True)
            found += [replace(p, exchanged=one.odds) for p in fitted if p.span.overlaps(suspicion.span)]
    return found


def heard(found: Sequence[Proposal], made: Sequence[Proposal]) -> list[Proposal]:
    """The proposals found and those `made` of exchanged words, each once; where there are such, all hear of it."""
    if not made:
        return list(found)
    new = {change(p): p for p in reversed(made)}
    had = [replace(p, exchanged=new[change(p)].exchanged if change(p) in new else -math.inf) for p in found]
    known = {change(p) for p in found}
    return had + [p for one, p in reversed(new.items()) if one not in known]


def best_wordings(
    rewriter: Rewriter, places: Sequence[tuple[str, Span]], found: Sequence[Sequence[Proposal]]
) -> list[list[Proposal]]:
    """The proposals for every (sentence, place), but of those that the rewriter was not asked about only the KEPT that
    read best; about these it is asked now."""
    best = [heapq.nlargest(KEPT, (p for p in some if not p.rewriter), key=_promise) for some in found]
    changes = [[change(p) for p in some] for some in best]
    told = rewriter.probabilities([(*place, some) for place, some in zip(places, changes, strict=True)])
    return [
        [p for p in some if p.rewriter]
        + [replace(p, rewriter=max(sure, LEAST)) for p, sure in zip(kept, own, strict=False)]
        for some, kept, own in zip(found, best, told, strict=True)
    ]


def _runs(sentence: str, place: Span, tokens: Sequence[Token], taken: Sequence[Span]) -> list[list[Token]]:
    """Neighbouring words that may be touched, from as far before the place to as far behind it as a rewording goes."""
    inside = [i for i, token in enumerate(tokens) if token.span.overlaps(place)]
    if not inside:
        return []
    near = tokens[max(0, inside[0] - LONGEST + 1) : inside[-1] + LONGEST]
    free = [
        any(c.isalnum() for c in token.span.of(sentence)) and not any(token.span.overlaps(t) for t in taken)
        for token in near
    ]
    return [[t for _, t in some] for ok, some in groupby(zip(free, near, strict=True), key=lambda pair: pair[0]) if ok]


def _promise(proposal: Proposal) -> float:
    return (proposal.exchanged or 0.0) + LIKELIHOOD * proposal.likelihood
