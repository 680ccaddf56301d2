"""What a document and the references beside it say about names and places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.words import words
from mtfix.names.gazetteer import COUNTRY, DISTRICT, PROVINCE, TOWN, Gazetteer, Place
from mtfix.names.mentions import HEADS, Run, Sentence, acronyms, read, spells
from mtfix.names.spelling import key

LONGEST_PLACE = 4  # words
# how much a name speaks for a reading as a place of this level; a town speaks with its size
_PRIOR = {COUNTRY: 30.0, PROVINCE: 5.0, DISTRICT: 0.3}
COUNTRY_SHARE = 0.12  # of what the names say, for a country to be one that the document is about


class Text:
    """A text with the names in it. `title` says what it is when it serves as evidence."""

    def __init__(self, text: str, title: str = "the document") -> None:
        self.text, self.title = text, title

    @cached_property
    def sentences(self) -> list[Sentence]:
        return read(self.text)

    @cached_property
    def forms(self) -> dict[str, Counter[str]]:
        """Spellings by key of the capitalised words, those that only open sentences left out."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for run in self.runs:
            for word in run:
                if not word.initial:
                    found[key(word.text)][word.text] += 1
        return found

    @cached_property
    def runs(self) -> list[Run]:
        return [run for sentence in self.sentences for run in sentence.runs]

    @cached_property
    def neighbours(self) -> dict[str, set[str]]:
        """Keys of the words beside a name's word in its runs."""
        found: dict[str, set[str]] = defaultdict(set)
        for run in self.runs:
            keys = [key(word.text) for word in run]
            for one, other in pairwise(keys):
                found[one].add(other)
                found[other].add(one)
        return found

    @cached_property
    def phrases(self) -> set[str]:
        """Keys of all runs and parts of runs of up to LONGEST_PLACE words."""
        return {key(_joined(part)) for run in self.runs for part in _parts(run)}

    @cached_property
    def expansions(self) -> dict[str, str]:
        """Acronyms with the words that they stand for, where these give the letters."""
        found: dict[str, str] = {}
        for sentence in self.sentences:
            for acronym in acronyms(self.text, sentence.span):
                for start in range(len(acronym.expansion) - 1, -1, -1):
                    pieces = acronym.expansion[start:]
                    first = pieces[0].of(self.text)
                    if first[0].isupper() and spells([p.of(self.text) for p in pieces], acronym.text):
                        found[acronym.text] = self.text[pieces[0].start : pieces[-1].end]
                        break
        return found

    def around(self, name: str) -> set[str]:
        """Content words of the sentences that hold a name."""
        found: set[str] = set()
        for sentence in self.sentences:
            if any(key(_joined(part)) == key(name) for run in sentence.runs for part in _parts(run)):
                found |= content(sentence.span.of(self.text))
        return found


def content(sentence: str) -> set[str]:
    """The words of a sentence that carry meaning, in lower case, cut to stems of five letters."""
    found = (span.of(sentence).lower() for span in words(sentence))
    return {word[:5] for word in found if len(word) > 3 and word.isalpha() and word not in FUNCTION_WORDS}


@dataclass(frozen=True, slots=True)
class Named:
    """A place that a sentence (by number) of the document names."""

    place: Place
    sentence: int
    at: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a document plays: its countries, the likeliest first, and the places it names there."""

    countries: tuple[str, ...]
    named: tuple[Named, ...]


def scene(text: Text, gazetteer: Gazetteer) -> Scene:
    """Names that are many places are read as those of the countries that the document's names speak for."""
    readings = [
        (number, run[0].span.start, places)
        for number, sentence in enumerate(text.sentences)
        for run, places in _places(sentence, gazetteer)
    ]
    votes: dict[str, float] = defaultdict(float)
    for places in {tuple(p.number for p in found): found for _, _, found in readings}.values():
        weights = [_weight(place) for place in places]
        for place, weight in zip(places, weights, strict=True):
            # a name that could be many small places says little of any
            votes[place.country] += min(1.0, max(weights)) * weight / sum(weights)
    whole = sum(votes.values())
    order = sorted(votes, key=lambda code: (-votes[code], code))
    countries = tuple(code for code in order if votes[code] >= COUNTRY_SHARE * whole)
    named = [
        Named(place, number, at)
        for number, at, places in readings
        for place in _likely([p for p in places if p.country in countries])
    ]
    return Scene(countries, tuple(named))


def _weight(place: Place) -> float:
    return _PRIOR.get(place.level, 0.01) + (place.inhabitants / 2e6 if place.level == TOWN else 0.0)


def _likely(places: Sequence[Place]) -> list[Place]:
    """Of the readings in the document's countries those that are not much less likely than another."""
    best = max(map(_weight, places), default=0.0)
    return [place for place in places if _weight(place) * 20 >= best]


def _places(sentence: Sentence, gazetteer: Gazetteer) -> Iterator[tuple[Run, tuple[Place, ...]]]:
    """The longest parts of runs that are places, from left to right."""
    for run in sentence.runs:
        at = 0
        while at < len(run):
            for size in range(min(LONGEST_PLACE, len(run) - at), 0, -1):
                part = run[at : at + size]
                kind = size == 1 and part[0].text.lower() in HEADS
                places = () if kind else gazetteer.places(_joined(part))
                if places:
                    yield part, places
                    break
            at += size


def _parts(run: Run) -> Iterator[Run]:
    for start in range(len(run)):
        for size in range(1, min(LONGEST_PLACE, len(run) - start) + 1):
            yield run[start : start + size]


def _joined(run: Run) -> str:
    return " ".join(word.text for word in run)
