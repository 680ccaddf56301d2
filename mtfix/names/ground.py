"""Names of a document that cannot be right, with what they may have been and why.

A name is doubted for a reason, never for being unknown: it stands where the gazetteer knows the names that
can stand there, or is nearly a name of the document, of a reference or of the glossary, or is an acronym
that its words don't give. A changed name is a changed fact: only the document, a reference or the glossary
change one silently.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from mtfix.compose import compose
from mtfix.documents.edits import apply_edits
from mtfix.documents.protect import protected
from mtfix.documents.quotes import quotations
from mtfix.names.acronyms import doubted_acronyms
from mtfix.names.doubts import Doubt, misplaced, misspelt
from mtfix.names.evidence import Text, scene
from mtfix.names.gazetteer import Gazetteer
from mtfix.names.rank import Option
from mtfix.names.sources import Glossary, meets, opening_places
from mtfix.names.spelling import key
from mtfix.types import Alternative, Edit, Flag, Span, Token

SUGGEST = 0.03  # share of an option worth showing
GUESS = 0.5  # share from which `aggressive` takes the gazetteer's word
ROUNDS = 3  # a repaired name can tell another


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubted name: its flag and, where there is something to write, its edit."""

    flag: Flag
    edit: Edit | None


class Names:
    """Doubts and repairs names. The gazetteer is opened when the first document comes.

    references: clean texts on the same events. Raises ModelError, later, when the gazetteer is missing.
    """

    def __init__(
        self, references: Sequence[Text] = (), glossary: Glossary | None = None, gazetteer: Gazetteer | None = None
    ) -> None:
        self.glossary = glossary or Glossary()
        vouched = [Text(self.glossary.right, self.glossary.name)] if self.glossary.rows else []
        self.references = [*references, *vouched]
        self._given = gazetteer

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return self._given or Gazetteer()

    def findings(
        self, text: str, tokens: Sequence[Token] = (), *, strictness: str = "balanced", suspected: float = 0.5
    ) -> list[Finding]:
        """Doubted names, sorted and disjoint. `tokens` are the detector's words; from `suspected` on they
        speak for a doubt that is none without."""
        found = self._once(text, tokens, strictness, suspected)
        for _ in range(ROUNDS - 1):
            edits = [f.edit for f in found if f.edit]
            applied = [edit for edit in edits if edit.applied]
            if not applied:
                break
            now = apply_edits(text, applied)
            more = [f for f in self._once(now, (), strictness, suspected) if f.edit and f.edit.applied]
            if not more:
                break
            found = _together(text, found, now, more)
        return found

    def settled(self, text: str) -> list[Span]:
        """Rare words of the text that stand in a reference or in the glossary: nobody need doubt them."""
        if not self.references:
            return []
        return [
            word.span
            for run in Text(text).runs
            for word in run
            if any(key(word.text) in r.forms for r in self.references) and not self.gazetteer.known(word.text)
        ]

    def _once(self, text: str, tokens: Sequence[Token], strictness: str, suspected: float) -> list[Finding]:
        untouchable, quoted, suspicion = protected(text), quotations(text), _Suspicion(tokens)
        found: list[Finding] = []
        taken: list[Span] = []
        for doubt in self._doubts(text):
            spans = [s for s in doubt.spans if not meets(s, untouchable) and not meets(s, taken)]
            seen = max(map(suspicion.of, spans), default=0.0)
            if doubt.asks and seen < suspected:
                continue
            silent = doubt.silent or (strictness == "aggressive" and doubt.guess and doubt.options[0].share >= GUESS)
            for span in spans:
                insort(taken, span)
                free = silent and not meets(span, quoted)
                found.append(_finding(text, span, doubt, max(doubt.score, seen), applied=free))
        return sorted(found, key=lambda f: f.flag.span)

    def _doubts(self, text: str) -> Iterator[Doubt]:
        """The surest first: where two speak of one place, the first counts."""
        yield from self._by_glossary(text)
        document = Text(text)
        if not document.runs:
            return
        yield from doubted_acronyms(document, self.gazetteer, self.references)
        about = scene(document, self.gazetteer)
        taken: set[str] = set()
        for doubt in misplaced(document, about, self.gazetteer, self.references):
            taken |= {part for span in doubt.spans for part in key(span.of(text)).split()}
            yield doubt
        yield from misspelt(document, self.gazetteer, self.references, taken)

    def _by_glossary(self, text: str) -> Iterator[Doubt]:
        rows = [row for row in self.glossary.rows if row.wrong]
        openings = opening_places(text) if rows else set()
        for row in rows:
            places: dict[str, list[Span]] = defaultdict(list)
            for span in row.wrong_in(text, openings):
                places[row.written_like(span.of(text))].append(span)
            for right, spans in places.items():
                option = Option(right, 1.0, self.glossary.name)
                yield Doubt(tuple(spans), f"“{row.wrong}” is “{row.right}”", 1.0, (option,), silent=True)


class _Suspicion:
    """What the detector holds of places: its words are many, and each place lies in few of them."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = sorted(tokens, key=lambda token: token.span)
        # how far any of the words so far goes: places that a reader marks may overlap
        self._reach = list(accumulate((token.span.end for token in self._tokens), max))

    def of(self, place: Span) -> float:
        """The highest score of the words that overlap the place."""
        first = bisect_right(self._reach, place.start)
        last = bisect_left(self._tokens, place.end, key=lambda token: token.span.start)
        return max((t.score for t in self._tokens[first:last] if t.span.overlaps(place)), default=0.0)


def _finding(text: str, span: Span, doubt: Doubt, score: float, *, applied: bool) -> Finding:
    original = span.of(text)
    options = [
        replace(option, name=_cased(option.name, original)) for option in doubt.options if option.share >= SUGGEST
    ]
    options = [option for option in options if option.name != original]
    if not options:
        return Finding(Flag(span, "name", score, doubt.reason), None)
    best, *others = options
    witness = best.title or "the gazetteer"
    message = f"{doubt.reason}: {'' if applied else 'perhaps '}“{best.name}” ({witness})"
    alternatives = tuple(Alternative(option.name, option.share) for option in others)
    edit = Edit(span, original, best.name, "name", best.share, "names", applied, alternatives)
    return Finding(Flag(span, "name", score, message), edit)


def _cased(name: str, original: str) -> str:
    """The name in the capitals of a headline, where the old one stands in them."""
    return name.upper() if original.isupper() and len(original) > 1 and any(c.islower() for c in name) else name


def _together(text: str, found: Iterable[Finding], now: str, more: Iterable[Finding]) -> list[Finding]:
    """The findings of the text, and those that its repairs made possible, in offsets of the text."""
    first = {f.flag.span: f for f in found}
    edits = compose(text, [f.edit for f in first.values() if f.edit], now, [f.edit for f in more if f.edit])
    flags = {f.edit.original: f.flag for f in more if f.edit}
    merged = []
    for edit in edits:
        old = first.get(edit.span)
        flag = flags.get(edit.original) if edit.applied and not (old and old.edit and old.edit.applied) else None
        flag = flag or (old.flag if old else Flag(edit.span, "name", edit.confidence, f"“{edit.original}” is wrong"))
        merged.append(Finding(replace(flag, span=edit.span), edit))
    alone = [f for f in first.values() if f.edit is None and not any(f.flag.span.overlaps(e.span) for e in edits)]
    return sorted([*merged, *alone], key=lambda f: f.flag.span)
