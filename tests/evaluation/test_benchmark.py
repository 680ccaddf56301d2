"""The public benchmark is what its datasheet says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import make_benchmark
import pytest

from mtfix.evaluation.data import written
from mtfix.evaluation.items import Severity
from mtfix.types import Category

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "seeds" / "benchmark"


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


SPUN = _rows(FOLDER / "spun.jsonl")
CLEAN = _rows(FOLDER / "tricky_clean.jsonl")
DEVELOPMENT = _rows(ROOT / "seeds" / "development" / "articles.jsonl")
TOPICS = "politics war health science sport business technology culture crime travel".split()


def _repaired(row: dict[str, Any], choice: dict[int, str] | None = None) -> str:
    text, position = "", 0
    for number, span in enumerate(row["spans"]):
        text += row["text"][position : span["start"]] + (choice or {}).get(number, span["repairs"][0])
        position = span["end"]
    return text + row["text"][position:]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_files_are_what_the_master_copies_give() -> None:
    for path, text in make_benchmark.built(ROOT).items():
        assert path.read_bytes().decode("utf-8") == text, f"{path.name}: run scripts/make_benchmark.py"


def test_there_are_enough_sentences_and_topics_are_balanced() -> None:
    assert len(SPUN) >= 300
    counts = Counter(row["topic"] for row in SPUN)
    assert list(counts) == TOPICS
    assert max(counts.values()) - min(counts.values()) <= 2
    assert len(CLEAN) >= 150
    assert min(Counter(row["kind"] for row in CLEAN).values()) >= 10


@pytest.mark.parametrize("rows", [SPUN, CLEAN, DEVELOPMENT])
def test_ids_and_texts_are_unique(rows: list[dict[str, Any]]) -> None:
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["text"] for row in rows}) == len(rows)


def test_spans_are_sound() -> None:
    for row in SPUN + DEVELOPMENT:
        position = 0
        written = row in SPUN  # the others may be good, and words may be missing between two that are
        assert written <= len(row["spans"]) <= 5, row["id"]
        assert 8 <= len(row["text"].split()) <= 35, row["id"]
        for span in row["spans"]:
            original = row["text"][span["start"] : span["end"]]
            assert position <= span["start"] <= span["end"] - written <= len(row["text"]), row["id"]
            assert original == original.strip() or span["repairs"] == [""], row["id"]
            assert span["repairs"], row["id"]
            assert original not in span["repairs"], row["id"]
            assert len(set(span["repairs"])) == len(span["repairs"]), row["id"]
            assert span["category"] in get_args(Category), row["id"]
            assert span["severity"] in get_args(Severity), row["id"]
            position = span["end"]


def test_first_repairs_give_the_reference() -> None:
    for row in SPUN + DEVELOPMENT:
        assert _repaired(row) == row["reference"]
        assert (row["reference"] == row["text"]) == (not row["spans"])


def test_every_accepted_repair_fits_its_sentence() -> None:
    for row in SPUN + DEVELOPMENT:
        for number, span in enumerate(row["spans"]):
            for repair in span["repairs"]:
                text = _repaired(row, {number: repair})
                assert " ".join(text.split()) == text
                assert not re.search(r"\b(?!had had\b)(\w+) \1\b", text, re.IGNORECASE), text
                assert not re.search(r"\ba (?!Euro|uni|use|one)[aeiou]", text, re.IGNORECASE), text
                assert not re.search(r"\ban (?!hour)[bcdfghjklmnpqrstvwxyz]", text), text
                assert text.lstrip('"')[0].isupper(), text


def test_every_category_occurs_and_damage_is_of_the_promised_density() -> None:
    spans = [span for row in SPUN for span in row["spans"]]
    assert {span["category"] for span in spans} == set(get_args(Category))
    assert 1.9 <= len(spans) / len(SPUN) <= 2.5
    assert Counter(len(row["spans"]) for row in SPUN)[1] >= 50
    assert sum(len(row["spans"]) >= 4 for row in SPUN) >= 30
    assert sum(len(span["repairs"]) > 1 for span in spans) >= len(spans) / 2


def test_nothing_comes_from_the_seed_article() -> None:
    seed = (ROOT / "seeds" / "seed_article.txt").read_text(encoding="utf-8").lower()
    runs = _runs(_words(seed), 5)
    for row in SPUN + DEVELOPMENT:
        assert not runs & _runs(_words(row["text"]), 5), row["id"]
        assert not runs & _runs(_words(row["reference"]), 5), row["id"]
    taken = "final father|pandiness|many victims|conversation effort|against their way|rough mountain|tricolor flag"
    for row in SPUN + DEVELOPMENT:
        assert not re.search(taken, row["text"].lower()), row["id"]


def test_clean_sentences_are_no_damaged_ones() -> None:
    spun = {row["text"] for row in SPUN}
    for row in CLEAN:
        assert row["text"] not in spun
        assert row["text"].strip() == row["text"] != ""
        assert row["source"]


def test_nothing_for_development_comes_from_the_benchmark() -> None:
    held_out = {run for row in SPUN for key in ("text", "reference") for run in _runs(_words(row[key]), 8)}
    for row in DEVELOPMENT:
        assert not held_out & _runs(_words(row["text"]), 8), row["id"]


def test_the_datasheet_of_the_development_data_says_what_is_there() -> None:
    sheet = " ".join((ROOT / "seeds" / "development" / "README.md").read_text(encoding="utf-8").split())
    spans = [span for row in DEVELOPMENT for span in row["spans"]]
    good = sum(not row["spans"] for row in DEVELOPMENT)
    articles = {row["topic"]: row["damage"] for row in DEVELOPMENT}
    assert f"{len(articles)} short articles" in sheet
    assert f"{len(DEVELOPMENT)} sentences with {len(spans)} marked spots, {good} of them good" in sheet
    sizes = Counter(row["damage"] for row in DEVELOPMENT)
    for damage, count in Counter(articles.values()).items():
        assert re.search(rf"{damage} \({count}( articles)?, {sizes[damage]}( sentences)?\)", sheet), damage
    for category, count in Counter(span["category"] for span in spans).items():
        assert f"| {category} | {count} |" in sheet


def test_the_datasheet_says_what_is_there() -> None:
    sheet = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    spans = [span for row in SPUN for span in row["spans"]]
    assert f"{len(SPUN)} spun sentences with {len(spans)} marked spots" in sheet
    assert f"`tricky_clean.jsonl` holds {len(CLEAN)} sentences" in sheet
    for category, count in Counter(span["category"] for span in spans).items():
        assert f"| {category} | {count} |" in sheet
    for severity, count in Counter(span["severity"] for span in spans).items():
        assert f"*{severity}* ({count})" in sheet
    for kind, count in Counter(row["kind"] for row in CLEAN).items():
        assert f"{kind} {count}" in sheet
    borrowed = sum(row["source"] != make_benchmark.OWN for row in CLEAN)
    assert {13: "Thirteen"}[borrowed] + " lines are from public-domain works" in sheet


def test_marked_up_lines_become_offsets() -> None:
    row = make_benchmark.spun_row("Ça {are|is|at-} 🙂 {the test hard|the hard test~the hard exam|wo!}.")
    assert row["text"] == "Ça are 🙂 the test hard."
    assert row["reference"] == "Ça is 🙂 the hard test."
    first, second = row["spans"]
    assert first == {"start": 3, "end": 6, "category": "agreement-tense", "severity": "minor", "repairs": ["is"]}
    assert (second["start"], second["end"]) == (13, 22)
    assert (second["category"], second["severity"]) == ("word-order", "critical")
    assert second["repairs"] == ["hard test", "hard exam"]


@pytest.mark.parametrize(
    "line", ["nothing wrong", "{a|b|zz}", "{a|a|ws}", "{a|b~b|ws}", "{a|b |ws}", "open {a|b|ws", "{a|b|ws} and {c"]
)
def test_mistakes_in_the_master_copy_are_reported(line: str) -> None:
    with pytest.raises(make_benchmark.AuthoringError):
        make_benchmark.spun_row(line)


def test_articles_become_documents_with_all_the_ways_to_repair_them() -> None:
    documents = written(ROOT / "seeds" / "development" / "articles.jsonl")
    rows = [row for document in documents for row in document]
    assert [row["damaged"] for row in rows] == [row["text"] for row in DEVELOPMENT]
    for row, source in zip(rows, DEVELOPMENT, strict=True):
        assert row["accepted"][0] == row["clean"] == source["reference"]
        assert row["repairs"] == [span["repairs"] for span in source["spans"]]
        assert [edit[2] for edit in row["edits"]] == [repairs[0] for repairs in row["repairs"]]
        assert len(row["accepted"]) == max(map(len, row["repairs"]), default=1)
        last = {number: repairs[-1] for number, repairs in enumerate(row["repairs"])}
        assert row["accepted"][-1] == _repaired(source, last)
