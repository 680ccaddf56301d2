"""Whether a repair leaves number and tense of neighbouring words in agreement, as far as their forms tell.

English says much of it with a word and the one before: *many casualties*, *another attack*, *they were*, *will meet*.
A repair that breaks what agreed before is not made silently. Coarse, without a tagger: what forms don't tell agrees.
"""

from __future__ import annotations

from mtfix.documents.categories import FUNCTION_WORDS, base_forms, is_lemma
from mtfix.documents.words import words
from mtfix.types import Span

_MODALS = frozenset("will would shall should may might can could must cannot".split())
_AUXILIARIES = _MODALS | frozenset("do does did is are was were has have had".split())
_ONE = frozenset("a an another each every".split())
_MANY = frozenset("these many several various numerous two three four five six seven eight nine ten dozens".split())
_NOT_WITH_SINGULAR, _NOT_WITH_PLURAL = frozenset("am are have do".split()), frozenset("am is was has does".split())
# plurals, and what stands for one, that don't end in s
_PLURALS = frozenset("men people police children feet teeth mice geese cattle hundred thousand million billion".split())
_BE = frozenset("is are was were been being am has had does did".split())
# they look like a plural or a verb's form that no modal takes, and are or may be none
_NO_FORMS = frozenset(
    """means series species news headquarters crossroads barracks gas lens bus canvas atlas bias always perhaps
    sometimes besides afterwards towards nowadays across less unless thus plus yes alas christmas need feed speed bleed
    exceed proceed succeed embed shed wed breed indeed hundred sacred thing nothing something anything everything
    morning evening during king ceiling sibling spring string bring sing ring wing swing cling fling sling sting
    lay found fell better best worse worst further""".split()
)


def upset(sentence: str, span: Span, new: str) -> bool:
    """Whether more neighbours disagree once `new` stands in place of `span`."""
    changed = sentence[: span.start] + new + sentence[span.end :]
    return _disagreements(changed, Span(span.start, span.start + len(new))) > _disagreements(sentence, span)


def _disagreements(text: str, place: Span) -> int:
    """Pairs of neighbours that disagree, of which one lies in `place` or touches it."""
    found = words(text)
    told = ["", *(w.of(text).lower() for w in found), "."]
    return sum(
        _disagree(*told[i : i + 4])
        for i in range(len(found) - 1)
        if found[i].start <= place.end and found[i + 1].end >= place.start
    )


def _disagree(before: str, one: str, other: str, after: str) -> bool:
    """Whether `one` and the word after it disagree; beside them stand `before` and `after`."""
    if one in _MODALS:
        return _inflected(other)
    if one in ("he", "she"):
        return other in _NOT_WITH_SINGULAR and before not in _AUXILIARIES
    if one in ("they", "we"):
        return other in _NOT_WITH_PLURAL
    # "a sports club", "many sports": of a compound the last word has the number
    noun = other[:1].isalpha() and other not in FUNCTION_WORDS and (after in FUNCTION_WORDS or not after[:1].isalnum())
    return noun and ((one in _ONE and _plural(other)) or (one in _MANY and _singular(other)))


def _plural(word: str) -> bool:
    ends = len(word) > 3 and word.isalpha() and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word not in _NO_FORMS and (ends or word.endswith("men"))


def _singular(word: str) -> bool:
    """Whether the word is no plural, of English or Latin."""
    return not (_plural(word) or word in _PLURALS or word in _NO_FORMS or word.endswith(("a", "i", "ae", "men", "ese")))


def _inflected(word: str) -> bool:
    """Whether the word is a verb's form that no modal takes."""
    if word in _BE or word in _NO_FORMS:
        return word in _BE
    if word in FUNCTION_WORDS or is_lemma(word) or not word.isalpha():
        return False
    irregular = any(is_lemma(base) for base in base_forms(word)[1:])
    return irregular or (_plural(word) and word.endswith("s")) or (len(word) > 4 and word.endswith(("ed", "ing")))
