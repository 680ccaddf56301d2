"""`mtfix evaluate` as it is typed: tables, files, exit codes, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_corrector import HERE, Invoke
from fakes import CountingScores, pairs, write_rows, write_suite

from mtfix.evaluation import baselines, suites


@pytest.fixture(autouse=True)
def scores(monkeypatch: pytest.MonkeyPatch) -> CountingScores:
    scorer = CountingScores()
    module = ModuleType("mtfix.evaluation.scores")
    module.__dict__.update(accumulate=scorer.accumulate, compare=scorer.compare)
    monkeypatch.setitem(sys.modules, "mtfix.evaluation.scores", module)
    monkeypatch.delenv("MTFIX_SUITES", raising=False)
    monkeypatch.setattr(suites, "built_in", lambda: HERE / "no such folder")
    monkeypatch.setattr(baselines, "find_spec", lambda _: None)  # harper is not installed
    return scorer


def test_a_table_with_intervals_and_doing_nothing_beside_it(mtfix_run: Invoke, tmp_path: Path) -> None:
    pairs(tmp_path)
    result = mtfix_run("evaluate", "--suite", "tiny", "--suites", ".")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == "tiny 1, 6 items; in brackets: 95 % intervals"
    assert "mtfix none" in lines
    assert "right ↑ 1.000 [0.900, 1.100] 0.500 [0.400, 0.600]" in lines
    assert "mtfix − none right ↑ +0.500 [0.500, 0.500] 0.500" in lines
    assert any(line.startswith("words/s ↑") for line in lines)
    assert lines[-2].startswith("mtfix mtfix:")
    assert "|system:mtfix|" in lines[-2]
    assert "|strictness:balanced|" in lines[-2]
    assert lines[-1].startswith("none mtfix:")


def test_json_is_what_the_file_holds(
    mtfix_run: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = pairs(tmp_path)
    monkeypatch.setattr("sys.argv", ["mtfix", "evaluate", "--limit", "4"])
    result = mtfix_run("evaluate", "--suite", str(suite), "--output", "out", "--format", "json", "--limit", "4")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found == json.loads((tmp_path / "out" / "results.json").read_text())
    assert found["suite"]["items"] == 4
    assert [system["name"] for system in found["systems"]] == ["mtfix", "none"]
    assert found["command"] == "mtfix evaluate --limit 4"
    assert found["created"].endswith("+00:00")
    assert len((tmp_path / "out" / "samples.jsonl").read_text().splitlines()) == 8


def test_a_report_beside_the_results_made_again_on_request(mtfix_run: Invoke, tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    assert mtfix_run("evaluate", "--suite", str(suite), "--output", "out").exit_code == 0
    report = tmp_path / "out" / "report.html"
    first = report.read_text()
    assert "<title>tiny 1: mtfix evaluation</title>" in first
    report.unlink()
    result = mtfix_run("evaluate", "report", "out")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert report.read_text() == first


def test_a_report_of_a_folder_without_results(mtfix_run: Invoke, tmp_path: Path) -> None:
    result = mtfix_run("evaluate", "report", ".")
    assert result.exit_code == 2
    assert result.stderr.endswith("results.json cannot be read: No such file or directory; "
                                  "run mtfix evaluate with --output first.\n")  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_without_an_output_folder(mtfix_run: Invoke, tmp_path: Path) -> None:
    pairs(tmp_path)
    assert mtfix_run("evaluate", "--suite", "tiny.yaml").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.jsonl", "tiny.yaml"]


def test_systems_and_baselines(mtfix_run: Invoke, tmp_path: Path) -> None:
    pairs(tmp_path, 2)
    write_rows(tmp_path / "theirs.txt", ["his late father 0", "his dead father 1"])
    write_rows(tmp_path / "lexicon.jsonl", [{"phrase": "final father", "expected": "late father"}])
    result = mtfix_run(
        "evaluate", "--suite", "tiny.yaml", "--system", "mtfix", "--system", "file:theirs.txt", "--baseline", "lexicon",
        "--lexicon", "lexicon.jsonl", "--format", "json",
    )  # fmt: skip
    found = json.loads(result.stdout)
    values = {system["name"]: system["metrics"]["right"]["value"] for system in found["systems"]}
    assert values == {"mtfix": 1.0, "file:theirs.txt": 0.5, "none": 0.5, "lexicon": 1.0}
    assert [(row["system"], row["baseline"]) for row in found["comparisons"]] == [
        ("mtfix", "file:theirs.txt"), ("mtfix", "none"), ("mtfix", "lexicon"),
        ("file:theirs.txt", "none"), ("file:theirs.txt", "lexicon"),
    ]  # fmt: skip


def test_doing_nothing_is_beside_corrections_only(mtfix_run: Invoke, tmp_path: Path, scores: CountingScores) -> None:
    write_rows(tmp_path / "a.txt", ["One."])
    write_suite(tmp_path, [{"path": "a.txt", "format": "clean"}], kind="clean", metrics=["harm", "speed"])
    found = json.loads(mtfix_run("evaluate", "--suite", "tiny.yaml", "--format", "json").stdout)
    assert [system["name"] for system in found["systems"]] == ["mtfix"]
    assert scores.asked == [["harm"]]


def systems(result: Any) -> list[str]:
    assert result.exit_code == 0
    return [system["name"] for system in json.loads(result.stdout)["systems"]]


def test_what_takes_no_time_is_always_beside(
    mtfix_run: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs(tmp_path, 2)
    write_rows(tmp_path / "lexicon.jsonl", [{"phrase": "final father", "expected": "late father"}])
    run = ("evaluate", "--suite", "tiny.yaml", "--format", "json")
    monkeypatch.setattr(baselines, "find_spec", lambda name: name == "harper" or None)
    assert systems(mtfix_run(*run)) == ["mtfix", "none", "harper"]
    assert systems(mtfix_run(*run, "--lexicon", "lexicon.jsonl")) == ["mtfix", "none", "lexicon", "harper"]
    assert systems(mtfix_run(*run, "--baseline", "none")) == ["mtfix", "none"]
    assert systems(mtfix_run(*run, "--system", "none")) == ["none", "harper"]
    # scores to compare with earlier ones are those of mtfix alone
    assert systems(mtfix_run(*run, "--write-expected", "expected.json")) == ["mtfix", "none"]


def test_all_baselines_that_can_run(mtfix_run: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs(tmp_path, 2)
    for name in ("surprisal", "harper"):
        monkeypatch.setitem(baselines.BASELINES, name, lambda _, name=name: Doing(name))
    monkeypatch.setattr(baselines, "find_spec", lambda name: name == "harper" or None)
    result = mtfix_run("evaluate", "--suite", "tiny.yaml", "--format", "json", "--baseline", "all")
    assert systems(result) == ["mtfix", "none", "surprisal", "harper"]
    assert "left out: the baseline lexicon needs a file of phrases: name it with --lexicon" in result.stderr
    assert 'left out: the baseline whole needs torch: pip install "mtfix[train]"' in result.stderr


class Doing(baselines.NothingBaseline):
    """A baseline by another name."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a suite with --suite"),
        (["--suite", "no"], "there is no suite 'no'; known are tiny"),
        (["--suite", "tiny", "--system", "magic"], "unknown system 'magic'"),
        (["--suite", "tiny", "--baseline", "none", "--baseline", "none"], "none is named twice"),
        (["--suite", "tiny", "--baseline", "lexicon"], "name it with --lexicon"),
        (["--suite", "tiny", "--regression", "no.json"], "no.json cannot be read"),
        (["--suite", "tiny", "--output", "pairs.jsonl"], "is a file"),
        (["--suite", "tiny", "--strictness", "brave"], "'brave' is not one of"),
        (["--suite", "tiny", "--limit", "0"], "--limit"),
    ],
)
def test_wrong_usage_is_2(mtfix_run: Invoke, tmp_path: Path, arguments: list[str], message: str) -> None:
    pairs(tmp_path)
    result = mtfix_run("evaluate", "--suites", ".", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


def test_a_missing_model_is_3(mtfix_run: Invoke, loader: Any, tmp_path: Path) -> None:
    from mtfix.errors import ModelError

    pairs(tmp_path)
    loader.failure = ModelError("no detector model at m")
    result = mtfix_run("evaluate", "--suite", "tiny.yaml", "--models", "m", "--strictness", "conservative")
    assert (result.exit_code, result.stderr) == (3, "mtfix: error: no detector model at m\n")
    assert loader.calls == [{"strictness": "conservative", "models": Path("m"), "force": False, "threads": 0}]


def test_broken_rows_are_2_after_the_scores(mtfix_run: Invoke, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [{"text": "a", "references": "a"}, "{"])
    write_suite(tmp_path, [{"path": "a.jsonl", "format": "jsonl"}])
    result = mtfix_run("evaluate", "--suite", "tiny.yaml")
    assert result.exit_code == 2
    assert "right ↑" in result.stdout
    assert result.stderr.startswith("mtfix: a.jsonl:2: row left out: not JSON")
    assert result.stderr.count("\n") == 1


def test_expected_scores_are_written_and_held(mtfix_run: Invoke, tmp_path: Path) -> None:
    pairs(tmp_path)
    common = ["evaluate", "--suite", "tiny.yaml"]
    assert mtfix_run(*common, "--write-expected", "expected.json").exit_code == 0
    assert mtfix_run(*common, "--regression", "expected.json").exit_code == 0
    expected = json.loads((tmp_path / "expected.json").read_text())
    expected["systems"]["mtfix"]["right"]["value"] = 0.87
    (tmp_path / "expected.json").write_text(json.dumps(expected))
    result = mtfix_run(*common, "--regression", "expected.json")
    assert result.exit_code == 1
    assert result.stderr == "mtfix: not as expected: mtfix right: 1, expected 0.87 ± 0.122474\n"
    assert "right ↑" in result.stdout
    result = mtfix_run(*common, "--regression", "expected.json", "--limit", "2")
    assert result.exit_code == 2
    assert "are for items 6 of the suite, and this run has 2" in result.stderr


def test_suites_list_and_show(mtfix_run: Invoke, tmp_path: Path) -> None:
    pairs(tmp_path)
    result = mtfix_run("evaluate", "suites", "list", "--suites", ".")
    assert (result.exit_code, result.stdout) == (
        0, "NAME  VERSION  KIND   LICENCE  DESCRIPTION\ntiny  1        pairs  CC0-1.0\n",
    )  # fmt: skip
    shown = mtfix_run("evaluate", "suites", "show", "tiny.yaml")
    rows = dict(line.split(None, 1) for line in shown.stdout.splitlines() if line.startswith(("hash", "items", "file")))
    assert (rows["items"], rows["file"], len(rows["hash"])) == ("6", "tiny.yaml", 64)
    assert "group news       6\n" in shown.stdout
    assert "with references  6\n" in shown.stdout
    (tmp_path / "bad.yaml").write_text("[]")
    result = mtfix_run("evaluate", "suites", "list", "--suites", ".")
    assert (result.exit_code, result.stderr) == (
        2, "mtfix: error: bad.yaml: the file must be a mapping of keys to values.\n",
    )  # fmt: skip


def test_texts_go_to_another_tool_and_come_back(mtfix_run: Invoke, tmp_path: Path) -> None:
    pairs(tmp_path, 4)
    lines = mtfix_run("evaluate", "suites", "texts", "tiny.yaml", "--lines", "--limit", "3").stdout
    assert lines == "his late father 0\nhis final father 1\nhis late father 2\n"
    rows = mtfix_run("evaluate", "suites", "texts", "tiny.yaml").stdout.splitlines()
    assert json.loads(rows[1]) == {"id": "pairs.jsonl:2", "text": "his final father 1"}
    theirs = [{**json.loads(row), "corrected": json.loads(row)["text"].replace("final", "late")} for row in rows]
    write_rows(tmp_path / "theirs.jsonl", reversed(theirs))
    result = mtfix_run("evaluate", "--suite", "tiny.yaml", "--system", "file:theirs.jsonl", "--format", "json")
    assert json.loads(result.stdout)["systems"][0]["metrics"]["right"]["value"] == 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    pairs(tmp_path, 300)
    process = start(tmp_path, slow="0.01")
    deadline = time.monotonic() + 60
    while len(_kept(tmp_path)) < 128 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    kept = _kept(tmp_path)
    assert 128 <= len(kept) < 300
    assert not (tmp_path / "out" / "results.json").exists()

    output, errors = start(tmp_path, slow="0").communicate(timeout=60)
    assert errors == b""
    results = json.loads(output)
    assert results["systems"][0]["metrics"]["right"]["value"] == 1.0
    whole = _kept(tmp_path)
    assert whole[: len(kept)] == kept  # not computed again, not doubled
    assert [row["output"]["corrected"] for row in whole] == [f"his late father {i}" for i in range(300)]
    # the time that the first run took is still part of the speed
    assert results["systems"][0]["speed"]["seconds"] > 128 * 0.01


def start(folder: Path, slow: str) -> subprocess.Popen[bytes]:
    """The suite `tiny` in a process of its own; `slow`: seconds for each text."""
    path = os.pathsep.join(map(str, (HERE.parents[1], HERE, HERE.parent / "evaluation")))
    command = "evaluate --suite tiny.yaml --baseline none --output out --format json".split()
    return subprocess.Popen(
        [sys.executable, str(HERE / "evaluate_with_fake.py"), *command], cwd=folder, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path, "SLOW": slow},
    )  # fmt: skip


def _kept(folder: Path) -> list[dict[str, Any]]:
    lines = [line for path in (folder / "out").glob("outputs.*") for line in path.read_text().splitlines(keepends=True)]
    rows = [json.loads(line) for line in lines if line.endswith("\n")]
    return [row for row in rows if "output" in row]
