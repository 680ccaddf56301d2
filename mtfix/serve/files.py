"""Documents of the review page: read into prose, and written with the edits that were accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import PurePath
from typing import Any

from mtfix.documents.edits import apply_edits
from mtfix.documents.formats import PlainText, Prose, open_document
from mtfix.errors import InputError
from mtfix.serve import plain_word
from mtfix.types import Correction, Document, Edit, Flag

AUTHOR = "mtfix"


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to download a document: what to call it, and the file's name."""

    format: str
    label: str
    name: str


def offers(name: str, prose: Prose) -> list[Offer]:
    """The ways in which the document can be had."""
    path = PurePath(name.replace("\\", "/"))
    stem, suffix = path.stem or "text", path.suffix.lower()
    text = Offer("text", "Text, corrected", f"{stem}-corrected.txt")
    if prose.source is None:
        suffix = suffix or ".docx"
        tracked = Offer("tracked", "Word, with tracked changes", f"{stem}-tracked{suffix}")
        return [tracked, Offer("corrected", "Word, corrected", f"{stem}-corrected{suffix}"), text]
    if isinstance(prose, PlainText):
        tracked = Offer("tracked", "Word, with tracked changes", f"{stem}-tracked.docx")
        return [Offer("corrected", "Text, corrected", f"{stem}-corrected{suffix or '.txt'}"), tracked]
    if prose.source == prose.prose:
        return [Offer("corrected", "Markdown, corrected", f"{stem}-corrected{suffix}")]
    return [Offer("corrected", "HTML, corrected", f"{stem}-corrected{suffix}"), text]


def written(name: str, data: bytes, form: str, edits: Sequence[Edit], flags: Sequence[Flag]) -> bytes:
    """The document with `edits` in the format of an offer; `flags` go into it where it can hold remarks.

    Raises InputError for a document that cannot be read, for a format that is not on offer, for flags outside of the
    text, and for edits that overlap, touch what may not be touched, were made for another text, or cannot be written.
    """
    prose = open_document(name, data)
    if form not in {offer.format for offer in offers(name, prose)}:
        raise InputError(f"{name}: cannot be written as {form!r}")
    if any(flag.span.end > len(prose.prose) for flag in flags):
        raise InputError(f"{name}: a flag lies outside of the text")
    if any(edit.span.overlaps(other) for edit in edits for other in prose.untouchable if other.start < other.end):
        raise InputError(f"{name}: an edit touches what may not be edited")
    in_word = form == "tracked" or (form == "corrected" and prose.source is None)
    if in_word and any(plain_word.NOT_IN_XML.search(edit.replacement) for edit in edits):
        raise InputError(f"{name}: a repair holds a control character, which Word files cannot hold; type it anew")
    try:
        text = apply_edits(prose.prose, edits)
        if form == "text":
            return text.encode()
        made = prose.apply(edits)
    except ValueError:  # its message quotes the text
        raise InputError(f"{name}: the edits overlap, or were made for another text") from None
    if form == "corrected":
        return made
    correction = Correction(prose.prose, text, tuple(flags), tuple(edits))
    now = datetime.now(timezone.utc)
    if isinstance(prose, PlainText):
        return plain_word.tracked(correction, AUTHOR, now)
    tracked: bytes = prose.track(correction, AUTHOR, now)  # type: ignore[attr-defined]
    return tracked


def described(name: str, data: bytes) -> dict[str, Any]:
    """What the page needs to know of a document. Raises InputError."""
    prose = open_document(name, data)
    return {
        "name": name,
        "text": prose.prose,
        "untouchable": [[span.start, span.end] for span in prose.untouchable],
        "read_as": name if prose.document(name).reading is not None else None,
        "formats": [{"format": o.format, "label": o.label, "name": o.name} for o in offers(name, prose)],
    }


def read_as(name: str | None, text: str) -> Document:
    """A text as the corrector is to read it: as running prose, where `name` is that of a Markdown file.

    Raises InputError when files of that kind are not read as they stand.
    """
    if name is None:
        return Document(text)
    prose = open_document(name, text.encode())
    if prose.prose != text:
        raise InputError(f"{name}: only Markdown and plain text are read as they stand; leave the name out")
    return prose.document(name)
