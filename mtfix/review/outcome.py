"""What a review leaves behind: the corrected document, its decisions, and training pairs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mtfix.documents.edits import apply_edits
from mtfix.documents.formats import Prose
from mtfix.documents.write import write_atomic
from mtfix.errors import InputError
from mtfix.render.findings import counted
from mtfix.review.log import Log, Row
from mtfix.review.pairs import merged, training_pairs
from mtfix.review.session import Session
from mtfix.types import Correction, Edit


@dataclass(frozen=True, slots=True)
class Places:
    """The document and the files that a review makes. author: of tracked changes, None for none."""

    document: Path
    corrected: Path
    decisions: Path
    log: Path
    pairs: Path | None = None
    author: str | None = None


def places(
    document: Path, output: Path | None = None, pairs: Path | None = None, author: str | None = None
) -> Places:
    """Beside the document, or beside `output`, which is the corrected document then."""
    suffix = document.suffix
    corrected = output or document.with_name(f"{document.stem}.reviewed{suffix}")
    folder, stem = corrected.parent, document.name if output is None else output.name
    return Places(document, corrected, folder / f"{stem}.decisions.jsonl", folder / f"{stem}.review", pairs, author)


class Outcome:
    """Writes the files of a review, each in one step, and none that somebody else has changed meanwhile."""

    def __init__(self, where: Places, data: bytes, prose: Prose, log: Log) -> None:
        self.where = where
        self._data, self._prose, self._log = data, prose, log

    def check(self) -> None:
        """Raises InputError when there are files that this review would overwrite and has not written."""
        for path in (self.where.corrected, self.where.decisions):
            if path.exists() and _digest(_read(path)) not in self._written(path):
                raise InputError(
                    f"{path} exists and is not as a review of this document left it; move it away, or name another "
                    "output with -o."
                )
        if self.where.pairs is not None:
            merged(self.where.pairs, [], "")

    def write(self, session: Session) -> str:
        """Write all files; gives one line that says what is where.

        Raises InputError when one cannot be written, or the document has changed since it was read.
        """
        if _read(self.where.document) != self._data:
            raise InputError(
                f"{self.where.document} has changed since this review was opened; leave it and start it again: your "
                "decisions are kept and found again by the words around them."
            )
        self.check()
        edits = session.edits()
        self._put(self.where.corrected, self._corrected(session, edits))
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self._decisions(session))
        self._put(self.where.decisions, rows.encode())
        told = [f"{self.where.corrected} ({len(edits)} changed)", str(self.where.decisions)]
        if self.where.pairs is not None:
            doc = self._doc()
            pairs = list(training_pairs(self._prose.prose, session, doc))
            write_atomic(self.where.pairs, merged(self.where.pairs, pairs, doc))
            told.append(f"{self.where.pairs} ({counted(len(pairs), 'sentence')} of this document)")
        return f"written: {', '.join(told)}"

    def _corrected(self, session: Session, edits: list[Edit]) -> bytes:
        if self.where.author is None:
            return self._prose.apply(edits)
        from mtfix.documents.word import Word

        if not isinstance(self._prose, Word):
            raise InputError(f"{self.where.document}: is no Word file; leave out --track-changes.")
        text = self._prose.prose
        made = Correction(text, apply_edits(text, edits), tuple(session.flags()), tuple(edits))
        return self._prose.track(made, self.where.author)

    def _decisions(self, session: Session) -> Iterator[Row]:
        """One object for each finding: what it was, what was decided (null: nothing yet), what became of it."""
        for number, point in enumerate(session.points):
            decision = session.decisions.get(number)
            span = self._prose.locate(point.span)
            yield {
                "document": str(self.where.document), "start": span.start, "end": span.end,
                "original": point.original, "decision": decision.kind if decision else None,
                "replacement": decision.replacement if decision else None, "category": point.category,
                "message": point.message, "score": point.score,
                "alternatives": [{"replacement": c.replacement, "confidence": c.confidence} for c in point.choices],
                "before": session.anchors[number].before, "after": session.anchors[number].after,
            }  # fmt: skip

    def _doc(self) -> str:
        """The document's name with a part of its path's digest: two folders may hold the same name."""
        path = self.where.document
        return f"{path.name}#{_digest(str(path.resolve()).encode('utf-8', 'surrogateescape'))[:8]}"

    def _put(self, path: Path, data: bytes) -> None:
        # told before, so that a crash between the two leaves no file that nobody seems to have written
        self._log.append({"type": "written", "path": str(path.resolve()), "sha256": _digest(data)})
        write_atomic(path, data)

    def _written(self, path: Path) -> set[str]:
        name = str(path.resolve())
        return {row["sha256"] for row in self._log.rows if row["type"] == "written" and row["path"] == name}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
