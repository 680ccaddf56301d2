"""What only shows in a real process: pipes, terminals, signals, full disks, progress."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_corrector import Invoke, Loader

from mtfix.cli import progress
from mtfix.cli.inputs import Unit, paired
from mtfix.types import Document

Start = Callable[..., "subprocess.Popen[bytes]"]

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")


@posix
def test_head_ends_the_run_quietly(start: Start, tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("final words\n" * 20_000)
    process = start("fix", "--lines", "--format", "jsonl", "long.txt")
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["corrected"] == "late words"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(20) == 0


def test_lines_are_answered_while_standard_input_stays_open(start: Start) -> None:
    process = start("fix", "--lines", "--format", "jsonl")
    assert process.stdin is not None
    assert process.stdout is not None
    for number in (1, 2):
        process.stdin.write(f"final {number}\n".encode() * 3)  # as many as the fake takes at a time
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline())["corrected"] for _ in range(3)]
        assert answers == [f"late {number}"] * 3
    rest, errors = process.communicate(timeout=20)
    assert (rest, errors, process.returncode) == (b"", b"", 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(start: Start) -> None:
    with open("/dev/full", "wb") as full:
        process = start("fix", stdout=full)
        _, errors = process.communicate(b"final", timeout=20)
    assert process.returncode == 2
    assert errors == b"mtfix: error: standard output cannot be written: No space left on device.\n"


@posix
def test_an_interrupt_is_130(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOUNCE", "1")
    process = start("fix")
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    time.sleep(0.2)  # most likely it waits for standard input by now; sooner must end alike
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in errors


def on_terminal(start: Start, *arguments: str) -> str:
    import pty

    ours, theirs = pty.openpty()
    process = start(*arguments, stdout=theirs, stderr=theirs)
    os.close(theirs)
    process.communicate(b"A final\r\nword.", timeout=20)
    shown = b""
    with contextlib.suppress(OSError):  # a terminal that hung up reads as an error
        while chunk := os.read(ours, 65536):
            shown += chunk
    os.close(ours)
    return shown.decode()


@posix
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_on_a_terminal(start: Start, monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = on_terminal(start, "fix", "--diff")
    assert ("\x1b[31;9mfinal\x1b[0m\x1b[32mlate\x1b[0m" in shown) is coloured
    assert ("[-final-]{+late+}" in shown) is not coloured


@posix
def test_a_terminal_as_input_is_asked_for_files(start: Start) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = start("fix", stdin=theirs)
    _, errors = process.communicate(timeout=20)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 2
    assert b"no input: name files" in errors


def test_results_come_while_later_texts_wait() -> None:
    taken: list[str] = []

    def units() -> object:
        for number in range(100):
            taken.append(str(number))
            yield Unit("a", Document(str(number)), line=number + 1)

    results = paired(units(), Loader().corrector.fix_many)  # type: ignore[arg-type]
    unit, correction = next(results)
    assert (unit.document.text, correction.original) == ("0", "0")
    assert len(taken) <= 3  # no further ahead than the corrector asks
    assert all(unit.document.text == correction.original for unit, correction in results)


def test_plain_progress_speaks_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)
    monkeypatch.setattr(progress, "say", said.append)
    with progress.Progress("document", bar=True, quiet=False) as shown:
        shown.expect(3)
        shown.advance()
        deadline = time.monotonic() + 5
        while not said and time.monotonic() < deadline:
            time.sleep(0.01)
    assert said[0] == "1 of 3 documents done after 0 s"
    count = len(said)
    with progress.Progress("document", bar=True, quiet=True):
        time.sleep(0.05)
    assert len(said) <= count + 1


def test_bar_on_a_terminal_leaves_standard_output_alone(monkeypatch: pytest.MonkeyPatch, mtfix_run: Invoke) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    Path("a.txt").write_text("final\n")
    genuine = progress.Progress
    made: list[progress.Progress] = []

    def with_terminal(noun: str, *, bar: bool, quiet: bool) -> progress.Progress:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            made.append(genuine(noun, bar=bar, quiet=quiet))
        return made[-1]

    monkeypatch.setattr("mtfix.cli.run.Progress", with_terminal)
    result = mtfix_run("fix", "a.txt", "a.txt")
    assert result.stdout == "late\nlate\n"
    assert made[0]._wants_bar
    assert made[0]._bar is not None
    assert made[0]._bar.tasks[0].completed == 2
