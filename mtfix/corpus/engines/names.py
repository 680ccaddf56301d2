"""Mangled names, as translators that cut words into pieces print them.

A piece of a name is exchanged for one that looks alike, parts are translated as if they were words, an
acronym comes back in the order of another language or stands beside an expansion that doesn't fit, a
transliteration drifts, a country's name takes the place of its adjective.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.fuzz import ratio
from wordfreq import zipf_frequency

from mtfix.corpus.engines import morphology
from mtfix.corpus.engines.base import Damage
from mtfix.corpus.engines.lexical import Reading, inflect, reading
from mtfix.corpus.tokens import cut
from mtfix.corpus.wordnet import English
from mtfix.types import Category, Span

_CATEGORY: Category = "name"
# letters that romanisations confuse, both ways
_DRIFT = (
    "kh h|kh x|q k|sh sch|ch tch|ou u|oo u|ee i|j dj|zh j|ph f|v w|th t|dh d|gh g|c k|ss s|ai ay|ei ai|iy i|"
    "y i|u o|e a|i e|tz ts|x ks|ya ia|yu iu"
).split("|")
_SYLLABLE = re.compile(r"[^aeiouyáéíóúàèâêîôûäëïöü]*[aeiouyáéíóúàèâêîôûäëïöü]+(?:[^aeiouy]+$)?", re.IGNORECASE)
# capitals that name no person, place or body: they are never mangled
_NO_NAMES = frozenset(
    """January February March April May June July August September October November December Monday Tuesday
    Wednesday Thursday Friday Saturday Sunday Mr Mrs Ms Dr President Minister Prime General Senator Judge King Queen
    God Internet English TV OK AM PM GMT""".split()
)
ALIKE = 55  # rapidfuzz ratio from which another spelling of the gazetteer is taken for a transliteration
KNOWN = 3.7  # Zipf frequency from which translators know a name ("London", "Palestinians")
COMMON = 4.5  # and from which a first word need not be a name
_TRIES = 12


@dataclass(frozen=True, slots=True)
class _Name:
    """A run of capitalised words of a sentence."""

    span: Span
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.parts)


class NamesEngine:
    """Mangles names of clean sentences.

    english: WordNet, for demonyms and for the words that name parts look like. variants: other spellings of
    places by name. donors: names whose pieces are put into others; words of WordNet serve too.
    """

    def __init__(
        self, english: English, variants: Mapping[str, Sequence[str]] | None = None, donors: Sequence[str] = ()
    ) -> None:
        self.english = english
        self.variants = variants or {}
        self.places = english.demonyms
        self.demonyms = {adjective: place for place, found in self.places.items() for adjective in found}
        lemmas = (lemma for found in english.lemmas.values() for lemma in found)
        self._plain = frozenset(lemma for lemma in lemmas if lemma.isalpha() and lemma.islower())
        self.donors = sorted({name for name in (*donors, *self._plain) if len(name) > 4 and name.isascii()})

    @classmethod
    def from_folder(cls, english: English, folder: Path, population: int = 20_000) -> NamesEngine:
        """With the gazetteer of a data folder: places from `population` up, and whatever is small and has spellings."""
        from mtfix.corpus.rows import read_jsonl

        variants: dict[str, list[str]] = {}
        for path in sorted(folder.glob("*.jsonl*")):
            for row in read_jsonl(path):
                if row.get("pop", population) >= population:
                    variants.setdefault(row["name"], []).extend(row.get("alt") or row.get("variants") or ())
        alike = {name: [v for v in found if _transliterated(name, v)] for name, found in variants.items()}
        donors = [name for name in variants if name.isalpha() and len(name) > 4]
        return cls(english, {name: found for name, found in alike.items() if found}, donors)

    def damage(self, sentence: str, density: float, rng: random.Random) -> Damage:
        """Every name mangled with a probability of 0.3 more than the density (none at density 0)."""
        parts: list[str] = []
        phrases: dict[str, Category] = {}
        position = 0
        for name in _names(sentence):
            if density <= 0 or rng.random() >= density + 0.3:
                continue
            mangled = self._mangle(name, rng)
            if mangled is not None and mangled != name.text:
                parts += [sentence[position : name.span.start], mangled]
                phrases[mangled] = _CATEGORY
                position = name.span.end
        return Damage("".join([*parts, sentence[position:]]), phrases)

    def _mangle(self, name: _Name, rng: random.Random) -> str | None:
        rules: list[tuple[float, Callable[[_Name, random.Random], str | None]]] = [
            (4, self._demonym), (3, self._variant), (2, self._translated), (2, _acronym), (1, _order),
            (2, self._garbled), (2, self._drifted),
        ]  # fmt: skip
        while rules:
            [chosen] = rng.choices(range(len(rules)), [weight for weight, _ in rules])
            mangled = rules.pop(chosen)[1](name, rng)
            if mangled is not None:
                return mangled
        return None

    def _demonym(self, name: _Name, rng: random.Random) -> str | None:
        if name.text in self.demonyms:
            return self.demonyms[name.text]
        return rng.choice(self.places[name.text]) if name.text in self.places else None

    def _variant(self, name: _Name, rng: random.Random) -> str | None:
        found = self.variants.get(name.text)
        return rng.choice(found) if found else None

    def _translated(self, name: _Name, rng: random.Random) -> str | None:
        """A part that is also a word, as a thesaurus would translate it ("National Front" → "National Face")."""
        places = list(range(len(name.parts)))
        rng.shuffle(places)
        for place in places:
            part = name.parts[place]
            found = reading(part.lower(), self.english, rng) if len(name.parts) > 1 and len(part) > 3 else None
            others = self._others(found) if found else []
            if found and others:
                word = inflect(rng.choice(others), found.tag)
                return " ".join([*name.parts[:place], word[0].upper() + word[1:], *name.parts[place + 1 :]])
        return None

    def _others(self, found: Reading) -> list[str]:
        synsets = self.english.ranked(found.lemma, found.pos)[:5]
        lemmas = {lemma for synset in synsets for lemma in self.english.lemmas[synset]}
        return sorted(lemma for lemma in lemmas if lemma.islower() and lemma.isalpha() and lemma != found.lemma)

    def _garbled(self, name: _Name, rng: random.Random) -> str | None:
        """The end of a part replaced by the end of another word that looks a little like it."""
        place = self._odd(name)
        if place is None:
            return None
        part = name.parts[place]
        syllables = _SYLLABLE.findall(part)
        if not syllables or "".join(syllables) != part:
            return None
        keep = syllables[0] if len(syllables) > 1 else part[:2]
        lost = part[len(keep) :]
        ends = []
        for _ in range(_TRIES):
            donor = rng.choice(self.donors)
            pieces = _SYLLABLE.findall(donor)
            end = donor[len(pieces[0]) :].lower() if pieces else ""
            if 2 <= len(end) <= len(lost) + 4 and end != lost.lower():
                ends.append(end)
        if not ends:
            return None
        garbage = keep + max(ends, key=lambda end: ratio(end, lost.lower()))
        return " ".join([*name.parts[:place], garbage, *name.parts[place + 1 :]])

    def _drifted(self, name: _Name, rng: random.Random) -> str | None:
        """One or two spellings of sounds exchanged inside a part."""
        place = self._odd(name)
        if place is None:
            return None
        part = drifted = name.parts[place]
        pairs = [tuple(pair.split()) for pair in _DRIFT]
        pairs += [(b, a) for a, b in pairs]
        rng.shuffle(pairs)
        wanted = rng.choice((1, 1, 2))
        for old, new in pairs:
            at = drifted.find(old, 2)
            if at > 0 and wanted and new not in drifted[max(0, at - 1) : at + len(old) + 1]:
                drifted = drifted[:at] + new + drifted[at + len(old) :]
                wanted -= 1
        return None if drifted == part else " ".join([*name.parts[:place], drifted, *name.parts[place + 1 :]])

    def _odd(self, name: _Name) -> int | None:
        """The longest part that is rare and no English word: translators cut only words that they don't know."""
        odd = [i for i, part in enumerate(name.parts) if len(part) > 3 and not part.isupper() and not self._word(part)]
        odd = [i for i in odd if zipf_frequency(name.parts[i], "en") < KNOWN]
        return max(odd, key=lambda i: len(name.parts[i]), default=None)

    def _word(self, part: str) -> bool:
        lower = part.lower()
        lemmas = (lemma for found in morphology.lemmas(lower).values() for lemma in found)
        return not self._plain.isdisjoint((lower, *lemmas))


def _names(sentence: str) -> list[_Name]:
    """Runs of capitalised words apart from blanks; not a lone first word of the sentence, which tells nothing."""
    found: list[_Name] = []
    run: list[Span] = []
    spans, _ = cut(sentence)
    for index, span in enumerate([*spans, None]):
        word = span.of(sentence) if span else ""
        fits = word[:1].isupper() and word.isalpha() and word not in _NO_NAMES and word != "I"
        # the capital of a first word tells nothing when the word is common
        fits = fits and (index > 0 or zipf_frequency(word, "en") < COMMON)
        if run and (not fits or span is None or sentence[run[-1].end : span.start] != " "):
            if len(run) > 1 or run[0] != spans[0]:
                found.append(_Name(Span(run[0].start, run[-1].end), tuple(s.of(sentence) for s in run)))
            run = []
        if fits and span:
            run.append(span)
    return found


def _acronym(name: _Name, rng: random.Random) -> str | None:
    """Letters in the order of another language: OTAN for NATO, ONU for UNO."""
    [first, *more] = name.parts
    if more or not first.isupper() or not 2 <= len(first) <= 6:
        return None
    if rng.random() < 0.5:
        return first[::-1] if first[::-1] != first else None
    place = rng.randrange(len(first) - 1)
    return first[:place] + first[place + 1] + first[place] + first[place + 2 :]


def _order(name: _Name, rng: random.Random) -> str | None:
    """The words of a body in another order, beside an acronym that no longer fits: "Front National"."""
    if not 2 <= len(name.parts) <= 4 or any(len(part) < 4 for part in name.parts):
        return None
    parts = list(name.parts)
    place = rng.randrange(len(parts) - 1)
    parts[place : place + 2] = [parts[place + 1], parts[place]]
    return " ".join(parts)


def _transliterated(name: str, other: str) -> bool:
    """Whether `other` is a spelling of the same sounds: not a translation, not a description."""
    return (
        other != name
        and other[:1].isupper()
        and other.isascii()
        and not other.isupper()
        and name.count(" ") == other.count(" ")
        and ratio(name, other) >= ALIKE
    )
