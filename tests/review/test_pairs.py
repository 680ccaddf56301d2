"""Training pairs out of a review have the form of a corpus, and say only what somebody has decided."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest
from making import TEXT, Memory, session

from mtfix.corpus.rows import COLUMNS, read_rows, table
from mtfix.documents.edits import apply_edits
from mtfix.errors import InputError
from mtfix.review.pairs import merged, training_pairs
from mtfix.review.points import Point, points
from mtfix.review.session import begin
from mtfix.training.infill import gold, mark
from mtfix.training.tagged import from_pair, read_tagged
from mtfix.types import Alternative, Correction, Edit, Flag, Span


def reviewed():
    now = session()
    now.accept(0)
    now.edit(1, "many losses")
    now.reject(2)
    now.accept(3)
    now.skip(4)
    return now


def rows():
    return list(training_pairs(TEXT, reviewed(), "a.txt#1"))


def test_only_sentences_with_all_their_findings_decided_count() -> None:
    assert [(row["damaged"], row["clean"], row["engine"]) for row in rows()] == [
        (
            "Under his final father the army suffered many victims.",
            "Under his late father the army suffered many many losses.",
            "review",
        ),
        ("He refused the offer.", "He refused the offer.", "identity:review"),
    ]
    assert rows()[1]["before"] == rows()[0]["clean"]
    assert list(training_pairs(TEXT, session(), "a")) == []


def test_they_are_rows_of_a_corpus() -> None:
    assert table(rows()).num_rows == 2
    for row in rows():
        assert set(row) == set(COLUMNS)
        edits = [Edit(Span(a, b), row["damaged"][a:b], new, c, 1.0, "", True) for a, b, new, c in row["edits"]]
        assert apply_edits(row["damaged"], edits) == row["clean"]


def test_a_finding_over_two_sentences_joins_them() -> None:
    text = "It ended. the war began. Peace came."
    flag = Flag(Span(3, 13), "casing", 0.9, "")
    now = begin(text, points(Correction(text, text, (flag,), ())), {}, Memory())
    now.edit(0, "ended, and the")
    [row] = training_pairs(text, now, "a")
    assert (row["damaged"], row["clean"]) == ("It ended. the war began.", "It ended, and the war began.")


@pytest.mark.parametrize(
    ("out", "clean"),
    [
        (["Nevertheless"], "he went home."),
        (["Nevertheless", "he"], "went home."),
        (["It"], "rained."),
        (["home"], "Nevertheless he went."),
    ],
)
def test_words_taken_out_at_the_ends_of_a_sentence_are_taught(out: list[str], clean: str) -> None:
    text = "It rained. Nevertheless he went home. He slept."
    spans = [Span(*found.span()) for word in out for found in re.finditer(rf"\b{word}\b", text)]
    found = [Point(span, span.of(text), "other", "", None, (Alternative("", 0.5),)) for span in spans]
    now = begin(text, found, {}, Memory())
    for number in range(len(out)):
        now.accept(number)
    [row] = training_pairs(text, now, "a")
    assert (row["clean"], row["engine"]) == (clean, "review")


def test_the_trainings_read_them(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(merged(path, rows(), "a.txt#1"))
    tagged = list(read_tagged(path))
    assert [[w for w, bad in zip(t.words, t.bad, strict=True) if bad] for t in tagged] == [["final", "victims"], []]
    first = next(iter(read_rows(path)))
    assert gold(first).targets == [" late", " many losses"]
    assert mark(first, random.Random(1), 0.0) is not None
    assert from_pair(first).group == "review"


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.gz"])
def test_documents_are_added_and_a_document_takes_its_own_place(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    other = [{**row, "doc": "b.txt#2"} for row in rows()]
    path.write_bytes(merged(path, other, "b.txt#2"))
    path.write_bytes(merged(path, rows(), "a.txt#1"))
    path.write_bytes(merged(path, rows()[:1], "a.txt#1"))
    assert [row["doc"] for row in read_rows(path)] == ["b.txt#2", "b.txt#2", "a.txt#1"]


@pytest.mark.parametrize("content", ["plain text\n", '{"text": "clean"}\n', "[1, 2]\n", "7\n"])
def test_another_file_is_not_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match=r"notes\.jsonl"):
        merged(path, rows(), "a")
    packed = tmp_path / "notes.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps({"a": 1}).encode())[:-4])
    with pytest.raises(InputError, match="training pairs"):
        merged(packed, rows(), "a")
