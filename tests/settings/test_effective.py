from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as given_examples
from hypothesis import strategies as st

from mtfix.errors import ConfigError
from mtfix.settings.effective import KEYS, Effective, Given, effective
from mtfix.settings.keys import Config, LspConfig, build, keys


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def settings(flags: dict[str, Any] | None = None, *paths: str, **environ: str) -> Effective:
    return effective(Given(flags or {}), [Path(path) for path in paths], environ)


def test_without_anything_the_defaults_are_in_force() -> None:
    found = settings()
    assert found.config == Config()
    assert set(found.origins.values()) == {"default"}
    assert found.file is None


def test_file_then_environment_then_flag() -> None:
    file = put("mtfix.toml", 'strictness = "aggressive"\nthreads = 1\nforce = true\n[lsp]\ndelay = 2\n')
    found = settings({"strictness": "conservative"}, MTFIX_THREADS="3", MTFIX_STRICTNESS="balanced")
    config = found.config
    assert (config.strictness, config.threads, config.force, config.lsp) == ("conservative", 3, True, LspConfig(2))
    assert found.origins["strictness"] == "--strictness"
    assert found.origins["threads"] == "MTFIX_THREADS"
    assert found.origins["force"] == found.origins["lsp.delay"] == str(file.absolute())
    assert found.origins["models"] == "default"


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_every_key_can_be_set_in_a_file_and_in_the_environment(key: Any) -> None:
    value, text, meant = {
        "text": ('"aggressive"', "aggressive", "aggressive"),
        "switch": ("true", "on", True),
        "whole": ("7", "7", 7),
        "number": ("1.5", "1.5", 1.5),
        "path": ('"/a/b"', "/a/b", Path("/a/b")),
        "paths": ('["/a", "/b"]', "/a:/b", (Path("/a"), Path("/b"))),
        "words": ('["a b", "c"]', "a b, c", ("a b", "c")),
    }[key.kind]
    expected = build({key.name: meant})
    assert settings(**{key.variable: text}).config == expected
    put("mtfix.toml", f"{key.name} = {value}")
    config = settings().config
    files = {"dismissed": config.dismissed, "vocabulary-files": config.vocabulary_files}
    assert config == build(files | {key.name: meant})


def test_pyproject_counts_only_with_its_table() -> None:
    put("pyproject.toml", '[project]\nname = "x"\n')
    put("sub/pyproject.toml", "[tool.mtfix]\nthreads = 2\n")
    assert settings().file is None
    found = settings(None, "sub/a.txt")
    assert (found.config.threads, found.file) == (2, Path("sub/pyproject.toml").absolute())
    put("sub/mtfix.toml", "threads = 4\n")
    assert settings(None, "sub/a.txt").config.threads == 4


def test_the_closest_file_to_the_documents_counts_then_that_of_the_working_folder(here: Path) -> None:
    put("mtfix.toml", "threads = 1\n")
    put("a/mtfix.toml", "threads = 2\n")
    put("a/deep/er/x.txt", "")
    put("b/mtfix.toml", "threads = 3\n")
    assert settings(None, "a/deep/er/x.txt").config.threads == 2
    assert settings(None, "a/deep/er").config.threads == 2
    # documents of two projects: what they have in common
    assert settings(None, "a/deep/er/x.txt", "b/y.txt").config.threads == 1
    assert settings(None, "/y.txt").config.threads == 1
    assert settings().config.threads == 1
    assert effective(Given(file=Path("b/mtfix.toml")), [Path("a/x.txt")], {}).config.threads == 3
    assert settings(None, "a/x.txt", MTFIX_CONFIG="b/mtfix.toml").config.threads == 3
    assert effective(None, [], {}, home=here / "b").config.threads == 3
    isolated = effective(Given(isolated=True), [here / "a"], {"MTFIX_CONFIG": "b/mtfix.toml", "MTFIX_THREADS": "9"})
    assert (isolated.file, isolated.config.threads) == (None, 9)


def test_paths_of_a_file_are_seen_from_its_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    put("sub/mtfix.toml", 'glossary = "g.csv"\nmodels = "~/m"\nreferences = ["../r.txt"]\n')
    config = settings(None, "sub/x.txt").config
    assert config.glossary == here / "sub" / "g.csv"
    assert config.models == Path("/home/me/m")
    assert [path.resolve() for path in config.references] == [here / "r.txt"]
    assert config.dismissed == here / "sub" / "mtfix.dismissed.jsonl"
    assert config.vocabulary_files == (here / "sub" / "mtfix.vocabulary.txt",)
    assert settings(None, "sub/x.txt", MTFIX_GLOSSARY="g.csv").config.glossary == Path("g.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('strictnes = "balanced"', "unknown key 'strictnes'; did you mean strictness?"),
        ("vocabulary_files = []", "unknown key 'vocabulary_files'; did you mean vocabulary-files or vocabulary?"),
        ("delay = 1", "unknown key 'delay'; did you mean lsp.delay?"),
        ("[lsp]\nthreads = 1", "unknown key 'lsp.threads'; did you mean threads?"),
        ("zzz = 1", "unknown key 'zzz'; `mtfix config show` lists all keys."),
        ("[zzz]\na = 1", "unknown key 'zzz'; `mtfix config show` lists all keys."),
        ('strictness = "agressive"', "strictness must be one of conservative, balanced, aggressive, not 'agressive'; "
                                     "did you mean aggressive?"),
        ("strictness = 3", "strictness must be a string, not 3."),
        ("threads = true", "threads must be a whole number, not True."),
        ("threads = -1", "threads must be at least 0, not -1."),
        ("force = 1", "force must be true or false, not 1."),
        ('references = "a.txt"', "references must be a list of paths, not 'a.txt'."),
        ("references = [1]", "references must be a list of paths, not [1]."),
        ('glossary = ""', "glossary must be a path in quotes, not ''."),
        ('glossary = ["a"]', "glossary must be a path in quotes, not ['a']."),
        ("lsp = 3", "unknown key 'lsp'"),
        ("lsp.delay = nan", "lsp.delay must be a number, not nan."),
        ("threads = ", "is not valid TOML: Invalid value (at end of document)."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told_with_file_and_key(text: str, message: str) -> None:
    file = put("mtfix.toml", text)
    with pytest.raises(ConfigError) as error:
        settings()
    assert str(error.value).startswith(f"{file.absolute()}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MTFIX_THREADS", "many", "MTFIX_THREADS must be a whole number, not 'many'."),
        ("MTFIX_THREADS", "1.5", "MTFIX_THREADS must be a whole number, not 1.5."),
        ("MTFIX_FORCE", "perhaps", "MTFIX_FORCE must be true or false, not 'perhaps'."),
        ("MTFIX_STRICTNESS", "low", "MTFIX_STRICTNESS must be one of conservative, balanced, aggressive, not 'low'."),
        ("MTFIX_CONFIG", "none.toml", "none.toml: cannot be read (No such file or directory)."),
    ],
)
def test_a_mistake_in_the_environment(variable: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        settings(**{variable: value})
    assert str(error.value) == message
    # an empty variable is none
    assert settings(**{variable: ""}).config == Config()


def test_broken_files_are_told() -> None:
    Path("mtfix.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"mtfix\.toml: cannot be read"):
        settings()
    Path("mtfix.toml").unlink()
    put("pyproject.toml", "[tool]\nmtfix = 3\n")
    with pytest.raises(ConfigError, match=r"tool\.mtfix must be a table"):
        settings()
    put("pyproject.toml", "tool = 3\n")
    assert settings().file is None


_ODD = (None, "", " ", "a", "balanced", "a\0", 0, -1, 3, True, 0.5, float("nan"), [], ["a"], [""], [1], [[]], {}, b"a")


@given_examples(st.dictionaries(st.sampled_from([*KEYS]), st.sampled_from(_ODD)))
def test_whatever_a_flag_holds_it_is_a_value_of_its_kind_or_a_configuration_error(flags: dict[str, Any]) -> None:
    try:
        config = effective(Given(flags, isolated=True), (), {}).config
    except ConfigError:
        return
    assert isinstance(config.threads, int)
    assert isinstance(config.references, tuple)
    assert config.strictness in ("conservative", "balanced", "aggressive")


def test_names_of_keys_variables_and_flags_are_unique() -> None:
    every = list(keys())
    assert len({key.variable for key in every}) == len({key.name for key in every}) == len(every)
    flags = [key.flag for key in every if key.flag]
    assert len(set(flags)) == len(flags)
    assert KEYS["lsp.delay"].variable == "MTFIX_LSP_DELAY"
