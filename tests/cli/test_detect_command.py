from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_corrector import FakeCorrector, Invoke, Loader

from mtfix.types import detection_dict

BAD = "A final father.\r\nHe refused, it's “victims”.\nFine."


def test_text(mtfix_run: Invoke) -> None:
    Path("a.txt").write_bytes(BAD.encode())
    result = mtfix_run("detect", "a.txt")
    assert result.exit_code == 0
    assert result.stdout == (
        "a.txt:1\n"
        "    A [?final?] father.\n"
        "    1:3  wrong-sense      0.91  “final” looks wrong\n"
        "a.txt:2\n"
        "    He [?refused?], it's “[?victims?]”.\n"
        "    2:4  wrong-sense      0.91  “refused” looks wrong\n"
        "    2:19  wrong-sense      0.91  “victims” looks wrong\n"
        "3 flags in 2 of 3 lines\n"
    )


def test_text_without_findings(mtfix_run: Invoke) -> None:
    assert mtfix_run("detect", stdin="Fine.\n").stdout == "no findings in 1 line\n"
    assert mtfix_run("detect", "-q", stdin="Fine.\n").output == ""


@pytest.mark.parametrize("by_line", [[], ["--lines"]])
def test_line(mtfix_run: Invoke, by_line: list[str]) -> None:
    Path("a.txt").write_bytes(BAD.encode())
    result = mtfix_run("detect", "--format", "line", *by_line, "a.txt")
    assert result.stdout == (
        "a.txt:1:3:wrong-sense:0.91:'final' -> 'late'\n"
        "a.txt:2:4:wrong-sense:0.91:'refused' -> ?\n"
        "a.txt:2:19:wrong-sense:0.91:'victims' -> 'casualties'\n"
    )


@pytest.mark.parametrize("tokens", [True, False])
def test_json(mtfix_run: Invoke, tokens: bool) -> None:
    more = ["--tokens"] if tokens else []
    expected = detection_dict(FakeCorrector().detect("final"), tokens=tokens)
    assert ("gaps" in expected) is tokens
    result = mtfix_run("detect", "--format", "json", *more, stdin="final")
    assert json.loads(result.stdout) == {"schema": 1, "documents": [{"name": "<stdin>", **expected}]}
    result = mtfix_run("detect", "--format", "jsonl", *more, stdin="final")
    assert json.loads(result.stdout) == {**expected, "name": "<stdin>"}
    result = mtfix_run("detect", "--format", "jsonl", "--lines", *more, stdin="é\r\nfinal")
    assert result.stdout.splitlines()[1] == json.dumps(expected, ensure_ascii=False)
    assert "name" not in json.loads(result.stdout.splitlines()[0])


@pytest.mark.parametrize("form", ["text", "line", "json", "jsonl", "sarif", "github"])
@pytest.mark.parametrize(("text", "found"), [("refused", True), ("Fine.", False)])
def test_exit_code(mtfix_run: Invoke, form: str, text: str, found: bool) -> None:
    assert mtfix_run("detect", "--format", form, stdin=text).exit_code == 0
    assert mtfix_run("detect", "--format", form, "--check", stdin=text).exit_code == int(found)


def test_settings_reach_the_corrector(mtfix_run: Invoke, loader: Loader) -> None:
    names = ("--reference", "r.txt", "--reference", "s.txt", "--glossary", "g.csv")
    names = (*names, "--vocabulary", "w.txt", "--dismissed", "d.jsonl")
    mtfix_run("detect", "--strictness", "conservative", "--models", "m", "--force", "--threads", "3", *names, stdin="x")
    exempt = {"vocabulary": [], "vocabulary_files": [Path("w.txt")], "dismissed": Path("d.jsonl")}
    given = {"references": [Path("r.txt"), Path("s.txt")], "glossary": Path("g.csv"), **exempt}
    assert loader.calls == [{"strictness": "conservative", "models": Path("m"), "force": True, "threads": 3, **given,
                             "rewrite": False}]  # fmt: skip


def test_other_languages(mtfix_run: Invoke) -> None:
    result = mtfix_run("detect", "--check", stdin="Guten Tag final")
    assert (result.exit_code, result.stdout) == (0, "no findings in 1 line\n")
    assert result.stderr == "mtfix: <stdin> left alone: looks like German\n"


def test_errors(mtfix_run: Invoke) -> None:
    assert mtfix_run("detect", "missing.txt").exit_code == 2
    result = mtfix_run("detect", "--tokens", stdin="x")
    assert (result.exit_code, result.stderr) == (
        2,
        "mtfix: error: --tokens goes with --format json or --format jsonl.\n",
    )
    result = mtfix_run("detect", "--format", "xml", stdin="x")
    assert result.exit_code == 2
    assert "jsonl" in result.stderr


@pytest.mark.parametrize(
    ("form", "repairs"),
    [("text", False), ("json", False), ("jsonl", False), ("line", True), ("sarif", True), ("github", True)],
)
def test_the_rewriter_is_loaded_only_where_repairs_are_told(
    mtfix_run: Invoke, loader: Loader, form: str, repairs: bool
) -> None:
    mtfix_run("detect", "--format", form, stdin="x")
    assert loader.calls[-1]["rewrite"] is repairs
