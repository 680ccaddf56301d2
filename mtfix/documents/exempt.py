"""What is never to be flagged or edited, whatever a detector says: as untouchable spans of a document."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from mtfix.documents.dismissed import Dismissed
from mtfix.documents.ignore import ignored
from mtfix.documents.read import State, state_of
from mtfix.documents.vocabulary import Vocabulary, read_vocabulary
from mtfix.types import Document, Span


class Exempt:
    """The vocabulary of a project, the flags that were dismissed, and what a text itself asks to leave alone.

    words: words and phrases; files: files of them, one a line. dismissed: a file that need not exist. Files are read
    again when they change. Raises InputError for a file that cannot be used.
    """

    def __init__(
        self, words: Iterable[str] = (), files: Iterable[Path | str] = (), dismissed: Path | str | None = None
    ) -> None:
        self._words, self._files = list(words), [Path(path) for path in files]
        self._dismissed_file = Path(dismissed) if dismissed is not None else None
        self._read()

    def document(self, text: str | Document) -> Document:
        """The document with what is exempt made untouchable, too."""
        document = Document(text) if isinstance(text, str) else text
        spans = self.spans(document.text)
        return replace(document, untouchable=(*document.untouchable, *spans)) if spans else document

    def spans(self, text: str) -> Sequence[Span]:
        """Stretches of `text`, in any order; they may overlap."""
        if self._states() != self._known:
            self._read()
        found = [*ignored(text), *self._vocabulary.spans(text)]
        return found if self._dismissed is None else [*found, *self._dismissed.spans(text)]

    def digest(self) -> dict[str, str]:
        """`vocabulary` and `dismissed`, each with the beginning of its sha256, if there are such; for a fingerprint."""
        rows = self._dismissed.rows() if self._dismissed is not None else []
        found = {"vocabulary": "\n".join(self._entries), "dismissed": "\n".join(rows)}
        return {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in found.items() if text}

    def _read(self) -> None:
        self._known = self._states()
        self._entries = [*self._words, *(entry for path in self._files for entry in read_vocabulary(path))]
        self._vocabulary = Vocabulary(self._entries)
        self._dismissed = Dismissed(self._dismissed_file) if self._dismissed_file is not None else None

    def _states(self) -> list[State | None]:
        files = [*self._files, *([self._dismissed_file] if self._dismissed_file is not None else [])]
        return [state_of(path) for path in files]
