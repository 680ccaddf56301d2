"""Signs of life on standard error for work that takes long."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from mtfix.cli.output import say
from mtfix.render.findings import counted

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_INTERVAL = 30.0


class Progress:
    """A bar where there is a terminal to itself, else a plain line every 30 seconds; `quiet` is silence."""

    def __init__(self, noun: str, *, bar: bool, quiet: bool) -> None:
        self._noun = noun
        self._quiet = quiet
        self._wants_bar = bar and not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._done = self._total = 0
        self._stop = threading.Event()
        self._started = time.monotonic()

    def __enter__(self) -> Progress:
        if self._wants_bar:
            self._bar = _rich_bar(self._noun)
            self._bar.start()
        elif not self._quiet:
            # a thread, because one long document gives no other occasion to speak
            threading.Thread(target=self._speak, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._bar is not None:
            self._bar.stop()

    def expect(self, more: int) -> None:
        self._total += more
        self._show()

    def advance(self) -> None:
        self._done += 1
        self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done, total=self._total)

    def _speak(self) -> None:
        while not self._stop.wait(_INTERVAL):
            seconds = time.monotonic() - self._started
            say(f"{self._done} of {counted(max(self._total, self._done), self._noun)} done after {seconds:.0f} s")


def _rich_bar(noun: str) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    # results go to standard output as bytes; rich must not stand in between
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
    bar.add_task(f"{noun}s", total=None)
    return bar
