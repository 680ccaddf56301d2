"""What is done with every result, in input order: documents are written, rows go into their table."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mtfix.jobs.inputs import Part
from mtfix.jobs.items import Item, Outcome
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.stage import Stage, unwritable
from mtfix.jobs.tables import Columns
from mtfix.jobs.tables.base import Writer


class Outputs:
    """Writes below `out`. Raises InputError when that fails; what is at its place then is whole."""

    def __init__(self, out: Path, ledger: Ledger, columns: Columns) -> None:
        self._out, self._ledger, self._columns = out, ledger, columns
        self._stage = Stage(out)
        self._part: Part | None = None
        self._made: Path | None = None
        self._writer: Writer | None = None

    def current(self, part: Part, key: bytes) -> bool:
        """Whether the document's output is there, as this job wrote it, from the result of this key."""
        noted = self._ledger.output(part.name)
        if noted is None or noted[0] != key:
            return False
        try:
            status = (self._out / part.name).stat()
        except OSError:
            return False
        return noted[1:] == (status.st_size, status.st_mtime_ns)

    def take(self, part: Part, item: Item, outcome: Outcome, key: bytes | None) -> None:
        """The next document or row. A document that failed has no output."""
        if part.table is not None:
            self._row(part, item, outcome)
        elif outcome.data is not None and key is not None:
            status = self._stage.write(part.name, outcome.data).stat()
            self._ledger.note_output(part.name, key, status.st_size, status.st_mtime_ns)
        elif outcome.error is not None:
            self.fail(part)

    def fail(self, part: Part) -> None:
        """The part has no result: what this job made of an earlier content must not pass for it."""
        self.abandon()
        if self._ledger.output(part.name) is not None:
            self._stage.remove(part.name)
            self._ledger.drop_output(part.name)

    def finish(self, part: Part) -> None:
        """The part has no more rows."""
        if part.table is None:
            return
        try:
            self._open(part).finish()
        except OSError as error:
            raise unwritable(self._out / part.name, error) from error
        made, self._made = self._made, None
        self.abandon()
        assert made is not None
        status = self._stage.place(made, part.name).stat()
        self._ledger.note_output(part.name, b"", status.st_size, status.st_mtime_ns)

    def place(self, name: str, data: bytes) -> None:
        """A file beside the documents: a report, or what holds a dataset together."""
        self._stage.write(name, data)

    def settle(self) -> None:
        """All outputs are on the disk after this."""
        self._stage.settle()

    def abandon(self) -> None:
        """Give up the table that is being written."""
        if self._writer is not None:
            with suppress(OSError):  # a full disk has been told of already
                self._writer.close()
        if self._made is not None:
            self._stage.discard(self._made)
        self._part = self._made = self._writer = None

    def _row(self, part: Part, item: Item, outcome: Outcome) -> None:
        try:
            self._open(part).add(item, outcome)
        except OSError as error:
            raise unwritable(self._out / part.name, error) from error

    def _open(self, part: Part) -> Writer:
        if self._writer is None or self._part != part:
            self.abandon()
            self._part, self._made = part, self._stage.new(part.name)
            self._writer = part.open(self._columns).writer(self._made)
        return self._writer
