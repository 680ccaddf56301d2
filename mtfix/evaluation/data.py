"""Development data: pairs, tagged sentences and clean text, by the same split as training."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtfix.corpus.build import is_dev, read_jsonl

PAIRS = ("ro-en", "et-en", "ru-en", "ne-en", "si-en")


def pair_rows(path: Path, limit: int, seed: int = 7) -> list[dict[str, Any]]:
    """A random sample of damaged/clean rows."""
    rows = list(read_jsonl(path))
    random.Random(seed).shuffle(rows)
    return rows[:limit]


def post_edited(folder: Path, limit: int, pairs: Sequence[str] = PAIRS, seed: int = 7) -> list[dict[str, Any]]:
    """MLQE-PE dev rows as pairs (`damaged` is the machine translation, `clean` the human post-edit)."""
    rows = []
    for pair in pairs:
        found = list(read_jsonl(folder / "mlqe_pe" / f"{pair}.dev.jsonl"))
        random.Random(seed).shuffle(found)
        rows += [{"damaged": r["mt"], "clean": r["pe"], "engine": f"mt:{pair}"} for r in found[:limit]]
    return rows


def clean_sentences(folder: Path, limit: int, seed: int = 7) -> list[tuple[str, str]]:
    """(kind, sentence) of documents that no model was trained on, `limit` of each kind of text."""
    rows: list[tuple[str, str]] = []
    for kind in ("news", "wiki", "misc"):
        found = [r["text"] for r in read_jsonl(folder / "clean" / f"{kind}.jsonl.gz") if is_dev(r["doc"])]
        random.Random(seed).shuffle(found)
        rows += [(kind, text) for text in found[:limit]]
    return rows
