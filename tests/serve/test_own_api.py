"""mtfix's own JSON over HTTP, and its OpenAPI."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from knowing import FINGERPRINT, Knowing
from test_languagetool import TEXT

from mtfix.serve.api_models import DetectAnswer, FixAnswer, SuggestAnswer
from mtfix.types import Span, detection_dict, suggestions_dict


def test_fix_gives_the_object_of_the_command_line(client: httpx.Client) -> None:
    answer = client.post("/fix", json={"text": TEXT}).json()
    assert answer == Knowing().fix(TEXT).to_dict()
    assert answer["corrected"] == "Under his late father, the army suffered many victims."
    assert list(FixAnswer.model_validate(answer).model_dump(by_alias=True)) == list(answer)


def test_detect_gives_the_object_of_the_command_line(client: httpx.Client) -> None:
    found = Knowing().detect(TEXT)
    assert client.post("/detect", json={"text": TEXT}).json() == detection_dict(found)
    answer = client.post("/detect", json={"text": TEXT, "tokens": True}).json()
    assert answer == detection_dict(found, tokens=True)
    assert list(DetectAnswer.model_validate(answer).model_dump(by_alias=True)) == list(answer)


def test_suggest_gives_for_each_place_what_the_library_gives(client: httpx.Client) -> None:
    text = "They refused, and it was a rough place."
    places = [Span(27, 32), Span(0, 4), Span(5, 12)]
    answer = client.post("/suggest", json={"text": text, "places": [[p.start, p.end] for p in places]}).json()
    assert answer == suggestions_dict(text, places, Knowing().suggest(text, places), FINGERPRINT)
    assert [[e["replacement"] for e in place["edits"]] for place in answer["places"]] == [
        ["an uneven", "a rugged"], [], ["declined", "rejected"]
    ]  # fmt: skip
    assert list(SuggestAnswer.model_validate(answer).model_dump(by_alias=True)) == list(answer)


@pytest.mark.parametrize(
    ("places", "told"),
    [([], "at least 1"), ([[5, 99]], "no stretch"), ([[7, 5]], "no stretch"), ([[0, 1]] * 21, "at most 20")],
)
def test_places_to_suggest_for_lie_in_the_text(client: httpx.Client, places: list[list[int]], told: str) -> None:
    answer = client.post("/suggest", json={"text": "secretvalue", "places": places})
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"within": [[0, 23]]}, ["final father"]),
        ({"within": [[23, 55], [0, 5]]}, ["many victims"]),
        ({"within": []}, []),
        ({"untouchable": [[10, 15]]}, ["many victims"]),
        ({"untouchable": [[10, 15]], "within": [[0, 23]]}, []),
    ],
)
def test_only_part_of_a_text(client: httpx.Client, more: dict[str, Any], found: list[str]) -> None:
    answer = client.post("/fix", json={"text": TEXT, **more}).json()
    assert [edit["original"] for edit in answer["edits"]] == found
    assert answer["text"] == TEXT


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 422, "required"),
        ({"text": 7}, 422, "string"),
        ({"text": "secretvalue", "untouchable": [[0, 99]]}, 422, "no stretch"),
        ({"text": "secretvalue", "within": [[3, 2]]}, 422, "no stretch"),
        ({"text": "secretvalue", "secretkey": 1}, 422, "secretkey"),
        ({"text": "secretvalue" * 20_000}, 413, "limit"),
        (b'{"text": "secretvalue', 400, "JSON"),
        (b'{"text": "\\ud83d secretvalue"}', 422, "surrogate"),
        (b"\xff\xfe", 400, ""),
        (b"[" * 100_000, 400, ""),
    ],
)
def test_a_wrong_request_is_explained_and_not_repeated(client: httpx.Client, body: Any, status: int, told: str) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body)
    answer = client.post("/fix", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert told in answer.text
    assert "secretvalue" not in answer.text


def test_openapi_is_complete(client: httpx.Client) -> None:
    spec = client.get("/openapi.json").json()
    assert {"/fix", "/detect", "/v2/check", "/v2/languages"} <= set(spec["paths"])
    post = spec["paths"]["/v2/check"]["post"]
    form = post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert {"text", "data", "language", "enabledOnly"} <= set(form["properties"])
    assert {"200", "400", "413", "429", "503"} <= set(post["responses"])
    # pages for it would load scripts from elsewhere
    assert client.get("/docs").status_code == 404
