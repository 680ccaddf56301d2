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

from mtfix.detector.spans import Suspicion
from mtfix.documents.words import words
from mtfix.judge.proposals import Answer, Proposal, proposals
from mtfix.rewriter.model import Candidate, Rewriter
from mtfix.senses.channel import Channel
from mtfix.types import Span

SHORTEST, LONGEST = 2, 6  # words of a place; for one the rewriter finds as much, and more were not only exchanged
SURE = -2.0  # nats; where no wording is as probable, and likelier than the words themselves, nothing looks exchanged
MOST = 48  # wordings of a place that are read in its sentence
KEPT = 8  # of which so many are asked about
LIKELIHOOD = 0.4  # what a nat of likelihood counts there, beside one of the channel's

Worded = tuple[Proposal, float]  # a proposal and the channel's log-probability for it, in nats


def wordings(
    rewriter: Rewriter, channel: Channel, places: Sequence[tuple[str, Span]], found: Sequence[Sequence[Proposal]]
) -> list[list[tuple[Proposal, float | None]]]:
    """The proposals found for every (sentence, place), and where its words look exchanged further ones that read best.

    With what the channel says of each: None where it never came upon it, and for places that look plain. The further
    ones are asked about, too.
    """
    worded = [_worded(channel, *place) for place in places]
    new = [_new(some, had) for some, had in zip(worded, found, strict=True)]
    asked = [(text, [_change(p) for p, _ in some]) for (text, _), some in zip(places, new, strict=True)]
    further = [
        _best([(replace(p, likelihood=gain), log) for (p, log), gain in zip(some, gains, strict=True)])
        for some, gains in zip(new, rewriter.gains(asked), strict=True)
    ]
    told = rewriter.probabilities(
        [(*place, [_change(p) for p, _ in some]) for place, some in zip(places, further, strict=True)]
    )
    said = [{_change(p): log for p, log in some} for some in worded]
    return [
        [(p, logs.get(_change(p))) for p in had]
        + [(replace(p, rewriter=sure), log) for (p, log), sure in zip(some, own, strict=False)]
        for had, logs, some, own in zip(found, said, further, told, strict=True)
    ]


def _worded(channel: Channel, sentence: str, place: Span) -> list[Worded]:
    old = place.of(sentence)
    # the second count also knows marks, of which a place without many blanks may have thousands
    if not SHORTEST <= len(old.split()) <= LONGEST or len(words(old)) > 2 * LONGEST:
        return []
    meant = channel.phrase(old, MOST)
    if not meant or meant[0][0] < max(SURE, channel.kept(old)):
        return []
    answer = Answer(place, [Candidate(new, math.exp(log)) for log, new in meant])
    made = proposals(sentence, Suspicion(place, 1.0), [answer], wrong=True)
    return [(p, math.log(p.rewriter)) for p in made]


def _new(some: Sequence[Worded], had: Sequence[Proposal]) -> list[Worded]:
    """Those that are not there yet."""
    known = {_change(p) for p in had}
    return [one for one in some if _change(one[0]) not in known]


def _best(some: Sequence[Worded]) -> list[Worded]:
    return heapq.nlargest(KEPT, some, key=lambda one: one[1] + LIKELIHOOD * one[0].likelihood)


def _change(proposal: Proposal) -> tuple[Span, str]:
    return proposal.span, proposal.replacement
