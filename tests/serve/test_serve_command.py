"""`mtfix serve` as a process: it says where it is, answers, and stops when it is told to."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

import mtfix
from mtfix.cli.main import app
from mtfix.cli.serve import serve

HERE = Path(__file__).parent
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """The real command line with the knowing corrector, in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def popen(*arguments: str) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(HERE.parents[1]), str(HERE), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, str(HERE / "serve_knowing.py"), "serve", *arguments]
        environment = {**os.environ, "PYTHONPATH": path}
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield popen
    for process in started:
        process.kill()
        process.wait()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"serving at (http://\S+)/ ", line):
            return found[1]
    raise AssertionError(f"ended with {process.wait()}")


@pytest.mark.parametrize(("told", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_answers_and_stops(start: Start, told: signal.Signals, code: int) -> None:
    process = start("--port", "0")
    where = address(process)
    assert where.startswith("http://127.0.0.1:")
    with httpx.Client(base_url=where) as client:
        assert client.post("/v2/check", data={"language": "en", "text": "They refused."}).json()["matches"]
        process.send_signal(told)
        assert process.wait(timeout=60) == code
    assert process.stderr is not None
    rest = process.stderr.read()
    assert re.search(r"^\d\d:\d\d:\d\d POST /v2/check 200 \d+\.\d\d s, 30 bytes$", rest, re.M)
    assert "Traceback" not in rest


def test_what_runs_is_finished_first(start: Start) -> None:
    process = start("--port", "0")
    where = address(process)
    code = f"import httpx; print(httpx.post('{where}/fix', json={{'text': 'HELD'}}, timeout=60).status_code)"
    asking = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "working\n"
    process.send_signal(signal.SIGTERM)
    assert asking.communicate(timeout=60)[0] == "200\n"
    assert process.wait(timeout=60) == 0


def test_a_port_that_is_taken_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from mtfix.serve.run import listen

    def load(**_: object) -> None:
        raise AssertionError("models were loaded for nothing")

    monkeypatch.setitem(mtfix.__dict__, "load", load)
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["serve", "--port", str(port)])
    assert result.exit_code == 2
    assert f"cannot listen at 127.0.0.1, port {port}" in result.stderr


def test_missing_libraries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    result = CliRunner().invoke(app, ["serve"])
    assert (result.exit_code, 'pip install "mtfix[serve]"' in result.stderr) == (2, True)


def test_help_needs_none_of_them() -> None:
    code = (
        "import sys\nfrom mtfix.cli.main import app\napp(['serve', '--help'], standalone_mode=False)\n"
        "assert not {'fastapi', 'uvicorn', 'starlette', 'numpy', 'ctranslate2'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE.parents[1])
    assert done.returncode == 0, done.stderr
    assert "--allow-host" in done.stdout


def test_the_documents_name_the_options_and_their_defaults() -> None:
    page = (HERE.parents[1] / "docs" / "serve.md").read_text(encoding="utf-8")
    shown = CliRunner().invoke(app, ["serve", "--help"], prog_name="mtfix").stdout
    own = re.sub(r"^(curl|python) .*$", "", page, flags=re.M)  # these have options of their own
    assert set(re.findall(r"--[a-z][\w-]+", own)) <= set(re.findall(r"--[\w-]+", shown)) | {"--help"}
    limits = dict(re.findall(r"\| `--([\w-]+)` \(([\d,]+)\) \|", page))
    assert len(limits) == 5
    defaults = {name.replace("_", "-"): value.default for name, value in inspect.signature(serve).parameters.items()}
    assert {name: int(value.replace(",", "")) for name, value in limits.items()} == {n: defaults[n] for n in limits}
