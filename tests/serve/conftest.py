from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from knowing import Knowing, Running, running

from mtfix.serve.limits import Limits


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    with running(Knowing(), Limits()) as found:
        yield found


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=30) as found:
        yield found


@pytest.fixture
def serve_with() -> Iterator[Any]:
    """`serve_with(corrector, limits, ...)` is a running server; all are stopped in the end."""
    started = []

    def start(corrector: Any, limits: Limits | None = None, **more: Any) -> Running:
        context = running(corrector, limits or Limits(), **more)
        started.append(context)
        return context.__enter__()

    yield start
    for context in started:
        context.__exit__(None, None, None)


@pytest.fixture
def background() -> Iterator[Any]:
    """`background(work)` begins it in a thread and gives a function that waits for its result."""
    with ThreadPoolExecutor() as pool:
        yield lambda work: pool.submit(work).result
