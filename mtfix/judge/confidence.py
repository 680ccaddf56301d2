"""How sure a repair is: a logistic model of what detector, rewriter and lexicon say of it.

It is fitted on development data (`settings["confidence"]` of the rewriter).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mtfix.judge.proposals import Proposal
from mtfix.judge.ranking import further, parted

SEEN, FURTHER = 15, 3
FEATURES = 2 * SEEN + FURTHER
_DENSITY = 11  # which of those seen is how damaged the document looks
# categories in which no word of content is exchanged for another
SMALL = ("agreement-tense", "casing", "function-word", "repetition", "word-order")
MOST = 6.0  # log-odds; no density counts for more
LIKELIER = 10.0  # nats; nor does a likelihood


def confidence(proposal: Proposal, settings: dict[str, Any]) -> float:
    """Probability that an editor would accept the repair, the best of its place, by the fitted logistic model."""
    weights = settings["confidence"]
    return sigmoid(sum(w * x for w, x in zip(weights, features(proposal), strict=True)))


def features(proposal: Proposal) -> list[float]:
    """What the confidence model sees, FEATURES numbers: `_seen`, and where words look exchanged, what says so."""
    return parted(_seen(proposal), further(proposal), FURTHER)


def density(found: Sequence[float]) -> float:
    """How damaged the document looks, of the features of a proposal."""
    return found[_DENSITY] + found[SEEN + _DENSITY]


def _seen(proposal: Proposal) -> list[float]:
    """What there is to see of any proposal, SEEN numbers.

    How sure detector and rewriter are, how far ahead of the other repairs, how much for keeping, how many words it was
    asked about, whether only grammar or casing changes; whether several questions agree, whether it is the core's and
    whether it is for what lies beyond that; whether it deletes; how many languages confuse the old and the new; how
    damaged its document looks; by how much likelier the sentence is with it; how wrong the detector holds it for there;
    1.
    """
    return [
        log_odds(proposal.detector),
        log_odds(proposal.rewriter),
        log_odds(proposal.share),
        proposal.keep,
        float(min(8, proposal.asked)),
        float(proposal.category in SMALL),
        float(proposal.agreed),
        float(proposal.core),
        float(proposal.beyond),
        float(not proposal.replacement.strip()),
        math.log1p(proposal.confusion.languages if proposal.confusion else 0),
        max(-MOST, min(MOST, proposal.density)),
        max(-LIKELIER, min(LIKELIER, proposal.likelihood)),
        proposal.reread,
        1.0,
    ]


def log_odds(p: float) -> float:
    """Of a probability clipped to [0.001, 0.999]."""
    p = min(max(p, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p))


def sigmoid(x: float) -> float:
    """Of log-odds clipped to +-30."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))
