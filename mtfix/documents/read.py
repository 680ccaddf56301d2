"""Read documents exactly: strict UTF-8, byte order mark and line ends kept in the text."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from mtfix.errors import InputError
from mtfix.types import Document

SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".docx"})
LITTER = ("~$", "._")  # how Word's lock files and the resource files of macOS begin: they lie beside a document

# Only these end a line. str.splitlines would also break at U+2028, form feeds and the like.
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_BYTES = re.compile(rb"\r\n|\r|\n")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


State = tuple[int, int]  # when a file was written last (ns), and its size (bytes)


def state_of(path: Path) -> State | None:
    """What tells whether a file was written since; None of what isn't there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files to read: files as given, a folder as those in it with one of SUFFIXES, sorted, at any depth.

    Hidden subfolders and links to folders are not entered, files that begin like LITTER are left out. Raises
    InputError for a path that does not exist and for a folder without such files.
    """
    files: list[Path] = []
    for path in paths:
        try:
            if path.is_dir():
                files += _below(path)
            elif path.exists():
                files.append(path)
            else:
                raise InputError(f"{path}: no such file or folder; check the path.")
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: cannot be read ({_reason(error)}); check the path and its permissions."
            ) from error
    return files


def _below(folder: Path) -> list[Path]:
    def fail(error: OSError) -> None:
        raise error

    found: list[Path] = []
    for parent, subfolders, names in os.walk(folder, onerror=fail):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        found += [
            Path(parent, name) for name in names
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(LITTER)
        ]  # fmt: skip
    found = [path for path in found if path.is_file()]
    if not found:
        known = ", ".join(sorted(SUFFIXES))
        raise InputError(f"{folder}: no readable files in this folder ({known}); name the files to read.")
    return sorted(found)


def read_document(path: Path) -> Document:
    """The text of the file at `path`, named by the path as given. Raises InputError."""
    return Document(decode(read_file(path), str(path)), str(path))


def read_file(path: Path) -> bytes:
    """What is in the file at `path`. Raises InputError."""
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        raise InputError(f"{path}: is a folder; name a file in it.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({_reason(error)}); check the path and its permissions.") from error


def read_stream(stream: BinaryIO, name: str = "<stdin>") -> bytes:
    """All that is left in a binary stream. Raises InputError."""
    try:
        return stream.read()
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({_reason(error)}).") from error


def lines(document: Document) -> Iterator[tuple[Document, str]]:
    r"""Each line as a document named `NAME:LINE` (from 1), with its line end (\n, \r\n, \r or none).

    Joining the texts and ends gives back the document; a final line end starts no further line.
    """
    text, start, number = document.text, 0, 1
    for match in _LINE_END.finditer(text):
        yield Document(text[start : match.start()], f"{document.name}:{number}"), match.group()
        start, number = match.end(), number + 1
    if start < len(text):
        yield Document(text[start:], f"{document.name}:{number}"), ""


def decode(data: bytes, name: str) -> str:
    """The bytes as strict UTF-8; InputError says where they are not."""
    if data.startswith(_UTF16):
        raise InputError(f"{name}: is UTF-16, not UTF-8; convert it first, for instance with iconv.")
    if 0 in data:
        raise InputError(f"{name}: is a binary file (NUL byte at offset {data.index(0)}); give plain text.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + sum(1 for _ in _LINE_END_BYTES.finditer(data, 0, error.start))
        raise InputError(
            f"{name}: is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start}, line {line}); "
            "convert it first, for instance with iconv."
        ) from error


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
