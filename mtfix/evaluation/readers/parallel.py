"""Parallel text files: line N of the references corrects line N of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mtfix.evaluation.items import Item
from mtfix.evaluation.readers.base import Broken, Format, Source, attempt, decoded, side_by_side, written


def _files(source: Source) -> dict[str, Path]:
    named = source.fields["references"]
    names = named if isinstance(named, list) else [named]
    return {source.path.name: source.path, **{name: source.folder / name for name in names}}


def _read(source: Source) -> Iterator[Item | Broken]:
    for number, row in side_by_side(list(_files(source).values())):
        yield from attempt(_item, row, source, f"{source.path}:{number}")


def _item(row: Sequence[bytes], source: Source, where: str) -> Item:
    text, *references = map(decoded, row)
    return Item(where.rpartition("/")[2], text, written(references), group=source.group, where=where)


# fields.references: one file or a list of files, relative to the suite
TEXT = Format(_read, frozenset({"references"}), frozenset({"references"}), _files)
