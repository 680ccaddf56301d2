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

FEATURES = 4
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
    """What the model sees, FEATURES numbers.

    The rewriter's log-probability; by how much likelier the sentence is with it; how many languages confuse the old and
    the new; whether it deletes.
    """
    return [
        math.log(max(proposal.rewriter, LEAST)),
        max(-LIKELIER, min(LIKELIER, proposal.likelihood)),
        math.log1p(proposal.confusion.languages if proposal.confusion else 0),
        float(not proposal.replacement.strip()),
    ]
