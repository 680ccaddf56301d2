"""Outputs of other tools in a file: to which items they belong, and which of them cannot be scored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes import pairs, write_rows, write_suite

from mtfix.errors import InputError
from mtfix.evaluation import scores
from mtfix.evaluation.runner import Plan, Runner
from mtfix.evaluation.suites import load_suite
from mtfix.evaluation.systems import Options, make

SPAN = {"start": 2, "end": 7, "repairs": ["late"]}
ROW = {"text": "a final word", "tokens": ["a", "final", "word"], "bad": [0, 1, 0], "spans": [SPAN]}


class Silent:
    def begin(self, system: str, items: int) -> None: ...
    def advance(self) -> None: ...
    def note(self, message: str) -> None: ...


def theirs(suite: Path, outputs: Path, **more: Any) -> dict[str, Any]:
    plan = Plan(load_suite(suite), [make(f"file:{outputs}", Options())], (), outputs.parent / "out", **more)
    return Runner(plan, scores, Silent()).results()["systems"][0]


def test_rows_of_all_items_are_refused_for_a_sample_drawn_from_them(tmp_path: Path) -> None:
    suite = pairs(tmp_path, 20)
    path = write_rows(tmp_path / "theirs.txt", [f"his late father {i}" for i in range(20)])
    for whole in ({}, {"limit": 5}, {"seed": 1}, {"limit": 20, "seed": 1}):
        assert theirs(suite, path, **whole)["metrics"]["ter"]["value"] == 0.0
    with pytest.raises(InputError, match="has 20 rows without ids, and the sample has 5 items"):
        theirs(suite, path, limit=5, seed=1)


def test_rows_of_exactly_the_sample_go_by_its_order(tmp_path: Path) -> None:
    suite = pairs(tmp_path, 20)
    sampled = [item.references[0] for item in load_suite(suite).sample(5, 1, total=20) if item.references]
    path = write_rows(tmp_path / "theirs.txt", sampled)
    assert theirs(suite, path, limit=5, seed=1)["metrics"]["ter"]["value"] == 0.0


def test_rows_with_ids_may_be_more_than_the_sample(tmp_path: Path) -> None:
    suite = pairs(tmp_path, 20)
    rows = [{"id": f"pairs.jsonl:{i + 1}", "corrected": f"his late father {i}"} for i in range(20)]
    path = write_rows(tmp_path / "theirs.jsonl", rows)
    assert theirs(suite, path, limit=5, seed=1)["metrics"]["ter"]["value"] == 0.0


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ({"tokens": [{"start": 0, "end": 1, "score": -2.3}]}, "the score at 0 is -2.3; scores are from 0 to 1"),
        ({"tokens": [{"start": 0, "end": 1, "score": float("nan")}]}, "the score at 0 is nan"),
        ({"tokens": [{"start": 2, "end": 7, "score": 5.0}]}, "the score at 2 is 5"),
        ({"gaps": [{"offset": 1, "score": 1.5}]}, "the score at 1 is 1.5"),
        ({"flags": [{"start": 0, "end": 1, "score": 2}]}, "the score at 0 is 2"),
        ({"flags": [{"start": 0.0, "end": 1.0}]}, "a span is from 0.0 to 1.0; give whole numbers"),
        ({"filled": []}, "'filled' has 0 lists, and the item has 1 spans"),
    ],
)
def test_an_output_that_cannot_be_scored_counts_as_left_alone(
    tmp_path: Path, output: dict[str, Any], reason: str
) -> None:
    write_rows(tmp_path / "data.jsonl", [ROW, ROW])
    metrics = ["detection", "spans", "filling"]
    suite = write_suite(tmp_path, [{"path": "data.jsonl", "format": "jsonl"}], metrics=metrics)
    good = {"corrected": ROW["text"], "filled": [["late"]], "tokens": [{"start": 2, "end": 7, "score": 1}]}
    found = theirs(suite, write_rows(tmp_path / "theirs.jsonl", [{"corrected": ROW["text"], **output}, good]))
    assert found["failures"] == 1
    assert reason in found["failed"][0]["reason"]
    assert found["metrics"]["exact"]["value"] == 100.0
