"""WeTS (Yang et al. 2022): raw translations with a wrong span masked, and an expert's words for it.

The wrong words themselves are not released, so the text is the sentence without them and the gold span
is empty: the place where the expert's words belong. Rows that ask for a deletion leave nothing to mark
and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mtfix.evaluation.items import GoldSpan, Item
from mtfix.evaluation.readers.base import Broken, Format, RowError, Source, each_object, text_in
from mtfix.types import Span

MASK = "<MASK_REP>"


def _read(source: Source) -> Iterator[Item | Broken]:
    return each_object(source, _item)


def _item(row: dict[str, Any], source: Source, where: str) -> Item | None:
    before, mask, after = text_in(row, "masked").partition(MASK)
    if not mask:
        raise RowError(f"there is no {MASK} in 'masked'")
    suggestion = text_in(row, "suggestion").strip()
    if not suggestion:
        return None
    # one space too many is left where words went: the repair brings its own
    left = before.rstrip()
    if left:
        text, repair = left + after, before[len(left) :] + suggestion
    else:
        text, repair = after.lstrip(), suggestion + after[: len(after) - len(after.lstrip())]
    gold = GoldSpan(Span(len(left), len(left)), category="omission", repairs=(repair,))
    fixed = text[: len(left)] + repair + text[len(left) :]
    group = source.group or str(row.get("lang", ""))
    return Item(str(row.get("id", where.rpartition("/")[2])), text, (fixed,), spans=(gold,), group=group, where=where)


WETS = Format(_read)
