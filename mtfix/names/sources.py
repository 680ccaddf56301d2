"""What the editor gives: clean articles on the same events, and a glossary of names."""

from __future__ import annotations

import csv
import hashlib
import re
from bisect import bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtfix.documents.read import read_document
from mtfix.documents.segment import sentences
from mtfix.errors import InputError
from mtfix.names.evidence import Text
from mtfix.types import Span

_APOSTROPHES = "'’ʼ‘"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a glossary: `wrong` (empty where only the right name is given) is written `right`."""

    wrong: str
    right: str
    line: int

    @property
    def exact(self) -> bool:
        """Whether apostrophes or capitals are all that is wrong: then others than those given are not meant."""
        return _plain(self.wrong) == _plain(self.right)

    def wrong_in(self, text: str, openings: Container[int] = ()) -> list[Span]:
        """Where the wrong name stands and is no part of the right one. `openings`: see `opening_places`."""
        right, wrong = (_places(name, text, openings, exact=self.exact) for name in (self.right, self.wrong))
        return [span for span in wrong if not meets(span, right)]

    def written_like(self, original: str) -> str:
        """The right name for a wrong one in the text: with its kind of apostrophe, and the capital of its place."""
        if self.exact:
            return self.right
        name = self.right.replace("'", "’") if "’" in original else self.right
        return _capital(name) if self.wrong[0].islower() and original[0].isupper() else name


@dataclass(frozen=True, slots=True)
class Glossary:
    name: str = "glossary"
    rows: tuple[Row, ...] = ()

    @property
    def right(self) -> str:
        """The right names, as a text."""
        return "\n".join(row.right for row in self.rows)


def read_references(paths: Sequence[Path | str]) -> list[Text]:
    """Raises InputError for a file that cannot be read or has no words in it."""
    found = []
    for path in map(Path, paths):
        text = read_document(path).text
        if not any(char.isalpha() for char in text):
            raise InputError(f"{path}: there is no text in this reference; give a clean article on the same events.")
        found.append(Text(text, f"the reference {path.name}"))
    return found


def read_glossary(path: Path | str) -> Glossary:
    """Rows `wrong,right` or `right`, apart by tabs where the first line that isn't a remark holds one, else by
    commas; lines that start with # are remarks.

    Raises InputError, with the line, for rows of other shapes and for rows that contradict each other.
    """
    path = Path(path)
    text = read_document(path).text.removeprefix("\ufeff")
    lines = [(n, line) for n, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1)]
    lines = [(n, line) for n, line in lines if line.strip() and not line.startswith("#")]
    if not lines:
        raise InputError(f"{path}: this glossary is empty; give rows of WRONG,RIGHT or of right names alone.")
    mark = "\t" if "\t" in lines[0][1] else ","
    rows = [_row(path, n, line, mark) for n, line in lines]
    _check(path, rows)
    return Glossary(f"the glossary {path.name}", tuple(rows))


def digest(references: Sequence[Text], glossary: Glossary | None) -> dict[str, str]:
    """What of these a result depends on, as sha256 prefixes by name; empty when nothing was given."""
    found = {}
    if references:
        found["references"] = _sha("\0".join(reference.text for reference in references))
    if glossary is not None:
        found["glossary"] = _sha("\0".join(f"{row.wrong}\t{row.right}" for row in glossary.rows))
    return found


def _row(path: Path, number: int, line: str, mark: str) -> Row:
    try:
        [cells] = csv.reader([line], delimiter=mark, strict=True)
    except csv.Error as error:
        raise InputError(
            f"{path}, line {number}: cannot be read as a row ({error}); mend the quotation marks."
        ) from error
    cells = [cell.strip() for cell in cells]
    if len(cells) > 2 or not cells[-1]:
        raise InputError(f"{path}, line {number}: {line.strip()!r} is neither WRONG,RIGHT nor one right name.")
    wrong = cells[0] if len(cells) == 2 else ""
    if wrong == cells[-1]:
        raise InputError(f"{path}, line {number}: {wrong!r} is to be replaced by itself; give its right form.")
    return Row(wrong, cells[-1], number)


def _check(path: Path, rows: Sequence[Row]) -> None:
    seen: dict[str, Row] = {}
    for row in rows:
        other = seen.setdefault(row.wrong, row)
        if row.wrong and other.right != row.right:
            raise InputError(
                f"{path}, line {row.line}: {row.wrong!r} is written otherwise in line {other.line}; keep one."
            )
    for row in rows:
        for other in rows:
            # a corrected text would be changed again
            if row.wrong and other is not row and _places(row.wrong, other.right, (0,), exact=row.exact):
                raise InputError(
                    f"{path}, line {row.line}: {row.wrong!r} stands in the right name of line {other.line}; change one."
                )


def opening_places(text: str) -> set[int]:
    """Where the sentences have their first letters or digits."""
    return {
        next((at for at in range(span.start, span.end) if text[at].isalnum()), span.start) for span in sentences(text)
    }


def meets(place: Span, others: Sequence[Span]) -> bool:
    """Whether the place overlaps one of the others, which are sorted and disjoint."""
    at = bisect_right(others, place.start, key=lambda span: span.end)
    return at < len(others) and place.overlaps(others[at])


def _places(name: str, text: str, openings: Container[int], *, exact: bool) -> list[Span]:
    """Where a name stands as it is written or in capitals, not inside words.

    Unless `exact`, apostrophes of all kinds are one, and "al-Shabab" has a capital where a sentence opens; a name
    without any capitals has none there, for it is rather another word.
    """

    def found(*forms: str) -> list[Span]:
        either = "|".join(_pattern(form, exact) for form in forms)
        return [Span(*match.span()) for match in re.finditer(rf"(?<!\w)(?:{either})(?!\w)", text)]

    places = found(name, name.upper())
    if exact or name == name.lower() or name == _capital(name):
        return places
    return sorted({*places, *(span for span in found(_capital(name)) if span.start in openings)})


def _pattern(name: str, exact: bool) -> str:
    return "".join(f"[{_APOSTROPHES}]" if c in _APOSTROPHES and not exact else re.escape(c) for c in name)


def _plain(name: str) -> str:
    return "".join("'" if char in _APOSTROPHES else char for char in name).casefold()


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
