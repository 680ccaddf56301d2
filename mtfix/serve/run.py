"""Run the application until it is told to stop."""

from __future__ import annotations

import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from mtfix.errors import InputError
from mtfix.serve.guard import LOG, Guard
from mtfix.serve.limits import Limits


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at this address; port 0 takes any free one. Raises InputError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot listen at {host}, port {port}: {reason}; choose another --host or --port.") from error
    return found


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def configuration(application: Guard, limits: Limits) -> uvicorn.Config:
    """How the application is run."""
    # lines of uvicorn's own hold addresses with all their parameters
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        application, log_config=None, access_log=False, log_level="warning", server_header=False,
        timeout_graceful_shutdown=max(1, round(limits.grace)), timeout_keep_alive=30, limit_concurrency=1000,
    )  # fmt: skip


def serve(
    application: Guard, listening: socket.socket, limits: Limits, *, log: bool, ready: Callable[[], None]
) -> None:
    """Answer requests until SIGINT (then KeyboardInterrupt) or SIGTERM; running requests get `limits.grace` seconds.

    ready: called once requests are accepted.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO if log else logging.ERROR)
    LOG.propagate = False
    # uvicorn raises the signal again when it is done; for SIGTERM stopping was all that was asked
    signal.signal(signal.SIGTERM, lambda *_: None)
    _Server(configuration(application, limits), ready).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
