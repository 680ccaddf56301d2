"""Clean sentences from people's files: plain text, JSON lines or folders of them; what isn't prose is skipped.

Memory does not grow with a file or a line. Every skipped line or sentence is handed to `skip` with its reason.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from mtfix.corpus.rows import Clean
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.segment import sentences
from mtfix.documents.words import words
from mtfix.errors import InputError

SUFFIXES = (".txt", ".text", ".md", ".jsonl", ".txt.gz", ".jsonl.gz")
LONGEST_LINE = 100_000  # bytes
LONGEST_PARAGRAPH = 100_000  # characters
SHORTEST, LONGEST = 4, 60  # words of a sentence
PER_DOC = 50  # a plain text is cut into documents of so many sentences, so that it can be split

Skip = Callable[[str, str, str], None]  # reason, where, what

_MARKUP = re.compile(
    r"</?[a-zA-Z][^<>]*>|&(?:[a-z]{2,8}|#\d+);|\[\[|\]\]|\{\{|\}\}|\{[|%#]|\]\(|```|\\(?:begin|cite|ref|textbf|[a-z]+\{)|"
    r"^\s*(?:#{1,6}\s|\|.*\|\s*$|[=~*_-]{3,}\s*$)|https?://|www\.\w"
)
_BROKEN = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f]|Ã.|â€|Â[ «»°]")


def files(paths: Sequence[Path]) -> list[Path]:
    """The files named or found below the folders named, by name; InputError when one is missing or a folder empty."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.name.endswith(SUFFIXES) and p.is_file())
            if not inside:
                raise InputError(f"{path} holds no text: files must end in {', '.join(SUFFIXES)}.")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InputError(f"{path} does not exist; name text files, JSON lines or folders.")
    return list(dict.fromkeys(found))


def clean_sentences(paths: Sequence[Path], skip: Skip) -> Iterator[Clean]:
    """Every usable sentence of the files once, in order, with the usable sentence before it in its document."""
    seen: set[bytes] = set()
    for path in files(paths):
        before: Clean | None = None
        reader = _rows if ".jsonl" in path.suffixes else _plain
        for where, text, origin in reader(path, skip):
            reason = unusable(text)
            key = hashlib.blake2b(" ".join(text.lower().split()).encode(), digest_size=8).digest()
            if reason is None and key in seen:
                reason = "duplicate"
            if reason is not None:
                skip(reason, where, text)
                continue
            seen.add(key)
            doc = origin["doc"]
            sentence = Clean(
                text, before.text if before and before.doc == doc else "", doc, origin["source"], origin["licence"]
            )
            yield sentence
            before = sentence


def unusable(text: str) -> str | None:
    """Why a sentence can't be used, in a few words; None when it can."""
    if _BROKEN.search(text):
        return "broken encoding"
    if _MARKUP.search(text):
        return "markup"
    tokens = [span.of(text) for span in words(text)]
    count = sum(token[0].isalnum() for token in tokens)
    if count <= 1:
        return "one word"
    if count < SHORTEST:
        return "too short"
    if count > LONGEST:
        return "too long"
    if sum(c.isalpha() or c.isspace() for c in text) < 0.7 * len(text) or max(map(len, tokens)) > 40:
        return "not prose"
    return "other language" if _foreign(text, tokens) else None


def _foreign(text: str, tokens: Sequence[str]) -> bool:
    """Whether a sentence is surely not English: short ones with English function words never are."""
    letters = [c for c in text if c.isalpha()]
    if sum(c.isascii() for c in letters) < 0.6 * len(letters):
        return True
    plain = [token.lower() for token in tokens if token.isalpha()]
    known = sum(token in FUNCTION_WORDS for token in plain)
    if len(plain) < 6 or known >= 0.25 * len(plain):
        return False
    ranks = dict(_classifier().rank(text.lower()))
    best = max(ranks, key=lambda code: float(ranks[code]))
    return bool(best != "en" and ranks[best] > 0.8 and ranks.get("en", 0.0) < 0.05)


@lru_cache(maxsize=1)
def _classifier() -> Any:
    # half a second and 100 MB, which plain English never needs
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _rows(path: Path, skip: Skip) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(where, sentence, doc/source/licence) of JSON lines with `text`; the other keys may be missing."""
    for number, line in _lines(path, skip):
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except ValueError:
            skip("broken JSON", where, line)
            continue
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            skip("no text in the row", where, line)
            continue
        text = row["text"].strip()
        origin = {
            "doc": str(row.get("doc") or f"{path.name}#{(number - 1) // PER_DOC}"),
            "source": str(row.get("source") or path.name),
            "licence": str(row.get("licence") or row.get("license") or "unknown"),
        }
        spans = sentences(text) if "\n" in text or len(text.split()) > LONGEST else ()
        for part in [" ".join(span.of(text).split()) for span in spans] or [text]:
            yield where, part, origin


def _plain(path: Path, skip: Skip) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(where, sentence, doc/source/licence) of a plain text; its documents are runs of 50 sentences."""
    number = 0
    for where, paragraph in _paragraphs(path, skip):
        for span in sentences(paragraph):
            doc = f"{path.name}#{number // PER_DOC}"
            yield where, " ".join(span.of(paragraph).split()), {"doc": doc, "source": path.name, "licence": "unknown"}
            number += 1


def _paragraphs(path: Path, skip: Skip) -> Iterator[tuple[str, str]]:
    lines: list[str] = []
    first = size = 0
    for number, line in _lines(path, skip):
        if (not line.strip() or size > LONGEST_PARAGRAPH) and lines:
            yield f"{path}:{first}", "\n".join(lines)
            lines, size = [], 0
        if line.strip():
            first = number if not lines else first
            lines.append(line)
            size += len(line)
    if lines:
        yield f"{path}:{first}", "\n".join(lines)


def _lines(path: Path, skip: Skip) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of every line that is UTF-8 and not too long."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    _to_line_end(file, line)
                    skip("line too long", f"{path}:{number}", line[:200].decode("utf-8", "replace"))
                    continue
                try:
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError:
                    skip("not UTF-8", f"{path}:{number}", line.decode("utf-8", "replace"))
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read ({reason}); check the path and the file.") from error


def _to_line_end(file: BinaryIO | gzip.GzipFile, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = file.readline(LONGEST_LINE)
