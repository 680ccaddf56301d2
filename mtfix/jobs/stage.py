"""Files that appear whole or not at all: written in the job's own folder, then moved to their place."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from mtfix.errors import InputError
from mtfix.jobs.ledger import FOLDER


class Stage:
    """The folder of unfinished files in `out`; whatever a killed run left there is thrown away."""

    def __init__(self, out: Path) -> None:
        self._out, self._folder = out, out / FOLDER / "unfinished"
        self._number = 0
        try:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self._folder, error) from error

    def new(self, name: str) -> Path:
        """Where to write the next file; it isn't there yet."""
        self._number += 1
        return self._folder / f"{self._number}{Path(name).suffix}"

    def write(self, name: str, data: bytes) -> Path:
        """Put a file with this content at `name` below the output; returns its path. Raises InputError.

        It survives a power cut only after `settle`; to wait for the disk each time would take longer than the work.
        """
        made = self.new(name)
        try:
            made.write_bytes(data)
            return self._move(made, name)
        except OSError as error:
            raise unwritable(self._out / name, error) from error
        finally:
            with suppress(OSError):
                made.unlink(missing_ok=True)

    def place(self, made: Path, name: str) -> Path:
        """Move a finished file, or folder of files, to `name` below the output, once it is on the disk."""
        try:
            for file in made.iterdir() if made.is_dir() else [made]:
                with open(file, "rb+") as opened:
                    os.fsync(opened.fileno())
        except OSError as error:
            raise unwritable(self._out / name, error) from error
        return self._move(made, name)

    @staticmethod
    def settle() -> None:
        """Wait until all that was written is on the disk."""
        if hasattr(os, "sync"):
            os.sync()

    def _move(self, made: Path, name: str) -> Path:
        target = self._out / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            before = self.new(name)
            if made.is_dir() and target.exists():
                os.replace(target, before)
            os.replace(made, target)
            self.discard(before)
            return target
        except OSError as error:
            raise unwritable(target, error) from error

    def remove(self, name: str) -> None:
        """Take away what is at `name` below the output, if anything is. Raises InputError."""
        before = self.new(name)
        try:
            os.replace(self._out / name, before)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise unwritable(self._out / name, error) from error
        self.discard(before)

    def discard(self, made: Path) -> None:
        with suppress(OSError):
            if made.is_dir():
                shutil.rmtree(made)
            else:
                made.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path}: cannot be written ({error.strerror or error}); see to the disk, then run the same command again."
    )
