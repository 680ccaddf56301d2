"""Which of several repairs of a place is the best: a log-linear model over all of them.

A conditional logit (McFadden 1974), as Collins and Koo 2005 ("Discriminative Reranking for Natural Language Parsing")
rank what another model proposes; fitted on development data (`settings["ranking"]` of the rewriter). How sure the best
one is remains to be asked (`mtfix.judge.confidence`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mtfix.judge.proposals import Proposal

SEEN, FURTHER = 6, 3
FEATURES = 2 * SEEN + FURTHER
BEYOND = 4  # which of those seen is whether it is for more than its suspicion
LEAST = 1e-4  # no probability counts as less
LIKELIER = 15.0  # nats; no likelihood counts for more


def ranked(proposals: Sequence[Proposal], settings: dict[str, Any]) -> list[Proposal]:
    """The best first; `share`: how probable each is the right one, given that one of these is."""
    found = [replace(p, share=s) for p, s in zip(proposals, shares(proposals, settings["ranking"]), strict=True)]
    return sorted(found, key=lambda p: -p.share)


def shares(proposals: Sequence[Proposal], weights: Sequence[float]) -> list[float]:
    """The share of each, in the order given."""
    return softmax([sum(w * x for w, x in zip(weights, features(p), strict=True)) for p in proposals])


def softmax(scores: Sequence[float]) -> list[float]:
    """Shares of 1, each in proportion to the exponential of its score."""
    most = max(scores, default=0.0)
    odds = [math.exp(score - most) for score in scores]
    return [one / sum(odds) for one in odds]


def features(proposal: Proposal) -> list[float]:
    """What the model sees, FEATURES numbers: `seen`, and where words look exchanged, what says so."""
    return parted(seen(proposal), further(proposal), FURTHER)


def seen(proposal: Proposal) -> list[float]:
    """What there is to see of any proposal, SEEN numbers.

    The rewriter's log-probability; by how much likelier the sentence is with it; how many languages confuse the old and
    the new; whether it deletes; whether it is for more than its suspicion; how wrong the detector holds it for there.
    """
    return [
        math.log(max(proposal.rewriter, LEAST)),
        max(-LIKELIER, min(LIKELIER, proposal.likelihood)),
        math.log1p(proposal.confusion.languages if proposal.confusion else 0),
        float(not proposal.replacement.strip()),
        float(proposal.beyond),
        proposal.reread,
    ]


def exchange(proposal: Proposal) -> list[float]:
    """The log-odds that the old words were exchanged for the new; whether they were not, as far as is known."""
    found = proposal.exchanged is not None and math.isfinite(proposal.exchanged)
    return [proposal.exchanged if found and proposal.exchanged else 0.0, float(not found)]


def further(proposal: Proposal) -> list[float] | None:
    """`exchange`, and whether the rewriter was not asked; None where nothing looks exchanged."""
    return None if proposal.exchanged is None else [*exchange(proposal), float(not proposal.rewriter)]


def parted(found: Sequence[float], further: Sequence[float] | None, size: int) -> list[float]:
    """Features in the first half of twice as many and `size`, or with `further` ones in the second: a model has weights
    of its own for places where words look exchanged."""
    nothing = [0.0] * len(found)
    return [*found, *nothing, *[0.0] * size] if further is None else [*nothing, *found, *further]
