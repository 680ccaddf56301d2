"""A second look: the rewriter reads the sentence with each proposal in it, as an ordinary language model.

What is right makes itself and the words after it likelier. (The detector, shown the same, had little to add.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtfix.judge.proposals import Proposal
from mtfix.rewriter.model import Rewriter

LOOKED = 2  # proposals for a suspicion that are looked at, the likeliest ones


def likelier(
    rewriter: Rewriter, texts: Sequence[str], proposed: Sequence[Sequence[Sequence[Proposal]]], most: int = LOOKED
) -> list[list[list[Proposal]]]:
    """The first `most` proposals for every suspicion of every sentence with `likelihood`."""
    kept = [[group[:most] for group in groups] for groups in proposed]
    changes = [[(p.span, p.replacement) for group in groups for p in group] for groups in kept]
    found = iter([gain for gains in rewriter.gains(list(zip(texts, changes, strict=True))) for gain in gains])
    return [[[replace(p, likelihood=next(found)) for p in group] for group in groups] for groups in kept]
