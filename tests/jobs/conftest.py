from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slow_fixer import Load

from mtfix.jobs.inputs import Inputs
from mtfix.jobs.job import Job, Options
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.tables import Columns


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Lists the texts that were worked on."""
    (tmp_path / "log").touch()
    return tmp_path / "log"


@pytest.fixture
def start(out: Path, log: Path) -> Callable[..., Job]:
    """Runs a job with the fake corrector over the named inputs, and gives it back."""

    def run(*names: Path | str, columns: Columns | None = None, load: Load | None = None, **options: Any) -> Job:
        ledger = Ledger(out, create=True)
        assert ledger.claim()
        try:
            inputs = Inputs([str(name) for name in names], out, only_tables=columns is not None)
            job = Job(inputs, out, ledger, columns or Columns(), load or Load(log=log), Options(**options))
            job.run()
            return job
        finally:
            ledger.close()

    return run
