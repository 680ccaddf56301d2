"""Files of any kind as prose to correct, and back: the kind is told by the suffix of the name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Protocol

from mtfix.documents.edits import Replacement, apply_edits
from mtfix.documents.read import decode
from mtfix.errors import InputError
from mtfix.types import Document, Result, Span


class Prose(Protocol):
    """A file's running text, and the way back into the file."""

    @property
    def prose(self) -> str:
        """What the corrector reads: paragraphs in file order; of plain text and Markdown the file's text itself."""

    @property
    def untouchable(self) -> tuple[Span, ...]:
        """Stretches of `prose` that no edit may touch; an empty span is a seam that no edit may reach over."""

    @property
    def source(self) -> str | None:
        """The file's own text; None for Word files."""

    @property
    def encoding(self) -> str:
        """How `source` is written as bytes."""

    def document(self, name: str) -> Document:
        """`prose` for the corrector, with what is untouchable and the best way to read it."""

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        """The file with these edits of `prose`; without edits the same bytes (of Word files: the same parts).

        Raises ValueError for edits that overlap, touch what is untouchable, or were made for another text.
        """

    def locate(self, span: Span) -> Span:
        """Where a span of `prose` lies in `source`; Word files give the span back."""

    def into(self, span: Span) -> Span:
        """Where a span of `source` lies in `prose`, empty if nothing of it is read; Word files give the span back."""

    def located(self, result: Result) -> Result:
        """A result for `document` in offsets of `source` (of Word files: as it is).

        An edit then covers the markup inside it, and its replacement is what stands in the file afterwards.
        """


class PlainText:
    """A text file: all of it is prose."""

    untouchable: tuple[Span, ...] = ()
    encoding = "utf-8"

    def __init__(self, text: str) -> None:
        self.prose = self.source = text

    def document(self, name: str) -> Document:
        return Document(self.prose, name)

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        return apply_edits(self.prose, edits).encode()

    def locate(self, span: Span) -> Span:
        return span

    def into(self, span: Span) -> Span:
        return span

    def located(self, result: Result) -> Result:
        return result


_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_HTML = (".html", ".htm")
# what isn't text, or only looks like it
_OTHERS = (".rtf", ".odt", ".pdf", ".epub", ".pptx", ".xlsx", ".pages")
WORD = (".docx", ".docm", ".dotx", ".dotm")


def open_document(name: str, data: bytes) -> Prose:
    """The prose of a file with this name and content.

    What has no suffix of another format is read as plain text; without any suffix also as a Word file, if it is one.
    Raises InputError when the content is not what the suffix promises.
    """
    suffix = PurePath(name).suffix.lower()
    # each format brings its own parser along
    if suffix in _MARKDOWN:
        from mtfix.documents.markdown import Markdown

        return Markdown(decode(data, name))
    if suffix in _HTML:
        from mtfix.documents.html import read_html

        return read_html(name, data)
    if suffix in _OTHERS:
        raise InputError(f"{name}: files of this kind ({suffix}) cannot be read; save it as .docx, .html or .txt.")
    if suffix in (*WORD, ".doc") or (not suffix and data.startswith(b"PK\x03\x04")):
        from mtfix.documents.word import Word

        return Word(name, data)
    return PlainText(decode(data, name))

