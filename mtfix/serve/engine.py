"""The one corrector behind all routes, and the way into its threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from mtfix.serve.limits import DEADLINE, Limits
from mtfix.serve.workers import RefusedError, Workers
from mtfix.types import Correction, Detection, Document, Edit, Fingerprint, Span

T = TypeVar("T")


class Corrects(Protocol):
    """What a server needs of a corrector."""

    fingerprint: Fingerprint

    def fix(self, text: str | Document, /) -> Correction: ...
    def detect(self, text: str | Document, /) -> Detection: ...
    def suggest(self, text: str | Document, places: Sequence[Span], /) -> list[list[Edit]]: ...


class Client(Protocol):
    """A request, as far as it says whether anybody still waits for its answer, and until when."""

    @property
    def scope(self) -> MutableMapping[str, Any]: ...
    def is_disconnected(self) -> Awaitable[bool]: ...


class Engine:
    def __init__(self, corrector: Corrects, limits: Limits) -> None:
        self.corrector, self.limits = corrector, limits
        self.workers = Workers(limits)

    async def run(self, work: Callable[[], T], client: Client) -> T:
        """`work` in one of the threads. Raises RefusedError."""
        return await self.workers.run(work, client.is_disconnected, client.scope.get(DEADLINE))

    def check_length(self, text: str) -> None:
        """Raises RefusedError (413) for a text that is too long."""
        if len(text) > self.limits.text:
            raise RefusedError(
                413, f"Your text has {len(text)} characters, the limit is {self.limits.text}; send it in parts."
            )


def restricted(document: Document, untouchable: Sequence[Span], within: Sequence[Span] | None) -> Document:
    """The document with more that is untouchable, and all of it but `within`."""
    outside = [] if within is None else list(_between(within, len(document.text)))
    return replace(document, untouchable=(*document.untouchable, *untouchable, *outside))


def _between(spans: Sequence[Span], length: int) -> Iterator[Span]:
    position = 0
    for span in sorted(spans):
        if span.start > position:
            yield Span(position, span.start)
        position = max(position, span.end)
    if position < length:
        yield Span(position, length)
