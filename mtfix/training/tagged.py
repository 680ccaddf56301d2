"""Tagged words for the detector: words, whether each is wrong, and where something is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mtfix.corpus.rows import is_dev, read_rows
from mtfix.documents.words import words
from mtfix.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Tagged:
    """`bad[i]`: word i is wrong. `missing[i]`: something is missing before word i (last: at the end).

    replaced: the words that a repair took the place of, where it is judged; then `asked` says which words (and, as the
    second half, which gaps) are to be judged: of the others nothing is known.
    """

    words: list[str]
    spaced: list[bool]
    bad: list[bool]
    missing: list[bool]
    group: str
    replaced: list[str] | None = None
    asked: list[bool] | None = None


def read_tagged(path: Path, *, reference: bool = False) -> Iterator[Tagged]:
    """Rows of any supported file: MLQE-PE tags, damaged/clean pairs (a built corpus, too), or clean text.

    With `reference` the post-edits or clean sides of the rows, as sentences in which nothing is wrong.
    """
    for row in read_rows(path):
        if "tags" in row:
            yield _post_edit(row) if reference else _from_tags(row)
        elif "damaged" in row:
            made = from_tried if "tried" in row else from_pair
            yield from_clean(row["clean"]) if reference else made(row)
        elif "text" in row:
            if not is_dev(row["doc"]):  # those documents measure harm
                yield from_clean(row["text"])
        else:
            raise ConfigError(f"{path} has rows of an unknown kind: {sorted(row)[:8]}")


def located(text: str, tokens: list[str]) -> list[bool] | None:
    """Whether white space stands before each token in `text`; None when they can't be found in order."""
    spaced, position = [], 0
    for token in tokens:
        start = position
        while start < len(text) and text[start].isspace():
            start += 1
        if not text.startswith(token, start):
            return None
        spaced.append(start > position or start == 0)
        position = start + len(token)
    return spaced


def _from_tags(row: dict[str, Any]) -> Tagged:
    tokens, spaced = _tokens(row, "mt")
    return Tagged(
        tokens, spaced, [t == "BAD" for t in row["tags"]], [g == "BAD" for g in row["gaps"]], row["lang"]
    )


def _post_edit(row: dict[str, Any]) -> Tagged:
    """In the tokens of the data set, as the machine translation is: tokenisation must not tell them apart."""
    tokens, spaced = _tokens(row, "pe")
    return Tagged(tokens, spaced, [False] * len(tokens), [False] * (len(tokens) + 1), row["lang"])


def _tokens(row: dict[str, Any], side: str) -> tuple[list[str], list[bool]]:
    tokens = row[f"{side}_tok"]
    # where the detokenised text doesn't hold the tokens, assume the usual spacing
    return tokens, located(row[side], tokens) or [i == 0 or token[0].isalnum() for i, token in enumerate(tokens)]


def from_pair(row: dict[str, Any]) -> Tagged:
    """Words of `damaged` that an edit touches are bad; an empty edit means something is missing there."""
    text = row["damaged"]
    spans = words(text)
    bad = [False] * len(spans)
    missing = [False] * (len(spans) + 1)
    for start, end, _, _ in row["edits"]:
        inside = [i for i, span in enumerate(spans) if span.start < end and span.end > start]
        for i in inside:
            bad[i] = True
        if not inside:
            missing[sum(span.end <= start for span in spans)] = True
    return Tagged(
        [span.of(text) for span in spans],
        [span.start == 0 or text[span.start - 1].isspace() for span in spans],
        bad,
        missing,
        row["engine"].split(":")[0],
    )


def from_tried(row: dict[str, Any]) -> Tagged:
    """A sentence with a repair in it, whose words, or the gap where it left none, are asked about and no others.

    row: as scripts/make_repaired.py writes them: `tried` is where the repair stands, and what it replaced.
    """
    here = from_pair({**row, "edits": [row["tried"]]})
    _, _, old, _ = row["tried"]
    asked, replaced = [*here.bad, *here.missing], [span.of(old) for span in words(old)]
    return replace(from_pair(row), asked=asked, replaced=replaced)


def from_clean(text: str) -> Tagged:
    """A sentence in which nothing is wrong."""
    return from_pair({"damaged": text, "edits": [], "engine": "clean"})
