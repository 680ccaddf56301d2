from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass

import pytest

from mtfix.corpus import build
from mtfix.corpus.align import PairEdit
from mtfix.corpus.build import clean_sentences, is_dev, read_jsonl, synthetic, write_rows
from mtfix.corpus.post_edits import recoverable, recoverable_rows
from mtfix.documents.categories import categorise
from mtfix.documents.edits import apply_edits
from mtfix.types import Span

FRAMES = [
    "His late father was seen in the last days of the war number {}.",
    "There were {} casualties among the people of the old village.",
    "The minister has said that the late talks of {} were a success.",
]


@pytest.fixture
def clean_folder(tmp_path):
    """60 documents of three sentences, the middle one too short to be used."""
    rows = []
    for doc in range(60):
        texts = [FRAMES[0].format(doc), "Too short.", FRAMES[1].format(doc), FRAMES[2].format(doc)]
        rows += [{"text": t, "doc": f"doc-{doc}", "source": "toy", "licence": "CC0-1.0"} for t in texts]
    (tmp_path / "clean").mkdir()
    with gzip.open(tmp_path / "clean" / "toy.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path / "clean"


@dataclass
class Replaced:
    span: Span
    original: str
    replacement: str


def repaired(row):
    edits = [Replaced(Span(a, b), row["damaged"][a:b], new) for a, b, new, _ in row["edits"]]
    return apply_edits(row["damaged"], edits)


@pytest.fixture
def rows(clean_folder, pivot_engine, monkeypatch):
    monkeypatch.setattr(build.PivotEngine, "from_folder", lambda _: pivot_engine)
    rng = random.Random(1)
    found = clean_sentences(clean_folder, 1000, rng)
    return list(synthetic(found, ["pivot", "syntax"], clean_folder, rng))


def test_clean_sentences_know_the_one_before(clean_folder):
    rows = clean_sentences(clean_folder, 1000, random.Random(1))
    assert len(rows) == 180  # without the short ones
    for row in rows:
        before = {FRAMES[0][:8]: "", FRAMES[1][:8]: "Too short."}.get(row["text"][:8])
        assert row["before"].startswith("There were") if before is None else row["before"] == before


def test_the_sample_is_drawn_by_the_seed(clean_folder):
    one, same, other = (clean_sentences(clean_folder, 20, random.Random(s)) for s in (1, 1, 2))
    assert len(one) == 20
    assert one == same != other
    assert len({row["doc"] for row in one}) > 10


def test_the_edits_of_a_row_give_its_clean_sentence(rows):
    assert len(rows) > 150
    assert {row["engine"] for row in rows} >= {"pivot", "syntax"}
    changed = [row for row in rows if row["edits"]]
    assert len(changed) > 0.7 * len(rows)
    for row in rows:
        assert repaired(row) == row["clean"]
        assert (row["engine"] == "identity") == (row["damaged"] == row["clean"])
        assert all(category for _, _, _, category in row["edits"])
        assert {"doc", "source", "licence", "before"} <= row.keys()


def test_a_document_is_in_train_or_in_dev_and_never_in_both(rows, tmp_path):
    counts = write_rows(rows, tmp_path / "out" / "train.jsonl.gz", tmp_path / "out" / "dev.jsonl.gz")
    train, dev = (list(read_jsonl(tmp_path / "out" / f"{name}.jsonl.gz")) for name in ("train", "dev"))
    assert len(train) + len(dev) == len(rows) == sum(counts.values())
    assert train
    assert dev
    assert {row["doc"] for row in train}.isdisjoint(row["doc"] for row in dev)
    assert all(is_dev(row["doc"]) for row in dev)
    assert sorted(json.dumps(r) for r in train + dev) == sorted(json.dumps(r) for r in rows)


def test_about_one_document_in_twenty_is_dev():
    assert 60 < sum(is_dev(f"document {i}") for i in range(2000)) < 140
    assert is_dev("document 1") == is_dev("document 1")


def test_wreckage_is_left_out(monkeypatch, clean_folder):
    rows = clean_sentences(clean_folder, 10, random.Random(1))
    monkeypatch.setattr(build.SyntaxEngine, "damage", lambda *_, **__: "nothing of it is left at all")
    assert list(synthetic(rows, ["syntax"], clean_folder, random.Random(1))) == []
    monkeypatch.setattr(build.SyntaxEngine, "damage", lambda *_, **__: "")
    assert list(synthetic(rows, ["syntax"], clean_folder, random.Random(1))) == []


def test_round_trips_are_damage_too(monkeypatch, clean_folder):
    rows = clean_sentences(clean_folder, 30, random.Random(1))
    monkeypatch.setattr(build, "available_chains", lambda: ["spa"])
    answers = {"late": "final"}

    def fake(sentences, chain):
        assert chain == "spa"
        return [None if "casualties" in s else s.replace("late", answers["late"]) for s in sentences]

    monkeypatch.setattr(build, "round_trip", fake)
    found = list(synthetic(rows, ["roundtrip"], clean_folder, random.Random(1)))
    assert len(found) == sum("casualties" not in row["text"] for row in rows)
    assert {row["engine"] for row in found} == {"roundtrip:spa"}
    assert all(repaired(row) == row["clean"] for row in found)
    assert "final" in found[0]["damaged"]


def edit(old, new):
    return PairEdit(Span(0, len(old)), old, new, categorise(old, new))


@pytest.mark.parametrize(
    ("old", "new", "can"),
    [
        ("have", "has", True), ("soviet", "Soviet", True), ("medal of gold", "gold medal", True), ("", "the", True),
        ("final", "late", True),  # by the pivot lexicon
        ("victims", "casualties", True), ("kristal", "crystal", True),  # alike in spelling
        ("", "yesterday", False), ("father", "government", False), ("200", "300", False), ("Kant", "Aristotle", False),
        ("one two three four five six", "six five", False),
    ],
)  # fmt: skip
def test_what_a_reader_could_have_repaired(pivot_engine, old, new, can):
    assert recoverable(edit(old, new), pivot_engine) == can


def test_post_edits_keep_only_recoverable_ones(pivot_engine, tmp_path):
    path = tmp_path / "post.jsonl"
    pairs = [
        ("The final father have died.", "The late father has died."),
        ("The father died.", "The government died."),
        ("The late man died in 200 places.", "The final man died in 300 places."),
    ]
    rows = [{"mt": mt, "pe": pe, "lang": "xx", "id": str(i)} for i, (mt, pe) in enumerate(pairs)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = list(recoverable_rows(path, pivot_engine))
    assert [row["doc"] for row in found] == ["0", "2"]
    assert repaired(found[0]) == pairs[0][1]
    assert repaired(found[1]) == "The final man died in 200 places."
