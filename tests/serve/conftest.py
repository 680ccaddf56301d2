from __future__ import annotations

import threading
import time
from collections.abc import Iterator
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
def at_once() -> Any:
    """Do several things at the same time and have their results in order."""

    def run(*works: Any) -> list[Any]:
        results: list[Any] = [None] * len(works)

        def do(index: int) -> None:
            try:
                results[index] = works[index]()
            except Exception as error:
                results[index] = error

        threads = [threading.Thread(target=do, args=(i,)) for i in range(len(works))]
        for thread in threads:
            thread.start()
            time.sleep(0.1)  # so that they arrive in this order
        for thread in threads:
            thread.join()
        return results

    return run
