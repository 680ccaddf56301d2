"""A second look: detector and rewriter are shown the sentence with each proposal in it.

What a good repair changes reads better than before, the words beside it included, and is likelier English. All
variants of a batch of sentences are scored in one call of each model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtfix.detector.document import logit, shifted
from mtfix.detector.model import Detector
from mtfix.judge.proposals import Proposal
from mtfix.rewriter.model import Rewriter
from mtfix.types import Span, Token

LOOKED = 2  # proposals for a suspicion that are looked at, the likeliest ones


def looked(
    detector: Detector,
    texts: Sequence[str],
    before: Sequence[Sequence[Token]],
    shifts: Sequence[float],
    proposed: Sequence[Sequence[Sequence[Proposal]]],
) -> list[list[list[Proposal]]]:
    """The first LOOKED proposals for every suspicion of every sentence with `gain` and `left`.

    `before`: the words of the sentences as they are; `shifts`: by how much their documents moved them.
    """
    kept = [[group[:LOOKED] for group in groups] for groups in proposed]
    variants = [
        text[: p.span.start] + p.replacement + text[p.span.end :]
        for text, groups in zip(texts, kept, strict=True)
        for group in groups
        for p in group
    ]
    after = iter(detector.score(variants) if variants else ())
    return [
        [[_compared(p, tokens, shifted(next(after)[0], shift)) for p in group] for group in groups]
        for tokens, shift, groups in zip(before, shifts, kept, strict=True)
    ]


def likelier(
    rewriter: Rewriter, texts: Sequence[str], proposed: Sequence[Sequence[Sequence[Proposal]]]
) -> list[list[list[Proposal]]]:
    """The proposals for every suspicion of every sentence with `likelihood`."""
    changes = [[(p.span, p.replacement) for group in groups for p in group] for groups in proposed]
    found = iter([gain for gains in rewriter.gains(list(zip(texts, changes, strict=True))) for gain in gains])
    return [[[replace(p, likelihood=next(found)) for p in group] for group in groups] for groups in proposed]


def _compared(proposal: Proposal, before: Sequence[Token], after: Sequence[Token]) -> Proposal:
    """gain: by how much the worst log-odds of the edited words and their neighbours fall; left: what remains."""
    start = proposal.span.start
    worst = _worst(before, proposal.span)
    left = _worst(after, Span(start, start + len(proposal.replacement)))
    return replace(proposal, gain=worst - left, left=left)


def _worst(tokens: Sequence[Token], span: Span) -> float:
    """The highest log-odds of the words in `span` and of one on either side; -5 without any."""
    inside = [i for i, t in enumerate(tokens) if t.span.end > span.start and t.span.start < span.end]
    if inside:
        first, last = inside[0] - 1, inside[-1] + 2
    else:
        last = sum(t.span.end <= span.start for t in tokens) + 1
        first = last - 2
    return max((logit(t.score) for t in tokens[max(0, first) : last]), default=-5.0)
