"""JSON lines and TSV: rows whose fields the suite names.

`fields` maps what evaluation speaks of to keys of the row (TSV: names in the header line, or numbers of
columns from 1, as `cut -f` counts them):

    id, text, group   a text each
    references        a text, a list of texts, or a list of keys with one reference each
    tokens            a list of tokens that stand in the text in this order, or of [start, end]
    bad, gaps         a tag (OK/BAD, 0/1) for each token; for each gap, one more than tokens
    spans             a list of {start, end, severity, category, repairs} or of
                      [start, end, repair, category]; what isn't needed may be left out
    starts, ends, severities, categories   the same spans as lists side by side, as WMT23 releases them

In TSV, lists are separated by spaces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from mtfix.errors import InputError
from mtfix.evaluation.items import GoldSpan, Item, Severity
from mtfix.evaluation.readers.base import (
    Broken,
    Format,
    RowError,
    Source,
    attempt,
    decoded,
    each_object,
    lines,
    located,
    short,
    tag,
    text_in,
    written,
)
from mtfix.types import Span

_FIELDS = frozenset(
    "id text group references tokens bad gaps spans starts ends severities categories".split()
)
_SEVERITIES = ("minor", "major", "critical")
# what annotation tools write for "nothing wrong here"
_NOT_WRONG = ("no-error", "neutral", "none")


def _read_jsonl(source: Source) -> Iterator[Item | Broken]:
    return each_object(source, item_of)


def _read_tsv(source: Source) -> Iterator[Item | Broken]:
    named = [key for keys in source.fields.values() for key in (keys if isinstance(keys, list) else [keys])]
    wanted = [key for key in named if isinstance(key, str)]
    header: list[str] = []
    for number, line in lines(source.path):
        where = f"{source.path}:{number}"
        if wanted and not header:
            header = line.decode("utf-8", "replace").split("\t")
            if lacking := [key for key in wanted if key not in header]:
                raise InputError(f"{where} names no column {lacking[0]!r}; it has {', '.join(header)}.")
        elif line.strip():
            yield from attempt(_of_columns, (line, header), source, where)


def _of_columns(found: tuple[bytes, list[str]], source: Source, where: str) -> Item:
    line, header = found
    cells = decoded(line).split("\t")
    if header and len(cells) != len(header):
        raise RowError(f"{len(cells)} columns, and the header has {len(header)}")
    row: dict[Any, Any] = dict(enumerate(cells, 1))
    row.update(zip(header, cells, strict=False))
    for name in ("tokens", "bad", "gaps", "starts", "ends", "severities", "categories"):
        key = source.fields.get(name)
        if key in row:
            row[key] = row[key].split()
    if "spans" in source.fields:
        row[source.fields["spans"]] = json.loads(text_in(row, source.fields["spans"]))
    return item_of(row, source, where)


def item_of(row: Mapping[Any, Any], source: Source, where: str) -> Item:
    """The item that the row describes by the source's fields; RowError when something doesn't fit."""
    keys = source.fields
    text = text_in(row, keys.get("text", "text"))

    def value(name: str) -> Any:
        found = row.get(keys.get(name, name))
        if found is None and name in keys:
            raise RowError(f"there is no {keys[name]!r}")
        return found

    tokens, bad, gaps = value("tokens"), value("bad"), value("gaps")
    return Item(
        id=str(row.get(keys.get("id", "id"), "") or where.rpartition("/")[2]),
        text=text,
        references=_references(row, keys.get("references", "references"), named="references" in keys),
        tokens=None if tokens is None else _tokens(text, tokens),
        bad=None if bad is None else tuple(map(tag, bad)),
        gaps=None if gaps is None else tuple(map(tag, gaps)),
        spans=_side_by_side(value) if "starts" in keys else _spans(value("spans")),
        group=str(row[keys["group"]]) if keys.get("group") in row else source.group,
        where=where,
    )


def _references(row: Mapping[Any, Any], key: Any, *, named: bool) -> tuple[str, ...] | None:
    if isinstance(key, list):
        return written(text_in(row, k) for k in key)
    if row.get(key) is None:
        if named:
            raise RowError(f"there is no {key!r}")
        return None
    found = row[key]
    if isinstance(found, list) and all(isinstance(reference, str) for reference in found):
        return written(found)
    return written([text_in(row, key)])


def _tokens(text: str, tokens: Sequence[Any]) -> tuple[Span, ...]:
    if tokens and not isinstance(tokens[0], str):
        return tuple(Span(start, end) for start, end in tokens)
    return located(text, tokens)


def _spans(rows: Sequence[Any] | None) -> tuple[GoldSpan, ...] | None:
    if rows is None:
        return None
    return _sorted(found for row in rows if (found := _span(row)))


def _span(row: Any) -> GoldSpan | None:
    if isinstance(row, list):
        start, end, *rest = row
        return GoldSpan(Span(start, end), category=str(rest[1]) if rest[1:] else "other", repairs=_repairs(rest[:1]))
    severity = str(row.get("severity", "major")).lower()
    if severity in _NOT_WRONG:
        return None
    repairs = _repairs(row.get("repairs", [row["replacement"]] if "replacement" in row else []))
    return GoldSpan(Span(row["start"], row["end"]), _severity(severity), str(row.get("category", "other")), repairs)


def _repairs(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(repair, str) for repair in found):
        raise RowError(f"repairs are a list of texts, not {short(found)}")
    return tuple(found)


def _side_by_side(value: Any) -> tuple[GoldSpan, ...]:
    starts, ends = _numbers(value("starts")), _numbers(value("ends"))
    severities = _list(value("severities") or ["major"] * len(starts))
    categories = _list(value("categories") or ["other"] * len(starts))
    if not len(starts) == len(ends) == len(severities) == len(categories):
        raise RowError(
            f"{len(starts)} starts, {len(ends)} ends, {len(severities)} severities, {len(categories)} categories"
        )
    return _sorted(
        GoldSpan(Span(start, end), _severity(severity.lower()), category)
        for start, end, severity, category in zip(starts, ends, severities, categories, strict=True)
        if start >= 0 and severity.lower() not in _NOT_WRONG  # -1: WMT's way to say that there is none
    )


def _list(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [str(v) for v in value]


def _numbers(value: Any) -> list[int]:
    return [int(v) for v in (value.split() if isinstance(value, str) else value)]


def _severity(name: str) -> Severity:
    if name not in _SEVERITIES:
        raise RowError(f"the severity {short(name)} is not one of {', '.join(_SEVERITIES)}")
    return cast(Severity, name)


def _sorted(spans: Iterator[GoldSpan] | Any) -> tuple[GoldSpan, ...]:
    return tuple(sorted(spans, key=lambda gold: gold.span))


JSONL = Format(_read_jsonl, _FIELDS)
TSV = Format(_read_tsv, _FIELDS, frozenset({"text"}))
