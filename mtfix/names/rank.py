"""Which place a mangled name may have been: candidates from where the document plays, ranked by evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mtfix.names.evidence import Scene, Text, content
from mtfix.names.gazetteer import COUNTRY, PROVINCE, TOWN, Gazetteer, Place, likest
from mtfix.names.mentions import HEADS
from mtfix.names.spelling import key, likeness

# Log-odds for each feature (see `_features`). The first two are fitted by `scripts/bench_names.py --fit` on
# mangled districts of countries that it does not measure; the others are set by hand.
WEIGHTS = (27.0, 3.0, 1.0, 0.5, 5.0, 3.0, -3.0)
# The likeness from which the likest name is more often the right one than not: nine in ten of the mangled
# districts are liker to what they were. A translator may also have put a name's place into other words.
TRUSTED, SPREAD = 0.6, 0.05
ELSEWHERE = 0.75  # likeness from which a place outside the province beside the name is thought of
FEWEST, MOST = 40, 6  # candidates looked at in a country without a province; options offered
WORLD = 30  # candidates from anywhere, where the document does not say where it plays


@dataclass(frozen=True, slots=True)
class Option:
    """A name for a mangled one: its share of what speaks for all of them, and the text that it stands in
    ("" is the gazetteer alone)."""

    name: str
    share: float
    title: str = ""
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A slot to be filled: the mangled name, the head beside it, its sentence (by number and text)."""

    name: str
    head: str
    sentence: int
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place for a slot: the spelling to write, what stands for it, and the text that vouches for it."""

    place: Place
    form: str
    likeness: float
    features: tuple[float, ...]
    title: str


def fill(gap: Gap, document: Text, scene: Scene, gazetteer: Gazetteer, references: Sequence[Text] = ()) -> list[Option]:
    """Options for the slot, best first. Empty where nothing can be said."""
    found = candidates(gap, document, scene, gazetteer, references)
    if not found:
        return []
    likest = max(candidate.likeness for candidate in found)
    trust = 1 / (1 + math.exp((TRUSTED - likest) / SPREAD))
    shares: dict[str, float] = {}
    for candidate, like, unlike in zip(
        found, _shares(found, WEIGHTS), _shares(found, (0.0, *WEIGHTS[1:])), strict=True
    ):
        shares[candidate.form] = max(shares.get(candidate.form, 0.0), trust * like + (1 - trust) * unlike)
    by_form = {candidate.form: candidate for candidate in found}
    ranked = sorted(shares, key=lambda form: (-round(shares[form], 6), -by_form[form].likeness, form))
    return [Option(form, shares[form], by_form[form].title, by_form[form].likeness) for form in ranked[:MOST]]


def _shares(found: Sequence[Candidate], weights: Sequence[float]) -> list[float]:
    logits = [sum(w * x for w, x in zip(weights, candidate.features, strict=True)) for candidate in found]
    odds = [math.exp(logit - max(logits)) for logit in logits]
    return [odd / sum(odds) for odd in odds]


def candidates(
    gap: Gap, document: Text, scene: Scene, gazetteer: Gazetteer, references: Sequence[Text] = ()
) -> list[Candidate]:
    """Every place that could stand in the slot, with its features."""
    found = []
    breathed = _breathed(document, scene)
    for place, nearness in _places(gap, scene, gazetteer):
        form, alike = _form(gap.name, place, (*references, document), breathed=breathed)
        witness = next((r for r in references if any(key(f) in r.phrases for f in place.forms)), None)
        features = _features(gap, place, nearness, alike, witness, document)
        found.append(Candidate(place, form, alike, features, witness.title if witness else ""))
    return found


def _places(gap: Gap, scene: Scene, gazetteer: Gazetteer) -> list[tuple[Place, float]]:
    """Places of the head's levels with their nearness: 1 in a province that the sentence names, 0.5 in one
    that the document names, 0 in its countries or, where it has none, anywhere."""
    levels = HEADS[gap.head]
    found: dict[int, tuple[Place, float]] = {}
    named = sorted(scene.named, key=lambda n: n.sentence != gap.sentence)
    # a province beside the name tells the country too
    beside = {n.place.country for n in named if n.sentence == gap.sentence and n.place.level == PROVINCE}
    codes = beside or set(scene.countries)
    named = [n for n in named if n.place.country in codes]
    for level in levels:
        above = [
            n for n in named if n.place.level < level and n.place.level == (COUNTRY if level == PROVINCE else PROVINCE)
        ]
        for container in above:
            near = 1.0 if container.sentence == gap.sentence else 0.5
            for place in gazetteer.below(container.place.number, level):
                found.setdefault(place.number, (place, near))
        if level != TOWN:
            countries = [c for c in gazetteer.countries if c.country in codes]
            for place in likest(gap.name, [p for c in countries for p in gazetteer.below(c.number, level)], FEWEST):
                if not beside or max(likeness(gap.name, form) for form in place.forms) >= ELSEWHERE:
                    found.setdefault(place.number, (place, 0.0))
    if not scene.countries:
        found |= {p.number: (p, 0.0) for p in gazetteer.alike(gap.name, levels, WORLD)}
    return list(found.values())


def _features(
    gap: Gap, place: Place, nearness: float, alike: float, witness: Text | None, document: Text
) -> tuple[float, ...]:
    shared = 0.0
    if witness is not None:
        said = content(gap.text)
        shared = max(len(said & witness.around(form)) for form in place.forms) / max(1, len(said))
    return (
        alike,
        nearness,
        float(place.level == HEADS[gap.head][0]),
        math.log10(place.inhabitants + 1) / 7,
        float(witness is not None),
        shared,
        # a writer who means a place that he names elsewhere writes it as there
        float(any(key(form) in document.forms for form in place.forms)),
    )


def _form(name: str, place: Place, texts: Sequence[Text], *, breathed: bool) -> tuple[str, float]:
    """The spelling to write, and the likeness of the likest one: the spelling of one of the texts, else, of
    those about as like, the one romanised as the document does and most like the place's others."""
    alike = {form: likeness(name, form) for form in place.forms}
    best = max(alike.values())
    vouched = [form for form in place.forms if any(key(form) in text.phrases for text in texts)]
    if vouched:
        return max(vouched, key=lambda form: alike[form]), best
    close = [form for form in place.forms if alike[form] >= best - 0.1]
    return max(close, key=lambda form: (breathed and form.endswith("ah"), _consensus(form, place))), best


def _breathed(document: Text, scene: Scene) -> bool:
    """Whether the document writes an "h" after final "a" where other spellings have none ("Rukhah")."""
    pairs = {(form, form[:-1]) for n in scene.named for form in n.place.forms if form.endswith("ah")}
    return any(key(form) in document.forms and key(other) not in document.forms for form, other in pairs)


def _consensus(form: str, place: Place) -> float:
    others = [likeness(form, other) for other in place.forms if other != form]
    return sum(others) / len(others) if others else 0.0
