"""What could stand in a place that a reader, not the detector, holds for wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from mtfix.detector.spans import Suspicion
from mtfix.documents.edits import respected
from mtfix.documents.segment import sentences
from mtfix.judge.confidence import confidence
from mtfix.judge.look import likelier
from mtfix.judge.proposals import Proposal, answers, proposals
from mtfix.judge.ranking import ranked
from mtfix.judge.stacking import check
from mtfix.names.ground import Names
from mtfix.rewriter.model import Rewriter
from mtfix.types import Alternative, Correction, Document, Edit, Span, Token

# for one place a person waits; more answers than `fix` looks for find the right one among five 8 % more often
BEAMS = 16


def suggested_in(
    rewriter: Rewriter, document: Document, places: Sequence[Span], names: Names | None = None
) -> list[list[Edit]]:
    """As `suggested`, for places of one document; no edit touches what is untouchable there.

    Of doubted names first what `names` have for them. Marked-up text is asked about as it is read; a place of which
    nothing is read has no repairs.
    """
    reading = document.reading
    if reading is None:
        return _found(rewriter, document, places, names)
    read = reading.read(document)
    there = [reading.place(place) for place in places]
    asked = [i for i, place in enumerate(there) if place.start < place.end or places[i].start == places[i].end]
    found: list[list[Edit]] = [[] for _ in places]
    for i, edits in zip(asked, _found(rewriter, read, [there[i] for i in asked], names), strict=True):
        # a choice: none of them is applied, so it does not matter that they overlap
        found[i] = list(reading.restored(Correction(read.text, read.text, (), tuple(edits))).edits)
    return found


def _found(rewriter: Rewriter, document: Document, places: Sequence[Span], names: Names | None) -> list[list[Edit]]:
    text = document.text
    known = _named(names, text, places) if names else [[] for _ in places]
    written = suggested(rewriter, [(text, places)])[0]
    return [_allowed(document, [*some, *others]) for some, others in zip(known, written, strict=True)]


def _named(names: Names, text: str, places: Sequence[Span]) -> list[list[Edit]]:
    """What could stand for the names in the places, were they as doubtful as the reader holds them to be."""
    found = [f.edit for f in names.findings(text, [Token(place, 1.0) for place in places]) if f.edit]
    return [[one for edit in found if edit.span.overlaps(place) for one in _choices(edit)] for place in places]


def _choices(edit: Edit) -> list[Edit]:
    best = Alternative(edit.replacement, edit.confidence)
    return [
        replace(edit, replacement=one.replacement, confidence=one.confidence, applied=False, alternatives=())
        for one in (best, *edit.alternatives)
    ]


def _allowed(document: Document, edits: Sequence[Edit]) -> list[Edit]:
    """Without those that may not be made, and each way to write a place once."""
    once: dict[tuple[Span, str], Edit] = {}
    for edit in edits:
        once.setdefault((edit.span, edit.replacement), edit)
    return [kept for edit in once.values() for kept in respected([edit], document.untouchable, len(document.text))]


def suggested(rewriter: Rewriter, requests: Sequence[tuple[str, Sequence[Span]]]) -> list[list[list[Edit]]]:
    """For every (text, places) and every place the repairs that could be made there, the best first, none applied.

    An edit may reach beyond its place: an article before it changes with it. Places outside every sentence, or too long
    to be asked about, have none.
    """
    check(rewriter.settings)
    found: list[list[list[Edit]]] = [[[] for _ in wanted] for _, wanted in requests]
    owners: list[tuple[int, int, int]] = []  # of every sentence's place: request, place, start of the sentence
    asked: list[tuple[str, list[Suspicion]]] = []
    for i, (text, wanted) in enumerate(requests):
        for whole, own in _by_sentence(text, wanted).items():
            asked.append((whole.of(text), [Suspicion(wanted[k].shifted(-whole.start), 1.0) for k in own]))
            owners += [(i, k, whole.start) for k in own]
    texts = [text for text, _ in asked]
    answered = answers(rewriter, BEAMS, texts, [suspected for _, suspected in asked])
    proposed = [
        [proposals(text, place, said, wrong=True) for place, said in zip(suspected, several, strict=True)]
        for (text, suspected), several in zip(asked, answered, strict=True)
    ]
    looked = likelier(rewriter, texts, proposed, BEAMS)
    places = [(t, place.span) for t, suspected in asked for place in suspected]
    groups = _asked_again(rewriter, places, [group for some in looked for group in some])
    for (i, k, start), group in zip(owners, groups, strict=True):
        best = ranked(group, rewriter.settings)
        # what comes later is no surer than what comes before
        sure = accumulate((confidence(proposal, rewriter.settings) for proposal in best), min)
        found[i][k] = [_edit(proposal, least, start) for proposal, least in zip(best, sure, strict=True)]
    return found


def _by_sentence(text: str, places: Sequence[Span]) -> dict[Span, list[int]]:
    """The places (their numbers) of each sentence, or of each run of sentences that one of them reaches over."""
    found: dict[Span, list[int]] = {}
    split = sentences(text)
    for number, place in enumerate(places):
        own = [sentence for sentence in split if sentence.touches(place)]
        if own:
            # with white space beside a sentence, where the place holds such
            whole = Span(min(own[0].start, place.start), max(own[-1].end, place.end))
            found.setdefault(whole, []).append(number)
    return found


def _asked_again(
    rewriter: Rewriter, places: Sequence[tuple[str, Span]], groups: Sequence[Sequence[Proposal]]
) -> list[list[Proposal]]:
    """The proposals for each place, their probability the geometric mean of what it is by both questions."""
    asked = [
        (text, place, [(p.span, p.replacement) for p in group])
        for (text, place), group in zip(places, groups, strict=True)
    ]
    again = [found or [p.rewriter for p in group] for found, group in zip(rewriter.wider(asked), groups, strict=True)]
    return [
        [replace(p, rewriter=math.sqrt(p.rewriter * other)) for p, other in zip(group, found, strict=True)]
        for group, found in zip(groups, again, strict=True)
    ]


def _edit(proposal: Proposal, sure: float, start: int) -> Edit:
    span = proposal.span.shifted(start)
    return Edit(span, proposal.original, proposal.replacement, proposal.category, sure, "rewriter", applied=False)
