"""`mtfix doctor`: what is installed here, whether it is whole, and how to get what is missing."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from mtfix.cli import options
from mtfix.cli.output import StandardOutput, guarded, say
from mtfix.errors import ModelError
from mtfix.settings.effective import Given
from mtfix.version import __version__

_RUNTIME = ("onnxruntime", "onnx", "ctranslate2", "tokenizers", "numpy")
_EXTRAS = {
    "train": "training, corpora", "evaluate": "measuring", "serve": "server and review page",
    "review": "review in the terminal", "lsp": "findings in editors", "batch": "tables of batch jobs",
    "ray": "batch jobs on a cluster",
}  # fmt: skip
# "torch==2.13.0; extra == 'train'", as packages state what they need
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)[^;]*;.*\bextra\s*==\s*['\"](?P<extra>\w+)['\"]")


@guarded
@options.with_settings(only=["models"])
def doctor(
    data: Annotated[
        Path,
        typer.Option("--data", file_okay=False, metavar="DIR", help="Data of the corpus engines, as in mtfix corpus."),
    ] = Path("data"),
    *,
    given: Given,
) -> None:
    """Say what is installed and how to get what is missing; exit 3 when a model is missing or damaged."""
    from mtfix.models import describe

    models = describe(given.config().models)
    out = StandardOutput()
    out.write(f"mtfix {__version__}\n")
    for title, rows in (
        ("Versions", _versions()),
        ("Models", ((str(m["kind"]), f"intact, {m['path']}" if m["verified"] else str(m["error"])) for m in models)),
        ("Threads", _threads()),
        ("Extras", _extras()),
        ("Tools of the corpus engines", _tools()),
        ("Corpus engines", _engines(data)),
    ):
        out.write(f"\n{title}\n" + "".join(f"  {name:<12} {text}\n" for name, text in rows))
    broken = [model for model in models if not model["verified"]]
    for model in broken:
        say(f"error: {model['error']}")
    if broken:
        raise typer.Exit(ModelError.exit_code)


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    for name in _RUNTIME:
        yield name, _version(name) or "missing: pip install mtfix"


def _threads() -> Iterator[tuple[str, str]]:
    yield "processors", f"{os.cpu_count() or 'unknown'}; --threads takes fewer"
    for name in ("OMP_NUM_THREADS", "CT2_FORCE_CPU_ISA"):
        if name in os.environ:
            yield name, os.environ[name]


def _extras() -> Iterator[tuple[str, str]]:
    """For each extra of the package whether all it names is installed."""
    for extra, purpose in _EXTRAS.items():
        missing = [name for name in _required(extra) if _version(name) is None]
        state = f'missing {", ".join(missing)}: pip install "mtfix[{extra}]"' if missing else "installed"
        yield extra, f"{state} ({purpose})"


def _required(extra: str) -> list[str]:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        found = map(_REQUIREMENT.match, requires("mtfix") or ())
    except PackageNotFoundError:  # run from the source tree
        return []
    return [match["name"] for match in found if match and match["extra"] == extra]


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _tools() -> Iterator[tuple[str, str]]:
    from mtfix.corpus.engines.registry import tools

    try:
        yield from tools()
    except ModuleNotFoundError as error:
        lacking = (error.name or "").partition(".")[0]
        if lacking in ("", "mtfix"):  # a bug keeps its traceback
            raise
        yield "all", f'need {lacking}: pip install "mtfix[train]"'


def _engines(data: Path) -> Iterator[tuple[str, str]]:
    from mtfix.corpus.engines.registry import NAMES, missing

    for name in NAMES:
        hint = missing(name, data)
        yield name, (hint.removeprefix(f"{name} ") if hint else "ready")
