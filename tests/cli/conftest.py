from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_corrector import HERE, Invoke, Loader
from typer.testing import CliRunner, Result

import mtfix
from mtfix.cli.main import app


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    loader = Loader()
    # not setattr, which would look up the real one and import the whole runtime
    monkeypatch.setitem(mtfix.__dict__, "load", loader)
    return loader


@pytest.fixture
def mtfix_run(loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """`mtfix_run("fix", "a.txt", stdin=...)` in a folder of its own, with the fake corrector."""
    del loader
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, stdin: bytes | str | None = None) -> Result:
        result = CliRunner().invoke(app, list(arguments), input=stdin, prog_name="mtfix")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """The same as a process."""

    def popen(*arguments: str, **more: Any) -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(HERE.parents[1]), str(HERE), os.environ.get("PYTHONPATH", "")])
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, str(HERE / "with_fake.py"), *arguments]
        return subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, **(pipes | more))

    return popen
