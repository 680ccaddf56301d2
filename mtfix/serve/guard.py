"""Around the application: who may ask, how much, and what is written to the log (never what was asked)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from mtfix.serve.limits import DEADLINE, Limits

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOG = logging.getLogger("mtfix.serve")

# extensions of browsers can ask any server that their user allows; they are no web pages
_EXTENSIONS = ("moz-extension", "chrome-extension", "safari-web-extension")
_SECURITY = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Access:
    """Which names the server answers to, and to which origins.

    A web page can make a browser ask a server on its own machine; where a name of the page's is made to
    point there (DNS rebinding), the browser even takes both for one site. So the name must be this machine's
    or one of `hosts`, and the origin this server's, an extension's or one of `origins` ("*": any).
    """

    def __init__(self, hosts: Iterable[str] = (), origins: Iterable[str] = ()) -> None:
        self._hosts = {host.lower() for host in hosts} | {"localhost"}
        self._origins = set(origins)

    def host(self, header: str) -> bool:
        name = (urlsplit(f"//{header}").hostname or "") if _sound(header) else ""
        return name in self._hosts or _is_address(name)

    def listed(self, origin: str) -> bool:
        return origin in self._origins or "*" in self._origins

    def origin(self, origin: str, host: str) -> bool:
        parts = urlsplit(origin) if _sound(origin) else None
        own = parts is not None and parts.netloc == host and parts.scheme in ("http", "https")
        return own or (parts is not None and parts.scheme in _EXTENSIONS) or self.listed(origin)

    def refusal(self, scope: Scope, headers: dict[str, str]) -> str | None:
        """Why this request is not answered; None when it is."""
        host = headers.get("host", "")
        if not self.host(host):
            return "this name is not one of the server's; start it with --allow-host NAME to use it"
        origin = headers.get("origin")
        if origin is not None:
            allowed = self.origin(origin, host)
        else:  # only browsers send this, and not with every request
            foreign = headers.get("sec-fetch-site") in ("cross-site", "same-site")
            allowed = not (foreign and (scope["method"] != "GET" or scope["path"] == "/v2/check"))
        return None if allowed else "other web pages may not ask; start the server with --allow-origin ORIGIN"


class Guard:
    """The application as it is served: checks, limits, headers, log lines, and errors without their messages."""

    def __init__(self, application: Application, access: Access, limits: Limits) -> None:
        self._application, self._access, self._limits = application, access, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        answer = _Answer(send, self._cors(headers))
        begin = time.perf_counter()
        size = 0
        try:
            refused = self._access.refusal(scope, headers)
            if refused:
                await answer.plain(403, f"Error: {refused}")
            elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
                await answer.plain(204, "")
            else:
                deadline = scope[DEADLINE] = time.monotonic() + self._limits.seconds
                body = await self._body(headers, receive, deadline)
                size = len(body)
                await self._application(scope, _replayed(body, receive), answer.send)
        except _TooMuchError as error:
            await answer.plain(error.status, f"Error: {error}")
        except Exception as error:
            LOG.error("error in the server: %s", _without_message(error))
            if answer.status is None:
                await answer.plain(500, "Error: the server failed; its log says where")
        finally:
            route = getattr(scope.get("route"), "path", "(no such page)")
            seconds = time.perf_counter() - begin
            LOG.info("%s %s %s %.2f s, %d bytes", scope["method"], route, answer.status, seconds, size)

    def _cors(self, headers: dict[str, str]) -> dict[str, str]:
        origin = headers.get("origin", "")
        if not origin or not self._access.listed(origin):
            return {}
        return {
            "access-control-allow-origin": origin,
            "access-control-allow-methods": "GET, POST",
            "access-control-allow-headers": "content-type",
            "cross-origin-resource-policy": "cross-origin",
            "vary": "origin",
        }

    async def _body(self, headers: dict[str, str], receive: Receive, deadline: float) -> bytes:
        limit = self._limits.body
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > limit:
            raise _TooMuchError(413, f"the request is larger than the limit of {limit} bytes")
        parts: list[bytes] = []
        size = 0
        while True:
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            except asyncio.TimeoutError:
                raise _TooMuchError(408, "the request did not arrive in time") from None
            if message["type"] == "http.disconnect":
                raise _TooMuchError(499, "the client has gone")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _TooMuchError(413, f"the request is larger than the limit of {limit} bytes")
            if not message.get("more_body"):
                return b"".join(parts)


class _TooMuchError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Answer:
    """Sends, adds headers, and knows the status once it is out."""

    def __init__(self, send: Send, more: dict[str, str]) -> None:
        self.status: int | None = None
        self._send = send
        self._headers = [(name.encode(), value.encode("latin-1")) for name, value in (_SECURITY | more).items()]

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)

    async def plain(self, status: int, text: str) -> None:
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text.encode()))]
        if status in (408, 413):
            headers.append((b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": text.encode()})


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The whole body as one message, then whatever comes (that the client has gone)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _without_message(error: BaseException) -> str:
    """Type and place of an error; its message may quote the text that was being worked on."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    places = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {places}"


def _sound(address: str) -> bool:
    try:
        urlsplit(address if "//" in address else f"//{address}")
    except ValueError:
        return False
    return True


def _is_address(name: str) -> bool:
    """Numbers cannot be rebound: no name server is asked for them."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
