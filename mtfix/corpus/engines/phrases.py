"""Rules for whole phrases: modifier order, "X of Y", relative clauses, coordination, punctuation, quotation marks.

They work on the words of a sentence, each with the white space before it, and give None where they find
nothing to do. `engines/syntax.py` draws among them.
"""

from __future__ import annotations

import random
from functools import lru_cache

from mtfix.corpus.engines import morphology
from mtfix.documents.categories import FUNCTION_WORDS

Tokens = list[str]

_DETERMINERS = frozenset("the a an this that these those its his her their our my your some any no every".split())
_RELATIVES = ("who", "which", "that", "whom", "whose", "where")
_OPENING, _CLOSING = "“‘\"«", "”’\"»"
_QUOTES = {"“": "«\"‘", "”": "»\"’", "\"": "“”'", "‘": "\"'", "«": "\"“", "»": "\"”"}  # fmt: skip


def modifiers(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """Two modifiers change places ("big old house" → "old big house"), or one follows its noun as in French."""
    places = [
        i
        for i in range(len(tokens) - 1)
        if _modifier(tokens[i]) and _spaced(tokens[i + 1]) and _content(tokens[i + 1]) and not _past(tokens[i + 1])
    ]
    if not places:
        return None
    place = rng.choice(places)
    tokens[place], tokens[place + 1] = _with(tokens[place], tokens[place + 1]), _with(tokens[place + 1], tokens[place])
    return tokens


def noun_of_noun(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """ "gold medal" → "medal of gold", and "the end of the war" → "the war end"."""
    together = [
        i for i in range(len(tokens) - 1) if _noun(tokens[i]) and _noun(tokens[i + 1]) and _spaced(tokens[i + 1])
    ]
    apart = [
        i
        for i in range(1, len(tokens) - 1)
        if tokens[i].strip() == "of" and _noun(tokens[i - 1]) and (_noun(tokens[i + 1]) or _the_noun(tokens, i + 1))
    ]
    if together and (not apart or rng.random() < 0.6):
        place = rng.choice(together)
        first, second = tokens[place : place + 2]
        tokens[place : place + 2] = [
            _with(first, second), " of", *([" the"] if rng.random() < 0.3 else []), " " + first.strip(),
        ]  # fmt: skip
    elif apart:
        place = rng.choice(apart)
        last = place + (2 if _the_noun(tokens, place + 1) else 1)
        tokens[place - 1 : last + 1] = [_with(tokens[place - 1], tokens[last]), " " + tokens[place - 1].strip()]
    else:
        return None
    return tokens


def relative_clause(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A relative pronoun goes, becomes another, or is followed by a pronoun too many ("who he came")."""
    places = [
        i
        for i in range(1, len(tokens) - 1)
        if tokens[i].strip() in _RELATIVES and (_content(tokens[i - 1]) or tokens[i - 1] == ",")
    ]
    if not places:
        return None
    place = rng.choice(places)
    match rng.randrange(4):
        case 0:
            del tokens[place]
        case 1:
            tokens.insert(place + 1, rng.choice((" he", " it", " they")))
        case 2:
            tokens[place] = _with(tokens[place], "the " + rng.choice(("which", "one that", "same that")))
        case _:
            tokens[place] = _with(tokens[place], rng.choice([r for r in _RELATIVES if r != tokens[place].strip()]))
    return tokens


def coordination(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """ "A and B" → "A, B", "A and also B", "B and A", "A or B"."""
    places = [
        i
        for i in range(1, len(tokens) - 1)
        if tokens[i].strip() in ("and", "or") and _content(tokens[i - 1]) and _content(tokens[i + 1])
    ]
    if not places:
        return None
    place = rng.choice(places)
    match rng.randrange(5):
        case 0:
            tokens[place] = ","
        case 1:
            tokens.insert(place + 1, rng.choice((" also", " of", " too")))
        case 2 if tokens[place - 1].strip().islower() and tokens[place + 1].strip().islower():
            before, after = tokens[place - 1], tokens[place + 1]
            tokens[place - 1], tokens[place + 1] = _with(before, after), _with(after, before)
        case 3:
            tokens[place] = _with(tokens[place], rng.choice(("as well as", "so as", "but", "and even")))
        case _:
            tokens[place] = _with(tokens[place], "or" if tokens[place].strip() == "and" else "and")
    return tokens


def punctuation(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A comma goes, comes or becomes another mark."""
    commas = [i for i, token in enumerate(tokens) if token in (",", ";", ":")]
    if commas and rng.random() < 0.7:
        place = rng.choice(commas)
        if rng.random() < 0.5:
            del tokens[place]
        else:
            tokens[place] = rng.choice([mark for mark in (",", ";", ":", ".") if mark != tokens[place]])
        return tokens
    places = [i for i in range(2, len(tokens)) if _content(tokens[i - 1]) and tokens[i].startswith(" ")]
    if not places:
        return None
    tokens.insert(rng.choice(places), ",")
    return tokens


def quotation_marks(tokens: Tokens, rng: random.Random) -> Tokens | None:
    """A quotation mark goes, is of another kind, or stands one word further on."""
    places = [i for i, token in enumerate(tokens) if token.strip() in _QUOTES]
    if not places:
        return None
    place = rng.choice(places)
    mark = tokens[place].strip()
    match rng.randrange(3):
        case 0:
            gone = tokens.pop(place)
            if place < len(tokens) and gone.startswith(" ") and not tokens[place].startswith(" "):
                tokens[place] = " " + tokens[place]
        case 1 if place + 2 < len(tokens) and mark in _CLOSING and tokens[place + 1].strip().isalpha():
            tokens[place : place + 2] = [tokens[place + 1], tokens[place]]
        case _:
            tokens[place] = _with(tokens[place], rng.choice(_QUOTES[mark]))
    return tokens


def _with(token: str, word: str) -> str:
    """`word` in the place of a token: with its white space, and a capital where it stands first."""
    space = token[: len(token) - len(token.lstrip())]
    return space + word.strip()


def _spaced(token: str) -> bool:
    return token.startswith(" ")


def _content(token: str) -> bool:
    word = token.strip()
    return word.isalpha() and word.lower() not in FUNCTION_WORDS


def _the_noun(tokens: Tokens, place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place].strip() in _DETERMINERS and _noun(tokens[place + 1])


def _noun(token: str) -> bool:
    """Whether a lower-case word can be a noun and nothing that modifies one."""
    word = token.strip()
    return word.isalpha() and word.islower() and len(word) > 2 and "NOUN" in _parts(word) and "ADJ" not in _parts(word)


def _modifier(token: str) -> bool:
    """Whether a lower-case word is an adjective; nouns that the lexicon calls adjectives as well are none."""
    word = token.strip()
    return word.isalpha() and word.islower() and len(word) > 2 and _adjective(word)


def _past(token: str) -> bool:
    """Whether the word is surely the form of a verb: "fell", "seen"."""
    word = token.strip()
    return not word.endswith(("s", "ing")) and any(lemma != word for lemma in morphology.lemmas(word).get("VERB", ()))


@lru_cache(maxsize=50_000)
def _adjective(word: str) -> bool:
    parts = _parts(word)
    known = "NOUN" not in parts or word.endswith(("al", "ic", "ive", "ous", "ish", "ary"))
    return "ADJ" in parts and (known or "JJR" in morphology.inflections(word, "ADJ"))


@lru_cache(maxsize=50_000)
def _parts(word: str) -> frozenset[str]:
    """Parts of speech that the form can be; none for function words."""
    return frozenset() if word in FUNCTION_WORDS else frozenset(morphology.lemmas(word))
