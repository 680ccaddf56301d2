"""Clean text, in which every edit is harm: JSON lines with a `text`, or plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mtfix.evaluation.items import Item
from mtfix.evaluation.readers.base import Broken, Format, Source, attempt, decoded, each_object, lines
from mtfix.evaluation.readers.rows import item_of


def _read(source: Source) -> Iterator[Item | Broken]:
    if source.path.name.removesuffix(".gz").endswith(".jsonl"):
        yield from each_object(source, _of_row)
        return
    for number, line in lines(source.path):
        if line.strip():
            yield from attempt(_of_line, line, source, f"{source.path}:{number}")


def _of_row(row: dict[str, Any], source: Source, where: str) -> Item:
    return replace(item_of(row, source, where), clean=True, references=None, spans=())


def _of_line(line: bytes, source: Source, where: str) -> Item:
    name = where.rpartition("/")[2]
    return Item(name, decoded(line), spans=(), clean=True, group=source.group, where=where)


CLEAN = Format(_read, frozenset({"id", "text", "group"}))
