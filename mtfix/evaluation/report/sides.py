"""One example on the page: source, output and reference beside each other, with what changed marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from mtfix.documents.words import words
from mtfix.evaluation.items import Output, OutputEdit
from mtfix.evaluation.outputs import aligned, applied
from mtfix.evaluation.report.examples import Row, verdict
from mtfix.evaluation.report.text import safe
from mtfix.types import Span

_LONG = 600  # characters without a mark; of longer stretches only the ends are shown
LEGEND = (
    '<p class="legend soft"><del>taken out</del> <ins>put in</ins> <mark>flagged, not changed</mark> '
    "<u>wrong and overlooked</u></p>"
)

# kind of mark ("" for none) and text
Piece = tuple[str, str]


def table(caption: str, rows: Sequence[Row]) -> str:
    """The examples as a table; without a column for references where there are none."""
    references = any(row["references"] for row in rows)
    head = ["Source", "Output", *(["Reference"] if references else [])]
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(_example(i, row, len(head)) for i, row in enumerate(rows, 1))
    return (
        f'<table class="sides"><caption>{safe(caption)}</caption>\n<thead><tr>{columns}</tr></thead>\n{body}</table>\n'
    )


def _example(number: int, row: Row, columns: int) -> str:
    about = " · ".join(part for part in (row["id"], row["group"], verdict(row)) if part)
    cells = "".join(f'<td dir="auto">{_html(pieces)}</td>' for pieces in sides(row)[:columns])
    cells += "<td></td>" * (columns - cells.count("<td "))
    return (
        f'<tbody><tr class="about"><th colspan="{columns}" scope="rowgroup">{number}. {safe(about)}</th></tr>'
        f"<tr>{cells}</tr></tbody>\n"
    )


def sides(row: Row) -> list[list[Piece]]:
    """Pieces of source, output and (where there is one) the nearest reference."""
    text, output = row["text"], Output.from_dict(dict(row))
    edits = [edit for edit in output.edits if edit.applied]
    if not _consistent(text, edits, output.corrected):
        edits = list(aligned(text, output.corrected))
    flags = [flag.span for flag in output.flags or ()]
    gold = [Span(g["start"], g["end"]) for g in row["gold"] or ()] or [Span(*pair) for pair in row["bad"] or ()]
    raised = [*flags, *(edit.span for edit in edits)]
    overlooked = [span for span in gold if not any(span.touches(other) for other in raised)]
    found = [_source(text, edits, flags, overlooked), list(_with_insertions(text, edits))]
    if row["references"]:
        found.append(list(_with_insertions(text, _nearest(text, row["references"]))))
    return found


def _consistent(text: str, edits: Sequence[OutputEdit], corrected: str) -> bool:
    try:
        return applied(text, edits) == corrected
    except ValueError:
        return False


def _nearest(text: str, references: Sequence[str]) -> Sequence[OutputEdit]:
    def changed(edits: Sequence[OutputEdit]) -> int:
        return sum(max(len(words(e.replacement)), len(words(e.span.of(text)))) for e in edits)

    return min((aligned(text, reference) for reference in references), key=changed)


def _source(text: str, edits: Iterable[OutputEdit], flags: Iterable[Span], overlooked: Iterable[Span]) -> list[Piece]:
    """The text cut wherever a mark begins or ends; where several lie on one place the first kind counts."""
    layers = [("del", [edit.span for edit in edits]), ("mark", list(flags)), ("u", list(overlooked))]
    cuts = sorted({0, len(text), *(end for _, spans in layers for s in spans for end in (s.start, s.end))})
    pieces: list[Piece] = []
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        if empty := next((kind for kind, spans in layers if Span(start, start) in spans), ""):
            pieces.append((empty, "‸"))
        if start < end:
            kind = next((kind for kind, spans in layers if any(s.start <= start and end <= s.end for s in spans)), "")
            pieces.append((kind, text[start:end]))
    # neighbours of one kind run into one mark
    return [(kind, "".join(part for _, part in run)) for kind, run in groupby(pieces, key=lambda piece: piece[0])]


def _with_insertions(text: str, edits: Iterable[OutputEdit]) -> Iterator[Piece]:
    position = 0
    for edit in sorted(edits, key=lambda e: e.span):
        yield "", text[position : edit.span.start]
        yield "ins", edit.replacement
        position = edit.span.end
    yield "", text[position:]


def _html(pieces: Iterable[Piece]) -> str:
    parts = []
    for kind, text in pieces:
        whole = kind or len(text) <= _LONG
        shown = safe(text if whole else f"{text[: _LONG // 2]} […] {text[-_LONG // 2 :]}").replace("⏎", "⏎\n")
        if shown:
            parts.append(f"<{kind}>{shown}</{kind}>" if kind else shown)
    return "".join(parts)
