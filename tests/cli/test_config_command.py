from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_corrector import Invoke, Loader


def test_show_tells_each_value_with_its_origin(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path("mtfix.toml").absolute()
    file.write_text('glossary = "names.csv"\nvocabulary = ["Anabah", "late father"]\n')
    monkeypatch.setenv("MTFIX_STRICTNESS", "aggressive")
    result = mtfix_run("config", "show", "--threads", "2", "--force")
    rows = [line.split("  ", 1)[0:2] for line in result.stdout.splitlines()]
    shown = {key.strip(): rest.split(maxsplit=0)[0] for key, rest in rows}
    assert shown["strictness"].split() == ['"aggressive"', "MTFIX_STRICTNESS"]
    assert shown["threads"].split() == ["2", "--threads"]
    assert shown["force"].split() == ["true", "--force"]
    assert shown["models"].split() == ["not", "set", "default"]
    assert shown["glossary"].split() == [f'"{file.parent}/names.csv"', str(file)]
    assert shown["vocabulary"].startswith('["Anabah", "late father"]')
    result = mtfix_run("config", "show", "--no-force", "--format", "json")
    answer = json.loads(result.stdout)
    assert answer["file"] == str(file)
    values = {row["key"]: (row["value"], row["origin"]) for row in answer["settings"]}
    assert values["force"] == (False, "--force")
    assert values["lsp.delay"] == (0.5, "default")
    assert values["vocabulary"] == (["Anabah", "late father"], str(file))


def test_show_for_a_document(mtfix_run: Invoke) -> None:
    Path("sub").mkdir()
    Path("sub/mtfix.toml").write_text("threads = 5\n")
    assert '"sub/' not in mtfix_run("config", "show").stdout
    answer = json.loads(mtfix_run("config", "show", "--format", "json", "sub/a.txt").stdout)
    assert {"key": "threads", "value": 5, "origin": str(Path("sub/mtfix.toml").absolute())} in answer["settings"]


def test_show_remarks_on_variables_that_mean_nothing(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTFIX_STRICTNES", "aggressive")
    monkeypatch.setenv("MTFIX_SUITES", "suites")
    result = mtfix_run("config", "show")
    expected = "mtfix: the environment variable MTFIX_STRICTNES means nothing; did you mean MTFIX_STRICTNESS"
    assert result.stderr.startswith(expected)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["fix", "detect"])
def test_settings_of_the_project_reach_the_corrector(mtfix_run: Invoke, loader: Loader, verb: str) -> None:
    Path("mtfix.toml").write_text(
        'strictness = "aggressive"\nthreads = 2\nreferences = ["r.txt"]\nvocabulary = ["a b"]\n'
    )
    Path("mtfix.vocabulary.txt").write_text("c\n")
    mtfix_run(verb, "--threads", "3", "--no-force", stdin="x")
    mtfix_run(verb, "--isolated", stdin="x")
    # what the verb itself asks for is no setting
    first, second = ({k: v for k, v in call.items() if k != "rewrite"} for call in loader.calls)
    assert first == {
        "strictness": "aggressive", "models": None, "force": False, "threads": 3,
        "references": [Path("r.txt").absolute()], "glossary": None, "vocabulary": ["a b"],
        "vocabulary_files": [Path("mtfix.vocabulary.txt").absolute()],
        "dismissed": Path("mtfix.dismissed.jsonl").absolute(),
    }  # fmt: skip
    assert (second["strictness"], second["threads"], second["references"]) == ("balanced", 0, [])


@pytest.mark.parametrize("verb", [["fix"], ["detect"], ["config", "show"], ["models"], ["doctor"]])
def test_a_mistake_in_the_file_ends_the_run(mtfix_run: Invoke, loader: Loader, verb: list[str]) -> None:
    Path("mtfix.toml").write_text("strictnes = 1\n")
    result = mtfix_run(*verb, **({"stdin": "x"} if verb[0] in ("fix", "detect") else {}))
    assert (result.exit_code, result.stdout, loader.calls) == (2, "", [])
    assert result.stderr == (
        f"mtfix: error: {Path('mtfix.toml').absolute()}: unknown key 'strictnes'; did you mean strictness?\n"
    )


def test_an_unknown_strictness_is_refused(mtfix_run: Invoke) -> None:
    result = mtfix_run("fix", "--strictness", "balance", stdin="x")
    assert result.exit_code == 2
    assert "--strictness must be one of conservative, balanced, aggressive, not 'balance'; did you" in result.stderr


def test_flags_reach_the_corrector_and_defaults_do(mtfix_run: Invoke, loader: Loader) -> None:
    names = ("--reference", "r.txt", "--reference", "s.txt", "--glossary", "g.csv")
    mtfix_run("fix", "--strictness", "aggressive", "--models", "m", "--force", "--threads", "2", *names, stdin="x")
    mtfix_run("fix", stdin="x")
    given = {"references": [Path("r.txt"), Path("s.txt")], "glossary": Path("g.csv")}
    exempt = {"vocabulary": [], "vocabulary_files": [], "dismissed": Path("mtfix.dismissed.jsonl")}
    more = {"references": [], "glossary": None, **exempt}
    assert loader.calls == [
        {"strictness": "aggressive", "models": Path("m"), "force": True, "threads": 2, **given, **exempt},
        {"strictness": "balanced", "models": None, "force": False, "threads": 0, **more},
    ]
