"""One decision per repair: apply it, suggest it, or say that the place looks wrong and no more.

Guards stand above the confidence of a repair: numbers, negation, names and quotations are never changed
silently, however sure it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.facts import negations, numbers, opposed, units
from mtfix.documents.quotes import MARKS
from mtfix.documents.words import words
from mtfix.judge.agreement import upset
from mtfix.judge.confidence import confidence
from mtfix.judge.flags import flag
from mtfix.judge.proposals import Case, Proposal
from mtfix.judge.ranking import ranked
from mtfix.judge.stacking import wrong
from mtfix.senses.lexicon import own as lexicon
from mtfix.types import Alternative, Category, Edit, Flag, Span

SUGGEST = 0.1  # below this confidence a repair isn't worth an editor's time
ALTERNATIVES = 4
# to leave a word out ("the", "also") is often a matter of taste: the detector itself must rather hold it for wrong
DELETED = 0.5
ARTICLES = (["a"], ["an"])
# countries whose names are words in lower case, too; as the first word of a sentence they are taken for the country
COUNTRIES = frozenset("Chile China Guinea Japan Jersey Turkey".split())
OPTIONAL = ("that",)  # English has them or leaves them out, and neither is a repair of the other


@dataclass(frozen=True, slots=True)
class Verdict:
    """The flag for a suspicion and, if there is one worth showing, its edit (offsets in the sentence)."""

    flag: Flag
    edit: Edit | None


def judge_all(
    sentence: str, cases: Sequence[Case], settings: dict[str, Any], strictness: str, quoted: Sequence[Span] = ()
) -> list[Verdict]:
    """The verdict for every case of a sentence. Where the edits of two overlap, what is applied and surer is made, and
    the other place has what else there is for it."""
    found = [judge(sentence, case, settings, strictness, quoted) for case in cases]
    made: list[Span] = []
    for i in sorted(range(len(found)), key=lambda i: _precedence(found[i].edit)):
        edit, case = found[i].edit, cases[i]
        if edit and any(edit.span.overlaps(span) for span in made):
            proposals, further = (
                tuple(p for p in some if not any(p.span.overlaps(span) for span in made))
                for some in (case.proposals, case.further)
            )
            left = replace(case, proposals=proposals, further=further)
            found[i] = judge(sentence, left, settings, strictness, quoted)
            edit = found[i].edit
        made += [edit.span] if edit else []
    return found


def _precedence(edit: Edit | None) -> tuple[bool, float]:
    return (not edit.applied, -edit.confidence) if edit else (True, 0.0)


def judge(
    sentence: str,
    case: Case,
    settings: dict[str, Any],
    strictness: str,
    quoted: Sequence[Span] = (),
) -> Verdict:
    """The best of the proposals; `settings` are the rewriter's, `quoted` the quotations in the sentence."""
    options = [(proposal, confidence(proposal, settings)) for proposal in ranked(case.proposals, settings)]
    suspicion = replace(case.suspicion, score=wrong(case, options[0][1] if options else None, settings))
    if not options or options[0][1] < SUGGEST:
        return Verdict(flag(sentence, suspicion, searched=True), None)
    best, certain = options[0]
    guard = guarded(sentence, best.span, best.replacement, best.category, quoted)
    silent = certain >= needed(best, settings, strictness) and not guard
    others = _alternatives(best, [*options[1:], *((p, confidence(p, settings)) for p in case.further)])
    edit = Edit(best.span, best.original, best.replacement, best.category, certain, "rewriter", silent, others)
    return Verdict(flag(sentence, suspicion, edit, confusion=best.confusion), edit)


def _alternatives(best: Proposal, options: Sequence[tuple[Proposal, float]]) -> tuple[Alternative, ...]:
    """The other repairs of the same words. What was not looked at closely comes last, and is no surer for that."""
    others = [(p.replacement, sure) for p, sure in options if p.span == best.span][:ALTERNATIVES]
    least = accumulate((sure for _, sure in others), min)
    return tuple(Alternative(text, sure) for (text, _), sure in zip(others, least, strict=True))


def needed(proposal: Proposal, settings: dict[str, Any], strictness: str) -> float:
    """The confidence from which an edit is applied: the less damaged its document looks, the more.

    Few edits of any kind should touch good text: `apply` holds for texts of the density in `dense`, whose slope moves
    its log-odds elsewhere. What a wrong edit costs is the same everywhere, so none is applied below `least`. What only
    takes words away must be as sure as a conservative edit, wrong by the detector's word, and no OPTIONAL word.
    An edit that makes its sentence less likely is not applied either (1, which no edit reaches).
    """
    dense = settings.get("dense")
    only = deletes(proposal)
    optional = proposal.original.strip().lower() in OPTIONAL
    if proposal.likelihood < 0 or (only and (optional or proposal.detector < DELETED)):
        return 1.0
    level = "conservative" if only else strictness
    point = float(settings["apply"][level])
    if not dense:
        return point
    moved = 1 / (1 + math.exp(dense["slope"] * (proposal.density - dense["density"]) - math.log(point / (1 - point))))
    return float(max(settings.get("least", {}).get(level, 0.0), moved))


def deletes(proposal: Proposal) -> bool:
    """Whether words go and nothing comes, though an article before them may change for it: "an old" to "a"."""
    old, new = (text.lower().split() for text in (proposal.original, proposal.replacement))
    articles = old[:1] in ARTICLES and new[:1] in ARTICLES
    return not new or (articles and Counter(new[1:]) < Counter(old[1:]))


def guarded(sentence: str, span: Span, new: str, category: Category, quoted: Sequence[Span]) -> bool:
    """True when the change needs a person's eye.

    It touches a number, its unit, a negation, a name or a quotation, or no longer agrees with its neighbours; to change
    the order of such facts is to change them. Casing is no name, but for a part of one that would lose its capital.
    """
    old = span.of(sentence)
    if any(span.touches(q) for q in quoted) or _marks(old) != _marks(new) or upset(sentence, span, new):
        return True
    changed = sentence[: span.start] + new + sentence[span.end :]
    if any(facts(sentence) != facts(changed) for facts in (numbers, units, negations)):
        return True
    if opposed(old, new) or (negations(old) and _letters(old) != _letters(new)):
        return True  # what is negated changes with the words beside a negation
    if category == "casing":
        return _splits_name(sentence, span, new)
    return _names(sentence) != _names(changed)


def _marks(text: str) -> list[str]:
    return [char for char in text if char in MARKS]


def _letters(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalpha())


def _splits_name(sentence: str, span: Span, new: str) -> bool:
    """Whether a word loses its capital beside one that keeps it: "Trauma" in "Trauma Hospital"."""
    found = words(sentence)
    inner = [i for i, word in enumerate(found) if word.overlaps(span)]
    pairs = zip((found[i] for i in inner), words(new), strict=False)
    lost = any(old.of(sentence)[0].isupper() and made.of(new)[0].islower() for old, made in pairs)
    if not lost:
        return False
    # the first word of a sentence has its capital from its place
    beside = [found[i] for i in (inner[0] - 1, inner[-1] + 1) if 0 < i < len(found)]
    return any(word.of(sentence)[0].isupper() for word in beside)


def _names(sentence: str) -> list[str]:
    """Words with a capital letter, in order; the first word only if it is a country or not known in lower case."""
    found = [w.of(sentence) for w in words(sentence) if w.of(sentence)[0].isalnum()]
    capital = [word for word in found if any(char.isupper() for char in word)]
    plain = bool(capital) and capital[0] == found[0] and not opens_as_name(capital[0])
    return capital[1:] if plain else capital


def opens_as_name(word: str) -> bool:
    """Whether a word with a capital is a name even as the first of its sentence."""
    lower = word.lower()
    return word in COUNTRIES or not (lower in FUNCTION_WORDS or lexicon().knows(lower))
