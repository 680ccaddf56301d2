"""A third look: the detector reads the sentence with each proposal in it.

One of its outputs learnt from sentences in which the rewriter's own proposals stand, right and wrong ones
(scripts/make_repaired.py), as verifiers of generated answers do (Cobbe et al. 2021, "Training Verifiers to Solve Math
Word Problems").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mtfix.detector.model import Detector
from mtfix.judge.proposals import Case, Proposal
from mtfix.judge.ranking import ranked
from mtfix.types import Span


def best_reread(
    detector: Detector, texts: Sequence[str], cases: Sequence[Sequence[Case]], settings: dict[str, Any]
) -> list[list[Case]]:
    """The cases of every sentence with the best of their proposals `reread`; no other can be made.

    settings: those of the rewriter, by which proposals are ranked.
    """
    best = [[ranked(case.proposals, settings) for case in some] for some in cases]
    first = _reread(detector, texts, [[found[:1] for found in some] for some in best])
    return [
        [
            replace(case, proposals=(*head, *found[1:]))
            for case, head, found in zip(some, heads, several, strict=True)
        ]
        for some, heads, several in zip(cases, first, best, strict=True)
    ]  # fmt: skip


def all_reread(detector: Detector, texts: Sequence[str], cases: Sequence[Sequence[Case]]) -> list[list[Case]]:
    """The cases of every sentence with all of their proposals `reread`."""
    found = _reread(detector, texts, [[case.proposals for case in some] for some in cases])
    return [
        [replace(case, proposals=tuple(group)) for case, group in zip(some, groups, strict=True)]
        for some, groups in zip(cases, found, strict=True)
    ]


def _reread(
    detector: Detector, texts: Sequence[str], groups: Sequence[Sequence[Sequence[Proposal]]]
) -> list[list[list[Proposal]]]:
    tried = [_tried(text, p) for text, some in zip(texts, groups, strict=True) for group in some for p in group]
    found = iter(detector.reread(tried))
    return [[[replace(p, reread=next(found)) for p in group] for group in some] for some in groups]


def _tried(text: str, proposal: Proposal) -> tuple[str, Span]:
    start = proposal.span.start
    repaired = text[:start] + proposal.replacement + text[proposal.span.end :]
    return repaired, Span(start, start + len(proposal.replacement))
