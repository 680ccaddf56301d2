"""Which repair of a place that is known to be wrong is the right one, and how probable that is.

A nested logit (McFadden 1978, "Modelling the Choice of Residential Location"): a conditional logit over the repairs, as
`mtfix.judge.ranking` has it but with evidence that `fix` has no time for, and a logistic model of whether any of them
is right. Both are fitted on development data (`settings["choice"]` of the rewriter).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtfix.judge import ranking
from mtfix.judge.confidence import sigmoid
from mtfix.judge.proposals import Proposal

SEEN, FURTHER = ranking.SEEN + 2, 2
FEATURES = 2 * SEEN + FURTHER
TOGETHER = 3
ANY = 2 * TOGETHER
WORDS = 8  # no longer place counts for more


@dataclass(frozen=True, slots=True)
class Option:
    """A proposal, and what further looks say of it.

    wider: the rewriter's probability for it when asked about a word more on either side. relief: by how much less the
    detector suspects the words of the sentence with it (mean log-odds).
    """

    proposal: Proposal
    wider: float
    relief: float


def probabilities(options: Sequence[Option], settings: dict[str, Any]) -> list[float]:
    """How probable it is that each is the right one, in the order given; what is left is that none of them is."""
    if not options:
        return []
    fitted = settings["choice"]
    found = scores(options, fitted["among"])
    any_right = sigmoid(sum(w * x for w, x in zip(fitted["any"], of_all(options, found), strict=True)))
    return [any_right * share for share in ranking.softmax(found)]


def scores(options: Sequence[Option], weights: Sequence[float]) -> list[float]:
    """The score of each: its log-odds against the others, up to a constant."""
    return [sum(w * x for w, x in zip(weights, seen, strict=True)) for seen in map(features, options)]


def features(option: Option) -> list[float]:
    """What the model sees, FEATURES numbers: what `ranking` sees, and the further looks."""
    proposal = option.proposal
    found = [*ranking.seen(proposal), math.log(max(option.wider, ranking.LEAST)), option.relief]
    return ranking.parted(found, None if proposal.exchanged is None else ranking.exchange(proposal), FURTHER)


def of_all(options: Sequence[Option], found: Sequence[float]) -> list[float]:
    """What tells whether any of those with such scores is right, ANY numbers: how good all are together, how many words
    they are for, 1."""
    most = max(found)
    together = most + math.log(sum(math.exp(score - most) for score in found))
    proposal = options[0].proposal
    seen = [together, float(min(WORDS, proposal.asked)), 1.0]
    return ranking.parted(seen, None if proposal.exchanged is None else (), 0)
