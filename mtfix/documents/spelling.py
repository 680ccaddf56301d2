"""British and American spellings of one word are no repairs of each other: a text keeps those that it has."""

from __future__ import annotations

import re

from mtfix.documents.words import words

SHORTEST = 5  # letters; shorter words that differ like this are other words ("four", "for")

# what differs, and how all sides write it here
_RULES = [
    (re.compile(r"(?<=\w{3})our(?=s?$|ed$|ing$|ful|able|ite|less|hood|er|ism|al)"), "or"),
    (re.compile(r"(?<=\w{2})([iy])s(?=(?:e|es|ed|ing|er|ers|ations?|able|ational)$)"), r"\1z"),
    (re.compile(r"(cent|theat|met|lit|fib|calib|lust|sab|somb|spect|meag|scept|oeuv)re(?=s?$)"), r"\1er"),
    (re.compile(r"(?<=\w{4})ll(?=(?:ed|ing|ers?|ors?)$)"), "l"),
    (re.compile(r"(?<=\w{3})ence(?=s?$)"), "ense"),
    (re.compile(r"(?<=\w{3})ogue(?=s?$)"), "og"),
    (re.compile(r"programme(?=s?$)"), "program"),
]


def spelled_as(old: str, new: str) -> str:
    """`new` with the words that stand in `old` in another spelling written as there; their capitals stay."""
    known = {_common(word): word for word in (span.of(old).lower() for span in words(old)) if len(word) >= SHORTEST}
    for span in reversed(words(new)) if known else ():
        word = span.of(new)
        there = known.get(_common(word.lower()))
        if there and there != word.lower():
            new = new[: span.start] + _cased(there, word) + new[span.end :]
    return new


def one_word(form: str, other: str) -> bool:
    """Whether two lower-case words are one, spelled the same or as British and American ones are."""
    if form[:3] != other[:3] or len(form) < SHORTEST:  # no rule is about the first letters
        return form == other
    return _common(form) == _common(other)


def _common(word: str) -> str:
    for pattern, spelling in _RULES:
        word = pattern.sub(spelling, word)
    return word


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word
