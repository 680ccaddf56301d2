"""Princeton WordNet 3.0 and the Open Multilingual Wordnet tab files, as plain tables.

WordNet is read from Debian's `wordnet-base` (/usr/share/wordnet), the other wordnets from
`wn-data-*.tab.gz` files keyed by the same synset ids (offset-pos). Sense counts are WordNet's own
(cntlist.rev: occurrences in SemCor).
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from mtfix.documents.categories import base_forms

_POS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_LOCATION = "15"  # lexicographer file of places
_NEAR = frozenset("& @ ~ + \\ = ^".split())  # pointers: similar, hypernym, hyponym, derived, pertains, attribute, also
_SENSE_POS = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}


@dataclass
class English:
    """Synsets of WordNet 3.0; lemmas are lower case with spaces."""

    folder: Path = Path("/usr/share/wordnet")
    lemmas: dict[str, list[str]] = field(default_factory=dict)  # synset id -> lemmas
    synsets: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))  # (lemma, pos) -> ids

    def __post_init__(self) -> None:
        for name, pos in _POS.items():
            for line in self._lines(name):
                fields = line.split(" ")
                count = int(fields[3], 16)
                lemmas = [fields[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(count)]
                identity = f"{fields[0]}-{pos}"
                self.lemmas[identity] = lemmas
                for lemma in lemmas:
                    self.synsets[lemma.lower(), pos].append(identity)

    @cached_property
    def counts(self) -> dict[tuple[str, str], int]:
        """(lemma, pos) -> how often it was seen in SemCor, all senses together."""
        result: dict[tuple[str, str], int] = defaultdict(int)
        for line in (self.folder / "cntlist.rev").read_text("latin-1").splitlines():
            key, _, count = line.split(" ")
            lemma, _, rest = key.partition("%")
            result[lemma.replace("_", " "), _SENSE_POS[rest[0]]] += int(count)
        return result

    def ranked(self, lemma: str, pos: str) -> list[str]:
        """Synset ids of a lemma, most frequent sense first (the order of the index files)."""
        return self._index.get((lemma, pos), [])

    def knows(self, form: str) -> bool:
        """Whether a lower-case form can be one of a lemma."""
        return any(base in self._all for base in base_forms(form))

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(lemma for lemma, _ in self.synsets)

    @cached_property
    def synonyms(self) -> dict[str, set[str]]:
        """Lower-case word -> those that share a synset with it, single words only."""
        result: dict[str, set[str]] = defaultdict(set)
        for lemmas in self.lemmas.values():
            alike = {lemma.lower() for lemma in lemmas if " " not in lemma}
            for lemma in alike:
                result[lemma] |= alike - {lemma}
        return result

    @cached_property
    def relatives(self) -> dict[str, set[str]]:
        """Lower-case word -> single words of the synsets beside its own: broader and narrower, similar, derived, ..."""
        result: dict[str, set[str]] = defaultdict(set)
        for name, pos in _POS.items():
            for line in self._lines(name):
                fields = line.split(" | ")[0].split(" ")
                pointers = fields[5 + 2 * int(fields[3], 16) :]
                beside = {
                    lemma.lower()
                    for symbol, target, kind in zip(pointers, pointers[1:], pointers[2:], strict=False)
                    if symbol in _NEAR and target.isdigit()
                    for lemma in self.lemmas.get(f"{target}-{kind.replace('s', 'a')}", ()) if " " not in lemma
                }
                for lemma in self.lemmas[f"{fields[0]}-{pos}"]:
                    result[lemma.lower()] |= beside - {lemma.lower()}
        return result

    @cached_property
    def demonyms(self) -> dict[str, list[str]]:
        """Place -> its adjectives ("Afghanistan" -> "Afghan", ...), from the pertainyms of WordNet."""
        places = {line.split(" ", 1)[0] for line in self._lines("noun") if line.split(" ", 2)[1] == _LOCATION}
        result: dict[str, list[str]] = {}
        for line in self._lines("adj"):
            fields = line.split(" | ")[0].split(" ")
            offset, lemmas = fields[0], self.lemmas[f"{fields[0]}-a"]
            pointers = fields[5 + 2 * int(fields[3], 16) :]
            for symbol, target in pairwise(pointers):
                if symbol == "\\" and target in places and lemmas[0][0].isupper():
                    place = self.lemmas[f"{target}-n"][0]
                    known = result.setdefault(place, [])
                    known += [lemma for lemma in self.lemmas[f"{offset}-a"] if lemma not in known]
        return result

    def _lines(self, name: str) -> list[str]:
        text = (self.folder / f"data.{name}").read_text("latin-1")
        return [line for line in text.splitlines() if not line.startswith(" ")]

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[str]]:
        result = {}
        for name, pos in _POS.items():
            for line in (self.folder / f"index.{name}").read_text("latin-1").splitlines():
                if line.startswith(" "):
                    continue
                fields = line.split()
                number = int(fields[2])
                result[fields[0].replace("_", " "), pos] = [f"{offset}-{pos}" for offset in fields[-number:]]
        return result


class Pivot:
    """Lemmas of another language, both ways: synset -> lemmas and lemma -> synsets."""

    def __init__(self, path: Path) -> None:
        self.language = path.name.split("-")[2].split(".")[0]
        self.lemmas: dict[str, list[str]] = defaultdict(list)
        self.synsets: dict[tuple[str, str], list[str]] = defaultdict(list)
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                fields = line.rstrip("\n").split("\t")
                if line.startswith("#") or len(fields) < 3 or not fields[1].endswith(":lemma"):
                    continue
                identity = fields[0].replace("-s", "-a")
                self.lemmas[identity].append(fields[2])
                self.synsets[fields[2], identity[-1]].append(identity)
