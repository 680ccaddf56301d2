"""What is shipped: the wheel's content, small modules in one-way layers, a light start, no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from importlinter import cli as import_linter

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TRAINING_STACK = {"torch", "transformers", "datasets", "tensorboard", "yaml", "lemminflect", "wordfreq", "gguf"}


def contents() -> set[str]:
    """Paths in the wheel, without its metadata, as hatchling collects them (nothing is packed)."""
    builder = WheelBuilder(str(ROOT))
    files = [*builder.recurse_included_files(), *builder.recurse_forced_files(builder.config.get_force_include())]
    return {Path(file.distribution_path).as_posix() for file in files}


def parts(kind: str) -> set[str]:
    manifest = json.loads((ROOT / "models" / kind / "model.json").read_text(encoding="utf-8"))
    return {part["name"] for entry in manifest["files"].values() for part in entry["parts"]}


def weights() -> set[Path]:
    return {ROOT / "models" / kind / name for kind in ("detector", "rewriter") for name in parts(kind)}


def test_the_wheel_holds_the_package_the_models_the_suites_and_nothing_else() -> None:
    package = {f"mtfix/{path.relative_to(ROOT / 'mtfix').as_posix()}" for path in (ROOT / "mtfix").rglob("*.py")}
    models = {
        f"mtfix/_models/{path.relative_to(ROOT / 'models').as_posix()}"
        for path in (ROOT / "models").rglob("*")
        if path.is_file() and (".bin" not in path.name or path in weights())
    }
    suites = {
        f"mtfix/_seeds/{path.relative_to(ROOT / 'seeds').as_posix()}"
        for folder in ("suites", "benchmark")
        for path in (ROOT / "seeds" / folder).iterdir()
    }
    page = {f"mtfix/serve/page/{path.name}" for path in (ROOT / "mtfix" / "serve" / "page").iterdir()}
    names = {f"mtfix/names/data/{name}" for name in ("gazetteer.sqlite", "README.md")}
    senses = {f"mtfix/senses/data/{name}" for name in ("channel.npz", "senses.npz", "README.md")}
    assert contents() == package | {"mtfix/py.typed"} | models | suites | names | senses | page


@pytest.mark.parametrize("kind", ["detector", "rewriter"])
def test_the_wheel_holds_every_part_of_a_model(kind: str) -> None:
    assert parts(kind)
    assert {f"mtfix/_models/{kind}/{name}" for name in [*parts(kind), "model.json", "README.md"]} <= contents()


def test_the_models_in_the_wheel_are_small() -> None:
    names = [name.replace("mtfix/_models", "models", 1) for name in contents() if name.startswith("mtfix/_models")]
    assert sum((ROOT / name).stat().st_size for name in names) < 200_000_000


def test_no_file_is_too_big_for_a_repository() -> None:
    sizes = {path.name: path.stat().st_size for path in (ROOT / "models").rglob("*") if path.is_file()}
    assert sizes
    assert {name: size for name, size in sizes.items() if size > 95_000_000} == {}


def test_licence_and_metadata() -> None:
    assert PROJECT["project"]["license"] == "Apache-2.0"
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_light_installation_asks_for_no_training_library() -> None:
    names = {name.split(">")[0].split("=")[0].split("<")[0].strip() for name in PROJECT["project"]["dependencies"]}
    assert names & (TRAINING_STACK | {"pyyaml"}) == set()
    extras = " ".join(PROJECT["project"]["optional-dependencies"]["train"])
    assert all(name in extras for name in ("torch", "transformers"))


def test_imports_point_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert import_linter.lint_imports(no_cache=True) == import_linter.EXIT_STATUS_SUCCESS


def test_every_module_has_a_layer() -> None:
    [contract] = PROJECT["tool"]["importlinter"]["contracts"]
    layers = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    found = [path for path in (ROOT / "mtfix").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert {f"mtfix.{path.stem}" for path in found} - {"mtfix.__init__", "mtfix.__main__"} == layers


def test_modules_stay_small() -> None:
    paths = [path for folder in ("mtfix", "scripts", "tests") for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def loaded(code: str) -> set[str]:
    """Top-level modules after `code`, in a fresh interpreter where every connection fails."""
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise OSError('no network')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse\n"
        f"{code}\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_help_stays_light() -> None:
    modules = loaded(
        "from mtfix.cli.main import app\n"
        "for arguments in (['--help'], ['fix', '--help'], ['detect', '--help'], ['train', '--help'], ['--version']):\n"
        "    app(arguments, standalone_mode=False)"
    )
    assert "typer" in modules
    assert modules & (TRAINING_STACK | {"numpy", "ctranslate2", "tokenizers", "py3langid", "rich"}) == set()


def test_a_correction_needs_no_network_and_no_training_library() -> None:
    modules = loaded("import mtfix\nassert mtfix.load().fix('Under his final father, the army suffered.').text")
    assert {"ctranslate2", "tokenizers"} <= modules
    assert modules & TRAINING_STACK == set()
