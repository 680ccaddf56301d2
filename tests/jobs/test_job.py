"""Jobs over folders: every document once, whatever happens to it, and nothing done twice."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slow_fixer import Load

from mtfix.errors import ConfigError, InputError, ModelError
from mtfix.jobs.inputs import Inputs, Part
from mtfix.jobs.job import Job
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.tables import Columns

Start = Callable[..., Job]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight documents, two of them alike."""
    folder = tmp_path / "articles"
    (folder / "deep" / "er").mkdir(parents=True)
    for number in range(6):
        (folder / f"{number}.txt").write_bytes(f"the final\r\nword {number}\r\n".encode())
    (folder / "deep" / "same.txt").write_bytes(b"the final\r\nword 0\r\n")
    (folder / "deep" / "er" / "note.md").write_bytes("\ufeff# odd *final* word".encode())
    (folder / "page.html").write_bytes(b"<p title=final>A <b>final</b>\r\n word</p>")
    return folder


def tree(out: Path) -> dict[str, bytes]:
    """The files of an output folder without the job's own."""
    files = [path for path in out.rglob("*") if path.is_file() and ".mtfix" not in path.parts]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_a_folder_becomes_the_same_tree_corrected(start: Start, folder: Path, out: Path, log: Path) -> None:
    job = start(folder, workers=2)
    assert job.state == "finished"
    assert tree(out) == {
        **{f"{n}.txt": f"the late\r\nword {n}\r\n".encode() for n in range(6)},
        "deep/same.txt": b"the late\r\nword 0\r\n",
        "deep/er/note.md": "\ufeff# odd *late* word".encode(),
        "page.html": b"<p title=final>A <b>late</b>\r\n word</p>",
    }
    assert job.tally.origins == {"computed": 8, "duplicate": 1}
    assert len(log.read_text().splitlines()) == 8
    assert not list((out / ".mtfix" / "unfinished").iterdir())


def test_a_second_run_does_what_is_new_changed_or_lost(start: Start, folder: Path, out: Path, log: Path) -> None:
    start(folder)
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    log.write_text("")
    (folder / "new.txt").write_text("a new final")
    (folder / "1.txt").write_text("another final")
    (out / "2.txt").unlink()
    (out / "3.txt").write_text("somebody was here")
    job = start(folder)
    assert sorted(log.read_text().splitlines()) == ["a new final", "another final"]
    assert job.tally.origins == {"computed": 2, "known": 8}
    assert tree(out)["1.txt"] == b"another late"
    assert tree(out)["2.txt"] == b"the late\r\nword 2\r\n"
    assert tree(out)["3.txt"] == b"the late\r\nword 3\r\n"
    assert times[out / "0.txt"] == (out / "0.txt").stat().st_mtime_ns
    log.write_text("")
    assert start(folder, load=Load(log=log, version="2")).tally.origins["computed"] == 9
    assert len(log.read_text().splitlines()) == 9


def test_what_fails_costs_itself_alone(start: Start, folder: Path, out: Path) -> None:
    for name, text in (("crash", b"CRASH"), ("die", b"DIE"), ("hang", b"HANG"), ("bytes", b"\xff")):
        (folder / f"{name}.txt").write_bytes(text)
    job = start(folder, workers=2, limit=2.0)
    assert job.state == "finished"
    assert len(tree(out)) == 9
    assert dict(job.tally.failures) == {
        "crash.txt": "RuntimeError: too odd",
        "die.txt": "the process that worked on it ended by signal 9",
        "hang.txt": "took longer than 2 s",
        "bytes.txt": "is not UTF-8 (byte 0xff at offset 0, line 1); convert it first, for instance with iconv.",
    }
    assert start(folder).tally.origins["computed"] == 0  # failures are results, too
    ledger = Ledger(out)
    assert ledger.forget_failures() == 4
    ledger.close()
    (folder / "crash.txt").write_text("a final")
    for name in ("die", "hang", "bytes"):
        (folder / f"{name}.txt").unlink()
    job = start(folder)
    assert (job.tally.failed, job.tally.origins["computed"]) == (0, 1)


def test_the_time_limit_is_for_one_document(start: Start, tmp_path: Path, log: Path) -> None:
    """Many documents that are quick enough each take longer together; nothing of that is done twice."""
    texts = [f"{number} final {'x' * 1000}" for number in range(80)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    job = start(tmp_path / "rows.jsonl", load=Load(log=log, delay=0.1), limit=3.0)
    assert (job.state, job.tally.failed) == ("finished", 0)
    assert len(log.read_text().splitlines()) == 80


def test_an_output_of_an_earlier_content_does_not_stay(start: Start, folder: Path, out: Path) -> None:
    start(folder)
    (folder / "1.txt").write_text("CRASH")
    assert start(folder).tally.failed == 1
    assert "1.txt" not in tree(out)


def test_too_many_errors_stop_the_job(start: Start, folder: Path) -> None:
    for number in range(5):
        (folder / f"a{number}.txt").write_text(f"CRASH {number}")
    job = start(folder, max_errors=2)
    assert (job.state, job.tally.failed) == ("stopped", 3)


def test_after_too_many_errors_the_same_command_goes_on(start: Start, tmp_path: Path, out: Path) -> None:
    rows = [f"CRASH {number} {'x' * 60_000}" for number in range(4)] + ["a final"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in rows))
    states = []
    while "finished" not in states and len(states) < 9:
        states.append(start(tmp_path / "rows.jsonl", max_errors=0).state)
    assert states[0] == "stopped"
    assert states[-1] == "finished"
    assert len((out / "rows.jsonl").read_text().splitlines()) == 5


def test_results_do_not_depend_on_workers(start: Start, tmp_path: Path) -> None:
    rows = [{"text": f"{'a final word. ' * (n % 40)}{n}", "n": n} for n in range(400)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    start(tmp_path / "rows.jsonl", workers=3)
    three = (tmp_path / "out" / "rows.jsonl").read_bytes()
    start(tmp_path / "rows.jsonl", workers=1, load=Load(version="other"))
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == three
    assert [json.loads(line)["n"] for line in three.splitlines()] == list(range(400))


def test_cancelling_stops_and_the_next_run_goes_on(start: Start, tmp_path: Path, out: Path, log: Path) -> None:
    rows = "".join(json.dumps({"text": f"final {n} {'x' * 3000}"}) + "\n" for n in range(60))
    (tmp_path / "rows.jsonl").write_text(rows)

    def cancel() -> None:
        while log.stat().st_size == 0:
            time.sleep(0.05)
        ledger = Ledger(out)
        ledger.note(cancel=True)
        ledger.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    job = start(tmp_path / "rows.jsonl", load=Load(log=log, delay=0.1))
    thread.join()
    assert job.state == "cancelled"
    assert not (out / "rows.jsonl").exists()
    assert start(tmp_path / "rows.jsonl").state == "finished"
    assert len((out / "rows.jsonl").read_text().splitlines()) == 60


def test_a_failing_model_ends_the_job(start: Start, folder: Path) -> None:
    class Broken(Load):
        pass

    from functools import partial

    with pytest.raises(ModelError, match="no detector"):
        start(folder, load=partial(Load(), models="broken"))


def test_one_job_at_a_time(out: Path) -> None:
    one, other = Ledger(out, create=True), Ledger(out)
    assert one.claim()
    assert other.running
    assert not other.claim()
    one.note(cancel=True)
    one.close()
    assert not other.running
    assert other.claim()
    assert not other.job()["cancel"]  # which was for the job before
    other.close()


def test_a_glance_at_the_job_does_not_keep_another_from_starting(out: Path) -> None:
    ledger = Ledger(out, create=True)
    glance = sqlite3.connect(out / ".mtfix" / "lock.sqlite", isolation_level=None, check_same_thread=False)
    glance.execute("BEGIN EXCLUSIVE")
    timer = threading.Timer(0.3, glance.close)
    timer.start()
    assert ledger.claim()
    timer.join()
    ledger.close()


def test_a_job_cancelled_while_it_counts_its_input_stops(
    start: Start, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = Inputs.parts

    def cancelled(inputs: Inputs) -> Iterator[Part]:
        monkeypatch.setattr(Inputs, "parts", parts)
        ledger = Ledger(out)
        ledger.note(cancel=True)
        ledger.close()
        return parts(inputs)

    monkeypatch.setattr(Inputs, "parts", cancelled)
    assert start(folder).state == "cancelled"
    assert start(folder).state == "finished"


def test_what_cannot_be_written_is_one_sentence(folder: Path, tmp_path: Path, start: Start, out: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        Ledger(tmp_path / "file" / "out", create=True)
    (out / "deep").parent.mkdir()
    (out / "deep").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        start(folder)
    (out / "deep").unlink()
    assert start(folder).state == "finished"
    assert len(tree(out)) == 9


def test_a_ledger_that_is_none(out: Path) -> None:
    with pytest.raises(InputError, match="no batch job was run here"):
        Ledger(out)
    (out / ".mtfix").mkdir(parents=True)
    (out / ".mtfix" / "ledger.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(InputError, match="the ledger of the job fails"):
        Ledger(out)


# which files


def names(*inputs: Path | str, out: Path, only_tables: bool = False) -> list[str]:
    return [part.name for part in Inputs([str(one) for one in inputs], out, only_tables=only_tables).parts()]


def test_files_folders_and_patterns(folder: Path) -> None:
    out = folder / "out"
    (out).mkdir()
    (out / "old.txt").write_text("")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "a.txt").write_text("")
    (folder / "meta.csv").write_text("text\na\n")
    (folder / "linked").symlink_to(folder / "deep", target_is_directory=True)
    assert names(folder, out=out) == [
        *(f"{n}.txt" for n in range(6)), "deep/er/note.md", "deep/same.txt", "page.html",
    ]  # fmt: skip
    assert names(folder, out=out, only_tables=True) == ["meta.csv"]
    assert names(f"{folder}/deep/**/*.md", out=out) == ["note.md"]
    assert names(f"{folder}/*/*.txt", f"{folder}/0.txt", out=out) == ["deep/same.txt", "linked/same.txt", "0.txt"]
    listed = list(Inputs([str(folder)], out).parts())
    assert Inputs([str(folder)], out).count == (9, sum(part.path.stat().st_size for part in listed))


def test_inputs_that_will_not_do(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        Inputs(["nowhere"], tmp_path)
    with pytest.raises(InputError, match="no file is called like that"):
        Inputs([f"{folder}/*.docx"], tmp_path)
    with pytest.raises(ConfigError, match="both input and output"):
        Inputs([str(folder)], folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no files to correct"):
        _ = Inputs([str(tmp_path / "empty")], tmp_path).count
    (tmp_path / "empty" / "0.txt").write_text("")
    with pytest.raises(ConfigError, match="same name"):
        _ = Inputs([str(folder), str(tmp_path / "empty")], tmp_path).count


def test_a_document_that_went_away_is_an_error(tmp_path: Path) -> None:
    [item] = Part(tmp_path / "gone.txt", "gone.txt").items(Columns())
    assert (item.content, item.error) == (None, "cannot be read (No such file or directory)")
