"""`mtfix doctor`."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest
from fake_corrector import Invoke

from mtfix.models import write_model
from mtfix.version import __version__


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for kind in ("detector", "rewriter"):
        (tmp_path / "models" / kind).mkdir(parents=True)
        write_model(tmp_path / "models" / kind, kind, {"name": kind}, {"weights": b"heavy"})
    return tmp_path / "models"


def lines(text: str) -> dict[str, str]:
    """First word of every indented line and the rest."""
    return {name: rest for name, _, rest in (line.strip().partition(" ") for line in text.splitlines()[1:])}


def test_everything_is_listed(mtfix_run: Invoke, models: Path) -> None:
    result = mtfix_run("doctor", "--models", str(models))
    assert result.exit_code == 0
    assert result.stdout.startswith(f"mtfix {__version__}\n")
    found = lines(result.stdout)
    assert found["ctranslate2"].strip() == importlib.metadata.version("ctranslate2")
    assert found["detector"].split() == ["intact,", str(models / "detector")]
    assert {"pivot", "roundtrip", "neural", "tortured", "names", "syntax", "processors", "train"} <= found.keys()


def test_engines_that_lack_something_say_what(
    mtfix_run: Invoke, models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = lines(mtfix_run("doctor", "--models", str(models), "--data", str(tmp_path / "none")).stdout)
    assert "apt-get install apertium" in found["roundtrip"]
    assert found["apertium"].strip().startswith("missing: apt-get install apertium")
    assert "--marian OUT,BACK" in found["marian"]
    assert "--data" in found["tortured"]
    assert found["identity"].strip() == "ready"


def test_extras_that_lack_something_say_what(
    mtfix_run: Invoke, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = ["numpy>=2", "numpy>=2; extra == 'train'", "no-such-thing<3,>=1; extra == 'evaluate'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: stated)
    found = lines(mtfix_run("doctor", "--models", str(models)).stdout)
    assert found["train"].strip().startswith("installed")
    assert found["evaluate"].strip().startswith('missing no-such-thing: pip install "mtfix[evaluate]"')


def test_a_light_installation_has_no_engines(
    mtfix_run: Invoke, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("mtfix.corpus")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("wordfreq", "lemminflect", "pyarrow", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = mtfix_run("doctor", "--models", str(models))
    assert result.exit_code == 0
    found = lines(result.stdout)
    assert found["all"].strip() == 'need wordfreq: pip install "mtfix[train]"'
    assert found["syntax"].strip() == 'needs lemminflect: pip install "mtfix[train]"'


def test_damaged_and_missing_models_exit_with_3(mtfix_run: Invoke, models: Path) -> None:
    (models / "rewriter" / "weights").write_bytes(b"light")
    result = mtfix_run("doctor", "--models", str(models))
    assert result.exit_code == 3
    assert "weights is damaged" in result.stderr
    assert "Corpus engines" in result.stdout  # the rest is told all the same
    assert mtfix_run("doctor", "--models", str(models / "none")).exit_code == 3
