"""Development data: pairs, tagged sentences and clean text, by the same split as training."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtfix.corpus.align import PairEdit
from mtfix.corpus.engines.tortured import Part, part_of, stands_alone
from mtfix.corpus.rows import edit_row, is_dev, read_jsonl, read_rows
from mtfix.documents.edits import apply_edits
from mtfix.evaluation.readers.probes import cased, sentence_with
from mtfix.training.tagged import Tagged, from_clean, from_pair, read_tagged
from mtfix.types import Span

DOCUMENTS = 40  # of each engine or language pair
PAIRS = ("ro-en", "et-en", "ru-en", "ne-en", "si-en")


def pair_rows(paths: Sequence[Path], limit: int, seed: int = 7) -> list[dict[str, Any]]:
    """A random sample of the damaged rows of files, or of folders of Parquet files."""
    rows = [row for path in paths for row in read_rows(path) if row["edits"]]
    random.Random(seed).shuffle(rows)
    return rows[:limit]


def held_out(corpora: Sequence[Path], limit: int = 4000) -> list[dict[str, Any]]:
    """A random sample of the damaged rows that corpora of `mtfix corpus build` hold out."""
    return pair_rows([corpus / "dev" for corpus in corpora], limit)


def post_edited(folder: Path, limit: int, pairs: Sequence[str] = PAIRS, seed: int = 7) -> list[dict[str, Any]]:
    """MLQE-PE dev rows as pairs (`damaged` is the machine translation, `clean` the human post-edit)."""
    rows = []
    for pair in pairs:
        found = list(read_jsonl(folder / "mlqe_pe" / f"{pair}.dev.jsonl"))
        random.Random(seed).shuffle(found)
        rows += [{"damaged": r["mt"], "clean": r["pe"], "engine": f"mt:{pair}"} for r in found[:limit]]
    return rows


def tortured(folder: Path, part: Part, limit: int, seed: int = 7) -> list[dict[str, Any]]:
    """Tortured phrases of a part of the lexicon as damaged rows, each in a plain sentence.

    Phrases that are wrong only beside certain words are left out: the sentences tell nothing of that.
    """
    found = [
        row for row in read_jsonl(folder / "tortured" / "lexicon_train.jsonl")
        if part_of(row["expected"]) == part and stands_alone(row)
    ]  # fmt: skip
    random.Random(seed).shuffle(found)
    rows = []
    for row in found[:limit]:
        old = row["tortured"].strip()
        text = sentence_with(old)
        start = text.index(old)
        new = cased(old, row["expected"].strip())
        clean = text[:start] + new + text[start + len(old) :]
        edits = [[start, start + len(old), new, "tortured-phrase"]]
        rows.append({"damaged": text, "clean": clean, "edits": edits, "engine": "lexicon"})
    return rows


def written(path: Path) -> list[list[dict[str, Any]]]:
    """Articles written by hand as documents of rows, good sentences among them (scripts/make_benchmark.py).

    `id`: as it is there. `accepted`: the sentence as it may be repaired, the first way (`clean`) and others; `repairs`:
    those of each edit.
    """
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_jsonl(path):
        ways = repaired(row)
        found[row["topic"]].append(
            {"id": row["id"], "damaged": row["text"], "clean": row["reference"]}
            | {"edits": [edit_row(e) for e in ways[0]], "engine": "written"}
            | {"accepted": [apply_edits(row["text"], way) for way in ways]}
            | {"repairs": [span["repairs"] for span in row["spans"]]}
        )
    return list(found.values())


def repaired(row: dict[str, Any]) -> list[list[PairEdit]]:
    """The ways to repair a sentence with marked spans: each with the first repair, the second, and so on."""
    text, spans = row["text"], row["spans"]
    return [
        [
            PairEdit(place, place.of(text), span["repairs"][: number + 1][-1], span["category"])
            for span in spans for place in [Span(span["start"], span["end"])]
        ]
        for number in range(max((len(span["repairs"]) for span in spans), default=1))
    ]  # fmt: skip


def clean_sentences(folder: Path, limit: int, seed: int = 7) -> list[tuple[str, str]]:
    """(kind, sentence) of documents that no model was trained on, `limit` of each kind of text, or all but one.

    An even number of each, so that every second sentence is of the same half whatever the limit.
    """
    rows: list[tuple[str, str]] = []
    for kind in ("news", "wiki", "misc"):
        found = [r["text"] for r in read_jsonl(folder / "clean" / f"{kind}.jsonl.gz") if is_dev(r["doc"])]
        random.Random(seed).shuffle(found)
        rows += [(kind, text) for text in found[: min(limit, len(found)) // 2 * 2]]
    return rows


def documents(folder: Path, corpora: Sequence[Path], size: int = 12, seed: int = 7) -> list[list[Tagged]]:
    """Documents of up to `size` sentences as users have them: clean ones, and damaged ones of every density.

    The clean ones are runs of sentences of held-out documents; as many are put together from the dev rows
    of one engine or language pair, each sentence damaged with a probability drawn per document.
    """
    rng = random.Random(seed)
    pools: dict[str, list[tuple[Tagged, Tagged]]] = defaultdict(list)
    for corpus in corpora:
        for row in read_rows(corpus / "dev"):
            if row["edits"]:
                pools[row["engine"].split(":")[0]].append((from_pair(row), from_clean(row["clean"])))
    for pair in PAIRS[:3]:
        path = folder / "mlqe_pe" / f"{pair}.dev.jsonl"
        pools[pair] += zip(read_tagged(path), read_tagged(path, reference=True), strict=True)
    found = []
    for pool in pools.values():
        rng.shuffle(pool)
        for start in range(0, min(len(pool), DOCUMENTS * size), size):
            share = rng.uniform(0.3, 1)
            found.append([bad if rng.random() < share else good for bad, good in pool[start : start + size]])
    good = [[from_clean(text) for text in document] for document in clean_documents(folder, len(found), size, seed)]
    return found + good


def pair_documents(rows: Sequence[dict[str, Any]], size: int = 12, seed: int = 7) -> list[list[dict[str, Any]]]:
    """The rows of each engine as documents of `size` sentences, some of which are as they were before the damage."""
    rng = random.Random(seed)
    pools: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        pools[row["engine"].split(":")[0]].append(row)
    found = []
    for pool in pools.values():
        for start in range(0, len(pool), size):
            share = rng.uniform(0.3, 1)
            part = pool[start : start + size]
            found.append([row if rng.random() < share else {**row, "damaged": row["clean"]} for row in part])
    return found


def clean_documents(folder: Path, limit: int, size: int = 12, seed: int = 7) -> list[list[str]]:
    """Runs of 2 to `size` sentences of documents that no model was trained on."""
    clean: dict[str, list[str]] = defaultdict(list)
    for kind in ("news", "wiki", "misc"):
        for row in read_jsonl(folder / "clean" / f"{kind}.jsonl.gz"):
            if is_dev(row["doc"]) and len(clean[row["doc"]]) < size:
                clean[row["doc"]].append(row["text"])
    good = [document for document in clean.values() if len(document) > 1]
    random.Random(seed).shuffle(good)
    return good[:limit]
