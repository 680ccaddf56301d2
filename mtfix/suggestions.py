"""What could stand in a place that a reader, not the detector, holds for wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from statistics import fmean

from mtfix.detector.document import logit
from mtfix.detector.model import Detector
from mtfix.detector.spans import Suspicion
from mtfix.documents.edits import apply_edits, respected
from mtfix.documents.segment import sentences
from mtfix.judge.choice import Option, probabilities
from mtfix.judge.invented import Told
from mtfix.judge.look import likelier
from mtfix.judge.proposals import Proposal, answers, change, proposals
from mtfix.judge.reread import reread
from mtfix.judge.stacking import check
from mtfix.judge.wordings import MOST, best_wordings, heard, wordings
from mtfix.names.ground import Names
from mtfix.rewriter.model import Rewriter
from mtfix.senses.channel import own as channel
from mtfix.types import Alternative, Correction, Document, Edit, Span, Token

# for one place a person waits; more answers than `fix` looks for find the right one among five 8 % more often
BEAMS = 16
TEXTS = 512  # that the detector reads together


def suggested_in(
    detector: Detector, rewriter: Rewriter, document: Document, places: Sequence[Span], names: Names | None = None
) -> list[list[Edit]]:
    """As `suggested`, for places of one document; no edit touches what is untouchable there.

    Of doubted names first what `names` have for them. Marked-up text is asked about as it is read; a place of which
    nothing is read has no repairs.
    """
    reading = document.reading
    if reading is None:
        return _found(detector, rewriter, document, places, names)
    read = reading.read(document)
    there = [reading.place(place) for place in places]
    asked = [i for i, place in enumerate(there) if place.start < place.end or places[i].start == places[i].end]
    found: list[list[Edit]] = [[] for _ in places]
    repairs = _found(detector, rewriter, read, [there[i] for i in asked], names)
    for i, edits in zip(asked, repairs, strict=True):
        # a choice: none of them is applied, so it does not matter that they overlap
        found[i] = list(reading.restored(Correction(read.text, read.text, (), tuple(edits))).edits)
    return found


def _found(
    detector: Detector, rewriter: Rewriter, document: Document, places: Sequence[Span], names: Names | None
) -> list[list[Edit]]:
    text = document.text
    known = _named(names, text, places) if names else [[] for _ in places]
    written = suggested(detector, rewriter, [(text, places)])[0]
    if names:
        told = Told.by(text, names)
        written = [[edit for edit in some if not told.invented(edit.original, edit.replacement)] for some in written]
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


def suggested(
    detector: Detector, rewriter: Rewriter, requests: Sequence[tuple[str, Sequence[Span]]]
) -> list[list[list[Edit]]]:
    """For every (text, places) and every place the repairs that could be made there, the best first, none applied.

    Their confidence is the probability of being right, given that the place is wrong. An edit may reach beyond its
    place: an article before it changes with it. Places outside every sentence, or too long to be asked about, have
    none.
    """
    check(rewriter.settings)
    return [[_edits(group, rewriter) for group in groups] for groups in considered(detector, rewriter, requests)]


def considered(
    detector: Detector, rewriter: Rewriter, requests: Sequence[tuple[str, Sequence[Span]]]
) -> list[list[list[Option]]]:
    """As `suggested`, before anything is chosen; the proposals are of the whole text."""
    found: list[list[list[Option]]] = [[[] for _ in wanted] for _, wanted in requests]
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
    scored = dict(zip(texts, _scored(detector, texts), strict=True))
    worded = [
        [heard(some, _reworded(text, place, scored[text])) for place, some in zip(suspected, several, strict=True)]
        for (text, suspected), several in zip(asked, proposed, strict=True)
    ]
    looked = [group for some in likelier(rewriter, texts, worded) for group in some]
    places = [(t, place.span) for t, suspected in asked for place in suspected]
    best = best_wordings(rewriter, places, looked)
    groups = [group for [group] in reread(detector, [text for text, _ in places], [[some] for some in best])]
    told = zip(_asked_again(rewriter, places, groups), _relieved(detector, places, groups, scored), strict=True)
    for (i, k, start), some, (wider, relief) in zip(owners, groups, told, strict=True):
        found[i][k] = [
            Option(replace(p, span=p.span.shifted(start)), w, r) for p, w, r in zip(some, wider, relief, strict=True)
        ]
    return found


def _reworded(text: str, place: Suspicion, tokens: Sequence[Token]) -> list[Proposal]:
    """Wordings of the place's own words, where there are several: for one the rewriter finds as much."""
    own = [token for token in tokens if token.span.overlaps(place.span)]
    return wordings(channel(), text, place, own, most=MOST) if len(own) > 1 else []


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
) -> list[list[float]]:
    """The probability of each proposal by the wider question; where there is none, by the one that was asked."""
    asked = [(text, place, [*map(change, group)]) for (text, place), group in zip(places, groups, strict=True)]
    told = rewriter.probabilities(asked, around=1)
    return [found or [p.rewriter for p in group] for found, group in zip(told, groups, strict=True)]


def _relieved(
    detector: Detector, places: Sequence[tuple[str, Span]], groups: Sequence[Sequence[Proposal]],
    scored: dict[str, list[Token]],
) -> list[list[float]]:  # fmt: skip
    """By how much less the detector suspects the sentence, which it has scored, with each proposal in it."""
    texts = [text for text, _ in places]
    changed = [[apply_edits(text, [p]) for p in group] for text, group in zip(texts, groups, strict=True)]
    new = [text for text in dict.fromkeys(chain.from_iterable(changed)) if text not in scored]
    found = {**scored, **dict(zip(new, _scored(detector, new), strict=True))}
    suspected = {text: fmean(logit(t.score) for t in tokens) if tokens else 0.0 for text, tokens in found.items()}
    return [[suspected[text] - suspected[one] for one in some] for text, some in zip(texts, changed, strict=True)]


def _scored(detector: Detector, texts: Sequence[str]) -> list[list[Token]]:
    parts = [texts[start : start + TEXTS] for start in range(0, len(texts), TEXTS)]
    return [tokens for part in parts for tokens, _ in detector.score(part)]


def _edits(options: Sequence[Option], rewriter: Rewriter) -> list[Edit]:
    sure = probabilities(options, rewriter.settings)
    best = sorted(zip(sure, options, strict=True), key=lambda pair: -pair[0])
    return [as_edit(option, probability) for probability, option in best]


def as_edit(option: Option, probability: float) -> Edit:
    """The repair, not applied."""
    p = option.proposal
    return Edit(p.span, p.original, p.replacement, p.category, probability, "rewriter", applied=False)
