"""What the review page needs of the server: documents in and out."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

TEXT = "\ufeffUnder his final father\r\nmany victims 😀 fell.\n"


def opened(client: httpx.Client, name: str, data: bytes) -> dict[str, Any]:
    answer = client.post("/documents", params={"name": name}, content=data)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def exported(client: httpx.Client, name: str, data: bytes, **more: Any) -> httpx.Response:
    return client.post("/export", json={"name": name, "data": base64.b64encode(data).decode(), **more})


def edit(original: str, replacement: str, text: str = TEXT) -> dict[str, Any]:
    start = text.index(original)
    return {"start": start, "end": start + len(original), "original": original, "replacement": replacement}


@pytest.mark.parametrize("name", ["a.txt", "a.md", "no suffix", "../../etc/passwd", "C:\\a b\\é.txt", "x" * 255])
def test_a_text_comes_back_byte_for_byte(client: httpx.Client, name: str) -> None:
    document = opened(client, name, TEXT.encode())
    assert document["text"] == TEXT
    first = document["formats"][0]
    assert not {"/", "\\"} & set(first["name"])
    answer = exported(client, name, TEXT.encode(), format=first["format"])
    assert answer.content == TEXT.encode()
    # never shown by the browser as a page of this server
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"


def test_edits_are_made_and_nothing_else(client: httpx.Client) -> None:
    edits = [edit("many victims 😀", "many casualties"), edit("final", "late")]
    answer = exported(client, "a.txt", TEXT.encode(), edits=edits)
    assert answer.content.decode() == "\ufeffUnder his late father\r\nmany casualties fell.\n"


@pytest.mark.parametrize(
    "more",
    [
        {"edits": [edit("final", "late") | {"original": "other"}]},
        {"edits": [edit("final", "late"), edit("his final", "her late")]},
        {"edits": [edit("final", "late") | {"end": 9999}]},
        {"edits": [edit("final", "late") | {"end": 0}]},
        {"edits": [edit("final", "late") | {"start": -1}]},
        {"flags": [{"start": 0, "end": 9999, "category": "other", "score": 0.5, "message": ""}]},
        {"flags": [{"start": -1, "end": 2, "category": "other", "score": 0.5, "message": ""}]},
        {"format": "text"},
        {"format": "pdf"},
        {"secret": 1},
    ],
)
def test_what_cannot_be_written_is_refused(client: httpx.Client, more: dict[str, Any]) -> None:
    assert exported(client, "a.txt", TEXT.encode(), **more).status_code == 422


@pytest.mark.parametrize("mark", ["\x0b", "\x00", "\ufffe"])
def test_a_repair_that_word_cannot_hold_is_told(client: httpx.Client, mark: str) -> None:
    edits = [edit("final", f"late{mark}")]
    answer = exported(client, "a.txt", TEXT.encode(), format="tracked", edits=edits)
    assert (answer.status_code, "control character" in answer.json()["detail"]) == (422, True)
    assert mark in exported(client, "a.txt", TEXT.encode(), edits=edits).text


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"caf\xe9", b"\0"])
def test_what_cannot_be_read_is_told(client: httpx.Client, data: bytes) -> None:
    answer = client.post("/documents", params={"name": "a.txt"}, content=data)
    assert (answer.status_code, answer.json()["detail"][:6]) == (422, "a.txt:")
    assert exported(client, "a.txt", data).status_code == 422


def test_the_page_is_whole_and_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for name, kind in (("review.css", "text/css"), ("review.js", "text/javascript"), ("state.js", "text/javascript"),
                       ("view.js", "text/javascript")):  # fmt: skip
        answer = client.get(f"/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert "http://" not in answer.text
        assert "https://" not in answer.text
        assert "innerHTML" not in answer.text
    assert "http" not in page.text
    assert "<style" not in page.text
    assert "style=" not in page.text
