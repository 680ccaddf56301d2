"""Help, version, `models` and `train`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fake_corrector import HERE, Invoke

from mtfix.errors import ConfigError, ModelError
from mtfix.version import __version__


def module(name: str, **contents: Any) -> ModuleType:
    made = ModuleType(name)
    made.__dict__.update(contents)
    return made


def test_help_tells_the_exit_codes(mtfix_run: Invoke) -> None:
    for arguments in (["--help"], ["-h"], ["fix", "--help"]):
        result = mtfix_run(*arguments)
        assert result.exit_code == 0
        assert "3    a model is missing or damaged" in result.stdout
    assert {"fix", "detect", "train", "models"} <= set(mtfix_run("--help").stdout.split())


def test_version(mtfix_run: Invoke) -> None:
    assert mtfix_run("--version").stdout == f"mtfix {__version__}\n"


def test_unknown_command(mtfix_run: Invoke) -> None:
    result = mtfix_run("repair")
    assert result.exit_code == 2
    assert "repair" in result.stderr


def test_nothing_heavy_is_imported_for_help() -> None:
    code = (
        "import sys, mtfix.cli.main\n"
        "heavy = {'ctranslate2', 'tokenizers', 'numpy', 'torch', 'transformers', 'rich', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parents[1]
    )
    assert found.stdout == "[]\n"


MODELS = [
    {"name": "base", "kind": "detector", "sha256": "f" * 64, "size_mb": 22.54, "path": "m/base", "verified": True},
    {"name": "odd\x1b", "kind": "rewriter", "verified": False, "error": "no rewriter at m"},
]


def test_models(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def describe(folder: Path | None) -> list[dict[str, Any]]:
        asked.append(folder)
        return rows

    rows = list(MODELS)
    monkeypatch.setitem(sys.modules, "mtfix.models", module("mtfix.models", describe=describe))
    result = mtfix_run("models")
    assert (result.exit_code, result.stderr) == (3, "mtfix: error: no rewriter at m\n")
    assert result.stdout == (
        "NAME  KIND      MB    SHA256        INTACT  PATH\n"
        "base  detector  22.5  ffffffffffff  yes     m/base\n"
        "odd␛  rewriter  ?     ?             no      ?\n"
    )
    result = mtfix_run("models", "--models", "m", "--format", "json")
    assert json.loads(result.stdout) == {"schema": 1, "models": MODELS}
    rows.pop()
    assert mtfix_run("models").exit_code == 0
    assert asked == [None, Path("m"), None]


def test_models_that_are_missing(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def describe(folder: Path | None) -> list[dict[str, Any]]:
        raise ModelError(f"{folder}: no models here.")

    monkeypatch.setitem(sys.modules, "mtfix.models", module("mtfix.models", describe=describe))
    result = mtfix_run("models", "--models", "m")
    assert (result.exit_code, result.stderr) == (3, "mtfix: error: m: no models here.\n")


def test_train(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def train(kind: str, config: Path, overrides: list[str], output: Path | None) -> Path:
        asked.append((kind, config, overrides, output))
        return Path("trained")

    monkeypatch.setitem(sys.modules, "mtfix.training.run", module("mtfix.training.run", train=train))
    Path("c.yaml").touch()
    result = mtfix_run("train", "detector", "--config", "c.yaml", "--set", "lr=2e-4", "--set", "a=b=c")
    assert (result.exit_code, result.stdout) == (0, "trained\n")
    mtfix_run("train", "rewriter", "--config", "c.yaml", "--output", "out")
    assert asked == [
        ("detector", Path("c.yaml"), ["lr=2e-4", "a=b=c"], None),
        ("rewriter", Path("c.yaml"), [], Path("out")),
    ]
    assert mtfix_run("train", "detector", "--config", "none.yaml").exit_code == 2
    assert mtfix_run("train", "detector").exit_code == 2
    assert mtfix_run("train", "translator", "--config", "c.yaml").exit_code == 2
    result = mtfix_run("train", "detector", "--config", "c.yaml", "--set", "lr")
    assert (result.exit_code, result.stderr) == (2, "mtfix: error: --set lr is not of the form KEY=VALUE.\n")


def test_train_errors(mtfix_run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    error: list[Exception] = []

    def train(*_: Any) -> Path:
        raise error[0]

    monkeypatch.setitem(sys.modules, "mtfix.training.run", module("mtfix.training.run", train=train))
    Path("c.yaml").touch()
    error[:] = [ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")]
    result = mtfix_run("train", "detector", "--config", "c.yaml")
    assert (result.exit_code, result.stderr) == (
        2,
        'mtfix: error: training needs torch, which is missing: pip install "mtfix[train]"\n',
    )
    error[:] = [ConfigError("c.yaml: unknown setting lrr.")]
    assert mtfix_run("train", "detector", "--config", "c.yaml").exit_code == 2
    error[:] = [ModuleNotFoundError("No module named 'mtfix.gone'", name="mtfix.gone")]
    with pytest.raises(ModuleNotFoundError):
        mtfix_run("train", "detector", "--config", "c.yaml")
