"""Markdown: only running prose is read; markup, code, tables, HTML and front matter stay as they are.

Positions come from pulldown-cmark (CommonMark and GitHub's extensions), which knows for every piece of text
where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyromark
from pyromark import Options

from mtfix.documents.edits import Replacement, apply_edits
from mtfix.documents.view import Segments, View
from mtfix.types import Correction, Document, Edit, Result, Span

_OPTIONS = (
    Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES | Options.ENABLE_STRIKETHROUGH | Options.ENABLE_TASKLISTS
    | Options.ENABLE_HEADING_ATTRIBUTES | Options.ENABLE_MATH | Options.ENABLE_GFM | Options.ENABLE_DEFINITION_LIST
)  # fmt: skip
_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Superscript", "Subscript"})
_UNREAD = frozenset({"CodeBlock", "HtmlBlock", "Table", "Image"})  # with all that is in them
_FIXED = frozenset({"Code", "InlineMath", "DisplayMath"})
# the parser would know it, but takes what stands between any two rules for it, as the slides of a talk do
_FRONT = re.compile(
    r"\ufeff?(?:---[ \t]*\r?\n(?!(?:---|\.\.\.)?[ \t]*\r?\n)(?:.*\n)+?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
    r"|\+\+\+[ \t]*\r?\n(?!(?:\+\+\+)?[ \t]*\r?\n)(?:.*\n)+?\+\+\+[ \t]*(?:\r?\n|\Z))"
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_CODE_TAGS = frozenset({"code", "kbd", "samp", "var", "tt", "pre", "script", "style", "math", "svg"})


class Markdown:
    """A Markdown file: its prose is the file's text, of which the corrector reads a view without markup."""

    encoding = "utf-8"

    def __init__(self, text: str) -> None:
        self.prose = self.source = text
        self._view, self._structure = _parsed(text)
        fixed = (s.source for s in self._view.segments if s.kind in ("fixed", "markup"))
        self.untouchable: tuple[Span, ...] = tuple(span for span in fixed if span.start < span.end)

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        return apply_edits(self.prose, edits).encode()

    def locate(self, span: Span) -> Span:
        return span

    def into(self, span: Span) -> Span:
        return span

    def document(self, name: str) -> Document:
        return Document(self.prose, name, self.untouchable, self)

    def read(self, document: Document) -> Document:
        """The running prose; what is untouchable in the document is so in its prose."""
        return Document(self._view.text, document.name, tuple(self._view.into(s) for s in document.untouchable))

    def place(self, span: Span) -> Span:
        """Where a span of the file's text lies in the running prose."""
        return self._view.into(span)

    def restored(self, result: Result) -> Result:
        """Results for the running prose as results for the file's text.

        An applied edit that would make other markup of the file becomes a suggestion.
        """
        if isinstance(result, Correction):
            result = replace(result, edits=tuple(self._harmless(result.edits)))
        return self._view.located(result)

    def located(self, result: Result) -> Result:
        return result

    def _harmless(self, edits: Sequence[Edit]) -> list[Edit]:
        applied = [edit for edit in edits if edit.applied]
        kept = self._largest(applied)
        if not self._keeps_markup(kept):
            kept = []
        return [edit if edit in kept else replace(edit, applied=False) for edit in edits]

    def _largest(self, edits: list[Edit]) -> list[Edit]:
        """The edits without those that change markup, found by halving."""
        if self._keeps_markup(edits):
            return edits
        half = len(edits) // 2
        return [] if len(edits) == 1 else self._largest(edits[:half]) + self._largest(edits[half:])

    def _keeps_markup(self, edits: Sequence[Edit]) -> bool:
        if not edits:
            return True
        view, structure = _parsed(self._view.apply(edits))
        return structure == self._structure and view.text == apply_edits(self._view.text, edits)


def _parsed(text: str) -> tuple[View, list[str]]:
    """The view of the text, and its markup in order, as something to compare."""
    front = _FRONT.match(text)
    begin = front.end() if front else int(text.startswith("\ufeff"))
    offset = _offsets(text[begin:])
    parser = _Parser(text)
    parser.structure.append(text[:begin])
    for event, place in pyromark.events_with_range(text[begin:], options=_OPTIONS):
        parser.take(event, offset[place["start"]] + begin, offset[place["end"]] + begin)
    return View(text, parser.segments.found), parser.structure


def _offsets(text: str) -> Sequence[int]:
    """For every byte of the UTF-8 text the number of the character that it belongs to or starts."""
    if text.isascii():
        return range(len(text) + 1)
    found: list[int] = []
    for number, character in enumerate(text):
        found += [number] * len(character.encode())
    return [*found, len(text)]


class _Parser:
    def __init__(self, text: str) -> None:
        self.segments = Segments(text)
        self.structure: list[str] = []
        self._text = text
        self._unread = 0
        self._autolink = False
        self._code: list[str] = []  # open HTML elements that hold code
        self._line_end: tuple[int, bool] | None = None  # where a line inside a paragraph ended, and whether for good

    def take(self, event: Any, start: int, end: int) -> None:
        kind: str
        value: Any
        kind, value = next(iter(event.items())) if isinstance(event, dict) else (event, None)
        if kind not in ("Text", "SoftBreak"):
            self.structure.append(repr(event))
        if self._line_end is not None and kind != "End":
            self._next_line(start)
        if kind in ("Start", "End"):
            self._tag(kind, next(iter(value)) if isinstance(value, dict) else value, value)
        elif self._unread:
            return
        elif kind == "Text":
            self._words(value, start, end)
        elif kind in _FIXED:
            self.segments.add(start, end, "fixed")
        elif kind in ("SoftBreak", "HardBreak"):
            self._line_end = (start, kind == "HardBreak")
        elif kind == "InlineHtml":
            self._html(value)
        elif kind == "Rule":
            self.segments.pause("\n\n")

    def _tag(self, kind: str, name: str, value: Any) -> None:
        if name in _UNREAD:
            self._unread += 1 if kind == "Start" else -1
        if name == "Link":
            self._autolink = kind == "Start" and value["Link"]["link_type"] in ("Autolink", "Email")
        elif name not in _INLINE and name != "Image":
            self._line_end = None
            self._code = []
            self.segments.pause("\n\n")

    def _words(self, text: str, start: int, end: int) -> None:
        if self._autolink or self._code:
            self.segments.add(start, end, "fixed")
        elif self._text[start:end] == text:
            self.segments.add(start, end, "text")
        else:
            self.segments.add(start, end, "character", text)

    def _next_line(self, start: int) -> None:
        assert self._line_end is not None
        end, forced = self._line_end
        self._line_end = None
        if self._unread:
            return
        if forced:
            self.segments.pause("\n")
        else:
            self.segments.add(end, start, "character", " ")

    def _html(self, tag: str) -> None:
        match = _TAG.match(tag)
        if not match:
            return
        name = match[2].lower()
        if name == "br":
            self.segments.pause("\n")
        elif name in _CODE_TAGS and not tag.endswith("/>"):
            if not match[1]:
                self._code.append(name)
            elif name in self._code:
                self._code.remove(name)
