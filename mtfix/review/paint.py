"""What the review's screen shows of a point, as styled text: nothing in a document is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual.content import Content

from mtfix.documents.segment import sentences
from mtfix.render.diff import visible
from mtfix.review.points import Decision, Point
from mtfix.review.session import Session
from mtfix.types import Span

OLD, NEW, MARK = "$text-error on $error-muted strike", "bold $text-success on $success-muted", "$text-warning underline"
_SIGNS = {"accept": "✓", "edit": "✎", "reject": "✗", "skip": "→", "ignore": "⊘"}
_STYLES = {"accept": "$text-success", "edit": "$text-success", "reject": "$text-error", "skip": "$text-warning"}
_AROUND = 240  # characters of context on either side: with its repairs it fits on 80 columns by 24 lines


class Context:
    """The sentences of a text, cut once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._sentences = sentences(text)

    def of(self, span: Span) -> Around:
        """What is shown around the span."""
        text = self._text
        touching = [i for i, s in enumerate(self._sentences) if s.start <= span.end and span.start <= s.end]
        if not touching:
            return _cut(text, span, Span(0, len(text)), Span(0, len(text)))
        first, last = touching[0], touching[-1]
        inner = Span(min(self._sentences[first].start, span.start), max(self._sentences[last].end, span.end))
        start, end = inner.start, inner.end
        if first and not _apart(text[self._sentences[first - 1].end : start]):
            start = self._sentences[first - 1].start
        if last + 1 < len(self._sentences) and not _apart(text[end : self._sentences[last + 1].start]):
            end = self._sentences[last + 1].end
        return _cut(text, span, inner, Span(start, end))


@dataclass(frozen=True, slots=True)
class Around:
    """`inner`: the sentence with a point; `outer`: what is shown of it and its neighbours in the same paragraph.

    before, after: whether there is more of them.
    """

    inner: Span
    outer: Span
    before: bool
    after: bool


def _cut(text: str, span: Span, inner: Span, outer: Span) -> Around:
    start, end = _word(text, outer.start, span.start), _word_end(text, span.end, outer.end)
    return Around(inner, Span(start, end), start > outer.start, end < outer.end)


def _word(text: str, start: int, end: int) -> int:
    """`start`, or where a word begins that is not too far before `end`."""
    if end - start <= _AROUND:
        return start
    blank = re.compile(r"\s").search(text, end - _AROUND, end)
    return blank.end() if blank else end - _AROUND


def _word_end(text: str, start: int, end: int) -> int:
    if end - start <= _AROUND:
        return end
    blanks = list(re.compile(r"\s").finditer(text, start, start + _AROUND))
    return blanks[-1].start() if blanks else start + _AROUND


def _apart(between: str) -> bool:
    return between.count("\n") + between.count("\r") - between.count("\r\n") > 1


def sentence(text: str, around: Around, session: Session, number: int, words: str | None) -> Content:
    """The point in its context; `words` is the repair that would be written, None for none.

    Other points of the context are underlined while they are open.
    """
    inner, outer = around.inner, around.outer
    point = session.points[number]
    parts: list[Content] = [Content("… ")] if around.before else []
    position = outer.start
    for index, other in enumerate(session.points):
        if other.span.start < position or other.span.end > outer.end or (index != number and not other.original):
            continue
        parts += _plain(text, Span(position, other.span.start), inner)
        parts += _present(point, words) if index == number else [_other(other, session.decisions.get(index))]
        position = other.span.end
    parts += _plain(text, Span(position, outer.end), inner)
    parts += [Content(" …")] if around.after else []
    return Content("").join(parts)


def _plain(text: str, span: Span, inner: Span) -> list[Content]:
    cuts = [span.start, *(c for c in (inner.start, inner.end) if span.start < c < span.end), span.end]
    return [
        Content.styled(_line(text[a:b]), "" if inner.start <= a and b <= inner.end else "dim")
        for a, b in pairwise(cuts)
        if a < b
    ]


def _present(point: Point, words: str | None) -> list[Content]:
    old = _line(point.original) or "‸"
    if words is None:
        return [Content.styled(old, f"bold reverse {MARK}")]
    shown = [Content.styled(old, OLD)]
    if words.strip():
        shown += [Content(" "), Content.styled(_line(words).strip(), NEW)]
    return shown


def _other(point: Point, decision: Decision | None) -> Content:
    if decision is None or not decision.final:
        return Content.styled(_line(point.original), MARK)
    if decision.replacement is None:
        return Content(_line(point.original))
    return Content.styled(_line(decision.replacement), "$text-success")


def reason(point: Point, decision: Decision | None) -> Content:
    """Why the point is one: category, how sure, the message; and what was decided before."""
    facts = []
    if point.choices:
        facts.append(f"{point.confidence:.0%} sure of the repair")
    if point.score is not None:
        facts.append(f"{point.score:.0%} sure that it is wrong")
    parts = [Content.styled(point.category, "bold $text-accent"), Content(f"  {', '.join(facts)}")]
    if point.message:
        parts.append(Content("\n" + _line(point.message)))
    if decision is not None:
        parts.append(Content.styled("\n" + told(decision), _STYLES.get(decision.kind, "dim")))
    return Content("").join(parts)


def told(decision: Decision) -> str:
    words = _line(decision.replacement or "") or "(nothing)"
    return {
        "accept": f"✓ accepted: {words}",
        "edit": f"✎ your words: {words}",
        "reject": "✗ rejected: the words stay",
        "skip": "→ skipped: still to be decided",
        "ignore": "⊘ ignored: the words stay",
    }[decision.kind]


def choice(number: int, replacement: str, confidence: float) -> Content:
    key = f"{number}" if number <= 9 else " "
    words = _line(replacement) if replacement.strip() else "(take it out)"
    return Content.assemble((f" {key} ", "bold $text-accent"), f" {words}  ", (f"{confidence:.0%}", "dim"))


def row(session: Session, number: int, width: int) -> Content:
    """A point as one line of the list: a sign for what was decided, and the words."""
    point, decision, place = session.points[number], session.decisions.get(number), session.anchors[number]
    sign = _SIGNS[decision.kind] if decision else "·"
    style = _STYLES.get(decision.kind, "dim") if decision else "$text-accent"
    beside = (place.before.split()[-1:], place.after.split()[:1])
    words = _line(point.original) or _line("‸".join(word for words in beside for word in words))
    new = decision.replacement if decision else point.choices[0].replacement if point.choices else None
    if new is not None and (decision is None or decision.changes):
        words += f" → {_line(new).strip() or '(nothing)'}"
    return Content.assemble((sign, style), " ", _short(words, width - 3))


def bar(done: int, total: int, width: int) -> Content:
    full = round(width * done / total) if total else width
    return Content.assemble(("━" * full, "$text-success"), ("━" * (width - full), "dim"))


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _line(text: str) -> str:
    """On one line; a line end inside a paragraph is a space."""
    return visible(re.sub(r"[ \t]*(?:\r\n|\r|\n)[ \t]*", " ", text))


def joined(parts: Sequence[Content | str]) -> Content:
    return Content("").join([part if isinstance(part, Content) else Content(part) for part in parts])
