"""The rewriter's answers fitted into the sentence, as edits that touch no more than they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtfix.detector.spans import Suspicion
from mtfix.documents.articles import mended
from mtfix.documents.categories import categorise
from mtfix.documents.language import other_letters
from mtfix.documents.words import words
from mtfix.rewriter.model import Candidate, Rewriter
from mtfix.rewriter.prompt import fit
from mtfix.senses.lexicon import Confusion
from mtfix.senses.lexicon import own as lexicon
from mtfix.types import Category, Span


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rewriter says to a place of the sentence: the whole suspicion, its core, or what lies `beyond` that."""

    place: Span
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A replacement fitted into the sentence, and what speaks for and against it.

    `detector`: the probability that the place is wrong. `rewriter`, `keep`: the rewriter's for this replacement and for
    the old words. `asked`: so many words it was asked about.
    `core`: it was about the core of a suspicion, `beyond`: about that with the word behind it; `agreed`: about another
    of these as well. `confusion`: other languages have one word for the old and the new. `density`: how damaged its
    document looks (`detector.document.density`).
    `exchanged`: how probable it is that the old words were put for these (log-odds), -inf for others than those found
    that way; None at a place where no words look exchanged (`mtfix.judge.wordings`). Those that the rewriter was not
    asked about have its probability 0. `likelihood`: by how much likelier the sentence is with it (nats). `reread`: how
    wrong the detector holds it for in its place (log-odds). `share`: how probable it is the right one of them all
    (`mtfix.judge.ranking`).
    """

    span: Span
    original: str
    replacement: str
    category: Category
    detector: float
    rewriter: float
    keep: float
    asked: int = 1
    core: bool = False
    beyond: bool = False
    agreed: bool = False
    confusion: Confusion | None = None
    density: float = 0.0
    exchanged: float | None = None
    likelihood: float = 0.0
    reread: float = 0.0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Case:
    """A suspicion and what is known of it once the rewriter has been asked.

    `keep`: the rewriter's probability for the old words, of each place that it was asked about. `proposals`: those that
    were looked at closely; `further`: those that were not. `density`: how damaged the document looks.
    """

    suspicion: Suspicion
    keep: tuple[float, ...]
    proposals: tuple[Proposal, ...]
    density: float = 0.0
    further: tuple[Proposal, ...] = ()


def change(proposal: Proposal) -> tuple[Span, str]:
    """What it does to the sentence."""
    return proposal.span, proposal.replacement


def answers(
    rewriter: Rewriter, beams: int, texts: Sequence[str], suspected: Sequence[Sequence[Suspicion]]
) -> list[list[list[Answer]]]:
    """For every suspicion of every sentence what the rewriter says to it, to its core and beyond where it has such."""
    places = [[[place for place in (s.span, s.core, s.beyond) if place] for s in found] for found in suspected]
    requests = [(text, [p for group in found for p in group]) for text, found in zip(texts, places, strict=True)]
    said = iter([candidates for spans in rewriter.propose(requests, beams) for candidates in spans])
    return [[[Answer(place, next(said)) for place in group] for group in found] for found in places]


def proposals(
    sentence: str, suspicion: Suspicion, found: Sequence[Answer], floor: int = 0, *, wrong: bool = False
) -> list[Proposal]:
    """The answers that change something and read plausibly, likeliest first.

    None of a place whose words the rewriter would rather keep, unless it is known to be `wrong`. `floor`: where the
    sentence is free from, for an article before the place may have to change with it.
    """
    merged: dict[str, Proposal] = {}
    for proposal in sorted(_all(sentence, suspicion, found, floor, wrong), key=lambda p: -p.rewriter):
        text = sentence[: proposal.span.start] + proposal.replacement + sentence[proposal.span.end :]
        same = merged.get(text)
        merged[text] = replace(same, agreed=True) if same else proposal
    return list(merged.values())


def _all(
    sentence: str, suspicion: Suspicion, found: Sequence[Answer], floor: int, wrong: bool
) -> list[Proposal]:
    result = []
    for answer in found:
        keep = kept(sentence, answer)
        for candidate in answer.candidates:
            span, new = fit(sentence, answer.place, candidate.text)
            rather = candidate.probability <= keep and not wrong
            broken = "\n" in candidate.text or "\r" in candidate.text
            if rather or broken or span.of(sentence).split() == new.split() or not _plausible(sentence, span, new):
                continue
            span, new = trimmed(sentence, span, new)
            if not _about(sentence, span, suspicion.span):
                continue
            span, new = mended(sentence, span, new, floor)
            old = span.of(sentence)
            category = categorise(old, new, initial=not sentence[: span.start].strip())
            result.append(
                Proposal(
                    span, old, new, category, suspicion.score, candidate.probability, keep,
                    asked=len(answer.place.of(sentence).split()), core=answer.place == suspicion.core,
                    beyond=answer.place == suspicion.beyond, confusion=lexicon().confusion(old, new),
                )
            )  # fmt: skip
    return result


def _about(sentence: str, span: Span, place: Span) -> bool:
    """Whether a change is one of the place or puts words behind it, not one of another word alone."""
    behind = place.end <= span.start == span.end and not sentence[place.end : span.start].strip()
    return behind or span.touches(place)


def kept(sentence: str, answer: Answer) -> float:
    """The probability of leaving the words as they are."""
    old = answer.place.of(sentence).split()
    return sum(c.probability for c in answer.candidates if c.text.split() == old)


def trimmed(text: str, span: Span, new: str) -> tuple[Span, str]:
    """The same change without the words that it leaves as they are at its start and end."""
    old = span.of(text)
    starts = [i for i in _edges(old) & _edges(new) if old[:i] == new[:i]]
    span, new = Span(span.start + max(starts), span.end), new[max(starts) :]
    old = span.of(text)
    rests = {len(old) - i for i in _edges(old)} & {len(new) - i for i in _edges(new)}
    shared = max(i for i in rests if old[len(old) - i :] == new[len(new) - i :])
    return Span(span.start, span.end - shared), new[: len(new) - shared]


def _edges(text: str) -> set[int]:
    """Where words of the text begin and end, and it itself."""
    return {0, len(text)}.union(*((w.start, w.end) for w in words(text)))


def _plausible(sentence: str, span: Span, new: str) -> bool:
    """Not an answer that tells the words before or after the span once more, or changes what is written in other
    letters than Latin ones, for English does not tell what that says."""
    if other_letters(span.of(sentence)) != other_letters(new):
        return False
    before, after = _lower(sentence[: span.start]), _lower(sentence[span.end :])
    return not _retells(_lower(new), before, after) or _retells(_lower(span.of(sentence)), before, after)


def _retells(inner: list[str], before: list[str], after: list[str]) -> bool:
    lengths = range(1, min(4, len(inner)) + 1)
    return any(inner[:k] == before[-k:] or inner[-k:] == after[:k] for k in lengths)


def _lower(text: str) -> list[str]:
    return [span.of(text).lower() for span in words(text)]
