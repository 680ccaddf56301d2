"""What the editor gives: clean articles on the same events, and a glossary of names."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mtfix.documents.read import read_document
from mtfix.errors import InputError
from mtfix.names.evidence import Text


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a glossary: `wrong` (empty where only the right name is given) is written `right`."""

    wrong: str
    right: str
    line: int


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
            if row.wrong and other is not row and whole(row.wrong).search(other.right):
                raise InputError(
                    f"{path}, line {row.line}: {row.wrong!r} stands in the right name of line {other.line}; change one."
                )


def whole(name: str) -> re.Pattern[str]:
    """Matches a name as it is written and in capitals, not inside words."""
    return re.compile(rf"(?<!\w)(?:{re.escape(name)}|{re.escape(name.upper())})(?!\w)")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
