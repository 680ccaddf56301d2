"""Schemathesis: requests made from the OpenAPI, right and wrong ones; every answer is as described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from knowing import Knowing, Running
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mtfix.serve.app import api
from mtfix.serve.engine import Engine
from mtfix.serve.limits import Limits

PATHS = api(Engine(Knowing(), Limits())).openapi()["paths"]
OPERATIONS = [(path, method) for path, methods in PATHS.items() for method in methods]
CASES = [
    (path, method, mode)
    for path, method in OPERATIONS
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    # the others take nothing that could be wrong
    if mode is GenerationMode.POSITIVE or {"requestBody", "parameters"} & set(PATHS[path][method])
]


@pytest.fixture(scope="module")
def described(server: Running) -> Any:
    return schemathesis.openapi.from_url(f"{server.address}/openapi.json")


def test_all_operations_are_there() -> None:
    assert {("/fix", "post"), ("/detect", "post"), ("/v2/check", "post"), ("/v2/check", "get")} <= set(OPERATIONS)


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
def test_every_answer_is_as_described(described: Any, path: str, method: str, mode: GenerationMode) -> None:
    operation = described[path][method]

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        # not all that is asked of a request can be said in its schema: offsets must lie in the text, base64 be whole
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()
