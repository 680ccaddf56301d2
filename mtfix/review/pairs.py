"""Training pairs out of a review: rows that `mtfix train detector` and `mtfix train rewriter` take."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from mtfix.corpus.rows import Row, read_jsonl
from mtfix.documents.edits import apply_edits
from mtfix.documents.segment import sentences
from mtfix.errors import InputError
from mtfix.review.session import Session
from mtfix.types import Edit, Span


def training_pairs(text: str, session: Session, doc: str) -> Iterator[Row]:
    """A row (see `mtfix.corpus.rows`) for every sentence all of whose findings are decided.

    The original is `damaged`, what the decisions make of it `clean`; where all findings were rejected the two
    are the same, which teaches both models to leave such places alone. Sentences without a finding are left out:
    nobody has looked at them.
    """
    edits = session.edits()
    before = ""
    for number, place in enumerate(_joined(sentences(text), session)):
        inside = [edit for edit in _clipped(edits, place, text) if _within(edit.span, place)]
        damaged = place.of(text)
        moved = [_moved(edit, place.start) for edit in inside]
        clean = apply_edits(damaged, moved)
        asked = [n for n, point in enumerate(session.points) if _within(point.span, place)]
        if asked and all(session.is_decided(n) for n in asked):
            words = sum(len(edit.original.split()) for edit in moved)
            yield {
                "id": f"{doc}:{number}", "damaged": damaged, "clean": clean, "before": before,
                "edits": [[e.span.start, e.span.end, e.replacement, e.category] for e in moved],
                "engine": "review" if moved else "identity:review", "engines": ["review"],
                "density": round(words / max(1, len(damaged.split())), 4), "seed": 0,
                "doc": doc, "source": "review", "licence": "",
            }  # fmt: skip
        before = clean


def merged(path: Path, rows: Sequence[Row], doc: str) -> bytes:
    """The file at `path` with these rows in place of those it has of `doc`: JSON lines, packed if it ends in .gz.

    What other documents' reviews have put there stays. Raises InputError when the file holds something else.
    """
    others = [row for row in _there(path) if row["doc"] != doc]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in [*others, *rows]).encode()
    return gzip.compress(data, mtime=0) if path.suffix == ".gz" else data


def _there(path: Path) -> list[Row]:
    if not path.exists():
        return []
    try:
        rows = list(read_jsonl(path))
        if all({"damaged", "clean", "edits", "doc"} <= row.keys() for row in rows):
            return rows
    except (OSError, ValueError, AttributeError, EOFError, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: cannot be read as training pairs ({error}); name another file.") from error
    raise InputError(f"{path} holds other rows than training pairs; name another file.")


def _joined(found: Sequence[Span], session: Session) -> list[Span]:
    """The sentences; those that one finding reaches over are taken together."""
    result: list[Span] = []
    for place in found:
        over = result and any(p.span.start < result[-1].end and p.span.end > place.start for p in session.points)
        if over:
            result[-1] = Span(result[-1].start, place.end)
        else:
            result.append(place)
    return result


def _clipped(edits: Sequence[Edit], place: Span, text: str) -> Iterator[Edit]:
    """The edits; those that take out the first words of the sentence take the blank behind them, not one before it."""
    begin = place.start
    for edit, following in zip(edits, [*edits[1:], None], strict=False):
        if edit.replacement or not edit.span.start <= begin < edit.span.end <= place.end:
            yield edit
            continue
        end = edit.span.end
        blank = text.startswith(" ", end, place.end) and not (
            following and following.replacement and following.span.start == end
        )
        span = Span(begin, end + blank)
        yield replace(edit, span=span, original=span.of(text))
        begin = span.end


def _within(span: Span, place: Span) -> bool:
    return place.start <= span.start and span.end <= place.end


def _moved(edit: Edit, start: int) -> Edit:
    return replace(edit, span=edit.span.shifted(-start))
