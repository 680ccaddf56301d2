"""`mtfix corpus`: build, inspect, post-edits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from fake_corrector import Invoke

from mtfix.cli import corpus

TEXT = "\n\n".join(
    f"The minister of town {i} has said that the talks with the people of the old village went well." for i in range(60)
)
LEXICON = {"has said": "have told", "the talks": "the chats", "old village": "aged hamlet"}


@pytest.fixture
def folder(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> Path:
    """my.txt and the lexicon of the engine tortured; nothing is held out but what a test names."""
    del mtfix_run  # which has gone to a folder of its own
    lexicon = Path("data/tortured/lexicon_train.jsonl")
    lexicon.parent.mkdir(parents=True)
    lexicon.write_text("".join(json.dumps({"expected": old, "tortured": new}) + "\n" for old, new in LEXICON.items()))
    Path("my.txt").write_text(f"{TEXT}\n\nWord\n\n<b>This is a bold statement.</b>\n")
    monkeypatch.setattr(corpus, "_built_in", lambda: iter(()))
    return Path()


BUILD = ("corpus", "build", "--clean", "my.txt", "--engines", "tortured", "--sentences", "50", "--jobs", "1")


def test_a_text_becomes_a_corpus(mtfix_run: Invoke, folder: Path) -> None:
    result = mtfix_run(*BUILD, "--out", "made")
    assert result.exit_code == 0
    manifest = json.loads((folder / "made" / "manifest.json").read_text())
    assert manifest["damaged"] >= 50
    rows = {split: sum(file["rows"] for file in found) for split, found in manifest["files"].items()}
    assert result.stdout == (
        f"made: {manifest['damaged']} damaged sentences, {rows['train']} rows to train and {rows['dev']} held out; "
        "2 lines skipped, 0 refused for overlap\n"
    )
    assert f"mtfix: {manifest['damaged']} of 50 sentences damaged" in result.stderr
    assert {"README.md", "manifest.json", "train", "report"} <= {path.name for path in (folder / "made").iterdir()}
    again = mtfix_run(*BUILD, "--out", "made", "--quiet")
    assert (again.stdout, again.stderr) == (result.stdout, "")
    other = mtfix_run(*BUILD, "--out", "made", "--seed", "14")
    assert (other.exit_code, "other settings (seed)" in other.stderr) == (2, True)

    shown = mtfix_run("corpus", "inspect", "made", "--samples", "1")
    assert shown.exit_code == 0
    assert "tortured-phrase" in shown.stdout
    assert "{+" in shown.stdout


def test_engines_that_cannot_run_are_named_and_the_others_go_on(
    mtfix_run: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    result = mtfix_run(*BUILD[:5], "tortured,roundtrip", *BUILD[6:], "--out", "made")
    assert result.exit_code == 0
    assert "mtfix: left out: roundtrip needs Apertium with a chain of languages: apt-get install" in result.stderr


def test_what_is_named_with_avoid_is_refused(mtfix_run: Invoke, folder: Path) -> None:
    # all sentences of the text differ in the name of the town alone
    (folder / "test.txt").write_text(TEXT[: TEXT.index("\n")])
    result = mtfix_run(*BUILD, "--out", "made", "--avoid", "test.txt", "--quiet")
    assert result.exit_code == 2
    assert "no usable sentence was found (2 skipped, 60 refused for overlap)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--engines", "sorcery"), "there is no engine 'sorcery'; known are pivot"),
        (("--engines", "tortured", "--data", "nowhere"), "no engine can run: tortured needs a lexicon"),
        (("--clean", "nothing.txt"), "nothing.txt does not exist"),
    ],
)
def test_wrong_arguments(mtfix_run: Invoke, folder: Path, arguments: tuple[str, ...], message: str) -> None:
    result = mtfix_run(*BUILD, *arguments, "--out", "made")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (folder / "made" / "manifest.json").exists()


def test_a_missing_library_is_named(mtfix_run: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del folder
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = mtfix_run("corpus", "inspect", "data")
    assert result.exit_code == 2
    assert "holds no Parquet" in result.stderr
    Path("data/rows.parquet").touch()
    result = mtfix_run("corpus", "inspect", "data")
    assert (result.exit_code, result.stderr) == (
        2, 'mtfix: error: this needs pyarrow, which is missing: pip install "mtfix[train]"\n',
    )  # fmt: skip
    assert mtfix_run("corpus", "inspect", "nowhere").stderr.startswith("mtfix: error: nowhere does not exist")


def test_post_edits_need_lexicons(mtfix_run: Invoke, folder: Path) -> None:
    (folder / "xx-en.dev.jsonl").touch()
    result = mtfix_run("corpus", "post-edits", "xx-en.dev.jsonl", "--out", "made", "--data", "nowhere")
    assert result.exit_code == 2
    assert "the filter of post-edits asks the lexicons" in result.stderr
    assert not (folder / "made").exists()


def test_held_out_text_is_known_by_what_it_says(mtfix_run: Invoke, folder: Path) -> None:
    (folder / "test.txt").write_text("A sentence about something else altogether was written here by somebody.")
    build = (*BUILD, "--out", "made", "--quiet")
    assert mtfix_run(*build, "--avoid", "test.txt").exit_code == 0
    made = (folder / "made" / "manifest.json").read_bytes()
    (folder / "test.txt").rename(folder / "moved.txt")
    assert mtfix_run(*build, "--avoid", "moved.txt").exit_code == 0
    assert (folder / "made" / "manifest.json").read_bytes() == made
    (folder / "moved.txt").write_text("Another sentence about something else was written here by somebody.")
    changed, without = mtfix_run(*build, "--avoid", "moved.txt"), mtfix_run(*build)
    assert (changed.exit_code, without.exit_code) == (2, 2)
    assert "other settings (avoid)" in changed.stderr
    assert "other settings (avoid)" in without.stderr


@pytest.mark.parametrize("pair", ["one", "one,one", "a,b,c"])
def test_a_round_trip_needs_two_models(mtfix_run: Invoke, folder: Path, pair: str) -> None:
    result = mtfix_run(*BUILD, "--out", "made", "--marian", pair)
    assert result.exit_code == 2
    assert f"--marian {pair} must name two folders" in result.stderr
    result = mtfix_run(*BUILD, "--out", "made", "--marian", "nowhere,nothing", "--quiet")
    assert result.exit_code == 0
    assert "left out: marian needs whole models: nowhere has no config.json" in result.stderr
    assert (folder / "made" / "manifest.json").exists()
