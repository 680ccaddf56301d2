"""Files of any kind as prose to correct, and back: the kind is told by the suffix of the name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mtfix.documents.edits import Replacement, apply_edits
from mtfix.documents.read import decode
from mtfix.types import Span


class Prose(Protocol):
    """A file's running text, and the way back into the file."""

    @property
    def prose(self) -> str:
        """What the corrector reads: paragraphs in file order; of plain text and Markdown the file's text itself."""

    @property
    def untouchable(self) -> tuple[Span, ...]:
        """Stretches of `prose` that no edit may touch; an empty span is a seam that no edit may reach over."""

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        """The file with these edits of `prose`; without edits the same bytes (of Word files: the same parts).

        Raises ValueError for edits that overlap or were made for another text.
        """

    def locate(self, span: Span) -> Span:
        """Where a span of `prose` lies in the file's own text; Word files have none and give the span back."""


class PlainText:
    """A text file: all of it is prose."""

    untouchable: tuple[Span, ...] = ()

    def __init__(self, text: str) -> None:
        self.prose = text

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        return apply_edits(self.prose, edits).encode()

    def locate(self, span: Span) -> Span:
        return span


def open_document(name: str, data: bytes) -> Prose:
    """The prose of a file with this name and content.

    What has no suffix of another format is read as plain text. Raises InputError when the content is not what the
    suffix promises.
    """
    return PlainText(decode(data, name))
