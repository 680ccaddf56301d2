"""Words and phrases of a project that are right as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mtfix.documents.read import read_document
from mtfix.documents.write import write_atomic
from mtfix.types import Span

# unlike the words of the detector these part at hyphens and apostrophes: a word is found in "Kubernetes-based" too
_PIECE = re.compile(r"[\w\u0300-\u036f]+|[^\w\s\u0300-\u036f]")
_QUOTES = str.maketrans("‘’ʼ“”„«»", "'''\"\"\"\"\"")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters and digits, or a mark. `form`: as it is compared, apart from its case."""

    span: Span
    form: str
    spaced: bool

    @property
    def is_word(self) -> bool:
        return any(character.isalnum() for character in self.form)


def pieces(text: str) -> list[Piece]:
    """All of `text` but white space, with quotation marks and accents written in one way."""
    found = []
    for match in _PIECE.finditer(text):
        start = match.start()
        form = unicodedata.normalize("NFC", match.group().translate(_QUOTES))
        found.append(Piece(Span(*match.span()), form, start > 0 and text[start - 1].isspace()))
    return found


class Vocabulary:
    """Entries in lower case are found in any case, others only as they are written."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._by_first: dict[str, list[list[Piece]]] = {}
        for entry in entries:
            parts = pieces(entry.strip())
            if parts:
                self._by_first.setdefault(parts[0].form.casefold(), []).append(parts)

    def spans(self, text: str) -> list[Span]:
        """Where entries stand in `text`, as whole words; they may overlap. Linear in the text."""
        if not self._by_first:
            return []
        found = pieces(text)
        return [
            Span(piece.span.start, found[index + len(entry) - 1].span.end)
            for index, piece in enumerate(found)
            for entry in self._by_first.get(piece.form.casefold(), ())
            if _stands(entry, found[index : index + len(entry)])
        ]


def _stands(entry: list[Piece], there: list[Piece]) -> bool:
    return len(entry) == len(there) and all(
        (one.form == other.form or one.form == other.form.casefold()) and (one.spaced == other.spaced or not index)
        for index, (one, other) in enumerate(zip(entry, there, strict=True))
    )


def read_vocabulary(path: Path) -> list[str]:
    """The entries of a file: one a line; lines that begin with # are remarks. Raises InputError."""
    return list(_entries(read_document(path).text))


def add_to_vocabulary(path: Path, entry: str) -> None:
    """Write `entry` on a line of its own at the end of the file, which is made if need be. Raises InputError."""
    entry = " ".join(entry.split())
    text = read_document(path).text if path.exists() else ""
    if entry and entry not in _entries(text):
        end = "\r\n" if "\r\n" in text else "\n"
        write_atomic(path, text + (end if text and not text.endswith("\n") else "") + entry + end)


def _entries(text: str) -> Iterator[str]:
    for line in text.lstrip("\ufeff").splitlines():
        entry = line.strip()
        if entry and not entry.startswith("#"):
            yield entry
