"""Where results and remarks go, and what becomes of errors.

Results go to standard output as UTF-8 bytes, so that line ends survive on every system; remarks,
progress and errors go to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import typer

from mtfix.errors import InputError, MtfixError

_P = ParamSpec("_P")


def _encoded(text: str | bytes) -> bytes:
    # file names may hold undecodable bytes, which would not encode
    return text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text


class StandardOutput:
    """Every write is flushed: a reader at the other end of a pipe gets results as they come."""

    def write(self, text: str | bytes) -> None:
        if not text:
            return
        try:
            sys.stdout.buffer.write(_encoded(text))
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise InputError(f"standard output cannot be written: {error.strerror or error}.") from error

    def commit(self) -> None:
        """Nothing to do: what is written is out."""


class FileOutput:
    """A file that appears whole on `commit`, or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[bytes] = []

    def write(self, text: str | bytes) -> None:
        self._parts.append(_encoded(text))

    def commit(self) -> None:
        write_file(self._path, b"".join(self._parts))


Output = StandardOutput | FileOutput


def write_file(path: Path, content: str | bytes) -> None:
    """The new content of the file; InputError when that fails."""
    from mtfix.documents.write import write_atomic

    try:
        write_atomic(path, content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error


def say(message: str) -> None:
    """A remark on standard error, on one line whatever file names are in it."""
    line = "".join(character if character.isprintable() else " " for character in message)
    with suppress(OSError):  # a closed standard error is no reason to stop
        print(f"mtfix: {line}", file=sys.stderr, flush=True)


def report(error: MtfixError) -> int:
    say(f"error: {error}")
    return error.exit_code


def guarded(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn expected errors into one line and an exit code; a bug keeps its traceback."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            return
        except MtfixError as error:
            code = report(error)
        except BrokenPipeError:
            code = 0  # `mtfix ... | head`: the reader has what it wanted
        except KeyboardInterrupt:
            say("interrupted")
            code = 130
        finally:
            _settle()
        raise typer.Exit(code)

    return run


def _settle() -> None:
    """Flush standard output; if that cannot be done, keep the interpreter from complaining again at exit."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
