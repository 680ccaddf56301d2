"""One decision per repair: apply it, suggest it, or say that the place looks wrong and no more.

Confidence is a logistic model of the detector's and the rewriter's probabilities, fitted on
development data (`settings["confidence"]` of the rewriter). Guards stand above it: numbers, negation,
names and quotations are never changed silently, whatever the confidence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtfix.detector.spans import Suspicion
from mtfix.documents.categories import categorise
from mtfix.documents.protect import negations, numbers
from mtfix.documents.words import words
from mtfix.rewriter.model import Candidate
from mtfix.rewriter.prompt import fit
from mtfix.types import Alternative, Category, Edit, Flag, Span

SUGGEST = 0.1  # below this confidence a repair isn't worth an editor's time
ALTERNATIVES = 4
FEATURES = 7
# categories in which no word of content is exchanged for another
SMALL = ("agreement-tense", "casing", "function-word", "repetition", "word-order")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A replacement fitted into the sentence, and the probabilities behind it.

    `detector`: the place is wrong. `rewriter`, `rival`, `keep`: the rewriter's for this replacement, for
    the likeliest other one, and for the old words.
    """

    span: Span
    original: str
    replacement: str
    category: Category
    detector: float
    rewriter: float
    rival: float
    keep: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The flag for a suspicion and, if there is one worth showing, its edit (offsets in the sentence)."""

    flag: Flag
    edit: Edit | None


def proposals(sentence: str, suspicion: Suspicion, candidates: Sequence[Candidate]) -> list[Proposal]:
    """The candidates that change something and read plausibly, best first; none where the rewriter would keep."""
    old_words = suspicion.span.of(sentence).split()
    keep = sum(c.probability for c in candidates if c.text.split() == old_words)
    found = []
    for candidate in candidates:
        span, new = fit(sentence, suspicion.span, candidate.text)
        old = span.of(sentence)
        if candidate.probability > keep and old != new and _plausible(sentence, span, new):
            category = categorise(old, new, initial=not sentence[: span.start].strip())
            rival = max((c.probability for c in candidates if c is not candidate), default=0.0)
            found.append(Proposal(span, old, new, category, suspicion.score, candidate.probability, rival, keep))
    return found


def judge(
    sentence: str,
    suspicion: Suspicion,
    candidates: Sequence[Candidate],
    settings: dict[str, Any],
    strictness: str,
    quoted: Sequence[Span] = (),
) -> Verdict:
    """`settings` are the rewriter's; `quoted` are the quotations in the sentence."""
    options = [(p, confidence(p, settings)) for p in proposals(sentence, suspicion, candidates)]
    if not options or options[0][1] < SUGGEST:
        return Verdict(flag(sentence, suspicion, searched=True), None)
    best, sure = options[0]
    guard = guarded(sentence, best.span, best.replacement, best.category, quoted)
    silent = sure >= settings["apply"][strictness] and not guard
    others = tuple(Alternative(p.replacement, c) for p, c in options[1 : 1 + ALTERNATIVES] if p.span == best.span)
    edit = Edit(best.span, best.original, best.replacement, best.category, sure, "rewriter", silent, others)
    return Verdict(flag(sentence, suspicion, edit, searched=True), edit)


def confidence(proposal: Proposal, settings: dict[str, Any]) -> float:
    """Probability that an editor would accept the repair, by the fitted logistic model."""
    weights = settings["confidence"]
    return _sigmoid(sum(w * x for w, x in zip(weights, features(proposal), strict=True)))


def features(proposal: Proposal) -> list[float]:
    """What the confidence model sees, FEATURES numbers: how sure detector and rewriter are, how far ahead of
    the next answer and of keeping, how many words it is about, whether only grammar or casing changes, 1."""
    rewriter = _log_odds(proposal.rewriter)
    return [
        _log_odds(proposal.detector),
        rewriter,
        rewriter - _log_odds(proposal.rival),
        proposal.keep,
        float(min(8, len(proposal.original.split()))),
        float(proposal.category in SMALL),
        1.0,
    ]


def _log_odds(p: float) -> float:
    p = min(max(p, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, x))))


def _plausible(sentence: str, span: Span, new: str) -> bool:
    """Not an answer that breaks a line or tells the words before or after the span once more."""
    if "\n" in new or "\r" in new:
        return False
    before, after = _lower(sentence[: span.start]), _lower(sentence[span.end :])
    return not _retells(_lower(new), before, after) or _retells(_lower(span.of(sentence)), before, after)


def _retells(inner: list[str], before: list[str], after: list[str]) -> bool:
    lengths = range(1, min(4, len(inner)) + 1)
    return any(inner[:k] == before[-k:] or inner[-k:] == after[:k] for k in lengths)


def _lower(text: str) -> list[str]:
    return [span.of(text).lower() for span in words(text)]


def guarded(sentence: str, span: Span, new: str, category: Category, quoted: Sequence[Span]) -> bool:
    """True when the change needs a person's eye: it touches a number, a negation, a name or a quotation."""
    if any(span.overlaps(q) for q in quoted):
        return True
    changed = sentence[: span.start] + new + sentence[span.end :]
    if numbers(sentence) != numbers(changed) or negations(sentence) != negations(changed):
        return True
    return category != "casing" and _names(sentence) != _names(changed)


def _names(sentence: str) -> Counter[str]:
    """Capitalised words that don't open the sentence."""
    found = [w.of(sentence) for w in words(sentence)]
    return Counter(w for w in found[1:] if w[0].isupper())


def flag(sentence: str, suspicion: Suspicion, edit: Edit | None = None, *, searched: bool = False) -> Flag:
    """The flag of a suspicion; `searched` says that a repair was looked for, found or not."""
    text = suspicion.span.of(sentence)
    if edit is not None:
        repair = f"perhaps “{edit.replacement.strip()}”" if edit.replacement.strip() else "perhaps it should go"
    else:
        repair = "no trustworthy repair found" if searched else ""
    message = f"“{text}” looks wrong here" if text else "something seems to be missing here"
    category = edit.category if edit else _category(sentence, suspicion.span)
    return Flag(suspicion.span, category, suspicion.score, f"{message}: {repair}" if repair else message)


def _category(sentence: str, span: Span) -> Category:
    """What can be said of damage whose repair isn't known."""
    if span.start == span.end:
        return "omission"
    initial = not sentence[: span.start].strip()
    inner = [w.of(span.of(sentence)) for w in words(span.of(sentence))][1 if initial else 0 :]
    return "name" if any(w[0].isupper() for w in inner) else "other"
