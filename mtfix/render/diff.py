"""A word diff in plain characters, after `git diff --word-diff`: `[-old-]{+new+}`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mtfix.render.findings import Item, Stretch, marks, stretches
from mtfix.types import Correction

# what a terminal would act on; tabs are harmless, and line ends inside a mark are shown as such
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20) if code != 0x09}
_CONTROLS |= {0x7F: "\u2421", 0x0A: "\u23ce", 0x2028: "\u23ce", 0x2029: "\u23ce"}
_CONTROLS |= dict.fromkeys(range(0x80, 0xA0), "\ufffd")
# bidirectional controls could make a diff read otherwise than it is
_CONTROLS |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one kind; for a suggestion `text` is the original and `other` the repair."""

    kind: Literal["keep", "delete", "insert", "suggestion", "flag"]
    text: str
    other: str = ""


def pieces(text: str, stretch: Stretch) -> Iterator[Piece]:
    """The stretch cut at its marks; a repair gives what goes, then what comes."""
    position = stretch.span.start
    for mark in stretch.marks:
        if mark.span.start > position:
            yield Piece("keep", text[position : mark.span.start])
        position = mark.span.end
        old = mark.span.of(text)
        if mark.edit is None:
            yield Piece("flag", old)
        elif mark.kind == "suggestion":
            yield Piece("suggestion", old, mark.edit.replacement)
        else:
            if old:
                yield Piece("delete", old)
            if mark.edit.replacement:
                yield Piece("insert", mark.edit.replacement)
    if position < stretch.span.end:
        yield Piece("keep", text[position : stretch.span.end])


def plain(piece: Piece) -> str:
    """The piece in git's notation; `[?old?]` is a flag without a repair, `[?old -> new?]` a suggestion."""
    text = visible(piece.text)
    if piece.kind == "delete":
        return f"[-{text}-]"
    if piece.kind == "insert":
        return f"{{+{text}+}}"
    if piece.kind == "flag":
        return f"[?{text}?]"
    if piece.kind == "suggestion":
        return f"[?{text} -> {visible(piece.other)}?]"
    return text


def visible(text: str) -> str:
    """`text` on one line and without anything that a terminal would obey."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def word_diff(item: Item, *, header: bool = True) -> str:
    """Every line with findings after its number, under the name of the document; empty when there is none."""
    text = item.correction.original
    lines = [
        f"{stretch.number}: {''.join(plain(piece) for piece in pieces(text, stretch))}\n"
        for stretch in changed(item.correction, item.first_line)
    ]
    name = f"{visible(item.name)}\n" if header and lines else ""
    return name + "".join(lines)


def changed(correction: Correction, first_line: int = 1) -> Iterator[Stretch]:
    return stretches(correction.original, marks(correction), first_line=first_line)
