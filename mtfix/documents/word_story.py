"""One part of a Word file as prose: which run of the XML holds which words.

Word cuts words into runs for reasons of its own (spelling marks, revision numbers); runs of one formatting are read
as one. Results of fields, what is moved, hidden, excluded from proofing, or held by a locked or bound content
control is read and never edited. What is deleted, drawings, symbols and formulas are not read; no words of a repair
reach over those that stand in the line, as these may be words of the sentence.

Text boxes stand inside a paragraph, so that their text makes a story of its own. Word writes them twice, once for
programs that know no better; a copy that is the same in every character is changed along, another one is left alone.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape

from mtfix.documents.edits import Part
from mtfix.documents.view import Segments, View
from mtfix.documents.xml_events import Event, events
from mtfix.errors import InputError
from mtfix.types import Span

_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_UNREAD = frozenset("del moveFrom drawing pict object txbxContent rt AlternateContent".split())
_BURIED = frozenset("del moveFrom Fallback".split())  # text boxes in these are gone, or copies
_COMPATIBILITY = frozenset("AlternateContent Choice Fallback".split())
_BARRIERS = frozenset(
    "hyperlink ins sdt smartTag customXml fldSimple moveTo footnoteReference endnoteReference "
    "inline object sym oMath".split()
)
_ELSEWHERE = _COMPATIBILITY | {"inline", "oMath"}  # in namespaces of their own
_READ_AS = {"tab": "\t", "br": "\n", "cr": "\n", "ptab": "\t", "noBreakHyphen": "\u2011"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITY = re.compile(r"&[^;<&]+;")


@dataclass(slots=True)
class Run:
    """A run: its start tag and properties as they are written, and where its content lies.

    insertion: the start tag of the tracked insertion directly around it.
    """

    start: int
    tag: str
    insertion: str
    content: int
    end: int = 0
    properties: str = ""

    def opened(self, *, fresh: bool = False) -> str:
        """The start of a run of the same formatting; a fresh one has no history of it."""
        kept = re.sub(r"<(\w+:rPrChange)\b.*?</\1>", "", self.properties, flags=re.DOTALL) if fresh else self.properties
        return self.tag + kept


@dataclass(frozen=True, slots=True)
class TextNode:
    """A text element in a run: it starts at `start`, its text is from `first` to `last`, it ends at `end`."""

    run: Run
    start: int
    first: int
    last: int
    end: int


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    shown: bool = False


@dataclass(slots=True)
class Story:
    """notes: where which foot- or endnote or text box starts; references: after which place of the part it stands.

    copies: the content of text boxes that are there once more, and how far on.
    """

    source: str
    prefix: str
    namespace: str
    nodes: list[TextNode]
    view: View
    notes: list[tuple[int, tuple[str, str]]]
    references: dict[tuple[str, str], int]
    paragraph: int | None  # where the content of the first paragraph begins
    copies: list[tuple[Span, int]]

    def with_copies(self, patches: Iterable[Part]) -> list[Part]:
        """The patches, and the same ones for the copies of what they change."""
        found = list(patches)
        for box, distance in self.copies:
            inside = [p for p in found if box.start <= p.span.start and p.span.end <= box.end]
            found += [Part(p.span.shifted(distance), p.original, p.replacement) for p in inside]
        return found


def read_story(source: str, name: str, *, boxes: bool = False) -> Story:
    """The part with this XML, or what stands in its text boxes. Raises InputError."""
    found = events(source, name)
    prefix, namespace = words_prefix(found, name)
    parser = _Parser(source, prefix, boxes)
    for event in found:
        parser.take(event)
    view = View(source, parser.segments.found, _escaped)
    return Story(
        source, prefix, namespace, parser.nodes, view, parser.notes, parser.references, parser.paragraph, parser.copies
    )


def words_prefix(found: Sequence[Event], name: str) -> tuple[str, str]:
    """The prefix of Word's elements in a part with these tags, and their namespace."""
    for key, value in found[0].attributes.items():
        if value in _NAMESPACES and key.startswith("xmlns:"):
            return key.removeprefix("xmlns:"), value
    raise InputError(f"{name}: is no part of a Word document, or written in an unusual way; save it with Word.")


def _escaped(text: str) -> str:
    if _NO_XML.search(text):
        raise ValueError(f"{text!r} holds characters that no Word file can hold")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(slots=True)
class _Open:
    """An element that is open: fixed says that nothing in it may be edited; unread, that nothing around it is read."""

    name: str
    event: Event
    unread: bool
    fixed: bool = False


@dataclass
class _Parser:
    source: str
    prefix: str
    boxes: bool
    nodes: list[TextNode] = field(default_factory=list)
    notes: list[tuple[int, tuple[str, str]]] = field(default_factory=list)
    references: dict[tuple[str, str], int] = field(default_factory=dict)
    paragraph: int | None = None
    copies: list[tuple[Span, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.segments = Segments(self.source)
        self._stack: list[_Open] = []
        self._runs: list[Run] = []
        self._fixed = self._inserted = 0  # open elements of each kind
        self._unread = self.boxes
        self._read_boxes: deque[Span] = deque()  # those that may have a copy
        self._fields: list[_Field] = []
        self._barrier = False
        self._format: str | None = None  # of the last words
        self._noted: list[tuple[str, str]] = []  # references in the run
        self._hidden = re.compile(
            rf"""<{self.prefix}:(?:vanish|noProof|specVanish)\b(?![^<>]*val=["'](?:0|false|off)["'])"""
        )
        self._trifles = re.compile(rf"<{self.prefix}:(?:lang|noProof)\b[^<>]*/>|<(\w+:rPrChange)\b.*?</\1>", re.DOTALL)

    def take(self, event: Event) -> None:
        head, _, local = event.name.rpartition(":")
        name = local if head == self.prefix or local in _ELSEWHERE else ""
        if event.opens:
            self._starts(name, event)
        else:
            opened = self._stack.pop()
            self._ends(name, opened, event)

    def _starts(self, name: str, event: Event) -> None:
        parent = self._stack[-1] if self._stack else None
        self._stack.append(_Open(name, event, self._unread))
        self._unread = self._unread or name in _UNREAD
        self._inserted += name == "ins"
        said = {key.rpartition(":")[2]: value for key, value in event.attributes.items()}
        if name in _BARRIERS:
            self._barrier = True
        elif name in ("dataBinding", "lock") and parent is not None and parent.name == "sdtPr":
            # a lock of the control alone leaves its content free
            if name == "dataBinding" or said.get("val") in ("contentLocked", "sdtContentLocked"):
                self._fix(self._stack[-3])
        elif name == "Choice":
            self._read_boxes.clear()
        elif name == "txbxContent":
            self._box_starts(event.start)
        if self._unread:
            return
        if name == "r":
            insertion = self.source[parent.event.start : parent.event.end] if parent and parent.name == "ins" else ""
            tag = self.source[event.start : event.end].rstrip("/>").rstrip() + ">"
            self._runs.append(Run(event.start, tag, insertion, event.end))
        elif name in _READ_AS and parent is not None and parent.name == "r":
            self.segments.pause(_READ_AS[name])
        elif name == "fldChar":
            self._field(said.get("fldCharType", ""))
        elif name == "fldSimple":
            if not said.get("instr", "").strip().upper().startswith("HYPERLINK"):
                self._fix(self._stack[-1])
        elif name == "moveTo":
            self._fix(self._stack[-1])
        elif name in ("footnote", "endnote"):
            self.notes.append((event.start, (name, said.get("id", ""))))
        elif name in ("footnoteReference", "endnoteReference"):
            self._noted.append((name.removesuffix("Reference"), said.get("id", "")))
        elif name == "p" and self.paragraph is None and not self.source.endswith("/>", 0, event.end):
            self.paragraph = event.end

    def _ends(self, name: str, opened: _Open, event: Event) -> None:
        was_unread, self._unread = self._unread, opened.unread
        self._fixed -= opened.fixed
        self._inserted -= name == "ins"
        # a picture with a position of its own floats beside the text
        inline = name == "pict" and self.source.find("position:absolute", opened.event.end, event.start) < 0
        if name in _BARRIERS or inline:
            self._barrier = True
        elif name == "txbxContent" and self.boxes:
            self._box_ends(Span(opened.event.end, event.start), was_unread=was_unread)
        if was_unread:
            return
        if name == "r" and self._runs:
            run = self._runs.pop()
            run.end = event.end
            for reference in self._noted:
                self.references[reference] = event.end
            self._noted = []
        elif name == "rPr" and self._runs and self._stack and self._stack[-1].name == "r":
            self._runs[-1].properties = self.source[opened.event.start : event.end]
            self._runs[-1].content = event.end
        elif name == "t" and self._runs:
            self._text(opened.event.start, opened.event.end, event.start, event.end)
        elif name == "instrText" and self._fields and not self._fields[-1].shown:
            self._fields[-1].instruction += self.source[opened.event.end : event.start]
        elif name == "pPr" and self.paragraph == self._stack[-1].event.end:
            self.paragraph = event.end
        elif name == "p":
            self.segments.pause("\n\n")

    def _inside(self, names: frozenset[str]) -> bool:
        return any(opened.name in names for opened in self._stack)

    def _box_starts(self, at: int) -> None:
        box = ("box", str(at))
        self._noted.append(box)
        if self.boxes and not self._inside(_BURIED):
            self._unread = False
            self.segments.pause("\n\n")
            self.notes.append((at, box))

    def _box_ends(self, content: Span, *, was_unread: bool) -> None:
        if not was_unread:
            self._read_boxes.append(content)
        elif self._read_boxes and self._inside(frozenset({"Fallback"})):
            read = self._read_boxes.popleft()
            if read.of(self.source) == content.of(self.source):
                self.copies.append((read, content.start - read.start))

    def _fix(self, element: _Open) -> None:
        self._fixed += not element.fixed
        element.fixed = True

    def _field(self, kind: str) -> None:
        self._barrier = True
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._fields[-1].shown = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _text(self, start: int, first: int, last: int, end: int) -> None:
        run = self._runs[-1]
        if first >= last or (self._fields and not self._fields[-1].shown):
            return
        look = self._trifles.sub("", run.properties)
        look = "" if look == f"<{self.prefix}:rPr></{self.prefix}:rPr>" else look
        if self._format == look and not self._barrier:
            self.segments.through()
        self._format, self._barrier = look, False
        raw = self.source[first:last]
        fixed = (
            self._fixed > 0
            or any(not f.instruction.strip().upper().startswith("HYPERLINK") for f in self._fields)
            or self._hidden.search(run.properties) is not None
            or "<" in raw
            or (not run.insertion and self._inserted > 0)
        )
        if fixed:
            self.segments.add(first, last, "fixed", None if "<" in raw else unescape(raw))
            return
        self.nodes.append(TextNode(run, start, first, last, end))
        at = first
        for match in _ENTITY.finditer(self.source, first, last):
            self.segments.add(at, match.start(), "text")
            self.segments.add(match.start(), match.end(), "character", unescape(match[0]))
            at = match.end()
        self.segments.add(at, last, "text")
