"""A server in a thread, with a corrector that knows some words in place of the models."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from mtfix.documents.edits import apply_edits
from mtfix.serve.app import api
from mtfix.serve.engine import Engine
from mtfix.serve.guard import Access, Guard
from mtfix.serve.limits import Limits
from mtfix.serve.run import address_of, configuration, listen
from mtfix.serve.workers import carry_on
from mtfix.types import Alternative, Correction, Detection, Document, Edit, Fingerprint, Flag, Gap, Span, Token

FINGERPRINT = Fingerprint("0.0.0", {"detector": "abc"}, {"strictness": "balanced"})

# replacement, category, confidence, applied, alternatives
REPAIRS: dict[str, tuple[str, Any, float, bool, tuple[str, ...]]] = {
    "final father": ("late father", "wrong-sense", 0.91, True, ("dead father", "last father")),
    "many victims": ("many casualties", "wrong-sense", 0.55, False, ("heavy losses",)),
    "conversation efforts": ("talks", "collocation", 0.72, True, ()),
    "large number of": ("large number of the", "function-word", 0.3, False, ()),
}
# what a reader can mark, and for it the place that is written anew with replacements
SUGGESTED = {
    "refused": ("refused", ("declined", "rejected")),
    "rough": ("a rough", ("an uneven", "a rugged")),
    "twitter accounts": ("twitter", ("Twitter",)),
}
FLAGGED = ("refused", "twitter accounts", "broken soviet tank debris", r"strewn\s+words")


@dataclass
class Knowing:
    """Repairs REPAIRS, flags FLAGGED; "Guten Tag" is German, BOOM a bug, HELD waits until it is released."""

    fingerprint = FINGERPRINT
    seen: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def fix(self, given: str | Document) -> Correction:
        document = given if isinstance(given, Document) else Document(given)
        text = document.text
        self.seen.append(text)
        if "BOOM" in text:
            raise RuntimeError(f"cannot work on {text!r}")
        if "HELD" in text:
            while not self.released.wait(0.02):
                carry_on()
        if "Guten Tag" in text:
            return Correction(text, text, (), (), "the text seems to be German, not English", FINGERPRINT)
        edits = [
            Edit(Span(*m.span()), m.group(), new, category, confidence, "rewriter", applied,
                 tuple(Alternative(a, 0.05) for a in others))
            for old, (new, category, confidence, applied, others) in REPAIRS.items()
            for m in re.finditer(old, text)
        ]  # fmt: skip
        # a missing word
        edits += [
            Edit(Span(m.end(), m.end()), "", " the", "omission", 0.6, "rewriter", True)
            for m in re.finditer(r"call for(?= interna)", text)
        ]
        edits = sorted((e for e in edits if self._free(e.span, document)), key=lambda edit: edit.span)
        flags = [Flag(e.span, e.category, 0.9, f"“{e.original}” looks wrong here") for e in edits if e.original]
        flags += [
            Flag(Span(*m.span()), "other", 0.7, f"“{m.group()}” looks wrong here")
            for word in FLAGGED
            for m in re.finditer(word, text)
            if self._free(Span(*m.span()), document)
        ]
        flags.sort(key=lambda flag: flag.span)
        fixed = apply_edits(text, [edit for edit in edits if edit.applied])
        return Correction(text, fixed, tuple(flags), tuple(edits), None, FINGERPRINT)

    def detect(self, given: str | Document) -> Detection:
        found = self.fix(given)
        tokens, gaps = (Token(Span(0, 1), 0.25),), (Gap(0, 0.5),)
        return Detection(found.original, found.flags, tokens, gaps, found.skipped, FINGERPRINT)

    def suggest(self, given: str | Document, places: Sequence[Span]) -> list[list[Edit]]:
        text = given.text if isinstance(given, Document) else given
        return [self._suggested(text, place) for place in places]

    @staticmethod
    def _suggested(text: str, place: Span) -> list[Edit]:
        old, choices = SUGGESTED.get(place.of(text), ("", ()))
        start = text.rindex(old, 0, place.end) if choices else 0
        span = Span(start, start + len(old))
        return [
            Edit(span, old, new, "wrong-sense", 0.4 / (rank + 1), "rewriter", False) for rank, new in enumerate(choices)
        ]

    @staticmethod
    def _free(span: Span, document: Document) -> bool:
        return not any(span.overlaps(other) for other in document.untouchable if other.start < other.end)


@dataclass
class Running:
    address: str
    server: uvicorn.Server
    engine: Engine
    corrector: Any


@contextmanager
def running(corrector: Any, limits: Limits, *, hosts: Any = (), origins: Any = ()) -> Iterator[Running]:
    """Serves on a free port of loopback until the end of the block."""
    listening = listen("127.0.0.1", 0)
    engine = Engine(corrector, limits)
    application = Guard(api(engine), Access(hosts, origins), limits)
    server = uvicorn.Server(configuration(application, limits))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
        assert thread.is_alive()
    try:
        yield Running(address_of(listening), server, engine, corrector)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
