"""Which files are taken, and that no output ever takes the place of one of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mtfix.documents.read import expand
from mtfix.errors import ConfigError, InputError
from mtfix.jobs.inputs import Inputs
from mtfix.jobs.job import Job

Start = Callable[..., Job]


def texts(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a final")
    return paths


def refused(out: Path, *inputs: Path) -> bool:
    try:
        return not Inputs([str(path) for path in inputs], out).count
    except ConfigError as error:
        return "would take the place of an input; name another folder with --output." in str(error)


def test_no_output_takes_the_place_of_its_input(tmp_path: Path) -> None:
    [one, two] = texts(tmp_path / "texts", "a.txt", "b.txt")
    assert refused(tmp_path / "texts", one)
    assert refused(tmp_path / "texts", one, two)
    (tmp_path / "link").symlink_to(tmp_path / "texts", target_is_directory=True)
    assert refused(tmp_path / "link", one)
    assert not refused(tmp_path, one, two)
    assert not refused(tmp_path, tmp_path / "texts")


def test_no_output_takes_the_place_of_another_input(tmp_path: Path) -> None:
    named = texts(tmp_path, "1/1/a.txt", "1/a.txt")
    assert refused(tmp_path, *named)
    assert refused(tmp_path, tmp_path / "1")
    assert not refused(tmp_path / "1" / "out", tmp_path / "1")


def test_a_split_is_not_written_over_itself(tmp_path: Path) -> None:
    split = tmp_path / "set" / "train"
    split.mkdir(parents=True)
    for name in ("state.json", "dataset_info.json"):
        (split / name).write_text("{}")
    assert refused(tmp_path / "set", split)
    assert not refused(tmp_path, split)


def test_what_word_and_macos_leave_behind_is_no_document(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    texts(folder, "a.txt", "~$a.txt", "._a.txt", "deep/._b.txt", "deep/b.txt")
    for name in (str(folder), f"{folder}/**/*.txt", f"{folder}/**/.*a.txt"):
        if ".*" in name:
            with pytest.raises(InputError, match="no file is called like that"):
                Inputs([name], tmp_path / "out")
        else:
            found = {part.path.name for part in Inputs([name], tmp_path / "out").parts()}
            assert found == {"a.txt", "b.txt"}
    assert [path.name for path in expand([folder])] == ["a.txt", "b.txt"]
    assert Inputs([str(folder / "~$a.txt")], tmp_path / "out").count[0] == 1


def test_a_file_that_is_no_table_is_refused_as_one(tmp_path: Path) -> None:
    [path] = texts(tmp_path, "train.json")
    with pytest.raises(ConfigError, match=r"train\.json: is no table \(\.csv, \.jsonl, .*leave --text-column out"):
        Inputs([str(path)], tmp_path / "out", only_tables=True)


def test_inputs_on_several_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def several(_: object) -> str:
        raise ValueError("Paths don't have the same drive")

    paths = texts(tmp_path, "a.txt", "b.txt")
    monkeypatch.setattr(os.path, "commonpath", several)
    with pytest.raises(ConfigError, match="on several drives; use a job for each"):
        Inputs([str(path) for path in paths], tmp_path / "out")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode elsewhere")
def test_names_that_are_no_unicode(start: Start, tmp_path: Path, out: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    texts(tmp_path / "in", name)
    texts(tmp_path, os.fsdecode(b"notes.caf\xe9"))
    job = start(tmp_path / "in", tmp_path / os.fsdecode(b"notes.caf\xe9"))
    assert (job.state, job.tally.documents, job.tally.failed) == ("finished", 2, 0)
    assert (out / name).read_text() == "a late"
    job = start(tmp_path / "in")
    assert job.tally.origins == {"known": 1}
    job.report()
    (tmp_path / "in" / name).write_text("CRASH")
    start(tmp_path / "in")
    assert not (out / name).exists()
