"""Places of the world and words that are known, in one small SQLite file that is read where it lies.

Nothing is loaded: a document asks for a few hundred rows. The file is made by scripts/build_gazetteer.py;
mtfix/names/data/README.md says from what.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from mtfix.errors import ModelError
from mtfix.names.spelling import key

COUNTRY, PROVINCE, DISTRICT, TOWN = range(4)
SHIPPED = Path(__file__).parent / "data" / "gazetteer.sqlite"
_COLUMNS = "id, forms, level, cc, parent, pop"


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its spellings, the best first; COUNTRY to TOWN; ISO code of the country; the unit it lies in;
    inhabitants (0 where not known)."""

    number: int
    forms: tuple[str, ...]
    level: int
    country: str
    parent: int | None
    inhabitants: int

    @property
    def name(self) -> str:
        return self.forms[0]


class Gazetteer:
    """Looks places and words up. Raises ModelError when the file is missing or is no gazetteer."""

    def __init__(self, path: Path = SHIPPED) -> None:
        if not path.is_file():
            raise ModelError(f"the gazetteer {path} is missing: reinstall mtfix or restore the file")
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._base = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            [(self.digest,)] = self._base.execute("SELECT value FROM about WHERE name = 'sha256'")
        except (sqlite3.DatabaseError, ValueError) as error:
            raise ModelError(f"{path} is no gazetteer of mtfix: reinstall mtfix or restore the file") from error
        self.places = lru_cache(4096)(self._places)
        self.below = lru_cache(256)(self._below)
        self.known = lru_cache(65536)(self._known)

    def _places(self, name: str) -> tuple[Place, ...]:
        """The places of that name or adjective ("Afghan"), in any spelling, the best known first."""
        query = f"SELECT {_COLUMNS} FROM spelling JOIN place ON id = place WHERE key = ? ORDER BY level, pop DESC, id"
        return tuple(map(_place, self._base.execute(query, (key(name),))))

    def _below(self, parent: int, level: int) -> tuple[Place, ...]:
        """The places of a level in a unit or in the units of a country."""
        query = f"""SELECT {_COLUMNS} FROM place WHERE level = ?1 AND (parent = ?2 OR
                    parent IN (SELECT id FROM place WHERE parent = ?2 AND level = {PROVINCE})) ORDER BY id"""
        return tuple(map(_place, self._base.execute(query, (level, parent))))

    def _known(self, name: str) -> bool:
        """Whether a word, or every part of a compound, is a word of English or part of a place's name."""
        return all(len(part) < 2 or self._word(part) for part in key(name).split())

    def _word(self, word: str) -> bool:
        stems = [word, word[:-1]] if word.endswith("s") else [word]
        return any(
            next(self._base.execute(f"SELECT 1 FROM {table} WHERE key = ? LIMIT 1", (stem,)), None) is not None
            for stem in stems
            for table in ("word", "spelling")
        )

    def place(self, number: int) -> Place:
        return _place(next(self._base.execute(f"SELECT {_COLUMNS} FROM place WHERE id = ?", (number,))))

    def alike(self, name: str, levels: Iterable[int], most: int) -> list[Place]:
        """Places of these levels anywhere whose names start like this one and are most like it."""
        wanted = key(name)[:2]
        if not wanted:
            return []
        query = f"""SELECT DISTINCT {_COLUMNS} FROM spelling JOIN place ON id = place
                    WHERE key >= ? AND key < ? AND level IN ({",".join(str(int(level)) for level in levels)})"""
        after = wanted[:-1] + chr(ord(wanted[-1]) + 1)
        return likest(name, list(map(_place, self._base.execute(query, (wanted, after)))), most)

    @cached_property
    def countries(self) -> Sequence[Place]:
        return tuple(map(_place, self._base.execute(f"SELECT {_COLUMNS} FROM place WHERE level = {COUNTRY}")))


def likest(name: str, places: Sequence[Place], most: int) -> list[Place]:
    """The places with the spellings that are most like the name, by Jaro-Winkler and indel similarity."""
    from rapidfuzz import process
    from rapidfuzz.distance import Indel, JaroWinkler

    forms = {(n, form): key(form) for n, place in enumerate(places) for form in place.forms}
    found: dict[int, Place] = {}
    for scorer in (JaroWinkler.similarity, Indel.normalized_similarity):
        for _, _, (n, _) in process.extract(key(name), forms, scorer=scorer, limit=most):
            found.setdefault(n, places[n])
    return list(found.values())


def _place(row: tuple[int, str, int, str, int | None, int]) -> Place:
    number, forms, level, country, parent, inhabitants = row
    return Place(number, tuple(forms.split("|")), level, country, parent, inhabitants)
