"""Lexicon probes: does a system find a known wrong phrase, and does it know the right one?

Rows: `phrase`, `expected`, perhaps `alternatives`, and `text` that holds the phrase. A row without text
gets one of `fields.templates`, sentences with {phrase} in them, chosen by the phrase itself so that the
choice never changes. `fields` may rename the keys of the rows.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from mtfix.evaluation.items import GoldSpan, Item
from mtfix.evaluation.readers.base import Broken, Format, RowError, Source, each_object, short, text_in
from mtfix.types import Span

_TEMPLATES = ("We study {phrase} in this work.", "The results depend on {phrase}.")


def _read(source: Source) -> Iterator[Item | Broken]:
    return each_object(source, _item)


def _item(row: dict[str, Any], source: Source, where: str) -> Item:
    keys = source.fields
    phrase = text_in(row, keys.get("phrase", "phrase")).strip()
    alternatives = row.get(keys.get("alternatives", "alternatives")) or []
    if not isinstance(alternatives, list) or not all(isinstance(a, str) for a in alternatives):
        raise RowError(f"alternatives are a list of texts, not {short(alternatives)}")
    repairs = [text_in(row, keys.get("expected", "expected")).strip(), *alternatives]
    text = row.get(keys.get("text", "text"))
    if text is None:
        text = sentence_with(phrase, source.fields.get("templates", _TEMPLATES))
    found = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE) if phrase else None
    if found is None:
        raise RowError(f"the phrase {short(phrase)} is not in the text")
    span = Span(*found.span())
    repairs = [cased(span.of(text), repair) for repair in dict.fromkeys(repairs)]
    references = tuple(text[: span.start] + repair + text[span.end :] for repair in repairs)
    gold = GoldSpan(span, category="tortured-phrase", repairs=tuple(repairs))
    group = str(row[keys["group"]]) if keys.get("group") in row else source.group
    id = str(row.get(keys.get("id", "id"), "") or where.rpartition("/")[2])
    return Item(id, text, references, spans=(gold,), group=group, where=where)


def sentence_with(phrase: str, templates: Sequence[str] = _TEMPLATES) -> str:
    """One of the templates with the phrase in it."""
    return templates[zlib.crc32(phrase.lower().encode()) % len(templates)].replace("{phrase}", phrase)


def cased(original: str, repair: str) -> str:
    """The repair with a capital where the original has one and the repair is all small."""
    return repair[0].upper() + repair[1:] if original[0].isupper() and repair.islower() else repair


PROBES = Format(_read, frozenset("id phrase expected alternatives text group templates".split()))
