"""A second look: the rewriter reads the sentence with each proposal in it, as an ordinary language model.

What is right makes itself and the words after it likelier. (The detector, shown the same, had little to add.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtfix.judge.proposals import Proposal, change
from mtfix.rewriter.model import Rewriter

LOOKED = 2  # of the rewriter's proposals for a suspicion so many are looked at in `fix`, the likeliest ones


def likelier(
    rewriter: Rewriter, texts: Sequence[str], proposed: Sequence[Sequence[Sequence[Proposal]]]
) -> list[list[list[Proposal]]]:
    """The proposals for every suspicion of every sentence with `likelihood`."""
    changes = [[change(p) for group in groups for p in group] for groups in proposed]
    found = iter([gain for gains in rewriter.gains(list(zip(texts, changes, strict=True))) for gain in gains])
    return [[[replace(p, likelihood=next(found)) for p in group] for group in groups] for groups in proposed]
