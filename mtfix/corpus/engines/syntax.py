"""Broken grammar: agreement, tense, articles, prepositions, possessives, order, casing, doubled and dropped words.

Rules for whole phrases are in `engines/phrases.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from wordfreq import zipf_frequency

from mtfix.corpus.engines import morphology, phrases
from mtfix.corpus.engines.phrases import Tokens
from mtfix.corpus.tokens import cut

# Zipf frequencies (log10 of the uses in a billion words) that a wrong form must have, and may lack beside the right one
RAREST, RARER = 2.5, 2.5
_PREPOSITIONS = "in on at to for from by with of about into over under against during since until".split()
_ARTICLES = ("a", "an", "the")
_AUXILIARIES = {
    "is": ["are", "was", "be"], "are": ["is", "were", "be"], "was": ["were", "is", "has been"],
    "were": ["was", "are"], "has": ["have", "had", "is"], "have": ["has", "had"], "had": ["has", "have"],
    "does": ["do"], "do": ["does"], "will": ["would", "shall"], "would": ["will"], "who": ["which", "that"],
    "which": ["who", "that", "what"], "that": ["which", "who"], "its": ["his", "their", "it's"],
    "his": ["its", "her"], "her": ["his", "its"], "their": ["its", "his"], "it": ["he", "they"],
    "much": ["many"], "many": ["much"], "every": ["each", "all"], "each": ["every"], "other": ["another"],
}  # fmt: skip


class SyntaxEngine:
    """Breaks the grammar of clean sentences in `least` to `most` places."""

    def damage(self, sentence: str, rng: random.Random, least: int = 1, most: int = 3) -> str:
        tokens = _tokens(sentence)
        for _ in range(rng.randint(least, most)):
            # a rule may find nothing to do in this sentence; a few tries are enough
            for _ in range(6):
                broken = rng.choices(_RULES, _WEIGHTS)[0](list(tokens), rng)
                if broken is not None:
                    tokens = broken
                    break
        return "".join(tokens)


def _tokens(sentence: str) -> Tokens:
    spans, _ = cut(sentence)
    starts = [0, *(span.end for span in spans)]
    return [sentence[a : span.end] for a, span in zip(starts, spans, strict=False)] + [sentence[starts[-1] :]]


def _pick(tokens: Tokens, rng: random.Random, wanted: Callable[[str], bool]) -> int | None:
    places = [i for i, token in enumerate(tokens) if wanted(token.strip())]
    return rng.choice(places) if places else None


def _put(tokens: Tokens, index: int, word: str) -> None:
    old = tokens[index]
    space = old[: len(old) - len(old.lstrip())]
    tokens[index] = space + (word[0].upper() + word[1:] if old.strip()[:1].isupper() and word else word)


def _auxiliary(tokens: Tokens, rng: random.Random) -> Tokens | None:
    index = _pick(tokens, rng, lambda w: w.lower() in _AUXILIARIES)
    if index is None:
        return None
    _put(tokens, index, rng.choice(_AUXILIARIES[tokens[index].strip().lower()]))
    return tokens


def _inflection(tokens: Tokens, rng: random.Random) -> Tokens | None:
    index = _pick(tokens, rng, lambda w: len(w) > 3 and w.isalpha() and w.islower())
    if index is None:
        return None
    word = tokens[index].strip()
    forms = _forms(word)
    if not forms:
        return None
    _put(tokens, index, rng.choice(forms))
    return tokens


@lru_cache(maxsize=50_000)
def _forms(word: str) -> list[str]:
    """The other forms of the lemmas that a word can be a form of, but for forms that nobody prints ("lefts")."""
    forms = {
        form
        for upos, lemmas in morphology.lemmas(word).items()
        if upos in ("VERB", "NOUN", "ADJ")
        for lemma in lemmas
        for found in morphology.inflections(lemma, upos).values()
        for form in found
    }
    least = max(RAREST, zipf_frequency(word, "en") - RARER)
    return sorted(form for form in forms - {word} if zipf_frequency(form, "en") >= least)


def _drop(choices: tuple[str, ...] | list[str]) -> Callable[[Tokens, random.Random], Tokens | None]:
    def rule(tokens: Tokens, rng: random.Random) -> Tokens | None:
        index = _pick(tokens, rng, lambda w: w.lower() in choices)
        if index is None or index == 0:
            return None
        del tokens[index]
        return tokens

    return rule


def _swap(choices: tuple[str, ...] | list[str]) -> Callable[[Tokens, random.Random], Tokens | None]:
    def rule(tokens: Tokens, rng: random.Random) -> Tokens | None:
        index = _pick(tokens, rng, lambda w: w.lower() in choices)
        if index is None:
            return None
        _put(tokens, index, rng.choice([c for c in choices if c != tokens[index].strip().lower()]))
        return tokens

    return rule


def _insert_article(tokens: Tokens, rng: random.Random) -> Tokens | None:
    index = _pick(tokens, rng, lambda w: w.isalpha() and len(w) > 3)
    if not index or not tokens[index].startswith(" "):
        return None
    tokens.insert(index, " the")
    return tokens


def _double(tokens: Tokens, rng: random.Random) -> Tokens | None:
    index = _pick(tokens, rng, lambda w: w.isalpha())
    if not index or not tokens[index].startswith(" "):
        return None
    tokens.insert(index, tokens[index])
    return tokens


def _order(tokens: Tokens, rng: random.Random) -> Tokens | None:
    index = _pick(tokens[:-2], rng, lambda w: w.isalpha() and w.islower() and len(w) > 2)
    if not index or not (tokens[index + 1].startswith(" ") and tokens[index + 1].strip().isalpha()):
        return None
    tokens[index], tokens[index + 1] = tokens[index + 1], tokens[index]
    return tokens


def _casing(tokens: Tokens, rng: random.Random) -> Tokens | None:
    if rng.random() < 0.6:
        index = _pick(tokens[1:], rng, lambda w: len(w) > 3 and w[0].isupper())
        if index is None:
            return None
        tokens[index + 1] = tokens[index + 1].lower()
        return tokens
    index = _pick(tokens, rng, lambda w: w.isalpha() and w.islower() and len(w) > 3)
    if index is None:
        return None
    tokens[index] = tokens[index].title()
    return tokens


def _possessive(tokens: Tokens, rng: random.Random) -> Tokens | None:
    index = _pick(tokens, rng, lambda w: w in ("'s", "’s"))
    if not index or index + 1 >= len(tokens) or not tokens[index + 1].strip().isalpha():
        return None
    owner, owned = tokens[index - 1], tokens[index + 1]
    if rng.random() < 0.4:
        del tokens[index]
    else:
        tokens[index - 1 : index + 2] = [
            owner[: len(owner) - len(owner.lstrip())] + rng.choice(("the ", "")) + owned.strip(),
            " of", " " + owner.strip(),
        ]  # fmt: skip
    return tokens


_RULES: list[Callable[[Tokens, random.Random], Tokens | None]] = [
    _auxiliary, _inflection, _drop(_ARTICLES), _swap(_ARTICLES), _insert_article, _drop(_PREPOSITIONS),
    _swap(_PREPOSITIONS), _double, _order, _casing, _possessive, phrases.modifiers, phrases.noun_of_noun,
    phrases.relative_clause, phrases.coordination, phrases.punctuation, phrases.quotation_marks,
]  # fmt: skip
_WEIGHTS = [3, 4, 2, 1, 2, 1, 3, 0.4, 1, 2, 1.5, 1.5, 2, 1, 1, 1, 0.7]
