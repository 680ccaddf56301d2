"""`mtfix batch` as people see it: exit codes, messages, going on."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from slow_fixer import Load
from typer.testing import CliRunner, Result

import mtfix
from mtfix.cli import batch_progress
from mtfix.cli.main import app
from mtfix.jobs.job import Progress

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]

_PROGRAM = """
import sys, mtfix
from slow_fixer import Load
if __name__ == "__main__":
    mtfix.__dict__["load"] = Load(delay=0.2)
    from mtfix.cli.main import main
    sys.argv[0] = "mtfix"
    main()
"""


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(mtfix.__dict__, "load", Load(log=log))

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["batch", *arguments], prog_name="mtfix")
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result

    return invoke


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"final {number}")
    return folder


def test_run_status_and_retry(batch: Run, articles: Path, tmp_path: Path, log: Path) -> None:
    (articles / "bad.txt").write_text("CRASH")
    done = batch("run", "articles", "-o", "out", "--workers", "1")
    assert done.exit_code == 1
    assert "mtfix: bad.txt: RuntimeError: too odd" in done.stderr
    assert "finished: 4 documents in" in done.stderr
    assert (tmp_path / "out" / "1.txt").read_text() == "late 1"
    shown = batch("status", "out")
    assert shown.exit_code == 1
    assert shown.stdout.startswith("finished: 4 documents done, 1 of them failed; 100% of the input\n")
    found = json.loads(batch("status", "out", "--format", "json").stdout)
    assert (found["state"], found["done"], found["failed"]) == ("finished", 4, 1)
    assert found["asked"]["inputs"] == [str(articles)]
    log.write_text("")
    assert batch("retry", "out").exit_code == 1
    assert log.read_text() == ""  # only what failed was tried again, and it failed again
    (articles / "bad.txt").write_text("good again")
    assert batch("retry", "out", "--quiet").exit_code == 0
    assert log.read_text() == "good again\n"


def test_settings_count(batch: Run, articles: Path, log: Path) -> None:
    assert batch("run", str(articles / "*.txt"), "-o", "out", "--workers", "1").exit_code == 0
    assert batch("run", str(articles / "*.txt"), "-o", "out", "--workers", "1").exit_code == 0
    assert len(log.read_text().splitlines()) == 3
    again = batch("run", str(articles / "*.txt"), "-o", "out", "--workers", "1", "--strictness", "aggressive")
    assert again.exit_code == 0
    assert len(log.read_text().splitlines()) == 6


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "nowhere", "-o", "out"], 2, "nowhere: no such file or folder"),
        (["run", "articles", "-o", "articles"], 2, "both input and output"),
        (["run", "articles", "-o", "out", "--models", "broken", "--workers", "1"], 3, "no detector model"),
        (["run", "rows.csv", "-o", "out", "--text-column", "body"], 2, "no column 'body'"),
        (["status", "out"], 2, "no batch job was run here"),
        (["retry", "articles"], 2, "no batch job was run here"),
        (["cancel", "articles"], 2, "no batch job was run here"),
    ],
)
@pytest.mark.usefixtures("articles")
def test_errors_are_one_sentence(batch: Run, tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    (tmp_path / "rows.csv").write_text("id,text\n1,a\n")
    result = batch(*arguments)
    assert result.exit_code == code
    [line] = result.stderr.splitlines()
    assert message in line


def test_log_json(batch: Run, articles: Path) -> None:
    (articles / "bad.txt").write_text("CRASH")
    result = batch("run", "articles", "-o", "out", "--log-json", "--workers", "1")
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert [event["event"] for event in events] == ["start", "failure", "end"]
    assert events[1]["document"] == "bad.txt"
    assert (events[2]["state"], events[2]["done"], events[2]["failed"], events[2]["applied"]) == ("finished", 4, 1, 3)


def test_progress_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(batch_progress, "_INTERVAL", 0.0)
    with batch_progress.Shown(log_json=False, quiet=False) as shown:
        for second in range(3):
            shown.progress(Progress(10 * second, 1, 1000 * second, 0.1 * second, 10.0 * second))
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == "mtfix: 20.0% after 20 s: 20 documents, 1 failed, 100 words/s, 80 s left"
    with batch_progress.Shown(log_json=True, quiet=False) as shown:
        shown.progress(Progress(10, 0, 1000, 0.1, 10.0))
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (events[1]["event"], events[1]["words"], events[1]["seconds_left"]) == ("progress", 1000, None)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("how", ["interrupt", "cancel"])
def test_stopping_a_process_and_going_on(batch: Run, articles: Path, tmp_path: Path, how: str) -> None:
    for number in range(200):
        (articles / f"more{number}.txt").write_text(f"final {number} " + "x" * 3000)
    (tmp_path / "program.py").write_text(_PROGRAM)
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "program.py", "batch", "run", "articles", "-o", "out", "--workers", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE)
    written = tmp_path / "out" / "0.txt"
    deadline = time.monotonic() + 60
    while not written.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert batch("run", "articles", "-o", "out").exit_code == 2  # one at a time
    assert batch("status", "out").stdout.startswith("running: ")
    if how == "interrupt":
        process.send_signal(signal.SIGINT)
    else:
        assert batch("cancel", "out").exit_code == 0
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    assert batch("status", "out").stdout.startswith("interrupted" if how == "interrupt" else "cancelled")
    assert batch("retry", "out").exit_code == 0
    assert len(list((tmp_path / "out").glob("*.txt"))) == 203


def test_the_commands_of_the_page_run(batch: Run, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```$", page, re.M | re.S)
    commands = [line for block in blocks for line in block.splitlines() if line.startswith("mtfix batch ")]
    assert len(commands) > 2
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "articles.jsonl").write_text('{"url": "a", "body": "a final"}\n')
    for command in commands:
        result = batch(*shlex.split(command)[2:])
        assert result.exit_code == (2 if " cancel " in command else 0), (command, result.stderr)


def test_a_mistyped_run_leaves_the_job_as_it_was(batch: Run, articles: Path, tmp_path: Path) -> None:
    assert batch("run", "articles", "-o", "out", "--workers", "1").exit_code == 0
    (tmp_path / "empty").mkdir()
    for name in ("artcles", "empty"):
        assert batch("run", name, "-o", "out").exit_code == 2
    assert json.loads(batch("status", "out", "--format", "json").stdout)["asked"]["inputs"] == [str(articles)]
    assert batch("retry", "out").exit_code == 0
    assert batch("run", "artcles", "-o", "fresh").exit_code == 2
    assert not (tmp_path / "fresh").exists()


def test_an_input_is_never_overwritten(batch: Run, articles: Path) -> None:
    result = batch("run", *(f"articles/{number}.txt" for number in range(3)), "-o", "articles")
    assert (result.exit_code, "would take the place of an input" in result.stderr) == (2, True)
    assert (articles / "0.txt").read_text() == "final 0"


def test_a_pattern_in_a_folder_that_looks_like_one(
    batch: Run, articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = articles.rename(tmp_path / "a[b]")
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "other.txt").write_text("final")
    monkeypatch.chdir(odd)
    assert batch("run", "*.txt", "-o", "../out", "--workers", "1").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("*.txt")) == ["0.txt", "1.txt", "2.txt"]
    monkeypatch.chdir(tmp_path)
    assert batch("retry", "out").exit_code == 0


def test_a_job_with_too_many_errors_says_what_goes_on(batch: Run, articles: Path) -> None:
    (articles / "0.txt").write_text("CRASH")
    run = ["run", "articles", "-o", "out", "--workers", "1", "--max-errors", "0"]
    assert "more than 0 documents failed in this run" in batch(*run).stderr
    assert "the same command goes on from here; " in batch("status", "out").stdout
    assert batch(*run).exit_code == 1
    assert batch("status", "out").stdout.startswith("finished: 3 documents done, 1 of them failed")
