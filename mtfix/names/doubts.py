"""Which names of a document can be doubted, and what they may have been."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mtfix.names.evidence import Scene, Text
from mtfix.names.gazetteer import PROVINCE, Gazetteer
from mtfix.names.mentions import HEADS, VAGUE, Run, Sentence, Slot
from mtfix.names.rank import Gap, Option, fill
from mtfix.names.spelling import key, likeness, sound
from mtfix.types import Span

SHORTEST = 4  # letters; shorter names are like too many others
VOUCHED = 0.6  # share that the best option in a reference needs to be written without asking
NEARLY = 0.8  # likeness from which a name is taken for one of a reference
NEARLY_BESIDE = 0.65  # the same beside the same neighbour: "Bilal Karimi", "Bilal Carmi"
NEARLY_HERE = 0.9  # likeness from which a name is taken for another of the document itself
LEAD = 0.06  # in likeness, over the next
# of a nation, a party, several: "Houthi" and "Houthis" are both right
_ENDING = re.compile(r"(?:i|is|s|es|an|ans|ian|ians|ni|nis|ese|ist|ists|ism|a|ia|o|os)$")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A name that may be wrong, everywhere it stands, with options (best first).

    score: how sure it is that the name is wrong. silent: document, reference or glossary say what is right.
    asks: not enough alone; the detector must suspect the place too. guess: the gazetteer's first option may
    be taken where much is risked.
    """

    spans: tuple[Span, ...]
    reason: str
    score: float
    options: tuple[Option, ...] = ()
    silent: bool = False
    asks: bool = False
    guess: bool = False


def misplaced(document: Text, scene: Scene, gazetteer: Gazetteer, references: Sequence[Text]) -> Iterator[Doubt]:
    """Unknown names beside a word like "District", where the gazetteer or a reference knows what can stand."""
    seen: set[str] = set()
    for number, sentence in _by_province(document, scene):
        for slot in sentence.slots:
            part = _unknown(slot, gazetteer, references)
            name = " ".join(word.text for word in part)
            if not part or key(name) in seen:
                continue
            seen.add(key(name))
            gap = Gap(name, slot.head, number, sentence.span.of(document.text))
            options = fill(gap, document, scene, gazetteer, references)
            if not options:
                continue
            best = options[0]
            vouched = bool(best.title) and best.share >= VOUCHED
            place = _province(scene, number) or _country(scene, gazetteer)
            # what sounds the same is another spelling, and no mistake
            unsure = slot.head in VAGUE or place is None or sound(name) in map(sound, (o.name for o in options))
            reason = f"“{name}” fits no {slot.head} of {place}" if place else f"no {slot.head} “{name}” is known"
            yield Doubt(
                everywhere(name, document), reason, 0.9 if vouched else 0.7, tuple(options), vouched,
                asks=unsure and not vouched, guess=True,
            )  # fmt: skip


def _by_province(document: Text, scene: Scene) -> list[tuple[int, Sentence]]:
    """The sentences, those that name a province first: of several places of a name these tell most."""
    numbered = list(enumerate(document.sentences))
    return sorted(numbered, key=lambda pair: _province(scene, pair[0]) is None)


def _province(scene: Scene, sentence: int) -> str | None:
    names = (n.place.name for n in scene.named if n.sentence == sentence and n.place.level == PROVINCE)
    return next(names, None)


def _country(scene: Scene, gazetteer: Gazetteer) -> str | None:
    names = (c.name for code in scene.countries[:1] for c in gazetteer.countries if c.country == code)
    return next(names, None)


def _unknown(slot: Slot, gazetteer: Gazetteer, references: Sequence[Text]) -> Run:
    """The name in the slot from its first unknown word on; empty where it is known or cannot be judged."""
    for at, word in enumerate(slot.name):
        part = slot.name[at:]
        if not known(word.text, gazetteer, references):
            whole = " ".join(w.text for w in part)
            return () if gazetteer.places(whole) or len(part) > 3 else part
    return ()


def known(word: str, gazetteer: Gazetteer, references: Iterable[Text] = ()) -> bool:
    """Whether a word is in the lists or stands in a reference; short ones always."""
    return len(word) < SHORTEST or gazetteer.known(word) or any(key(word) in r.forms for r in references)


def everywhere(name: str, document: Text) -> tuple[Span, ...]:
    """Where a name of one or more words stands as a name, in whatever case."""
    wanted = key(name)
    size = len(name.split())
    return tuple(
        Span(run[at].span.start, run[at + size - 1].span.end)
        for run in document.runs
        for at in range(len(run) - size + 1)
        if key(" ".join(word.text for word in run[at : at + size])) == wanted
    )


def misspelt(document: Text, gazetteer: Gazetteer, references: Sequence[Text], taken: set[str]) -> Iterator[Doubt]:
    """Unknown names that are nearly names of a reference, or of the document itself where these stand more
    than once. Keys in `taken` are doubted already."""
    spelt = {key(word.text): word.text for run in document.runs for word in run}
    odd = [k for k, w in spelt.items() if k not in taken and k.isalpha() and not known(w, gazetteer, references)]
    changed: set[str] = set(taken)
    # the commoner first: what is changed itself is no model for others
    for wanted in sorted(odd, key=lambda k: (-_often(k, document), k)):
        told = _from_references(wanted, document, references)
        option = told or _from_document(wanted, document, changed)
        if option:
            changed.add(wanted)
            reason = f"“{spelt[wanted]}” is nearly “{option.name}”"
            # beside another first name it is perhaps another person's
            beside = _beside(wanted, document, gazetteer)
            same = not beside or not beside.isdisjoint(_beside(key(option.name), document, gazetteer))
            yield Doubt(everywhere(spelt[wanted], document), reason, 0.9, (option,), silent=bool(told) or same)


def _beside(name: str, document: Text, gazetteer: Gazetteer) -> set[str]:
    """The names beside it; a known word that opens a sentence is none."""
    pairs = [pair for run in document.runs for one, other in pairwise(run) for pair in ((one, other), (other, one))]
    found = [other for one, other in pairs if key(one.text) == name]
    return {key(other.text) for other in found if not (other.initial and gazetteer.known(other.text))}


def _from_references(wanted: str, document: Text, references: Sequence[Text]) -> Option | None:
    found: list[tuple[float, bool, Option]] = []
    for reference in references:
        for other, forms in reference.forms.items():
            if not _comparable(wanted, other):
                continue
            beside = bool(document.neighbours[wanted] & reference.neighbours[other])
            alike = likeness(wanted, other)
            here = other in document.forms and not beside  # both names stand here: perhaps two people
            if alike >= (NEARLY_HERE if here else NEARLY_BESIDE if beside else NEARLY):
                found.append((alike + 0.1 * beside, beside, Option(_common(forms), alike, reference.title, alike)))
    return _clear(found)


def _often(name: str, document: Text) -> int:
    return sum(document.forms[name].values()) if name in document.forms else 0


def _from_document(wanted: str, document: Text, changed: set[str]) -> Option | None:
    found = []
    for other, forms in document.forms.items():
        if other in changed or _often(other, document) < max(2, _often(wanted, document) + 1):
            continue
        alike = likeness(wanted, other) if _comparable(wanted, other) else 0.0
        if alike >= NEARLY_HERE:
            found.append((alike, False, Option(_common(forms), alike, document.title, alike)))
    return _clear(found)


def _clear(found: list[tuple[float, bool, Option]]) -> Option | None:
    """The best option, if it leads over those with other names."""
    found = sorted(found, key=lambda row: (-row[0], row[2].name))
    others = [row for row in found[1:] if key(row[2].name) != key(found[0][2].name)]
    return found[0][2] if found and (not others or found[0][0] - others[0][0] >= LEAD) else None


def _common(forms: dict[str, int]) -> str:
    mixed = [form for form in forms if not form.isupper()] or list(forms)
    return max(mixed, key=lambda form: (forms[form], form))


def _comparable(one: str, other: str) -> bool:
    """Two words that may be spellings of one name, and no forms of one word."""
    if min(len(one), len(other)) < SHORTEST or abs(len(one) - len(other)) > 3 or not other.isalpha() or other in HEADS:
        return False
    return one != other and not one.startswith(other) and not other.startswith(one) and _stem(one) != _stem(other)


def _stem(word: str) -> str:
    return _ENDING.sub("", word)
