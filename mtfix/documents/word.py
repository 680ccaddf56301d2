"""Word files (.docx): their text for the corrector, and edits put back in place or as tracked changes."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from itertools import accumulate

from mtfix.documents.edits import Part, Replacement, apply_edits
from mtfix.documents.word_changes import Pen, Remark, comment, comment_marks, in_place, tracked
from mtfix.documents.word_package import XML_HEAD, Package, with_child
from mtfix.documents.word_story import Story, read_story, words_prefix
from mtfix.documents.xml_events import events
from mtfix.types import Correction, Document, Edit, Flag, Result, Span

_KINDS = ("footnotes", "endnotes", "header", "footer")
_BOX = "text box"
_BREAK = "\n\n"
_COMMENTS = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_ID = re.compile(r""":id=["'](\d{1,9})["']""")


class Word:
    """A Word file. `prose` holds body, notes, headers and footers, in this order, each with its text boxes after it."""

    source: str | None = None
    encoding = "utf-8"

    def __init__(self, name: str, data: bytes) -> None:
        """Raises InputError for what is no Word file, damaged, protected by a password, or made to do harm."""
        self._data = data
        self._package = Package(name, data)
        kinds = {self._package.main: "body"}
        relations = self._package.relations(self._package.main)
        for kind in _KINDS:
            for part in sorted({r.part for r in relations if r.kind == kind and r.part in self._package}):
                kinds.setdefault(part, kind)
        self._parts: list[str] = []
        self._kinds: list[str] = []
        self._stories: list[Story] = []
        for part, kind in kinds.items():
            self._read(part, kind)
        texts = [story.view.text for story in self._stories]
        self._starts = list(accumulate((len(text) + len(_BREAK) for text in texts), initial=0))[:-1]
        self.prose = _BREAK.join(texts)
        self.untouchable: tuple[Span, ...] = tuple(self._untouchable())

    def _read(self, part: str, kind: str) -> None:
        """Take in the stories of a part: its text, and that of its text boxes if it has any."""
        source, where = self._package.text(part), f"{self._package.name}: {part}"
        found = [(kind, read_story(source, where))]
        if "txbxContent" in source:
            boxes = read_story(source, where, boxes=True)
            if kind != "body":
                boxes.notes = []  # where they stand is no place for a comment
            found += [(_BOX, boxes)] if boxes.view.text else []
        for each, story in found:
            self._parts.append(part)
            self._kinds.append(each)
            self._stories.append(story)

    def _untouchable(self) -> Iterator[Span]:
        """That of the stories, and the breaks between them."""
        for start, story in zip(self._starts, self._stories, strict=True):
            if start:
                yield Span(start - len(_BREAK), start)
            yield from (span.shifted(start) for span in story.view.untouchable)

    def document(self, name: str) -> Document:
        return Document(self.prose, name, self.untouchable)

    def locate(self, span: Span) -> Span:
        return span

    def into(self, span: Span) -> Span:
        return span

    def located(self, result: Result) -> Result:
        return result

    def apply(self, edits: Iterable[Replacement]) -> bytes:
        """The file with the edits made; without edits the same bytes."""
        edits = sorted(edits, key=lambda edit: edit.span)
        apply_edits(self.prose, edits)  # checks them
        patches: dict[str, list[Part]] = defaultdict(list)
        for part, _, story, start in self._placed():
            own = [_moved(edit, -start) for edit in edits if _holds(start, story, edit.span)]
            if own:
                patches[part] += in_place(story, own)
        return self._package.written(self._changed(patches)) if patches else self._data

    def track(self, correction: Correction, author: str = "mtfix", date: datetime | None = None) -> bytes:
        """The file with the applied edits as tracked changes.

        Every edit, applied or suggested, and every flag without one gets a comment. Comments on notes and text boxes
        stand where these do in the text, those on headers and footers at its start.
        """
        remarks = _remarks(correction)
        if not remarks:
            return self._data
        stamp = (date or datetime.now(timezone.utc)).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        pen = Pen("".join(c for c in author if c.isprintable()), stamp, self._free_id())
        patches: dict[str, list[Part]] = defaultdict(list)
        comments: list[tuple[int, str]] = []
        anchors: dict[int, str] = defaultdict(str)  # places in the body for comments on other parts
        for part, kind, story, start in reversed(list(self._placed())):
            own = [
                Remark(r.span.shifted(-start), r.text, r.edit and _moved(r.edit, -start))
                for r in remarks
                if _holds(start, story, r.span)
            ]
            if kind == "body":
                if own or anchors:
                    found, said = tracked(story, own, pen, anchors)
                    patches[part] += found
                    comments += said
            elif own:
                found, said = tracked(story, own, pen, None)
                patches[part] += found
                for remark, (number, text) in zip(own, said, strict=True):
                    self._anchor(anchors, story, remark, number)
                    comments.append((number, f"In a {kind.removesuffix('s')}: {text}"))
        return self._package.written({**self._changed(patches), **self._with_comments(comments, pen)})

    def _changed(self, patches: Mapping[str, Sequence[Part]]) -> dict[str, str]:
        return {part: apply_edits(self._package.text(part), found) for part, found in patches.items()}

    def _placed(self) -> Iterator[tuple[str, str, Story, int]]:
        return zip(self._parts, self._kinds, self._stories, self._starts, strict=True)

    def _anchor(self, anchors: dict[int, str], story: Story, remark: Remark, number: int) -> None:
        """Put the comment where the body refers to the note or holds the text box, or at its start."""
        body = self._stories[0]
        at = story.view.locate(remark.span).start
        note = next((note for start, note in reversed(story.notes) if start <= at), None)
        place = body.references.get(note, body.paragraph) if note else body.paragraph
        if place is not None:
            anchors[place] += "".join(comment_marks(body.prefix, number))

    def _with_comments(self, comments: Sequence[tuple[int, str]], pen: Pen) -> dict[str, str]:
        """The parts that hold the comments."""
        package, body = self._package, self._stories[0]
        part = next((r.part for r in package.relations(package.main) if r.kind == "comments"), None)
        if part is not None and part in package:
            text = package.text(part)
            prefix, _ = words_prefix(events(text, f"{package.name}: {part}"), f"{package.name}: {part}")
            return {part: with_child(text, "".join(comment(prefix, pen, *said) for said in sorted(comments)))}
        part = posixpath.join(posixpath.dirname(package.main), "comments.xml")
        said = "".join(comment(body.prefix, pen, *each) for each in sorted(comments))
        root = f"{body.prefix}:comments"
        text = f'{XML_HEAD}<{root} xmlns:{body.prefix}="{body.namespace}">{said}</{root}>'
        return package.with_part(part, text, "comments", _COMMENTS)

    def _free_id(self) -> int:
        package = self._package
        parts = [*self._parts, *(r.part for r in package.relations(package.main) if r.kind == "comments")]
        found = (int(m[1]) for part in parts if part in package for m in _ID.finditer(package.text(part)))
        return max(found, default=0) + 1


def _holds(start: int, story: Story, span: Span) -> bool:
    return start <= span.start and span.end <= start + len(story.view.text)


def _moved(edit: Replacement, by: int) -> Part:
    return Part(edit.span.shifted(by), edit.original, edit.replacement)


def _remarks(correction: Correction) -> list[Remark]:
    """One for every edit, and for every flag that no edit answers, in the order of the text."""
    found = [
        Remark(edit.span, _about_edit(edit, correction.flags), edit if edit.applied else None)
        for edit in correction.edits
    ]
    for flag in correction.flags:
        if not any(flag.span.touches(edit.span) for edit in correction.edits):
            found.append(Remark(flag.span, f"{flag.message} ({_percent(flag.score)} sure)."))
    return sorted(found, key=lambda remark: remark.span)


def _about_edit(edit: Edit, flags: Iterable[Flag]) -> str:
    old, new = edit.original.strip(), edit.replacement.strip()
    change = f"“{old}” → “{new}”" if old and new else f"Inserted “{new}”" if new else f"Left out “{old}”"
    if not edit.applied:
        change = f"Suggestion, not made: {change}"
    about = [flag for flag in flags if flag.span.touches(edit.span)]
    reason = max(about, key=lambda flag: flag.score).message if about else "reads like machine translation"
    said = f"{change} ({edit.category}, confidence {_percent(edit.confidence)}). Reason: {reason}."
    if edit.alternatives:
        others = ", ".join(f"“{a.replacement.strip()}” ({_percent(a.confidence)})" for a in edit.alternatives)
        said += f" Alternatives: {others}."
    return said


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
