"""XML as tags and their places in the text, so that a file can be changed without being written anew.

A document type is refused: office files have none, and entities that multiply come in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from mtfix.errors import InputError

_TAG = re.compile(r"""<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")


@dataclass(frozen=True, slots=True)
class Event:
    """A start tag or an end tag; one that is both (<a/>) makes two events, of which the second is empty."""

    start: int
    end: int
    name: str
    opens: bool
    attributes: dict[str, str] = field(default_factory=dict)


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text and its encoding, byte order mark kept in the text; InputError if the bytes can't be had back."""
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"), 0)
    encoding = declared[1].decode("ascii") if declared else "utf-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16-le" if data[:2] == b"\xff\xfe" else "utf-16-be"
    try:
        text = data.decode(encoding)
        if text.encode(encoding) == data:
            return text, encoding
    except (LookupError, ValueError):
        pass
    raise InputError(f"{name}: is damaged (it isn't in its encoding, {encoding}); repair or save it anew.")


def events(text: str, name: str) -> list[Event]:
    """All tags in order. `name` is told in the InputError for what isn't well-formed XML or has a document type."""
    try:
        return list(_events(text))
    except expat.ExpatError as error:
        raise InputError(f"{name}: is damaged ({error}); repair or save it anew.") from error
    except _DocumentTypeError as error:
        raise InputError(f"{name}: declares a document type, which office files don't; it may be malicious.") from error


class _DocumentTypeError(Exception):
    pass


def _events(text: str) -> Iterator[Event]:
    data = text.removeprefix("\ufeff").encode("utf-8", "surrogatepass")
    found: list[tuple[int, str, dict[str, str] | None]] = []
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = False

    def refuse(*_: object) -> None:
        raise _DocumentTypeError

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, said: found.append((parser.CurrentByteIndex, name, said))
    parser.EndElementHandler = lambda name: found.append((parser.CurrentByteIndex, name, None))
    parser.Parse(data, True)
    last_byte, at, after = 0, len(text) - len(text.removeprefix("\ufeff")), 0
    for byte, name, said in found:
        at += len(data[last_byte:byte].decode("utf-8", "surrogatepass"))
        last_byte = byte
        if said is not None:
            tag = _TAG.match(text, at)
            assert tag is not None
            after = tag.end()
            yield Event(at, after, name, True, said)
        elif text.startswith("</", at):
            yield Event(at, text.index(">", at) + 1, name, False)
        else:  # the second half of <a/>
            yield Event(after, after, name, False)
