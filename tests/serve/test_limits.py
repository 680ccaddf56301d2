"""Who may ask, how much and how long; and that what was asked stays out of the log."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from knowing import Knowing, Running
from test_languagetool import TEXT

from mtfix.errors import ConfigError, InputError
from mtfix.serve.engine import Engine
from mtfix.serve.guard import Access, Guard
from mtfix.serve.limits import DEADLINE, Limits
from mtfix.serve.run import is_loopback, listen
from mtfix.serve.workers import AbandonedError, RefusedError, Workers, carry_on

HELD = "HELD is this text."


def post(server: Running, text: str, route: str = "/fix", **more: Any) -> httpx.Response:
    return httpx.post(server.address + route, json={"text": text}, timeout=60, **more)


# names and origins -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("127.0.0.1:8081", True), ("localhost:8081", True), ("LOCALHOST", True), ("[::1]:8081", True),
        ("192.168.1.7", True), ("mine.example:8081", True),
        ("evil.example", False), ("localhost.evil.example", False), ("127.0.0.1.evil.example", False),
        ("evil.example@127.0.0.1", True), ("", False), ("[::1", False),
    ],
)  # fmt: skip
def test_only_its_own_names_are_answered(host: str, answered: bool) -> None:
    """A page whose name is made to point at this machine still calls the server by that name."""
    assert Access(["mine.example"]).host(host) == answered


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"origin": "https://["}, 403),
        ({"origin": "moz-extension://0b9c1c55-11"}, 200),
        ({"origin": "chrome-extension://abcdef"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
    ],
)
def test_other_web_pages_may_not_ask(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = client.post("/v2/check", data={"language": "en", "text": TEXT}, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_a_check_in_an_image_of_another_page(client: httpx.Client) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get("/v2/check", params={"language": "en", "text": TEXT}, headers=headers).status_code == 403
    assert client.get("/v2/languages", headers=headers).status_code == 200


def test_its_own_page_may_ask(server: Running, client: httpx.Client) -> None:
    assert client.post("/fix", json={"text": TEXT}, headers={"origin": server.address}).status_code == 200


def test_origins_that_were_allowed(serve_with: Any) -> None:
    server = serve_with(Knowing(), origins=["https://cms.example"])
    asked = {"origin": "https://cms.example", "access-control-request-method": "POST"}
    before = httpx.options(server.address + "/fix", headers=asked)
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (204, "https://cms.example")
    answer = post(server, TEXT, headers={"origin": "https://cms.example"})
    assert answer.headers["access-control-allow-origin"] == "https://cms.example"
    assert answer.headers["vary"] == "origin"
    assert post(server, TEXT, headers={"origin": "https://cms.example.evil"}).status_code == 403


def test_every_answer_forbids_what_browsers_could_do(client: httpx.Client) -> None:
    for answer in (client.get("/v2/languages"), client.get("/no such page"), client.post("/fix", json={})):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"


# size ------------------------------------------------------------------------------------------------


def test_large_requests_are_refused(serve_with: Any) -> None:
    server = serve_with(Knowing(), Limits(body=1000, text=100))
    assert post(server, "a" * 100).status_code == 200
    assert post(server, "a" * 101).status_code == 413
    assert post(server, "a" * 2000).status_code == 413
    form = {"language": "en", "text": "a" * 101}
    answer = httpx.post(server.address + "/v2/check", data=form)
    assert (answer.status_code, "101 characters" in answer.text) == (413, True)
    # without a length the server must count
    chunks = (b"a" * 400 for _ in range(10))
    assert httpx.post(server.address + "/fix", content=chunks).status_code == 413


def test_a_body_that_does_not_come(serve_with: Any) -> None:
    server = serve_with(Knowing(), Limits(seconds=0.3))
    port = int(server.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /fix HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{")
        connection.settimeout(10)
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")


def test_work_has_what_the_body_left_of_the_time() -> None:
    found: dict[str, float] = {}

    async def application(scope: Any, *_: Any) -> None:
        found["left"] = scope[DEADLINE] - time.monotonic()

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.2)
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None: ...

    scope = {"type": "http", "method": "POST", "path": "/fix", "headers": [(b"host", b"localhost")]}
    asyncio.run(Guard(application, Access(), Limits(seconds=60))(scope, receive, send))
    assert found["left"] < 59.9


def test_a_request_whose_time_the_body_took_is_given_up() -> None:
    class Client:
        scope: Any = {DEADLINE: time.monotonic() - 1}  # noqa: RUF012

        async def is_disconnected(self) -> bool:
            return False

    engine = Engine(Knowing(), Limits(seconds=60))
    with pytest.raises(RefusedError, match="longer than 60 seconds"):
        asyncio.run(engine.run(lambda: engine.corrector.fix(HELD), Client()))
    engine.workers.close()


# time and number -------------------------------------------------------------------------------------


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_takes_too_long_is_given_up(serve_with: Any) -> None:
    server = serve_with(Knowing(), Limits(seconds=0.5, workers=1))
    answer = post(server, HELD)
    assert (answer.status_code, "longer than 0.5 seconds" in answer.text) == (503, True)
    assert answer.headers["retry-after"] == "5"
    # its thread has stopped too
    until(lambda: server.engine.workers.busy == 0)


def test_more_requests_than_the_queue_holds(serve_with: Any, background: Any) -> None:
    server = serve_with(Knowing(), Limits(workers=1, queue=1))
    first, second = (background(lambda: post(server, HELD)) for _ in range(2))
    until(lambda: server.engine.workers.busy == 2)
    third = post(server, TEXT)
    assert (third.status_code, third.headers["retry-after"]) == (429, "5")
    # what needs no model is answered at any time
    assert httpx.get(server.address + "/v2/healthcheck").status_code == 200
    server.corrector.released.set()
    assert [first().status_code, second().status_code] == [200, 200]
    assert post(server, TEXT).status_code == 200


def test_clients_that_hang_up_free_their_places(serve_with: Any) -> None:
    server = serve_with(Knowing(), Limits(workers=1, queue=1))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(server.address + "/fix", json={"text": HELD}, timeout=httpx.Timeout(30, read=0.5))
    until(lambda: server.engine.workers.busy == 0)


def test_a_client_that_hangs_up_while_it_waits(serve_with: Any, background: Any) -> None:
    server = serve_with(Knowing(), Limits(workers=1, queue=1))
    first = background(lambda: post(server, HELD))
    until(lambda: server.corrector.seen == [HELD])
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(server.address + "/fix", json={"text": TEXT}, timeout=httpx.Timeout(30, read=0.5))
    until(lambda: server.engine.workers.busy == 1)
    server.corrector.released.set()
    assert first().status_code == 200
    assert server.corrector.seen == [HELD]


def test_stopping_lets_what_runs_finish(serve_with: Any, background: Any) -> None:
    server = serve_with(Knowing(), Limits(grace=60))
    answer = background(lambda: post(server, HELD))
    until(lambda: server.corrector.seen == [HELD])
    server.server.should_exit = True
    time.sleep(0.3)
    server.corrector.released.set()
    assert answer().status_code == 200


def test_stopping_gives_up_what_runs_too_long(serve_with: Any, background: Any) -> None:
    server = serve_with(Knowing(), Limits(grace=1))
    answer = background(lambda: post(server, HELD))
    until(lambda: server.corrector.seen == [HELD])
    server.server.should_exit = True
    with pytest.raises((httpx.HTTPError, AssertionError)):
        assert answer().status_code == 200
    until(lambda: server.engine.workers.busy == 0)


def test_work_that_nobody_waits_for_stops() -> None:
    ended = threading.Event()

    def work() -> None:
        try:
            while True:
                time.sleep(0.01)
                carry_on()
        except AbandonedError:
            ended.set()
            raise

    async def gone() -> bool:
        return False

    async def main() -> None:
        workers = Workers(Limits(workers=1))
        task = asyncio.create_task(workers.run(work, gone))
        await asyncio.sleep(0.1)
        workers.close()
        with pytest.raises(Exception, match="stopping"):
            await task

    asyncio.run(main())
    assert ended.is_set()
    carry_on()  # and outside of workers it never stops anything


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"seconds": 0}, {"queue": -1}, {"text": 0}, {"remembered": -1}])
def test_limits_make_sense(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Limits(**wrong)


# the log ---------------------------------------------------------------------------------------------


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Any:
    """All that any logger says, as text."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mtfix.serve").setLevel(logging.INFO)
    return caplog


def test_requests_are_logged_without_their_text(client: httpx.Client, logged: Any, capfd: Any) -> None:
    secret = "Xyzzysecret"
    for text in (secret, f"{secret} BOOM"):
        client.post("/fix", json={"text": text})
        client.post("/v2/check", data={"language": "en", "text": text})
        client.get("/v2/check", params={"language": "en", "text": text})
    client.post("/fix", json={"text": secret, "within": [[0, 99]]})
    client.post("/v2/check", data={"language": "en", "data": f'{{"annotation": "{secret}"'})
    client.get(f"/{secret}")
    client.post(f"/fix?{secret}", content=secret.encode(), headers={secret: secret, "content-type": secret})
    client.post("/fix", json={"text": secret}, headers={"host": f"{secret}.example"})
    client.post("/fix", json={"text": secret}, headers={"origin": f"https://{secret}.example"})
    lines = [record.getMessage() for record in logged.records if record.name == "mtfix.serve"]
    assert any(line.startswith("POST /fix 200 ") for line in lines)
    assert any(line.startswith("GET /v2/check 500 ") for line in lines)
    assert any("RuntimeError at" in line and "knowing.py" in line for line in lines)
    server_side = [r for r in logged.records if not r.name.startswith(("httpx", "httpcore"))]
    everything = "".join(f"{r.getMessage()} {r.exc_info} {r.args}" for r in server_side) + "".join(capfd.readouterr())
    assert secret.lower() not in everything.lower()


def test_a_bug_is_no_end(client: httpx.Client) -> None:
    answer = client.post("/fix", json={"text": "BOOM secretvalue"})
    assert (answer.status_code, "secretvalue" in answer.text) == (500, False)
    assert client.post("/fix", json={"text": TEXT}).status_code == 200


# the address -----------------------------------------------------------------------------------------


def test_an_address_that_is_taken() -> None:
    with listen("127.0.0.1", 0) as one:
        one.listen()
        port = one.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port}: .*choose another"):
            listen("127.0.0.1", port)
    with pytest.raises(InputError, match="choose another"):
        listen("no such name", 80)


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False),
     ("::", False), ("192.168.1.7", False), ("example.org", False)],
)  # fmt: skip
def test_loopback(host: str, alone: bool) -> None:
    assert is_loopback(host) == alone
