"""Plain text as a Word file, so that its corrections can be had as tracked changes: one paragraph for each line."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from xml.sax.saxutils import escape

from mtfix.documents.formats import open_document
from mtfix.errors import InputError
from mtfix.types import Correction, Edit, Flag, Span

_Item = TypeVar("_Item", Edit, Flag)

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    ),
}
_LINE = re.compile(r"[^\r\n]+")
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tracked(correction: Correction, author: str, date: datetime) -> bytes:
    """A Word file of the original with the applied edits as tracked changes and the flags as comments.

    Raises InputError for an edit that reaches over a line end.
    """
    text = NOT_IN_XML.sub("\ufffd", correction.original)
    data = _package(re.split(r"\r\n|[\r\n]", text))
    word = open_document("text.docx", data)
    places: list[tuple[Span, int]] = []  # lines of the text, and how far they are moved in the file's prose
    position = 0
    for line in _LINE.finditer(text):
        found = word.prose.find(line.group(), position)
        if found < 0:  # white space alone
            continue
        places.append((Span(*line.span()), found - line.start()))
        position = found + len(line.group())
    edits = _moved(correction.edits, places)
    if len(edits) < len(correction.edits):
        raise InputError("an edit reaches over a line end, which Word files cannot hold; download the text instead")
    edits = [replace(edit, original=edit.span.of(word.prose)) for edit in edits]
    found_flags = _moved(correction.flags, places)
    result: bytes = word.track(  # type: ignore[attr-defined]
        Correction(word.prose, word.prose, tuple(found_flags), tuple(edits)), author, date
    )
    return result


def _moved(items: Iterable[_Item], places: list[tuple[Span, int]]) -> list[_Item]:
    """Those that lie in one line, in offsets of the file's prose."""
    return [
        replace(item, span=item.span.shifted(move))
        for item in items
        for line, move in places
        if line.start <= item.span.start and item.span.end <= line.end
    ]


def _package(lines: Iterable[str]) -> bytes:
    paragraphs = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' if line else "<w:p/>" for line in lines
    )
    body = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**_PARTS, "word/document.xml": body}.items():
            archive.writestr(name, _HEAD + content)
    return written.getvalue()
