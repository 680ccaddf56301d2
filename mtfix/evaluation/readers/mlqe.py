"""MLQE-PE (Fomicheva et al. 2022): machine translations with post-edits and tags of words and gaps.

The release is a folder of parallel files: `NAME.mt`, `NAME.pe` (tokens between spaces) and `NAME.tags`
with 2n+1 tags for n tokens, gaps and words in turn: gap, word, gap, …, word, gap. A tags file with n tags
in each line, words alone, is read as well. `NAME.source_tags` speaks of the source and isn't used.
With `fields.detokenise: true` the text is written as people write it (sacremoses), since a system for
running text would else be measured on a spelling that it never meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mtfix.errors import InputError
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item
from mtfix.evaluation.readers.base import (
    Broken,
    Format,
    RowError,
    Source,
    attempt,
    decoded,
    each_object,
    joined,
    located,
    side_by_side,
    tag,
    text_in,
    written,
)
from mtfix.types import Span


def _read_rows(source: Source) -> Iterator[Item | Broken]:
    return each_object(source, _of_row)


def _of_row(row: dict[str, Any], source: Source, where: str) -> Item:
    text, tokens = text_in(row, "mt"), row["mt_tok"]
    references: tuple[str, ...] | None = written([text_in(row, "pe")])
    try:
        places = located(text, tokens)
    except RowError:  # detokenisation is not quite reversible; the tags belong to the tokens
        text, places = joined(tokens)
        # spaces that only one of the two has would count as edits
        references = written([" ".join(row["pe_tok"])]) if "pe_tok" in row else None
    return Item(
        id=str(row.get("id", where.rpartition("/")[2])),
        text=text,
        references=references,
        tokens=places,
        bad=tuple(map(tag, row["tags"])),
        gaps=tuple(map(tag, row["gaps"])) if "gaps" in row else None,
        group=source.group or str(row.get("lang", "")),
        where=where,
    )


def _files(source: Source) -> dict[str, Path]:
    """The files with translations and tags, and that with post-edits if there is one."""
    mt = _one(source, "mt")
    if mt is None:
        raise InputError(f"{source.path} holds no .mt file; name it in fields.mt.")
    tags = _one(source, "tags") or _beside(mt, ".tags")
    if not tags.is_file():
        raise InputError(f"{source.path} holds no {tags.name}; name the file with the tags in fields.tags.")
    pe = _one(source, "pe")
    return {path.name: path for path in (mt, tags, pe) if path is not None}


def _one(source: Source, kind: str) -> Path | None:
    """The file of that kind: the named one, else the only one with that ending, else None."""
    if kind in source.fields:
        return source.path / str(source.fields[kind])
    try:
        found = sorted(p for p in source.path.iterdir() if p.name.removesuffix(".gz").endswith(f".{kind}"))
    except OSError as error:
        raise InputError(f"{source.path} cannot be read ({error.strerror}); it must be a folder.") from error
    if len(found) > 1:
        raise InputError(f"{source.path} holds several .{kind} files; name one in fields.{kind}.")
    return found[0] if found else None


def _beside(mt: Path, ending: str) -> Path:
    return mt.with_name(mt.name.removesuffix(".gz").removesuffix(".mt") + ending)


def _read_folder(source: Source) -> Iterator[Item | Broken]:
    files = list(_files(source).values())
    detokenise = _detokeniser() if source.fields.get("detokenise") else None
    for number, row in side_by_side(files):
        yield from attempt(_of_lines, (row, detokenise), source, f"{files[0]}:{number}")


def _of_lines(found: tuple[Sequence[bytes], Any], source: Source, where: str) -> Item:
    row, detokenise = found
    mt, tags, *pe = [decoded(line).split() for line in row]
    if len(tags) not in (len(mt), 2 * len(mt) + 1):
        raise RowError(f"{len(tags)} tags for {len(mt)} tokens; there must be n or 2n+1")
    marks = tuple(map(tag, tags))
    bad, gaps = (marks, None) if len(marks) == len(mt) else (marks[1::2], marks[0::2])
    text, places, write = _placed(mt, detokenise)
    references = written(map(write, pe)) if pe else None
    name = where.rpartition("/")[2]
    return Item(name, text, references, places, bad, gaps, group=source.group or source.path.name, where=where)


def _placed(tokens: list[str], detokenise: Any) -> tuple[str, tuple[Span, ...], Callable[[list[str]], str]]:
    """The text, where its tokens stand, and how its reference is written: spaces that only one has would be edits."""
    if detokenise:
        text = detokenise(tokens)
        try:
            return text, located(text, tokens), detokenise
        except RowError:  # Moses escapes and rejoins some marks; such a sentence keeps its spaces
            pass
    return *joined(tokens), " ".join


def _detokeniser() -> Any:
    return require("sacremoses", what="detokenise").MosesDetokenizer(lang="en").detokenize


ROWS = Format(_read_rows)
FOLDER = Format(_read_folder, frozenset({"mt", "pe", "tags", "detokenise"}), files=_files)
