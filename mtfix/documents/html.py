"""HTML: running text is read; tags, attributes, scripts, styles, code and comments stay as they are.

Block elements separate paragraphs; a sentence that runs through inline tags is read as one. Character references
are read as their characters, white space as a browser shows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape, unescape

from mtfix.documents.edits import Part, Replacement
from mtfix.documents.html_tokens import Token, attributes, tokens
from mtfix.documents.ignore import ignored
from mtfix.documents.read import decode
from mtfix.documents.view import Kind, Segments, View
from mtfix.errors import InputError
from mtfix.types import Document, Result, Span


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_VOID = _set("area base br col embed hr img input link meta param source track wbr")
_UNREAD_BLOCKS = _set("script style template textarea iframe noembed noframes xmp plaintext datalist pre listing")
_UNREAD = _UNREAD_BLOCKS | _set("svg math object canvas audio video")
_CODE = _set("code kbd samp var tt")
_BLOCKS = _UNREAD_BLOCKS | _set(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav noscript ol "
    "optgroup option p search section select summary table tbody td tfoot th thead title tr ul"
)
# elements that end where another of their kind begins, and those that keep them apart
_SIBLINGS = {
    **dict.fromkeys(("li",), (_set("li"), _set("ul ol menu dir"))),
    **dict.fromkeys(("dt", "dd"), (_set("dt dd"), _set("dl"))),
    **dict.fromkeys(("td", "th"), (_set("td th"), _set("tr table"))),
    **dict.fromkeys(("tr",), (_set("tr"), _set("table"))),
    **dict.fromkeys(("option", "optgroup"), (_set("option"), _set("select"))),
}
_LONGEST = 42
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9A-Fa-f]+;?|[A-Za-z][A-Za-z0-9]{0,40};?)")
_PIECE = re.compile(rf"[ \t\n\r\f]{{2,}}|[\t\n\r\f]|{_REFERENCE.pattern}")
_TAG_BEGINS = re.compile("[A-Za-z/!?]")
_SPACE = " \t\n\r\f"
_NOTE = re.compile(r"\s*(?:<a\b[^<>]*>\s*)?[\[(]?\d{1,3}[\])]?\s*<")
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)


class Html:
    """An HTML file; what its comments ask to leave alone (`mtfix:ignore`) is untouchable."""

    def __init__(self, text: str, encoding: str = "utf-8") -> None:
        parser = _Parser(text)
        self.source, self.encoding = text, encoding
        self._view = _HtmlView(text, parser.segments.found, lambda words: escape(words, quote=False))
        self.prose = self._view.text
        left_alone = (self._view.into(span) for span in ignored(text))
        self.untouchable = (*self._view.untouchable, *(span for span in left_alone if span.start < span.end))

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        return self._view.apply(edits).encode(self.encoding, "xmlcharrefreplace")

    def locate(self, span: Span) -> Span:
        return self._view.locate(span)

    def into(self, span: Span) -> Span:
        return self._view.into(span)

    def located(self, result: Result) -> Result:
        return self._view.located(result)

    def document(self, name: str) -> Document:
        return Document(self.prose, name, self.untouchable)


def read_html(name: str, data: bytes) -> Html:
    """The HTML file in `data`: UTF-8, or in the encoding that its first kilobyte declares. Raises InputError."""
    try:
        text = decode(data, name)
    except InputError:
        for encoding, declared in _as_declared(data):
            return Html(declared, encoding)
        raise
    # without other letters any encoding reads the same, and new words are written in the one that a browser goes by
    ascii_only = _as_declared(data) if data.isascii() else ()
    return Html(text, next((encoding for encoding, declared in ascii_only if declared == text), "utf-8"))


def _as_declared(data: bytes) -> Iterator[tuple[str, str]]:
    """The encodings that the declaration may mean, each with what it makes of the data, if it can read it."""
    declared = _DECLARED.search(data, 0, 1024)
    for encoding in _python_names(declared[1].decode("ascii")) if declared else ():
        text = _decoded(data, encoding)
        if text is not None:
            yield encoding, text


def _python_names(label: str) -> list[str]:
    # what calls itself Latin-1 is Windows-1252 on the web
    return ["cp1252", "latin-1"] if label.lower() in ("iso-8859-1", "latin1", "windows-1252", "ascii") else [label]


def _decoded(data: bytes, encoding: str) -> str | None:
    """The text, if these bytes can be had back from it."""
    try:
        text = data.decode(encoding)
        return text if "\0" not in text and text.encode(encoding) == data else None
    except (LookupError, ValueError):
        return None


class _HtmlView(View):
    def patches(self, edits: Iterable[Replacement]) -> list[Part]:
        found = super().patches(edits)
        return [
            part if before and before.span.end == part.span.start else self._apart(part)
            for before, part in zip([None, *found], found, strict=False)
        ]

    def _apart(self, part: Part) -> Part:
        """The patch; an `&` or `<` of the text before it must begin no reference or tag with what comes now."""
        start, end = part.span.start, part.span.end
        comes = part.replacement + self.source[end : end + _LONGEST]
        if self.source.endswith("&", 0, start):
            reference = _REFERENCE.match("&" + comes)
            begins = reference is not None and unescape(reference[0]) != reference[0]
            return replace(part, replacement="amp;" + part.replacement) if begins else part
        if self.source.endswith("<", 0, start) and _TAG_BEGINS.match(comes):
            return Part(Span(start - 1, end), "<" + part.original, "&lt;" + part.replacement)
        return part


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    unread: bool
    fixed: bool


class _Parser:
    def __init__(self, text: str) -> None:
        self.segments = Segments(text)
        self._text = text
        self._open: list[_Element] = []
        self._names: Counter[str] = Counter()
        self._space: tuple[int, int] | None = None  # white space that counts if text follows in the same block
        self._begun = False  # there is text in this block
        for token in tokens(text):
            if token.kind == "text":
                self._words(token.start, token.end)
            elif token.kind == "start":
                self._starts(token)
            elif token.kind == "end":
                self._ends(token.name)

    def _starts(self, token: Token) -> None:
        name = token.name
        if name in _BLOCKS or name == "br":
            self._pause("\n" if name == "br" else "\n\n")
        self._close_before(name)
        if name in _VOID:
            return
        tag = self._text[token.start : token.end]
        if tag.endswith("/>") and any(e.name in ("svg", "math") for e in self._open[-3:]):
            return
        around = self._open[-1] if self._open else _Element("", False, False)
        foreign = _foreign(tag)
        unread = name in _UNREAD or (foreign and name in _BLOCKS and name not in ("html", "body"))
        unread = unread or (name == "sup" and _NOTE.match(self._text, token.end) is not None)
        fixed = name in _CODE or (foreign and name not in ("html", "body"))
        self._open.append(_Element(name, around.unread or unread, around.fixed or fixed))
        self._names[name] += 1

    def _close_before(self, name: str) -> None:
        """Close what the start of this element ends though no end tag says so."""
        if name in _BLOCKS and self._open and self._open[-1].name == "p":
            self._pop()
        if name in _SIBLINGS:
            siblings, walls = _SIBLINGS[name]
            for depth, element in enumerate(reversed(self._open[-8:]), 1):
                if element.name in walls:
                    return
                if element.name in siblings:
                    for _ in range(depth):
                        self._pop()
                    return

    def _ends(self, name: str) -> None:
        if name in _BLOCKS:
            self._pause("\n\n")
        if self._names[name]:
            while self._pop() != name:
                pass

    def _pop(self) -> str:
        name = self._open.pop().name
        self._names[name] -= 1
        return name

    def _pause(self, text: str) -> None:
        self._space, self._begun = None, False
        self.segments.pause(text)

    def _words(self, start: int, end: int) -> None:
        around = self._open[-1] if self._open else None
        if around is not None and around.unread:
            return
        fixed = around is not None and around.fixed
        position = start
        for match in _PIECE.finditer(self._text, start, end):
            if match[0][0] == "&" and unescape(match[0]) == match[0]:
                continue  # "AT&T": no character reference, but text
            self._plain(position, match.start(), fixed=fixed)
            position = match.end()
            if match[0][0] in _SPACE:
                self._spaced(match.start(), match.end())
            else:
                self._add(match.start(), match.end(), "fixed" if fixed else "character", unescape(match[0]))
        self._plain(position, end, fixed=fixed)

    def _plain(self, start: int, end: int, *, fixed: bool) -> None:
        """Text in which white space is single spaces."""
        if start < end and self._text[start] == " ":
            self._spaced(start, start + 1)
            start += 1
        spaced = start < end and self._text[end - 1] == " "
        self._add(start, end - spaced, "fixed" if fixed else "text")
        if spaced:
            self._spaced(end - 1, end)

    def _spaced(self, start: int, end: int) -> None:
        if self._begun and self._space is None:
            self._space = (start, end)

    def _add(self, start: int, end: int, kind: Kind, text: str | None = None) -> None:
        if start == end:
            return
        if self._space is not None:
            before, after = self._space
            self.segments.add(before, after, "text" if self._text[before:after] == " " else "character", " ")
        self._space, self._begun = None, True
        self.segments.add(start, end, kind, text)


def _foreign(tag: str) -> bool:
    """Whether the start tag says that what is in it is not English, or not to be translated."""
    if "lang" not in tag and "translate" not in tag and "LANG" not in tag:
        return False
    said = attributes(tag)
    language = said.get("lang", said.get("xml:lang", "")).lower()
    return said.get("translate", "").lower() == "no" or (language != "" and language.split("-")[0] != "en")
