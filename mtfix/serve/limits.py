"""What the server takes on at most."""

from __future__ import annotations

from dataclasses import dataclass

from mtfix.errors import ConfigError

DEADLINE = "mtfix.deadline"  # in a request's scope: when its time is up, by time.monotonic()


@dataclass(frozen=True, slots=True)
class Limits:
    """body: bytes of a request. text: code points of a text. seconds: from a request to its answer, waiting
    included. workers: requests worked on at once. queue: requests that wait beside them. grace: seconds
    that running requests get when the server stops. remembered: sentences whose model outputs are kept.
    """

    body: int = 10_000_000
    text: int = 200_000
    seconds: float = 120.0
    workers: int = 2
    queue: int = 64
    grace: float = 10.0
    remembered: int = 5_000

    def __post_init__(self) -> None:
        for name in ("body", "text", "seconds", "workers"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"the server's limit {name!r} must be more than 0")
        for name in ("queue", "grace", "remembered"):
            if getattr(self, name) < 0:
                raise ConfigError(f"the server's limit {name!r} must not be negative")
