"""Tracked changes and comments written into the XML of a Word part."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from mtfix.documents.edits import Part, Replacement, apply_edits
from mtfix.documents.word_story import Story, TextNode
from mtfix.types import Span


@dataclass(slots=True)
class Pen:
    """Who writes, when, and the number of the next change or comment."""

    author: str
    date: str
    next_id: int

    def mark(self, prefix: str) -> str:
        """The attributes that identify a change or comment."""
        number, self.next_id = self.next_id, self.next_id + 1
        return f'{prefix}:id="{number}" {prefix}:author={quoteattr(self.author)} {prefix}:date="{self.date}"'


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a span of a part's prose; `edit` is made there as a tracked change."""

    span: Span
    text: str
    edit: Replacement | None = None


@dataclass(slots=True)
class _Change:
    """In the XML `span`, inside one text element, is taken out; `runs` come in its place, between two runs."""

    span: Span
    runs: str


def in_place(story: Story, edits: Sequence[Replacement]) -> list[Part]:
    """The patches of the part that make the edits and say nothing about it."""
    patches = [*story.view.patches(edits)]
    by_node: dict[int, list[Part]] = defaultdict(list)
    starts = [node.first for node in story.nodes]
    for patch in patches:
        by_node[_index(story, starts, patch.span.start)].append(patch)
    for index in by_node:
        node = story.nodes[index]
        tag = story.source[node.start : node.first]
        inner = Span(node.first, node.last)
        own = [Part(p.span.shifted(-node.first), p.original, p.replacement) for p in by_node[index]]
        if apply_edits(inner.of(story.source), own).strip() != apply_edits(inner.of(story.source), own) and (
            "xml:space" not in tag
        ):
            patches.append(Part(Span(node.first - 1, node.first - 1), "", ' xml:space="preserve"'))
    return story.with_copies(patches)


def tracked(
    story: Story, remarks: Sequence[Remark], pen: Pen, anchors: Mapping[int, str] | None
) -> tuple[list[Part], list[tuple[int, str]]]:
    """The patches that make tracked changes of the edits, and the comments for the comments' part: number and text.

    anchors: what else stands at places between runs. None where comments cannot stand: they get numbers only.
    """
    changes: dict[int, list[_Change]] = defaultdict(list)
    comments: list[tuple[int, str]] = []
    starts = [node.first for node in story.nodes]
    for remark in remarks:
        number, pen.next_id = pen.next_id, pen.next_id + 1
        comments.append((number, remark.text))
        if anchors is None and remark.edit is None:
            continue
        opening, closing = comment_marks(story.prefix, number)
        found = list(_changes(story, starts, remark, pen))
        if anchors is not None:
            found[0][1].runs = opening + found[0][1].runs
            found[-1][1].runs += closing
        for index, change in found:
            changes[index].append(change)
    patches = [_rewritten(story, story.nodes[index], found) for index, found in changes.items()]
    patches += [Part(Span(at, at), "", marks) for at, marks in (anchors or {}).items()]
    return story.with_copies(patches), comments


def comment_marks(prefix: str, number: int) -> tuple[str, str]:
    """What begins and what ends the range of a comment, between runs."""
    return (
        f'<{prefix}:commentRangeStart {prefix}:id="{number}"/>',
        f'<{prefix}:commentRangeEnd {prefix}:id="{number}"/>'
        f'<{prefix}:r><{prefix}:commentReference {prefix}:id="{number}"/></{prefix}:r>',
    )


def comment(prefix: str, pen: Pen, number: int, text: str) -> str:
    """One comment for the comments' part."""
    initials = "".join(word[0] for word in pen.author.split()) or "m"
    who = f'{prefix}:author={quoteattr(pen.author)} {prefix}:date="{pen.date}" {prefix}:initials={quoteattr(initials)}'
    return (
        f'<{prefix}:comment {prefix}:id="{number}" {who}><{prefix}:p><{prefix}:r>'
        f'<{prefix}:t xml:space="preserve">{escape(text)}</{prefix}:t></{prefix}:r></{prefix}:p></{prefix}:comment>'
    )


def _changes(story: Story, starts: Sequence[int], remark: Remark, pen: Pen) -> Iterator[tuple[int, _Change]]:
    """The changes that a remark makes, in order, each with the number of its text element."""
    if remark.edit is not None:
        for patch in story.view.patches([remark.edit]):
            index = _index(story, starts, patch.span.start)
            yield index, _Change(patch.span, _revision(story, story.nodes[index], patch, pen))
        return
    place = story.view.locate(remark.span)
    ends = [place.start, place.end] if place.start < place.end else [place.start]
    for at in ends:
        index = _index(story, starts, at)
        node = story.nodes[index]
        inside = min(max(at, node.first), node.last)
        yield index, _Change(Span(inside, inside), "")


def _index(story: Story, starts: Sequence[int], at: int) -> int:
    """The text element that holds the place, or ends there."""
    index = max(bisect_right(starts, at) - 1, 0)
    if index > 0 and at == story.nodes[index].first and story.nodes[index - 1].last == at:
        return index - 1
    return index


def _revision(story: Story, node: TextNode, patch: Part, pen: Pen) -> str:
    p = story.prefix
    start, close = node.run.opened(fresh=True), f"</{p}:r>"
    out = ""
    if patch.original:
        old = f'<{p}:delText xml:space="preserve">{patch.original}</{p}:delText>'
        out += f"<{p}:del {pen.mark(p)}>{start}{old}{close}</{p}:del>"
    if patch.replacement:
        new = f'<{p}:t xml:space="preserve">{patch.replacement}</{p}:t>'
        inserted = f"<{p}:ins {pen.mark(p)}>{start}{new}{close}</{p}:ins>"
        if node.run.insertion:  # next to somebody else's insertion, not in it
            inserted = f"</{p}:ins>{inserted}{node.run.insertion}"
        out += inserted
    return out


def _rewritten(story: Story, node: TextNode, changes: list[_Change]) -> Part:
    """One patch that makes the changes of a text element, cutting its run where they stand."""
    p, run, source = story.prefix, node.run, story.source
    alone_before, alone_after = node.start == run.content, source.startswith(f"</{p}:r", node.end)
    start, end = run.start if alone_before else node.start, run.end if alone_after else node.end
    inside = not alone_before  # a run is open
    out: list[str] = []
    at = node.first

    def text(last: int) -> None:
        nonlocal inside
        if at < last:
            out.append("" if inside else run.opened())
            out.append(f'<{p}:t xml:space="preserve">{source[at:last]}</{p}:t>')
            inside = True

    for change in sorted(changes, key=lambda change: change.span):
        text(change.span.start)
        out.append(f"</{p}:r>" if inside else "")
        out.append(change.runs)
        inside, at = False, change.span.end
    text(node.last)
    if alone_after:
        out.append(f"</{p}:r>" if inside else "")
    elif not inside:
        out.append(run.opened())
    return Part(Span(start, end), source[start:end], "".join(out))
