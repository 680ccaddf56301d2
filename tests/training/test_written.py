"""Articles damaged by hand become pairs to train with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import make_written
import pytest

from mtfix.corpus.align import PairEdit
from mtfix.corpus.rows import read_jsonl
from mtfix.documents.edits import apply_edits
from mtfix.types import Span

ROOT = Path(__file__).parents[2]
TRAINING = sorted((ROOT / "seeds" / "training").glob("*.spun"))
# spots for each sentence at least, where it is not one: where damage is told from what is odd and right, most sentences
# have none; where words are gone through one by one, most have one
SPOTS = {"odd_prose": 0.15, "senses": 0.15, "lexicon": 0.7, "trips": 0.85}
SHEET = """\
## harbour-fire medium
The {high minister|prime minister~premier|tp} came{ to|∅|fw} and {gathered|came|ot} again.
He had {|a |om}cold.
Nothing was wrong that day, and nobody said so.
"""


def rows(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str, *more: str) -> list[Any]:
    sheet = folder / "a.spun"
    sheet.write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["make_written.py", "--articles", str(sheet), "--out", str(folder), *more])
    make_written.main()
    return [row for name in ("train", "dev") for row in read_jsonl(folder / f"{name}.jsonl.gz")]


def test_edits_give_the_clean_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = rows(monkeypatch, tmp_path, SHEET, "--draws", "8")
    assert {row["damaged"] for row in found} == {
        "The high minister came to and came again.",  # what is a matter of taste was never wrong
        "He had cold.",
        "Nothing was wrong that day, and nobody said so.",
    }
    for row in found:
        text = row["damaged"]
        edits = [PairEdit(Span(a, b), text[a:b], new, kind) for a, b, new, kind in row["edits"]]
        assert apply_edits(text, edits) == row["clean"]
    clean = {row["clean"] for row in found}
    assert clean >= {"The prime minister came and came again.", "The premier came and came again.", "He had a cold."}
    assert len({row["id"] for row in found}) == len(found)


def test_held_out_articles_keep_all_their_repairs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    titles = [f"story-{number}" for number in range(60)]
    sheet = "\n".join(f"## {title} light\nThe {{high|prime~first|tp}} minister of {title} left.\n" for title in titles)
    rows(monkeypatch, tmp_path, sheet)
    kept = list(read_jsonl(tmp_path / "articles.jsonl.gz"))
    assert [row["text"] for row in kept] == [row["damaged"] for row in read_jsonl(tmp_path / "dev.jsonl.gz")]
    assert kept
    assert all(row["spans"][0]["repairs"] == ["prime", "first"] for row in kept)
    assert not {row["text"] for row in kept} & {row["damaged"] for row in read_jsonl(tmp_path / "train.jsonl.gz")}


def test_one_row_of_a_sentence_unless_more_are_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert len(rows(monkeypatch, tmp_path, SHEET)) == 3


def test_what_is_measured_on_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (ROOT / "seeds" / "benchmark" / "spun.jsonl").open(encoding="utf-8") as file:
        measured = json.loads(next(file))["text"]
    told = "## a-b light\n" + measured + "\nHis {final father|late father|ws} sat there.\nShe sat down on a chair.\n"
    assert [row["damaged"] for row in rows(monkeypatch, tmp_path, told)] == ["She sat down on a chair."]


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
def test_the_articles_follow_their_rules(path: Path) -> None:
    found = list(make_written.articles(path))
    assert len({row["id"] for row in found}) == len(found) > 500
    least = next((share for start, share in SPOTS.items() if path.stem.startswith(start)), 1.0)
    assert sum(len(row["spans"]) for row in found) > least * len(found)
