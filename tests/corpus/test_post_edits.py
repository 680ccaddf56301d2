from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mtfix.corpus.align import PairEdit
from mtfix.corpus.post_edits import Filter, verdict
from mtfix.corpus.post_edits_report import report
from mtfix.documents.categories import categorise
from mtfix.types import Span

PAIRS = [
    ("The final father have died.", "The late father has died."),
    ("The father died.", "The government died."),
    ("The late man died in 200 places.", "The final man died in 300 places."),
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "xx-en.dev.jsonl"
    rows = [{"mt": mt, "pe": pe, "lang": "xx", "id": str(i)} for i, (mt, pe) in enumerate(PAIRS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize(
    ("old", "new", "can"),
    [
        ("have", "has", True), ("soviet", "Soviet", True), ("medal of gold", "gold medal", True), ("", "the", True),
        ("final", "late", True),  # by the pivot lexicon
        ("victims", "casualties", True), ("kristal", "crystal", True),  # alike in spelling
        ("", "yesterday", False), ("father", "government", False), ("200", "300", False), ("Kant", "Aristotle", False),
        ("he", "she", False), ("who", "which", True), ("he has", "he have", True),
        ("one two three four five six", "six five", False),
    ],
)  # fmt: skip
def test_what_a_reader_could_have_repaired(pivot_engine, old, new, can):
    edit = PairEdit(Span(0, len(old)), old, new, categorise(old, new))
    assert (verdict(edit, pivot_engine) == "kept") == can


def edits(row):
    return [(row["damaged"][start:end], new) for start, end, new, _ in row["edits"]]


def test_only_recoverable_edits_are_kept(pivot_engine, path):
    rows = list(Filter(pivot_engine).rows(path))
    assert [row["doc"] for row in rows] == ["0", "2"]
    assert [edits(row) for row in rows] == [[("final", "late"), ("have", "has")], [("late", "final")]]
    assert [row["clean"] for row in rows] == [PAIRS[0][1], PAIRS[2][1]]


def test_a_language_model_has_a_say(pivot_engine, path):
    asked = []

    def gain(pairs):
        asked.extend(pairs)
        return [-1.0 if "final" in after else 1.0 for _, after in pairs]

    found = Filter(pivot_engine, gain=gain)
    assert [edits(row) for row in found.rows(path)] == [[("final", "late")]]
    assert ("The final father have died.", "The late father have died.") in asked
    assert not any("300" in after or "government" in after for _, after in asked)  # only what else would be kept
    assert [j.verdict for j in found.judged].count("less likely to the language model") == 2


def test_the_report_shows_rates_and_examples(pivot_engine, path):
    found = Filter(pivot_engine)
    list(found.rows(path))
    page = report(found)
    assert "3 of 5 edits kept (60.0 %), in 2 of 3 sentences" in page
    assert "| words that have nothing in common | 1 |" in page
    assert "The ~~final~~ **late** father have died. (xx, wrong-sense)" in page
    assert "## 3 random kept edits" in page
    assert "## 2 random dropped edits" in page
    found.judged = [replace(judged, damaged="a <b>*x*</b>") for judged in found.judged]
    assert "<b>" not in report(found)


def test_the_shipped_language_model_likes_grammar():
    from mtfix.corpus.gain import LanguageModelGain

    gain = LanguageModelGain(threads=1)
    wrong, right = "The two women has gone to the market yesterday.", "The two women went to the market yesterday."
    better, worse, same = gain([(wrong, right), (right, wrong), (right, right)])
    assert better > 1
    assert worse == pytest.approx(-better)
    assert same == 0
    assert gain([]) == []
