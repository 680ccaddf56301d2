"""How a batch job shows itself on standard error: a bar, plain lines, or JSON lines."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mtfix.cli.output import say
from mtfix.render.findings import counted

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from mtfix.jobs.job import Job, Progress

_INTERVAL = 30.0
_WINDOW = 120.0  # seconds over which rate and time left are reckoned


class Shown:
    """A bar on a terminal, else a plain line every 30 seconds; with `log_json` a JSON object instead."""

    def __init__(self, *, log_json: bool, quiet: bool) -> None:
        self._json, self._quiet = log_json, quiet
        self._bar: Bar | None = None
        self._last = time.monotonic()
        self._seen: deque[Progress] = deque()

    def __enter__(self) -> Shown:
        if self._json:
            self._event("start")
        elif not self._quiet and sys.stderr is not None and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def progress(self, now: Progress) -> None:
        self._seen.append(now)
        while len(self._seen) > 2 and self._seen[0].seconds < now.seconds - _WINDOW:
            self._seen.popleft()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=now.share, told=self._told(now))
        elif time.monotonic() - self._last >= _INTERVAL:
            self._last = time.monotonic()
            if self._json:
                speed, left = self._speed()
                self._event(
                    "progress", done=now.done, failed=now.failed, words=now.words, share=round(now.share, 4),
                    seconds=round(now.seconds, 1), words_per_second=round(speed, 1),
                    seconds_left=None if left is None else round(left),
                )  # fmt: skip
            elif not self._quiet:
                say(f"{now.share:.1%} after {_duration(now.seconds)}: {self._told(now)}")

    def chunks(self, done: int, total: int) -> None:
        """How far another engine is, from a thread of its own."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done / total, told=f"{done} of {total} chunks")
        elif time.monotonic() - self._last >= _INTERVAL:
            self._last = time.monotonic()
            if self._json:
                self._event("chunks", done=done, total=total)
            elif not self._quiet:
                say(f"{done} of {total} chunks done")

    def failure(self, name: str, error: str) -> None:
        if self._json:
            self._event("failure", document=name, error=error)
        elif not self._quiet and self._bar is None:
            say(f"{name}: {error}")

    def end(self, job: Job) -> None:
        tally, seconds = job.tally, job.seconds
        if self._json:
            self._event(
                "end", state=job.state, done=tally.documents, failed=tally.failed, skipped=tally.skipped,
                applied=tally.applied, words=tally.words, seconds=round(seconds, 1), **dict(tally.origins),
            )  # fmt: skip
        elif not self._quiet:
            origins = tally.origins
            say(
                f"{job.state}: {counted(tally.documents, 'document')} in {_duration(seconds)} "
                f"({origins['computed']} worked on, {origins['duplicate']} alike, {origins['known']} known before), "
                f"{counted(tally.applied, 'edit')}, {tally.failed} failed"
            )

    def _speed(self) -> tuple[float, float | None]:
        """Words worked on in a second, and the seconds left where that can be told."""
        first, last = self._seen[0], self._seen[-1]
        seconds = last.seconds - first.seconds
        if seconds <= 0:
            return 0.0, None
        moved = (last.share - first.share) / seconds
        return (last.words - first.words) / seconds, (1 - last.share) / moved if moved > 0 else None

    def _told(self, now: Progress) -> str:
        speed, left = self._speed()
        failed = f", {now.failed} failed" if now.failed else ""
        rest = f", {_duration(left)} left" if left is not None else ""
        return f"{counted(now.done, 'document')}{failed}, {speed:.0f} words/s{rest}"

    @staticmethod
    def _event(event: str, **values: Any) -> None:
        with suppress(OSError):
            line = json.dumps({"event": event, "time": round(time.time(), 1), **values}, ensure_ascii=False)
            print(line, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[told]}"))
    bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
    bar.add_task("batch", total=1.0, told="loading the models")
    return bar
