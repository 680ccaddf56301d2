"""`mtfix fix --write`: files are changed whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fake_corrector import BAD, GOOD, Invoke, Loader, put

from mtfix.types import Correction, Document


@pytest.mark.parametrize("by_line", [[], ["--lines"]])
def test_write_changes_only_what_changes(mtfix_run: Invoke, by_line: list[str]) -> None:
    bad, fine = put("bad.txt", BAD), put("fine.txt", "Fine. refused\r\n")
    os.utime(fine, (1, 1))
    result = mtfix_run("fix", "--write", *by_line, "bad.txt", "fine.txt")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "mtfix: changed bad.txt (1 edit)\n"
    assert bad.read_bytes() == GOOD.encode()
    assert fine.stat().st_mtime == 1
    assert sorted(os.listdir()) == ["bad.txt", "fine.txt"]
    put("bad.txt", BAD)
    assert mtfix_run("fix", "-w", "-q", *by_line, "bad.txt").output == ""
    assert bad.read_bytes() == GOOD.encode()


@pytest.mark.parametrize("by_line", [[], ["--lines"]])
def test_what_another_program_wrote_meanwhile_is_left_alone(
    mtfix_run: Invoke, loader: Loader, monkeypatch: pytest.MonkeyPatch, by_line: list[str]
) -> None:
    saved, other = put("a.txt", "final\n"), put("b.txt", "final\n")
    genuine = loader.corrector.fix_many

    def fix_many(texts: Iterable[str | Document]) -> Iterator[Correction]:
        for correction in genuine(texts):
            if not saved.read_text().startswith("mine"):
                saved.write_text("mine, and final\n")
            yield correction

    monkeypatch.setattr(loader.corrector, "fix_many", fix_many)
    result = mtfix_run("fix", "--write", *by_line, "a.txt", "b.txt")
    assert result.exit_code == 2
    assert "a.txt was written by another program meanwhile, and is left alone" in result.stderr
    assert (saved.read_text(), other.read_text()) == ("mine, and final\n", "late\n")


def test_a_file_named_twice_is_changed_as_if_named_once(mtfix_run: Invoke) -> None:
    path = put("a.txt", "final\n")
    assert mtfix_run("fix", "--write", "a.txt", "a.txt").exit_code == 0
    assert path.read_text() == "late\n"


def test_an_interrupted_write_leaves_no_half_file(mtfix_run: Invoke, loader: Loader) -> None:
    loader.corrector.failure = KeyboardInterrupt()
    done, half = put("a.txt", "final\n"), put("b.txt", "final\nBOOM\nfinal\n")
    result = mtfix_run("fix", "--write", "--lines", "a.txt", "b.txt")
    assert result.exit_code == 130
    assert done.read_text() == "late\n"
    assert half.read_text() == "final\nBOOM\nfinal\n"


def test_a_file_that_cannot_be_written_does_not_stop_the_others(
    mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mtfix.documents.write as write

    genuine = write.write_atomic

    def refuse(path: Path, text: str) -> None:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        genuine(path, text)

    monkeypatch.setattr(write, "write_atomic", refuse)
    first, second = put("a.txt", "final"), put("b.txt", "final")
    result = mtfix_run("fix", "-w", "a.txt", "b.txt")
    assert result.exit_code == 2
    assert result.stderr == (
        "mtfix: error: a.txt cannot be written: Permission denied.\nmtfix: changed b.txt (1 edit)\n"
    )
    assert (first.read_text(), second.read_text()) == ("final", "late")
