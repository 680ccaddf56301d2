"""`mtfix review` from the outside: in a terminal, killed, started again, and its results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from making import TEXT, Fake
from typer.testing import CliRunner, Result

import mtfix
from mtfix.cli.main import app
from mtfix.documents.dismissed import Dismissed
from mtfix.documents.formats import open_document
from mtfix.errors import InputError
from mtfix.review.log import open_log
from mtfix.review.opening import open_session, respect, where
from mtfix.review.outcome import places
from mtfix.types import Span

HERE = Path(__file__).parent
SETTINGS: dict[str, Any] = {
    "strictness": "balanced", "references": [], "glossary": None, "models": None, "force": False,
    "vocabulary": [], "vocabulary_files": [],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    fake = Fake()
    monkeypatch.setitem(mtfix.__dict__, "load", lambda **_: fake)
    (tmp_path / "a.txt").write_text(TEXT)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["review", *arguments], prog_name="mtfix")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def decide(*steps: tuple[Any, ...], name: str = "a.txt", output: Path | None = None) -> None:
    """What the screen would do, without one."""
    log = open_log(places(Path(name), output).log)
    prose = open_document(name, Path(name).read_bytes())
    now, _ = open_session(name, prose, log, SETTINGS, Fake)
    respect(Dismissed(Path("mtfix.dismissed.jsonl")), now, prose)
    for step, *arguments in steps:
        getattr(now, step)(*arguments)
    log.close()


def test_export_writes_the_document_and_the_decisions(run, tmp_path: Path) -> None:
    decide(("accept", 0), ("reject", 1), ("edit", 3, "speaks"), ("skip", 4))
    result = run("a.txt", "--export", "--training-pairs", "pairs.jsonl")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "a.reviewed.txt (2 changed)" in result.stderr
    expected = TEXT.replace("final", "late", 1).replace("talks", "speaks")
    assert (tmp_path / "a.reviewed.txt").read_text() == expected
    assert (tmp_path / "a.txt").read_text() == TEXT
    rows = [json.loads(line) for line in (tmp_path / "a.txt.decisions.jsonl").read_text().splitlines()]
    assert [(row["original"], row["decision"], row["replacement"]) for row in rows] == [
        ("final", "accept", "late"), ("victims", "reject", None), ("refused", None, None),
        ("talks", "edit", "speaks"), ("final", "skip", None), ("victims", None, None),
    ]  # fmt: skip
    assert all(TEXT[row["start"] : row["end"]] == row["original"] for row in rows)
    [pair] = [json.loads(line) for line in (tmp_path / "pairs.jsonl").read_text().splitlines()]
    assert pair["clean"] == "Under his late father the army suffered many victims."


@pytest.mark.parametrize("text", ["\ufeffA final day.\r\n\r\n\tHe refused.", "final", "Fine.\n", ""])
def test_nothing_decided_gives_the_document_back_byte_for_byte(run, tmp_path: Path, text: str) -> None:
    (tmp_path / "b.md").write_bytes(text.encode())
    assert run("b.md", "--export").exit_code == 0
    assert (tmp_path / "b.reviewed.md").read_bytes() == text.encode()


def test_the_output_and_all_that_goes_with_it_may_be_elsewhere(run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert run("a.txt", "--export", "-o", "out/b.txt").exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["b.txt", "b.txt.decisions.jsonl", "b.txt.review"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "out"]


def test_the_models_are_asked_once_and_again_for_another_text_or_setting(run, tmp_path: Path, monkeypatch) -> None:
    fake = Fake()
    monkeypatch.setitem(mtfix.__dict__, "load", lambda **_: fake)
    for arguments, asked in (((), 1), ((), 1), (("--strictness", "aggressive"), 2)):
        assert run("a.txt", "--export", *arguments).exit_code == 0
        assert fake.asked == asked
    (tmp_path / "a.txt").write_text("Now " + TEXT)
    assert "has changed since: 0 decisions" in run("a.txt", "--export", "--strictness", "aggressive").stderr
    assert fake.asked == 3


def test_a_changed_document_keeps_its_decisions(run, tmp_path: Path) -> None:
    decide(("accept", 0), ("reject", 2), ("edit", 4, "last"))
    changed = "A new title\n\n" + TEXT.replace(" He refused the offer.", "")
    (tmp_path / "a.txt").write_text(changed)
    result = run("a.txt", "--export")
    assert "a.txt has changed since: 2 decisions found their place again. 1 wait for their place" in result.stderr
    assert "“refused”" in result.stderr
    expected = changed.replace("final", "late", 1).replace("final", "last")
    assert (tmp_path / "a.reviewed.txt").read_text() == expected


def test_a_result_that_somebody_changed_is_not_overwritten(run, tmp_path: Path) -> None:
    (tmp_path / "a.reviewed.txt").write_text("mine")
    result = run("a.txt", "--export")
    assert result.exit_code == 2
    assert "a.reviewed.txt exists and is not as a review of this document left it" in result.stderr
    assert (tmp_path / "a.reviewed.txt").read_text() == "mine"
    (tmp_path / "a.reviewed.txt").unlink()
    assert [run("a.txt", "--export").exit_code for _ in range(2)] == [0, 0]
    (tmp_path / "a.reviewed.txt").write_text("mine again")
    assert run("a.txt", "--export").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.txt"], "needs a terminal"),
        (["none.txt", "--export"], "none.txt"),
        (["a.txt", "--export", "--category", "wrong"], "wrong-sense, literal-idiom"),
        ([".", "--export"], "folder"),
        (["a.txt", "--export", "-o", "a.txt"], "is the document itself"),
        (["a.txt", "--export", "-o", "none/b.txt"], "existing folder"),
        (["a.txt", "--export", "--training-pairs", "a.txt"], "training pairs"),
        (["b.txt", "--export", "-o", "c.txt"], "not UTF-8"),
    ],
)
def test_what_is_refused(run, tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "b.txt").write_bytes(b"caf\xe9 final")
    before = {path.name for path in tmp_path.iterdir()}
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == before


def test_one_output_is_not_shared_by_two_documents(run, tmp_path: Path) -> None:
    assert run("a.txt", "--export", "-o", "out.txt").exit_code == 0
    (tmp_path / "b.txt").write_text(TEXT)
    result = run("b.txt", "--export", "-o", "out.txt")
    assert result.exit_code == 2
    assert "keeps the review of a.txt" in result.stderr


PARAGRAPHS = "<p>His <b>final</b> father&nbsp;and many victims.</p>\n<p>He refused &amp; left.</p>\n"


def test_markup_stays_and_places_are_those_of_the_file(run, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PARAGRAPHS)
    decide(("accept", 0), ("edit", 2, "declined <it>"), name="a.html")
    assert run("a.html", "--export").exit_code == 0
    expected = PARAGRAPHS.replace("final", "late").replace("refused", "declined &lt;it&gt;")
    assert (tmp_path / "a.reviewed.html").read_text() == expected
    rows = [json.loads(line) for line in (tmp_path / "a.html.decisions.jsonl").read_text().splitlines()]
    assert [PARAGRAPHS[row["start"] : row["end"]] for row in rows] == ["final", "victims", "refused"]
    prose = open_document("a.html", PARAGRAPHS.encode())
    places = [where(prose, Span(prose.prose.index(word), len(prose.prose))) for word in ("final", "refused")]
    assert places == ["line 1", "line 2"]


def test_a_repair_over_markup_is_refused_and_one_decided_before_is_skipped(run, tmp_path: Path) -> None:
    plain = "<p>Then it was a final day for both of the old teams.</p>"
    (tmp_path / "a.html").write_text(plain)
    decide(("accept", 0), name="a.html")
    (tmp_path / "a.html").write_text(plain.replace("final", "fi<b>n</b>al"))
    result = run("a.html", "--export")
    assert "1 decision cannot be made in the markup as it is now" in result.stderr
    assert (tmp_path / "a.reviewed.html").read_text() == (tmp_path / "a.html").read_text()
    with pytest.raises(InputError, match="over markup"):
        decide(("accept", 0), name="a.html")


def test_a_word_file_comes_back_with_tracked_changes(run, tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    made = docx.Document()
    made.add_paragraph("Under his final father the army suffered many victims.")
    made.add_paragraph("He refused the offer.")
    made.save(str(tmp_path / "a.docx"))
    prose = open_document("a.docx", (tmp_path / "a.docx").read_bytes())
    assert where(prose, Span(prose.prose.index("refused"), len(prose.prose))) == "paragraph 2"
    decide(("accept", 0), ("reject", 1), name="a.docx")
    assert run("a.docx", "--export").exit_code == 0
    texts = [p.text for p in docx.Document(str(tmp_path / "a.reviewed.docx")).paragraphs]
    assert texts == ["Under his late father the army suffered many victims.", "He refused the offer."]
    assert run("a.docx", "--export", "--track-changes", "--author", "Ann", "-o", "tracked.docx").exit_code == 0
    decide(("accept", 0), ("reject", 1), name="a.docx", output=tmp_path / "tracked.docx")
    assert run("a.docx", "--export", "--track-changes", "--author", "Ann", "-o", "tracked.docx").exit_code == 0
    with zipfile.ZipFile(tmp_path / "tracked.docx") as file:
        body, comments = file.read("word/document.xml").decode(), file.read("word/comments.xml").decode()
    assert body.count("<w:ins ") == body.count("<w:del ") == 1
    assert 'w:author="Ann"' in body
    assert "“refused” looks wrong here" in comments
    assert "victims" not in comments
    assert run("a.txt", "--export", "--track-changes").exit_code == 2


def test_what_is_ignored_is_known_to_the_next_document_and_to_one_under_review(run, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Another final word.\n\n" + TEXT)
    decide(("skip", 0), name="b.txt")
    decide(("ignore", 0), ("reject", 1))
    assert "final" in (tmp_path / "mtfix.dismissed.jsonl").read_text()
    assert run("b.txt", "--export").exit_code == 0
    rows = [json.loads(line) for line in (tmp_path / "b.txt.decisions.jsonl").read_text().splitlines()]
    # what was skipped is somebody's decision to look again
    assert [row["decision"] for row in rows if row["original"] == "final"] == ["skip", "ignore", "ignore"]
    decide(("undo",), ("undo",))
    assert (tmp_path / "mtfix.dismissed.jsonl").read_text() == ""


# in a terminal --------------------------------------------------------------------------------------


class Terminal:
    """`mtfix review` in a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        import pty

        path = os.pathsep.join([str(HERE.parents[1]), str(HERE)])
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": path, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        command = [sys.executable, str(HERE / "with_fake.py"), "review", *arguments]
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment, start_new_session=True
        )  # fmt: skip
        os.close(theirs)
        os.set_blocking(self._ours, False)
        self.screen = b""

    def until(self, reached: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not reached():
            assert time.monotonic() < end, self.screen[-2000:]
            self._read()
            time.sleep(0.05)

    def see(self, words: str) -> None:
        self.until(lambda: words.encode() in self.screen)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def _read(self) -> None:
        with suppress(OSError):  # nothing there yet, or nobody at the other end
            self.screen += os.read(self._ours, 65536)

    def wait(self) -> int:
        def ended() -> bool:
            return self.process.poll() is not None

        self.until(ended)
        self._read()
        os.close(self._ours)
        return self.process.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_killed_in_the_middle_and_started_again(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    log = tmp_path / "a.txt.review"

    def rows() -> int:
        return log.read_bytes().count(b"\n") if log.exists() else 0

    first = Terminal(tmp_path, "a.txt")
    first.see("0 of 6 decided")
    first.press("a")
    first.press("r")
    first.until(lambda: rows() == 3)
    first.process.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    (tmp_path / "loaded").unlink()
    second = Terminal(tmp_path, "a.txt")
    second.see("2 of 6 decided")
    second.press("u")
    second.until(lambda: rows() == 4)
    second.press("2")
    second.until(lambda: rows() == 5)
    second.press("q")
    assert second.wait() == 0
    assert not (tmp_path / "loaded").exists()  # the findings come from the log
    assert b"mtfix: written: a.reviewed.txt (2 changed)" in second.screen
    assert (tmp_path / "a.reviewed.txt").read_text() == TEXT.replace("final", "late", 1).replace(
        "victims", "losses", 1
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_ctrl_c_leaves_without_writing_and_says_how_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    terminal = Terminal(tmp_path, "a.txt")
    terminal.see("0 of 6 decided")
    terminal.press("a")
    terminal.see("1 of 6 decided")
    terminal.press("\x03")
    assert terminal.wait() == 130
    assert b"mtfix: 1 of 6 decided; `mtfix review` goes on from there" in terminal.screen
    assert not (tmp_path / "a.reviewed.txt").exists()
