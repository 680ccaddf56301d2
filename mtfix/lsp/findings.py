"""What there is to say about a text in an editor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mtfix.documents.exempt import Exempt
from mtfix.documents.formats import open_document
from mtfix.documents.words import words
from mtfix.render.findings import marks
from mtfix.render.sarif import category, message
from mtfix.types import Category, Correction, Document, Edit, Span

SUGGESTED = 6  # repairs of marked words that are offered


class Fixes(Protocol):
    def fix(self, text: str | Document) -> Correction:
        """As `Corrector.fix`."""

    def suggest(self, text: str | Document, places: Sequence[Span]) -> list[list[Edit]]:
        """As `Corrector.suggest`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`span`: in the editor's text. `place`: in its prose, which holds `words` there. choices: what may be written at
    `span`, best first. sure: whether `mtfix fix` would write the first one.
    """

    span: Span
    place: Span
    words: str
    category: Category
    message: str
    choices: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """`skipped` says why there are no findings, if the text was left alone."""

    prose: str
    findings: tuple[Finding, ...]
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be written at `span` of the editor's text, in place of the `words` there."""

    span: Span
    words: str
    choice: str


def check(corrector: Fixes, exempt: Exempt, name: str, text: str) -> Checked:
    """The findings in a text whose kind the suffix of `name` tells. Raises InputError."""
    file = open_document(name, text.encode("utf-8", "surrogatepass"))
    document = exempt.document(file.document(name))
    correction = corrector.fix(document)
    located = {id(edit): there for edit, there in zip(correction.edits, file.located(correction).edits, strict=True)}
    found = []
    for mark in marks(correction):
        edit = located[id(mark.edit)] if mark.edit else None
        words = " ".join(mark.span.of(document.text).split())
        told = message(mark, document.text)
        choices = (edit.replacement, *(a.replacement for a in edit.alternatives)) if edit else ()
        span = edit.span if edit else file.locate(mark.span)
        found.append(Finding(span, mark.span, words, category(mark), told, choices, mark.kind == "edit"))
    return Checked(document.text, tuple(found), correction.skipped)


def suggest(corrector: Fixes, name: str, text: str, place: Span) -> list[Suggestion]:
    """Repairs for whole words of which the writer marked something, the best first. Raises InputError."""
    file = open_document(name, text.encode("utf-8", "surrogatepass"))
    document, marked = file.document(name), file.into(place)
    found = [word for word in words(document.text) if word.overlaps(marked)]
    if not found:
        return []
    (edits,) = corrector.suggest(document, [Span(found[0].start, found[-1].end)])
    choice = Correction(document.text, document.text, (), tuple(edits[:SUGGESTED]))  # none is applied
    return [Suggestion(e.span, e.original, e.replacement) for e in file.located(choice).edits]
