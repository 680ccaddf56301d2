from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from mtfix.cli.main import app
from mtfix.judge import confidence
from mtfix.models import update_settings

CLEAN = (
    "The two countries signed a trade agreement in the city on Friday. "
    "His late father was buried in the village on Sunday.\n"
)


@pytest.fixture(params=["t5", "llama"])
def models(request, tmp_path, train_rewriter, tiny_detector):
    """A models folder in which whatever is flagged and repaired is also applied."""
    folder = tmp_path / "models"
    shutil.copytree(tiny_detector.models / "detector", folder / "detector")
    shutil.copytree(train_rewriter(request.param).models / "rewriter", folder / "rewriter")
    levels = ("conservative", "balanced", "aggressive")
    update_settings(folder / "detector", thresholds={name: {"word": 0.5, "gap": 0.9, "ask": 0.5} for name in levels})
    update_settings(folder / "rewriter", confidence=always(3.0))  # sigmoid(3) = 0.95
    return folder


def always(log_odds):
    """Weights that are so sure of every repair."""
    return [log_odds * (i in (confidence.SEEN - 1, 2 * confidence.SEEN - 1)) for i in range(confidence.FEATURES)]


def mtfix(*arguments, stdin=None):
    result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin, prog_name="mtfix")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_fix_repairs_a_document_and_nothing_else(models, tmp_path):
    damaged = (
        "His final father was buried in the valley on Monday.  "
        "The army suffered many victims in the village on Friday.\n"
        "\n"
        "\tPeople in the capital refused the attacking army until Sunday.\n" + CLEAN
    )
    repaired = damaged
    pairs = {"final": "late", "victims": "casualties", "refused": "resisted", "attacking": "invading"}
    for wrong, right in pairs.items():
        repaired = repaired.replace(wrong, right)
    path = tmp_path / "article.txt"
    path.write_text(damaged, encoding="utf-8")
    assert mtfix("fix", "--models", models, "--threads", 1, path).stdout == repaired
    again = mtfix("fix", "--models", models, "--threads", 1, stdin=repaired)
    assert again.stdout == repaired
    checked = mtfix("fix", "--models", models, "--check", "--threads", 1, path)
    assert checked.exit_code == 1
    assert "4 edits" in checked.stdout


def test_clean_text_comes_back_byte_for_byte(models):
    result = mtfix("fix", "--models", models, "--check", "--threads", 1, stdin=CLEAN)
    assert result.exit_code == 0
    assert mtfix("fix", "--models", models, "--threads", 1, stdin=CLEAN).stdout == CLEAN


def test_a_threshold_nothing_reaches_leaves_all_alone(models):
    levels = ("conservative", "balanced", "aggressive")
    update_settings(models / "detector", thresholds={name: {"word": 1.1, "gap": 1.1, "ask": 1.1} for name in levels})
    damaged = "His final father was buried in the valley on Monday.\n"
    assert mtfix("fix", "--models", models, "--threads", 1, stdin=damaged).stdout == damaged


def test_doubtful_repairs_are_only_suggested(models):
    update_settings(models / "rewriter", confidence=always(-1.0))  # sigmoid(-1) = 0.27
    damaged = "His final father was buried in the valley on Monday.\n"
    result = mtfix("fix", "--models", models, "--format", "jsonl", "--threads", 1, stdin=damaged)
    [edit] = json.loads(result.stdout)["edits"]
    assert (edit["original"], edit["replacement"], edit["applied"]) == ("final", "late", False)


def test_a_damaged_model_stops_with_exit_code_3(models):
    path = models / "rewriter" / "tokenizer.json"
    path.write_bytes(path.read_bytes() + b" ")
    result = mtfix("fix", "--models", models, stdin="Some text.\n")
    assert result.exit_code == 3
    assert str(path) in result.stderr
    assert result.stdout == ""
    listed = mtfix("models", "--models", models, "--format", "json")
    assert listed.exit_code == 3
    assert [m["verified"] for m in json.loads(listed.stdout)["models"]] == [True, False]
