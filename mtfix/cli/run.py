"""The one loop: read, work, hand on each result as it comes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from mtfix.cli.inputs import Inputs, Unit, paired
from mtfix.cli.output import say
from mtfix.cli.progress import Progress
from mtfix.render.findings import counted
from mtfix.types import Document, Result


def run(
    inputs: Inputs,
    work: Callable[[Iterable[str | Document]], Iterator[Result]],
    take: Callable[[Unit, Result], None],
    finish: Callable[[], None],
    *,
    quiet: bool,
    prints: bool,
) -> None:
    """`finish` is called at the end of interrupted runs too, so that results there are stay usable.

    `prints` says that `take` writes to standard output: on a terminal a progress bar would be in its way.
    """
    skipped = _Skipped(quiet=quiet)
    free = not prints or not sys.stdout.isatty()
    try:
        with Progress(inputs.noun, bar=inputs.many and free, quiet=quiet) as progress:
            for unit, result in paired(inputs.units(progress.expect), work):
                skipped.note(unit, result.skipped)
                take(unit, result)
                progress.advance()
    finally:
        finish()
        skipped.finish()


class _Skipped:
    """One remark for each document left alone; lines (--lines) are only counted, so as not to flood."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._lines: dict[tuple[str, str], int] = {}

    def note(self, unit: Unit, reason: str | None) -> None:
        if reason is None or self._quiet:
            return
        if unit.line is None:
            say(f"{unit.name} left alone: {reason}")
        else:
            key = (unit.name, reason)
            self._lines[key] = self._lines.get(key, 0) + 1

    def finish(self) -> None:
        for (name, reason), number in self._lines.items():
            say(f"{name}: {counted(number, 'line')} left alone: {reason}")
