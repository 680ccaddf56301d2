"""A corrector without models for whole jobs: quick, and on demand slow, broken or deadly. Workers load it by name."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mtfix.documents.edits import apply_edits
from mtfix.errors import ModelError
from mtfix.types import Correction, Document, Edit, Fingerprint, Flag, Span


class SlowFixer:
    """`final` becomes `late`, `victims` gets a suggestion, `odd` is flagged; `Guten Tag` is no English.

    CRASH raises, DIE kills the process, HANG never ends. log: a file that gets a line for every text worked on; pids:
    one that gets the process's number for every chunk.
    """

    def __init__(
        self, version: str = "1", log: Path | None = None, delay: float = 0.0, pids: Path | None = None
    ) -> None:
        self.fingerprint = Fingerprint(version, {}, {})
        self._pids = pids
        self._log, self._delay = log, delay

    def fix_many(self, texts: Iterable[str | Document]) -> Iterator[Correction]:
        if self._pids is not None:
            with open(self._pids, "a", encoding="utf-8") as file:
                file.write(f"{os.getpid()}\n")
        for text in list(texts):
            yield self._fix(text.text if isinstance(text, Document) else text)

    def _fix(self, text: str) -> Correction:
        if "CRASH" in text:
            raise RuntimeError("too odd")
        if "DIE" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "HANG" in text:
            time.sleep(3600)
        time.sleep(self._delay)
        if self._log is not None:
            with open(self._log, "a", encoding="utf-8") as file:
                file.write(" ".join(text[:40].split()) + "\n")
        if "Guten Tag" in text:
            return Correction(text, text, (), (), "the text seems to be German, not English", self.fingerprint)
        edits = [
            Edit(Span(*found.span()), found.group(), new, category, confidence, "fake", applied)
            for old, new, category, confidence, applied in (
                ("final", "late", "wrong-sense", 0.91, True), ("victims", "casualties", "collocation", 0.42, False),
            )
            for found in re.finditer(old, text)
        ]  # fmt: skip
        edits.sort(key=lambda edit: edit.span)
        flags = tuple(Flag(Span(*m.span()), "other", 0.8, "odd") for m in re.finditer("final|victims|odd", text))
        fixed = apply_edits(text, [edit for edit in edits if edit.applied])
        return Correction(text, fixed, flags, tuple(edits), None, self.fingerprint)


class Load:
    """What `mtfix.load` is to the shipped models; a loader that pickles."""

    def __init__(self, **how: Any) -> None:
        self.how = how

    def __call__(self, **settings: Any) -> SlowFixer:
        if str(settings.get("models")).endswith("broken"):
            raise ModelError("no detector model at broken")
        version = f"{self.how.get('version', '1')}/{settings.get('strictness')}"
        return SlowFixer(**{**self.how, "version": version})


class Idle(Load):
    """Its processes end a second after they are ready."""

    def __call__(self, **settings: Any) -> SlowFixer:
        threading.Timer(1.0, os._exit, [7]).start()
        return super().__call__(**settings)
