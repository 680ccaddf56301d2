"""A finished detector learns to tell kinds of damage apart."""

from __future__ import annotations

import shutil

import pytest

from mtfix.corrector import load
from mtfix.detector.model import Detector
from mtfix.errors import ConfigError
from mtfix.models import open_model
from mtfix.training.kinds import fit_kinds

MANY = 40  # times that every sentence is seen


def told(text):
    """A kind that goes by the word, as no rule would have it."""
    return "collocation" if text < "final" else "tortured-phrase"


@pytest.fixture
def models(tiny_detector, tmp_path):
    shutil.copytree(tiny_detector.models, tmp_path / "models")
    return tmp_path / "models"


def with_kinds(toy, kind):
    return [
        {**row, "edits": [[a, b, new, kind(row["damaged"][a:b])] for a, b, new, _ in row["edits"]]}
        for row in toy.rows
    ]


def test_wrong_words_get_the_kind_that_they_were_taught_and_scores_stay(models, toy):
    rows = with_kinds(toy, told)
    before = Detector.load(open_model(models, "detector"), threads=1).score([r["damaged"] for r in rows])
    assert {token.kind for tokens, _ in before for token in tokens} == {None}
    report = fit_kinds(models, rows * MANY)
    assert report["kinds"] == ["collocation", "tortured-phrase"]
    assert report["right"] > 0.95
    after = Detector.load(open_model(models, "detector"), threads=1).score([r["damaged"] for r in rows])
    for row, (tokens, gaps), (old, old_gaps) in zip(rows, after, before, strict=True):
        assert [t.score for t in tokens] == [t.score for t in old]
        assert gaps == old_gaps
        for start, end, _, kind in row["edits"]:
            inside = [t for t in tokens if t.span.start < end and t.span.end > start]
            assert kind in {t.kind for t in inside} or not inside


def test_flags_without_a_repair_say_the_kind(models, toy):
    fit_kinds(models, with_kinds(toy, told) * MANY)
    found = load(models=models, rewrite=False).detect_many(row["damaged"] for row in toy.rows)
    kinds = [flag.category for detection in found for flag in detection.flags]
    assert kinds
    assert set(kinds) <= {"collocation", "tortured-phrase", "omission", "repetition", "casing", "name", "number-unit"}


def test_fitting_again_takes_the_place_of_what_was_fitted(models, toy):
    fit_kinds(models, with_kinds(toy, told) * MANY)
    again = fit_kinds(models, with_kinds(toy, lambda text: "name" if len(text) > 6 else "casing") * MANY)
    assert again["kinds"] == ["casing", "name"]
    assert open_model(models, "detector").manifest["settings"]["kinds"] == ["casing", "name"]


def test_one_kind_is_nothing_to_tell_apart(models, toy):
    with pytest.raises(ConfigError, match="1 kinds of damage"):
        fit_kinds(models, with_kinds(toy, lambda _: "name") * MANY)
