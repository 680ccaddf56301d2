"""Which repair of a place that is known to be wrong is the right one, and how probable that is.

A nested logit (McFadden 1978, "Modelling the Choice of Residential Location"): a conditional logit over the repairs, as
`mtfix.judge.ranking` has it but with evidence that `fix` has no time for, and a logistic model of whether any of them
is right. Both are fitted on development data (`settings["choice"]` of the rewriter), apart for places whose words look
exchanged one by one (`mtfix.judge.wordings`): there, and only there, what each may have been says much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mtfix.judge import ranking
from mtfix.judge.confidence import sigmoid
from mtfix.judge.proposals import Proposal

ANY = 3
Kind = Literal["plain", "exchanged"]
FEATURES: dict[Kind, int] = {"plain": ranking.FEATURES + 2, "exchanged": ranking.FEATURES + 4}
WORDS = 8  # no longer place counts for more


@dataclass(frozen=True, slots=True)
class Option:
    """A proposal, and what further looks say of it.

    wider: the rewriter's probability for it when asked about a word more on either side. relief: by how much less the
    detector suspects the words of the sentence with it (mean log-odds). channel: how probable it is that its words
    were exchanged for the old ones (nats, `mtfix.senses.channel`); None where they hardly were, and in plain places.
    """

    proposal: Proposal
    wider: float
    relief: float
    channel: float | None = None


def probabilities(options: Sequence[Option], settings: dict[str, Any]) -> list[float]:
    """How probable it is that each is the right one, in the order given; what is left is that none of them is."""
    if not options:
        return []
    fitted = settings["choice"][kind_of(options)]
    found = scores(options, fitted["among"])
    any_right = sigmoid(sum(w * x for w, x in zip(fitted["any"], of_all(options, found), strict=True)))
    return [any_right * share for share in ranking.softmax(found)]


def kind_of(options: Sequence[Option]) -> Kind:
    """Of the place that they are for."""
    return "plain" if all(option.channel is None for option in options) else "exchanged"


def scores(options: Sequence[Option], weights: Sequence[float]) -> list[float]:
    """The score of each: its log-odds against the others, up to a constant."""
    return [sum(w * x for w, x in zip(weights, seen, strict=True)) for seen in features(options)]


def features(options: Sequence[Option]) -> list[list[float]]:
    """What the model sees of each, FEATURES numbers: what `ranking` sees, and the further looks."""
    exchanged = kind_of(options) == "exchanged"
    return [
        [
            *ranking.features(option.proposal),
            math.log(max(option.wider, ranking.LEAST)),
            option.relief,
            *([option.channel or 0.0, float(option.channel is None)] if exchanged else []),
        ]
        for option in options
    ]


def of_all(options: Sequence[Option], found: Sequence[float]) -> list[float]:
    """What tells whether any of those with such scores is right, ANY numbers: how good all are together, how many words
    they are for, 1."""
    most = max(found)
    together = most + math.log(sum(math.exp(score - most) for score in found))
    return [together, float(min(WORDS, options[0].proposal.asked)), 1.0]
