"""HTML cut into tags, comments and text, each with its place, as the WHATWG standard's tokenizer does.

Every character lies in a token or between two as markup that matters to nobody (a doctype, the end of a broken tag).
Takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_MARKUP = re.compile(r"<(?:(!--)|(/?)([A-Za-z][^\t\n\f\r />]*)|[!?/])")
_STOP = re.compile("[>=]")
_QUOTE = re.compile(r"[\t\n\f\r ]*([\"'])")
_COMMENT_END = re.compile("--!?>")
_ATTRIBUTE = re.compile(r"""([^\t\n\f\r "'>/=]+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*("[^"]*"|'[^']*'|[^\t\n\f\r "'>]+))?""")
_RAW = frozenset("script style textarea title xmp iframe noembed noframes plaintext".split())


@dataclass(frozen=True, slots=True)
class Token:
    """`name` is the tag's, in lower case."""

    kind: Literal["text", "start", "end", "comment"]
    start: int
    end: int
    name: str = ""


def tokens(text: str) -> Iterator[Token]:
    """The tokens in order. What is in scripts, styles and the like is one text."""
    position = 0
    for start, end, token in _marked(text):
        if position < start:
            yield Token("text", position, start)
        if token is not None:
            yield token
        position = end
    if position < len(text):
        yield Token("text", position, len(text))


def attributes(tag: str) -> dict[str, str]:
    """The attributes of a start tag, names in lower case, values as they are written, without quotes."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag, 1 + len(tag[1:].split(None, 1)[0].rstrip("/>"))):
        found.setdefault(match[1].lower(), (match[2] or "").strip("\"'"))
    return found


def _marked(text: str) -> Iterator[tuple[int, int, Token | None]]:
    at = 0
    while match := _MARKUP.search(text, at):
        start = match.start()
        if match[1]:
            at = _comment_end(text, start)
            yield start, at, Token("comment", start, at)
        elif not match[3]:
            closed = text.find(">", match.end())
            at = closed + 1 if closed >= 0 else len(text)
            yield start, at, None
        else:
            name, at = match[3].lower(), _tag_end(text, match.end())
            yield start, at, Token("end" if match[2] else "start", start, at, name)
            if name in _RAW and not match[2]:
                closing = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(text, at)
                inner, at = at, closing.start() if closing and name != "plaintext" else len(text)
                if inner < at:
                    yield inner, at, Token("text", inner, at)


def _comment_end(text: str, start: int) -> int:
    for short in ("<!-->", "<!--->"):
        if text.startswith(short, start):
            return start + len(short)
    closed = _COMMENT_END.search(text, start + 4)
    return closed.end() if closed else len(text)


def _tag_end(text: str, at: int) -> int:
    """After the tag's >, which is none inside quotes; the end of the text where there is none."""
    while match := _STOP.search(text, at):
        at = match.end()
        if match[0] == ">":
            return at
        quote = _QUOTE.match(text, at)
        if quote:
            closed = text.find(quote[1], quote.end())
            if closed < 0:
                break
            at = closed + 1
    return len(text)
