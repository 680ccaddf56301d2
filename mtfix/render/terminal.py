"""The same diff in colour, and the listings of `mtfix detect`, for people at a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mtfix.render.diff import Piece, changed, pieces, plain, visible
from mtfix.render.findings import Item, Mark, column_starts, disjoint_flags, marks, place, stretches
from mtfix.types import Detection

_RESET = "\x1b[0m"
_STYLES = {"delete": "\x1b[31;9m", "insert": "\x1b[32m", "flag": "\x1b[33;4m"}
_BOLD, _DIM = "\x1b[1m", "\x1b[2m"

# in a long paragraph only the words around a finding help; the rest would bury it
_LONGEST_KEEP, _AROUND = 240, 100


def colour_diff(item: Item, *, header: bool = True) -> str:
    """Deletions red and struck through, insertions green, flags without a repair yellow and underlined."""
    text = item.correction.original
    lines = []
    for stretch in changed(item.correction, item.first_line):
        parts = list(pieces(text, stretch))
        shown = "".join(
            _painted(piece) if piece.kind != "keep" else _shortened(piece.text, index > 0, index + 1 < len(parts))
            for index, piece in enumerate(parts)
        )
        lines.append(f"{_DIM}{stretch.number:>5}{_RESET}  {shown}\n")
    name = f"{_BOLD}{visible(item.name)}{_RESET}\n" if header and lines else ""
    return name + "".join(lines)


def listing(name: str, detection: Detection, *, first_line: int = 1, colour: bool = False) -> str:
    """Each line with flags as context, and below it every flag with its place, category and score."""
    starts = column_starts(detection.text)
    flags = sorted(detection.flags, key=lambda flag: flag.span)
    result = []
    for stretch in stretches(detection.text, disjoint_flags(flags), first_line=first_line):
        parts = list(pieces(detection.text, stretch))
        if colour:
            context = "".join(_painted(part) if part.kind != "keep" else visible(part.text) for part in parts)
        else:
            context = "".join(plain(part) for part in parts)
        result.append(f"{_styled(f'{visible(name)}:{stretch.number}', _BOLD, colour)}\n    {context}\n")
        for flag in flags:
            if stretch.span.start <= flag.span.start <= stretch.span.end:
                line, column = place(starts, flag.span.start, first_line)
                where = _styled(f"{line}:{column}", _DIM, colour)
                category = _styled(f"{flag.category:<15}", "\x1b[33m", colour)
                result.append(f"    {where}  {category}  {flag.score:.2f}  {visible(flag.message)}".rstrip() + "\n")
    return "".join(result)


def line_format(item: Item) -> Iterator[str]:
    """`path:line:col:category:score:'original' -> 'best'` for every finding, for editors and grep.

    The score is the detector's; a repair that no flag asked for shows its own confidence. `?` stands
    where there is no repair.
    """
    starts = column_starts(item.correction.original)
    for mark in marks(item.correction):
        line, column = place(starts, mark.span.start, item.first_line)
        category, score, best = _row(mark)
        original = mark.span.of(item.correction.original)
        yield f"{visible(item.name)}:{line}:{column}:{category}:{score:.2f}:{original!r} -> {best}\n"


def _row(mark: Mark) -> tuple[str, float, str]:
    if mark.edit is not None:
        score = mark.flag.score if mark.flag else mark.edit.confidence
        return mark.edit.category, score, repr(mark.edit.replacement)
    assert mark.flag is not None
    return mark.flag.category, mark.flag.score, "?"


def _painted(piece: Piece) -> str:
    if piece.kind == "suggestion":
        return _styled(visible(piece.text), _STYLES["flag"]) + _styled(f"→{visible(piece.other)}", "\x1b[33;2m")
    # an empty flag is a place where something is missing
    return _styled(visible(piece.text) or "‸", _STYLES[piece.kind])


def _styled(text: str, style: str, colour: bool = True) -> str:
    return f"{style}{text}{_RESET}" if colour else text


def _shortened(text: str, after: bool, before: bool) -> str:
    """Unchanged words beside a finding (`after` one, `before` one, or both), cut at a word's edge."""
    if len(text) > _LONGEST_KEEP:
        head = re.match(r".*(?=\s)", text[:_AROUND], re.DOTALL) if after else None
        tail = re.search(r"(?<=\s)\S.*", text[-_AROUND:], re.DOTALL) if before else None
        middle = f"{_DIM}[…]{_RESET}"
        start = visible(head.group()) if head else ""
        end = visible(tail.group()) if tail else ""
        return " ".join(part for part in (start, middle, end) if part)
    return visible(text)


def colour_wanted(is_terminal: bool, environment: Mapping[str, str]) -> bool:
    """NO_COLOR (https://no-color.org) and a dumb terminal win; otherwise colour is for terminals."""
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
