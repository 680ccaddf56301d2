"""On Ray the same job gives the same bytes, whoever dies on the way. Runs a local cluster of two workers."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from slow_fixer import Load

from mtfix.errors import ConfigError
from mtfix.jobs.inputs import Inputs
from mtfix.jobs.job import Job, Options
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.tables import Columns

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'mtfix[ray]'")

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def visible(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ray's processes find the fake corrector."""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    yield
    ray.shutdown()


def run(source: Path, out: Path, load: Load, *, on_ray: bool) -> Job:
    from mtfix.jobs.cluster import RayEngine

    ledger = Ledger(out, create=True)
    engine = RayEngine(out, load, 2, 60.0) if on_ray else None
    try:
        job = Job(Inputs([str(source)], out), out, ledger, Columns(), load, Options(2, 60.0), engine=engine)
        job.run()
        return job
    finally:
        ledger.close()


def test_same_rows_in_order_even_when_a_worker_is_killed(tmp_path: Path, log: Path) -> None:
    rows = [{"text": f"{n % 450} final {'word ' * (n % 450 % 300)}", "n": n} for n in range(500)]
    rows += [{"text": "CRASH"}, {"text": None}, {"text": "Guten Tag"}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    killed: list[int] = []

    def kill() -> None:
        """Kill an actor's process once both have worked for a while."""
        while log.stat().st_size < 2_000:
            time.sleep(0.1)
        pids = [int(line) for line in (tmp_path / "pids").read_text().split()]
        killed.append(_parent(pids[0]))
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    load = Load(log=log, delay=0.02, pids=tmp_path / "pids")
    job = run(tmp_path / "rows.jsonl", tmp_path / "ray", load, on_ray=True)
    thread.join(10)
    assert killed
    assert (job.state, job.tally.documents, job.tally.failed) == ("finished", 503, 1)
    assert job.tally.origins["computed"] == 452
    # somebody else has done what the dead one had in hand
    assert len({int(pid) for pid in (tmp_path / "pids").read_text().split()}) >= 3
    run(tmp_path / "rows.jsonl", tmp_path / "local", Load(), on_ray=False)
    assert (tmp_path / "ray" / "rows.jsonl").read_bytes() == (tmp_path / "local" / "rows.jsonl").read_bytes()
    assert not (tmp_path / "ray" / ".mtfix" / "ray").exists()


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_documents_and_what_is_known(tmp_path: Path, log: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.txt").write_bytes(f"final\r\n{number}".encode())
    (folder / "bad.txt").write_bytes(b"\xff")
    run(folder, tmp_path / "out", Load(log=log), on_ray=False)
    (folder / "5.txt").write_bytes(b"final\r\n5")
    log.write_text("")
    job = run(folder, tmp_path / "out", Load(log=log), on_ray=True)
    assert log.read_text() == "final 5\n"
    assert (job.tally.documents, job.tally.failed, job.tally.origins["computed"]) == (7, 1, 1)
    assert (tmp_path / "out" / "5.txt").read_bytes() == b"late\r\n5"


def test_an_actor_with_other_models_is_refused() -> None:
    from mtfix.jobs.cluster import Corrections
    from mtfix.types import Fingerprint

    with pytest.raises(ConfigError, match="other models"):
        Corrections(Load(version="2"), None, Fingerprint("1", {}, {}))
