"""A third look: the detector reads the sentence with each proposal in it, and what that replaced.

One of its outputs learnt from sentences in which the rewriter's own proposals stand, right and wrong ones
(scripts/make_repaired.py), as verifiers of generated answers do (Cobbe et al. 2021, "Training Verifiers to Solve Math
Word Problems").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mtfix.detector.model import Detector
from mtfix.documents.edits import apply_edits
from mtfix.judge.proposals import Proposal
from mtfix.types import Span


def reread(
    detector: Detector, texts: Sequence[str], proposed: Sequence[Sequence[Sequence[Proposal]]]
) -> list[list[list[Proposal]]]:
    """The proposals for every place of every text with `reread`."""
    tried = [_tried(text, p) for text, groups in zip(texts, proposed, strict=True) for group in groups for p in group]
    found = iter(detector.reread(tried))
    return [[[replace(p, reread=next(found)) for p in group] for group in groups] for groups in proposed]


def _tried(text: str, proposal: Proposal) -> tuple[str, Span, str]:
    start = proposal.span.start
    place = Span(start, start + len(proposal.replacement))
    return apply_edits(text, [proposal]), place, proposal.original
