"""The rewriter's own proposals become rows for the detector to learn from."""

from __future__ import annotations

import sys
from pathlib import Path

import make_repaired
import pytest
from fake_models import corrector

from mtfix.corpus.rows import is_dev, read_jsonl, write_jsonl
from mtfix.judge.proposals import Proposal
from mtfix.types import Span

ROW = {
    "text": "He filled in as minister and clutched a chair.",
    "reference": "He served as minister and held a seat.",
    "spans": [
        {"start": 3, "end": 12, "category": "wrong-sense", "repairs": ["served", "acted"]},
        {"start": 29, "end": 37, "category": "wrong-sense", "repairs": ["held"]},
        {"start": 40, "end": 45, "category": "wrong-sense", "repairs": ["seat"]},
    ],
    "doc": "written:a",
}  # fmt: skip


def tried(old: str, new: str, *, right: bool) -> list[tuple[str, str, str]]:
    """What the row says is wrong: what stands there, what it replaced, of which category."""
    start = ROW["text"].index(old)
    proposal = Proposal(Span(start, start + len(old)), old, new, "collocation", 0.9, 0.5, 0.1)
    made = make_repaired.tried(ROW, proposal, right)
    assert made["damaged"] == ROW["text"].replace(old, new)
    assert made["clean"] == ROW["reference"]
    start, end, replaced, _ = made["tried"]
    assert (made["damaged"][start:end], replaced) == (new, old)
    return [(made["damaged"][a:b], replaced, category) for a, b, replaced, category in made["edits"]]


def test_of_a_right_proposal_nothing_is_wrong_though_other_words_may_be() -> None:
    assert tried("filled in", "served", right=True) == []
    assert tried("chair", "seat", right=True) == []


def test_a_wrong_proposal_is_wrong_and_nothing_is_said_of_the_words_beside_it() -> None:
    assert tried("clutched a", "gripped the", right=False) == [("gripped the", "clutched a", "collocation")]


def test_words_that_a_wrong_proposal_left_out_are_missing() -> None:
    assert tried("clutched ", "", right=False) == [("", "clutched ", "collocation")]


def test_good_sentences_are_asked_about_more_than_fix_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sheet = tmp_path / "a.spun"
    sheet.write_text("## harbour medium\nThe {high minister|prime minister|tp} left.\n", encoding="utf-8")
    good = [{"text": "The tide was high at noon.", "doc": f"tide {number}"} for number in range(3)]
    write_jsonl(tmp_path / "clean" / "a.jsonl.gz", [row for row in good if not is_dev(row["doc"])])
    fake = corrector({"high": "tall"})
    # hardly suspicious; and no text looks damaged enough
    fake.detector.bad, fake.detector.doubtful, fake.rewriter.settings["quiet"] = set(), {"high": 0.6}, 9.0
    assert fake.trace([["The tide was high at noon."]]) == [[]]
    monkeypatch.setattr(make_repaired, "load", lambda **_: fake)
    options = ["--articles", str(sheet), "--clean", str(tmp_path / "clean"), "--out", str(tmp_path / "rows")]
    monkeypatch.setattr(sys, "argv", ["make_repaired.py", *options])
    make_repaired.main()
    rows = [row for name in ("train", "dev") for row in read_jsonl(tmp_path / "rows" / f"{name}.jsonl.gz")]
    assert {row["damaged"] for row in rows} == {"The tide was tall at noon."}  # none of the damaged sentence
    assert all(row["edits"] for row in rows)
