"""Documents made of consecutive rows: whoever reads a whole text knows more of its sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from mtfix.evaluation.items import Item
from mtfix.evaluation.readers.base import Broken

BREAK = "\n\n"  # every row is a paragraph


def in_documents(items: Iterable[Item | Broken], size: int) -> Iterator[Item | Broken]:
    """Up to `size` consecutive items of one group as one; gold that one of them lacks, the document lacks."""
    part: list[Item] = []
    for item in items:
        if isinstance(item, Broken):
            yield item
            continue
        if part and (len(part) == size or part[0].group != item.group):
            yield _document(part)
            part = []
        part.append(item)
    if part:
        yield _document(part)


def _document(items: Sequence[Item]) -> Item:
    starts = [0, *accumulate(len(item.text) + len(BREAK) for item in items)]
    placed = list(zip(starts, items, strict=False))
    tagged = all(item.tokens is not None for item in items)
    return Item(
        id=f"{items[0].id}+{len(items) - 1}",
        text=BREAK.join(item.text for item in items),
        references=_references(items),
        tokens=tuple(s.shifted(at) for at, item in placed for s in item.tokens or ()) if tagged else None,
        bad=tuple(bad for item in items for bad in item.bad or ()) if tagged else None,
        gaps=_gaps(items) if tagged and all(item.gaps is not None for item in items) else None,
        spans=tuple(replace(gold, span=gold.span.shifted(at)) for at, item in placed for gold in item.spans or ())
        if all(item.spans is not None for item in items)
        else None,
        clean=all(item.clean for item in items),
        group=items[0].group,
        where=items[0].where,
    )


def _references(items: Sequence[Item]) -> tuple[str, ...] | None:
    """The first ones together, the second ones together, and so on; who has fewer repeats the last."""
    several = [item.references for item in items if item.references]
    if len(several) < len(items):
        return None
    most = max(map(len, several))
    return tuple(BREAK.join(some[min(i, len(some) - 1)] for some in several) for i in range(most))


def _gaps(items: Sequence[Item]) -> tuple[bool, ...]:
    """One more than tokens: between two items something is missing if it is at the end of one or before the next."""
    found = [False]
    for item in items:
        first, *rest = item.gaps or (False,)
        found = [*found[:-1], found[-1] or first, *rest]
    return tuple(found)
