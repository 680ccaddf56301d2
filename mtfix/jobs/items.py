"""What a job works on, one after the other, and what becomes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from mtfix.documents.edits import apply_edits
from mtfix.documents.words import words
from mtfix.types import Correction, Edit, Fingerprint, Flag, Span

CONTEXT = 80  # characters kept on either side of an edit, for those who judge it later


@dataclass(frozen=True, slots=True)
class Item:
    """A document: a file, or a cell of a table.

    name: for people; of a file its path below the input. content: the bytes of a file, the text of a cell; None where
    it cannot be read, and then `error` says why. read: bytes of the input up to its end. row: what the table's
    writer needs.
    """

    name: str
    content: bytes | str | None
    read: int
    error: str | None = None
    row: Any = None

    def key(self, settings: bytes) -> bytes | None:
        """16 bytes that are the same for all documents that must get the same result; None without content.

        settings: the digest of the fingerprint.
        """
        if self.content is None:
            return None
        kind = "cell" if isinstance(self.content, str) else PurePath(self.name).suffix.lower()
        data = self.content.encode("utf-8", "surrogatepass") if isinstance(self.content, str) else self.content
        return hashlib.blake2b(b"\0".join([settings, encodable(kind).encode(), data]), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked for: to correct a document, or where `record` is known to put its edits in."""

    name: str
    content: bytes | str
    record: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a document: a record (see `record_of`) or an error; of a file also its corrected bytes."""

    record: dict[str, Any] | None
    error: str | None = None
    data: bytes | None = None


def encodable(text: str) -> str:
    """The text with escapes for what is no valid Unicode: bytes of a file's name, halves of characters in a table."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def settings_digest(fingerprint: Fingerprint) -> bytes:
    return hashlib.sha256(json.dumps(asdict(fingerprint), sort_keys=True).encode()).digest()


def record_of(correction: Correction) -> dict[str, Any]:
    """What is kept of a correction, as JSON: `edits`, `flags` and `stats`, and the `contexts` of the edits.

    stats: `words`; spans `flagged`; edits `applied` and `suggested`; `damage`, the share of words that a flag or an
    edit touches; `skipped`, why the text was left alone.
    """
    whole = correction.to_dict()
    text = correction.original
    spans = [edit.span for edit in correction.edits]
    stats = {
        "words": len(words(text)), "flagged": len(correction.flags), "applied": len(correction.applied),
        "suggested": len(spans) - len(correction.applied), "damage": _damage(correction),
        "skipped": correction.skipped,
    }  # fmt: skip
    contexts = [[text[max(0, s.start - CONTEXT) : s.start], text[s.end : s.end + CONTEXT]] for s in spans]
    return {"edits": whole["edits"], "flags": whole["flags"], "stats": stats, "contexts": contexts}


def _damage(correction: Correction) -> float:
    found: Sequence[Flag | Edit] = (*correction.flags, *correction.edits)
    there = words(correction.original)
    if not found or not there:
        return 0.0
    starts = sorted((one.span.start, max(one.span.end, one.span.start + 1)) for one in found)
    hit, index, reach = 0, 0, -1
    for word in there:
        while index < len(starts) and starts[index][0] < word.end:
            reach = max(reach, starts[index][1])
            index += 1
        hit += word.start < reach
    return round(hit / len(there), 4)


def applied_edits(record: dict[str, Any]) -> list[Edit]:
    """The edits of a record that belong into the text."""
    return [
        Edit(
            Span(e["start"], e["end"]), e["original"], e["replacement"], e["category"], e["confidence"], e["source"],
            applied=True,
        )
        for e in record["edits"]
        if e["applied"]
    ]  # fmt: skip


def corrected(text: str, record: dict[str, Any]) -> str:
    """The cell with its edits."""
    return apply_edits(text, applied_edits(record))
