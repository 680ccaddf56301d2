"""Documents of the review page: read into prose, and written with the edits that were accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import PurePath
from typing import Any, Protocol, runtime_checkable

from mtfix.documents.edits import apply_edits
from mtfix.documents.formats import Prose, open_document
from mtfix.errors import InputError
from mtfix.types import Correction, Edit, Flag

AUTHOR = "mtfix"


@runtime_checkable
class _Tracks(Protocol):
    """Files that can hold changes as proposals."""

    def track(self, correction: Correction, author: str, date: datetime) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to download a document: what to call it, and the file's name."""

    format: str
    label: str
    name: str


def offers(name: str, prose: Prose) -> list[Offer]:
    """The ways in which the document can be had."""
    path = PurePath(name.replace("\\", "/"))
    stem, suffix = path.stem or "text", path.suffix.lower() or ".txt"
    if isinstance(prose, _Tracks):
        return [
            Offer("tracked", "Word, with tracked changes", f"{stem}-tracked{suffix}"),
            Offer("corrected", "Word, corrected", f"{stem}-corrected{suffix}"),
            Offer("text", "Text, corrected", f"{stem}-corrected.txt"),
        ]
    kind = {".md": "Markdown", ".html": "HTML", ".htm": "HTML"}.get(suffix, "Text")
    found = [Offer("corrected", f"{kind}, corrected", f"{stem}-corrected{suffix}")]
    if suffix in (".html", ".htm"):
        found.append(Offer("text", "Text, corrected", f"{stem}-corrected.txt"))
    return found


def written(name: str, data: bytes, form: str, edits: Sequence[Edit], flags: Sequence[Flag]) -> bytes:
    """The document with `edits` in the format of an offer; `flags` go into it where it can hold remarks.

    Raises InputError for a document that cannot be read, for a format that is not on offer, for flags outside of the
    text, and for edits that overlap, touch what may not be touched, or were made for another text.
    """
    prose = open_document(name, data)
    if form not in {offer.format for offer in offers(name, prose)}:
        raise InputError(f"{name}: cannot be written as {form!r}")
    if any(edit.span.overlaps(other) for edit in edits for other in prose.untouchable if other.start < other.end):
        raise InputError(f"{name}: an edit touches what may not be edited")
    if any(flag.span.end > len(prose.prose) for flag in flags):
        raise InputError(f"{name}: a flag lies outside of the text")
    try:
        text = apply_edits(prose.prose, edits)
        if form == "text":
            return text.encode()
        if form == "corrected":
            return prose.apply(edits)
    except ValueError:  # its message quotes the text
        raise InputError(f"{name}: the edits overlap, or were made for another text") from None
    assert isinstance(prose, _Tracks)
    return prose.track(Correction(prose.prose, text, tuple(flags), tuple(edits)), AUTHOR, datetime.now(timezone.utc))


def described(name: str, data: bytes) -> dict[str, Any]:
    """What the page needs to know of a document. Raises InputError."""
    prose = open_document(name, data)
    return {
        "name": name,
        "text": prose.prose,
        "untouchable": [[span.start, span.end] for span in prose.untouchable],
        "formats": [{"format": o.format, "label": o.label, "name": o.name} for o in offers(name, prose)],
    }
