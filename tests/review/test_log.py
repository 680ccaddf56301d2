"""Nothing that was decided is lost, however the process ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from making import kept, session

from mtfix.errors import InputError
from mtfix.review.log import open_log
from mtfix.review.session import go_on

HERE = Path(__file__).parent
DECIDING = """
import sys
from pathlib import Path
from making import kept, session
now = session("A final day. " * 400, kept(Path(sys.argv[1])))
for number in range(400):
    now.accept(number, number % 3)
    print(number, flush=True)
"""


def decide(folder: Path) -> None:
    log = kept(folder)
    now = session(record=log)
    now.accept(0)
    now.reject(1)
    now.undo()
    now.edit(3, "speaks “so” – 漢字")
    log.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
@pytest.mark.parametrize("after", [1, 40, 173])
def test_killed_at_any_moment_it_has_every_decision_that_was_made(tmp_path: Path, after: int) -> None:
    path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    command = [sys.executable, "-c", DECIDING, str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path})
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= after:
            process.send_signal(signal.SIGKILL)
            break
    told = after + len(process.stdout.read().split())
    assert process.wait() == -signal.SIGKILL
    log = kept(tmp_path)
    decisions = go_on(log.rows, log, "").decisions
    assert told < len(decisions) < 400
    assert [d.replacement for d in decisions.values()] == [("late", "dead", "last")[n % 3] for n in decisions]


def test_cut_at_any_byte_it_has_all_whole_rows_and_goes_on(tmp_path: Path) -> None:
    decide(tmp_path)
    path = tmp_path / "a.txt.review"
    data = path.read_bytes()
    first = data.index(b"\n") + 1
    for cut in range(first, len(data)):
        path.write_bytes(data[:cut])
        log = open_log(path)
        assert log.rows == [json.loads(line) for line in data[:cut].split(b"\n")[:-1]]
        go_on(log.rows, log, "").skip(5)
        log.close()
        again = open_log(path)
        assert len(again.rows) == data[:cut].count(b"\n") + 1
        again.close()


@pytest.mark.parametrize("cut", [0, 1, 10, 200])
def test_a_first_row_that_was_never_finished_is_no_row(tmp_path: Path, cut: int) -> None:
    decide(tmp_path)
    path = tmp_path / "a.txt.review"
    path.write_bytes(path.read_bytes()[:cut])
    assert open_log(path).rows == []


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    log = kept(tmp_path)
    with pytest.raises(InputError, match="is in use"):
        kept(tmp_path)
    log.close()
    kept(tmp_path).close()


def test_a_review_without_findings_leaves_no_file(tmp_path: Path) -> None:
    kept(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["Some text of mine.\n", "no line end", '{"type": "other"}\n', "[1]\n", "\0\n"])
def test_another_file_is_not_touched(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.txt.review"
    path.write_text(content)
    with pytest.raises(InputError, match=r"a\.txt\.review"):
        open_log(path)
    assert path.read_text() == content


def test_damage_in_the_middle_is_told_with_its_line(tmp_path: Path) -> None:
    decide(tmp_path)
    path = tmp_path / "a.txt.review"
    lines = path.read_bytes().split(b"\n")
    lines[2] = lines[2][:20]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(InputError, match="line 3"):
        open_log(path)


def test_a_full_disk_is_told_and_leaves_whole_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = kept(tmp_path)
    now = session(record=log)
    before = log.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mtfix.review.log.os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        now.accept(0)
    monkeypatch.undo()
    assert (now.decisions, log.path.read_bytes()) == ({}, before)
    now.accept(0)
    log.close()
    assert len(kept(tmp_path).rows) == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="-o"):
        open_log(tmp_path / "missing" / "a.review")
