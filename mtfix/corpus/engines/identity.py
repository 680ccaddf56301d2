"""Clean sentences that stay as they are, among them those that look like damage and are none.

A detector that has seen only plain prose flags verse, dialect and headlines. The kinds are told by their
surface: cheap, and wrong now and then, which costs nothing, since every kind is clean.
"""

from __future__ import annotations

import re

from mtfix.documents.words import words

KINDS = ("quotation", "dialect", "verse", "legal", "technical", "list", "headline", "plain")
_QUOTED = re.compile(r"“[^“”]*”?|\"[^\"]*\"|«[^«»]*»")
_DIALECT = re.compile(
    r"\b(?:ain['’]?t|gonna|wanna|gotta|y['’]all|kinda|sorta|dunno|lemme|innit|aye|ma['’]am|nowt|owt|yer|"
    r"them there|should of|me and|don['’]t (?:\w+ )?no\b)|\b\w+in['’](?=\s)|(?<!\w)['’](?:em|cause|bout|til)\b",
    re.IGNORECASE,
)
_VERSE = re.compile(
    r"\b(?:thee|thou|thy|thine|hath|doth|o['’]er|ne['’]er|e['’]er|whence|wherefore|lo|alas)\b|['’]t(?:is|was)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(?:hereby|herein|hereto|hereof|thereof|therein|pursuant|notwithstanding|heretofore|aforesaid|plaintiffs?|"
    r"defendants?|appellants?|statut(?:e|ory)|subsection|shall be|provided that)\b|§|\bv\. [A-Z]|\b[Ss]ection \d",
)
_TECHNICAL = re.compile(
    r"\b(?:\w*[a-z]\w*\d\w*|\d+(?:\.\d+)?\s?(?:mm|cm|km|kg|mg|ml|Hz|kHz|MHz|GHz|MB|GB|nm|µm|°C|dB|kW|MW|V|%)|\w+[_/]\w+|"
    r"[a-z]+[A-Z]\w+)(?!\w)|[=≤≥±×→∑]|\w\(\w*\)"
)
_BULLET = re.compile(r"^(?:[-*•–]|\(?\w{1,3}[.)])\s")


def hard_kind(sentence: str) -> str:
    """One of KINDS: what makes a clean sentence look odd, "plain" when nothing does."""
    tokens = [span.of(sentence) for span in words(sentence)]
    plain_words = [token for token in tokens if token[0].isalpha()]
    if _headline(sentence, plain_words):
        return "headline"
    if _BULLET.match(sentence) or _enumerates(sentence, len(plain_words)):
        return "list"
    if sum(len(match.group()) for match in _QUOTED.finditer(sentence)) > 0.4 * len(sentence):
        return "quotation"
    for kind, pattern in (("verse", _VERSE), ("dialect", _DIALECT), ("legal", _LEGAL)):
        if pattern.search(sentence):
            return kind
    return "technical" if len(_TECHNICAL.findall(sentence)) >= 2 else "plain"


def _headline(sentence: str, plain_words: list[str]) -> bool:
    if sentence.rstrip()[-1:] in ".!?…”\"'’:;" or not 3 <= len(plain_words) <= 16:
        return False
    return True if sentence.isupper() else sum(word[0].isupper() for word in plain_words) >= 0.6 * len(plain_words)


def _enumerates(sentence: str, count: int) -> bool:
    items = re.split(r"[,;]", sentence)
    return len(items) >= 5 and count <= 5 * len(items)
