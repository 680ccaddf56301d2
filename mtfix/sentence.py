"""A sentence of a text, with all that must be known to work on it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mtfix.detector.document import WINDOW
from mtfix.detector.spans import Suspicion
from mtfix.documents.edits import apply_edits
from mtfix.documents.language import other_language
from mtfix.documents.protect import protected
from mtfix.documents.quotes import quotations
from mtfix.documents.segment import blocks, sentences, within, within_each
from mtfix.judge.invented import Told
from mtfix.names.ground import Finding
from mtfix.types import Document, Edit, Span

NEAR = 40  # characters from a repair that the next pass looks at


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text: where it starts, what may not be touched and what is quoted, within it.

    document: its text's number in the batch and the window in it; sentences that share it inform one
    another. shift: what the others add to its logits. density: how damaged its document looks. names: what is found
    of its names, within it; nothing else is suspected there. changed: what an earlier pass repaired; away from it
    nothing is asked once more. told: what its text names, where that is known; no repair names other places.
    """

    text: str
    start: int
    untouchable: tuple[Span, ...]
    quoted: tuple[Span, ...]
    document: tuple[int, int] = (0, 0)
    shift: float = 0.0
    density: float = 0.0
    names: tuple[Finding, ...] = ()
    changed: tuple[Span, ...] = ()
    told: Told | None = None

    @property
    def whole(self) -> Span:
        """Where it stands in its text."""
        return Span(self.start, self.start + len(self.text))


def split_all(
    documents: Sequence[Document], skipped: Sequence[str | None], *, force: bool = False
) -> list[list[Sentence]]:
    """The sentences of every text, of one that is skipped none; with `force` also what is not English."""
    pairs = zip(documents, skipped, strict=True)
    return [[] if reason else _split(document, number, force) for number, (document, reason) in enumerate(pairs)]


def _split(document: Document, number: int, force: bool) -> list[Sentence]:
    text = document.text
    places = sentences(text) if force else _english(text)
    untouchable = within_each([*protected(text), *document.untouchable], places)
    quoted = within_each(quotations(text), places)
    return [
        Sentence(span.of(text), span.start, kept, quotes, (number, index // WINDOW))
        for index, (span, kept, quotes) in enumerate(zip(places, untouchable, quoted, strict=True))
    ]


def _english(text: str) -> list[Span]:
    """The sentences of the text without those of paragraphs in another language, which look damaged through and through
    and would make all the text look so."""
    parts, places = blocks(text), sentences(text)
    # of the text as a whole it is known
    foreign = [block for block in parts if other_language(block.of(text))] if len(parts) > 1 else []
    return [place for place, other in zip(places, within_each(foreign, places), strict=True) if not other]


def resplit(sentence: Sentence, edits: Sequence[Edit]) -> Sentence:
    """The sentence after its applied edits, as one sentence still; its names are settled.

    What could not be touched still cannot be.
    """
    applied = [edit for edit in edits if edit.applied]
    text = apply_edits(sentence.text, applied)
    whole = Span(0, len(text))
    kept = [u for u in sentence.untouchable if not any(u.overlaps(edit.span) for edit in applied)]
    settled = [_moved(span, applied) for span in (*kept, *(name.flag.span for name in sentence.names))]
    # a quotation may go on in other sentences, which are not seen here
    quoted = [_moved(q, applied) for q in sentence.quoted if not any(q.overlaps(edit.span) for edit in applied)]
    return replace(
        sentence, text=text, start=0, untouchable=(*within(protected(text), whole), *settled),
        quoted=(*within(quotations(text), whole), *quoted), names=(),
        changed=tuple(_moved(edit.span, applied) for edit in applied),
    )  # fmt: skip


def _moved(span: Span, applied: Sequence[Edit]) -> Span:
    """Where `span`, an edit's or beside all edits, lies after them."""
    grown = [(edit.span, len(edit.replacement) - len(edit.original)) for edit in applied]
    start = span.start + sum(more for done, more in grown if done.end <= span.start and done != span)
    return Span(start, start + (span.end - span.start) + sum(more for done, more in grown if done == span))


def near(place: Span, changed: Sequence[Span]) -> bool:
    """Whether it is where something was changed, if anything was."""
    return not changed or any(s.start - NEAR <= place.end and place.start <= s.end + NEAR for s in changed)


def taken(sentence: Sentence, places: Sequence[Suspicion], place: Suspicion) -> list[Span]:
    """What no repair of `place` may touch: what is protected, a name, or in doubt itself."""
    others = [other.span for other in places if other != place]
    return [*sentence.untouchable, *(name.flag.span for name in sentence.names), *others]


def floor(taken: Sequence[Span], place: Suspicion) -> int:
    """From where on the sentence before `place` is free."""
    return max((t.end for t in taken if t.end <= place.span.start), default=0)


def inside(found: Sequence[Finding], sentence: Sentence) -> tuple[Finding, ...]:
    """The findings inside the sentence, in its own offsets."""
    whole = sentence.whole
    return tuple(
        Finding(
            replace(name.flag, span=name.flag.span.shifted(-sentence.start)),
            name.edit and replace(name.edit, span=name.edit.span.shifted(-sentence.start)),
        )
        for name in found
        if whole.start <= name.flag.span.start and name.flag.span.end <= whole.end
    )
