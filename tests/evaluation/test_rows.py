"""Rows that look whole and are not, and gold that must be as it was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import write_rows
from test_readers import MLQE, applied, items, reasons, source, write_folder

from mtfix.evaluation.readers import Source


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"spans": [[0, 1, None, "x"]]}, "repairs are a list of texts, not [None]"),
        ({"spans": [[0, 1, 5]]}, "repairs are a list of texts, not [5]"),
        ({"spans": [{"start": 0, "end": 1, "replacement": None}]}, "repairs are a list of texts, not [None]"),
        ({"spans": [{"start": 0.0, "end": 1.0}]}, "a span is from 0.0 to 1.0; give whole numbers"),
        ({"tokens": [[0.0, 1.0]], "bad": [1]}, "a span is from 0.0 to 1.0; give whole numbers"),
        ({"references": ""}, "a reference is empty"),
        ({"references": ["b", " "]}, "a reference is empty"),
    ],
)
def test_a_row_that_no_score_can_use_is_broken(tmp_path: Path, row: dict[str, Any], reason: str) -> None:
    path = write_rows(tmp_path / "a.jsonl", [{"text": "abc", **row}, {"text": "abc", "spans": [[0, 1, "x", "kind"]]}])
    assert reasons(source(path, "jsonl", derive=("tags",))) == [("1", reason)]


def test_a_correction_that_nobody_wrote_is_no_reference(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.tsv", ["text\tref", "He go home\t", "He go\tHe goes"])
    assert reasons(source(path, "tsv", text="text", references="ref")) == [("2", "a reference is empty")]
    for name, lines in (("s", ["a", "b"]), ("r", ["", "B"])):
        write_rows(tmp_path / name, lines)
    assert reasons(source(tmp_path / "s", "text", references="r")) == [("1", "a reference is empty")]
    path = write_rows(tmp_path / "a.jsonl", [{**MLQE, "pe": ""}])
    assert reasons(source(path, "mlqe-pe")) == [("1", "a reference is empty")]


def test_m2_may_delete_a_whole_sentence(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.m2", ["S So", "A 0 1|||U:ADV|||-NONE-|||REQUIRED|||-NONE-|||0"])
    (item,) = items(source(path, "m2"))
    assert item.references == ("",)


def test_m2_insertions_at_one_place_keep_their_order(tmp_path: Path) -> None:
    edits = [f"A 1 1|||M:ADV|||{word}|||REQUIRED|||-NONE-|||0" for word in ("very", "large")]
    path = write_rows(tmp_path / "a.m2", ["S A house", *edits])
    (item,) = items(source(path, "m2"))
    assert item.references == ("A very large house",)
    assert applied(item) == "A very large house"


def test_mlqe_references_are_spaced_as_their_text_is(tmp_path: Path) -> None:
    tokens = {"mt_tok": ["Jeff", "Beck", ",", "J.J", ".."], "tags": ["OK"] * 5, "gaps": ["OK"] * 6}
    row = {**MLQE, **tokens, "mt": "Jeff Beck, J.J.", "pe": "Jeff Beck, J.J."}
    rows = [{**row, "pe_tok": ["Jeff", "Beck", ",", "J.J", ".."]}, row]
    with_tokens, without = items(source(write_rows(tmp_path / "a.jsonl", rows), "mlqe-pe"))
    assert (with_tokens.text, with_tokens.references) == ("Jeff Beck , J.J ..", ("Jeff Beck , J.J ..",))
    assert (without.text, without.references) == ("Jeff Beck , J.J ..", None)


@pytest.mark.parametrize(
    ("mt", "pe", "reference"),
    [
        ("He said &quot; no", "He said , no .", "He said , no ."),
        ("He said no", "He said &quot; no .", 'He said "no.'),
    ],
)
def test_mlqe_folders_write_text_and_reference_alike(tmp_path: Path, mt: str, pe: str, reference: str) -> None:
    given = write_folder(tmp_path / "dev", " ".join(["OK"] * len(mt.split())), mt, pe)
    (item,) = items(Source(given.path, given.format, {"detokenise": True}))
    assert (item.text, item.references) == (mt, (reference,))
