"""Begin the review of a document, or go on with the one that its log tells of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from mtfix.documents.dismissed import Dismissed
from mtfix.documents.edits import filled, respected
from mtfix.documents.formats import Prose, open_document
from mtfix.errors import InputError
from mtfix.render.findings import counted
from mtfix.review.log import Log
from mtfix.review.points import points
from mtfix.review.session import Session, begin, go_on
from mtfix.types import Alternative, Correction, Document, Edit, Span

MORE = 8  # repairs that a reader is shown who asks for more
_LINE_END = re.compile(r"\r\n|\r|\n")


class Fixes(Protocol):
    def fix(self, text: str | Document) -> Correction:
        """As `Corrector.fix`."""

    def suggest(self, text: str | Document, places: Sequence[Span]) -> list[list[Edit]]:
        """As `Corrector.suggest`."""


def read(path: Path) -> tuple[bytes, Prose]:
    """The file's bytes and its prose. Raises InputError."""
    try:
        data = path.read_bytes()
    except IsADirectoryError as error:
        raise InputError(f"{path}: is a folder; a review takes one document.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read ({reason}); check the path and its permissions.") from error
    return data, open_document(str(path), data)


def open_session(
    name: str, prose: Prose, log: Log, settings: Mapping[str, Any], load: Callable[[], Fixes]
) -> tuple[Session, str]:
    """The session, and a remark for the reader ("" for none).

    The models are loaded only when the text or the settings are not those of the log: findings are kept there.
    Raises InputError when the log is one of another document.
    """
    session, remark = _opened(name, prose, log, settings, load)
    session.allows = partial(_allowed, prose)
    stuck = session.not_allowed()
    for number in stuck:
        session.skip(number)
    if stuck:
        remark += f" {counted(len(stuck), 'decision')} cannot be made in the markup as it is now, and skipped."
    return session, remark.strip()


def _opened(
    name: str, prose: Prose, log: Log, settings: Mapping[str, Any], load: Callable[[], Fixes]
) -> tuple[Session, str]:
    about = {"document": name, "sha256": _digest(prose.prose.encode()), "settings": _told(settings)}
    earlier = go_on(log.rows, log, str(log.path)) if log.rows else None
    last = next((row for row in reversed(log.rows) if row["type"] == "findings"), {})
    if last and last.get("document") != name:
        raise InputError(
            f"{log.path} keeps the review of {last.get('document')}; name another output with -o, or move it away."
        )
    same = all(last.get(key) == value for key, value in about.items())
    if earlier is not None and same:
        return earlier, _lost(earlier)
    correction = load().fix(prose.document(name))
    session = begin(prose.prose, points(correction), about, log, earlier)
    if correction.skipped:
        return session, f"{name} left alone: {correction.skipped}; --force treats it as English"
    if earlier is None:
        return session, ""
    changed = "has changed since" if last.get("sha256") != about["sha256"] else "is read with other settings now"
    kept = len(session.decisions)
    return session, f"{name} {changed}: {kept} decisions found their place again. {_lost(session)}".strip()


def where(prose: Prose, span: Span) -> str:
    """The line of the file, or the paragraph of a Word file, in which a span of its prose begins."""
    if prose.source is not None:
        return f"line {1 + len(_LINE_END.findall(prose.source, 0, prose.locate(span).start))}"
    before = prose.prose[: span.start].split("\n")[:-1]
    return f"paragraph {1 + sum(bool(line.strip()) for line in before)}"


def repairs(corrector: Fixes, document: Document, place: Span) -> list[Alternative]:
    """What could stand at a place of the document, the best first; none that changes anything beside it."""
    (edits,) = corrector.suggest(document, [place])
    inside = [edit for edit in edits if place.start <= edit.span.start and edit.span.end <= place.end]
    return [Alternative(filled(document.text, place, edit), edit.confidence) for edit in inside[:MORE]]


def _allowed(prose: Prose, edit: Edit) -> bool:
    """Whether the file can take the edit: it touches nothing untouchable and reaches over no seam."""
    return any(kept.applied for kept in respected([edit], prose.untouchable, len(prose.prose)))


def respect(store: Dismissed, session: Session, prose: Prose) -> None:
    """Remember there what the session ignores, and ignore what has been dismissed since, in other texts too."""
    session.dismissals = store.everywhere_in(prose.prose)
    known = store.spans(prose.prose)
    session.leave(
        number
        for number, point in enumerate(session.points)
        if any(span.start <= point.span.start and point.span.end <= span.end for span in known)
    )


def _lost(session: Session) -> str:
    if not session.lost:
        return ""
    words = ", ".join(f"“{' '.join(row['original'].split())}”" for row in session.lost[:3])
    more = ", …" if len(session.lost) > 3 else ""
    return f"{len(session.lost)} wait for their place, which is gone from the text: {words}{more}."


def _told(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in JSON; of files the names and digests of their contents."""
    return {name: _plain(value) for name, value in settings.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return [str(value), _digest(value.read_bytes()) if value.is_file() else ""]
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
