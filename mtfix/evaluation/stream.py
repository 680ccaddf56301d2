"""One system over one stream of items: cached outputs first, then new ones in batches, with their times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from mtfix.errors import MtfixError
from mtfix.evaluation.cache import OutputCache, Record
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.memory import peak_mib, reset_peak
from mtfix.evaluation.systems import Filler, System, Tagger

BATCH = 128  # items; what a killed run has to compute again at most
# the first answer of a system belongs to its cold start
_FIRST = Item("warm-up", "The quick brown fox jumps over the lazy dog.")


@dataclass(frozen=True)
class Asked:
    """What the metrics of a suite ask of a system: corrections, scores of words, fillings of gold spans."""

    correct: bool
    tag: bool
    fill: bool

    @classmethod
    def by(cls, metrics: Sequence[str]) -> Asked:
        rest = set(metrics) - {"detection", "filling", "speed"}
        return cls(bool(rest), "detection" in metrics, "filling" in metrics)

    def names(self) -> list[str]:
        return [name for name, asked in vars(self).items() if asked]


class Stream:
    """Outputs of a started system, and what they cost.

    Time is that of the main work alone (corrections, or where none are asked for, scores of words) and
    is counted once for every item, in the run that computed it.
    """

    def __init__(self, system: System, asked: Asked, cache: OutputCache | None, cold: float | None) -> None:
        self.system, self.asked = system, asked
        self._cache, self._cold = cache, cold
        self._words, self._seconds = 0, 0.0

    def records(self, items: Iterator[Item]) -> Iterator[tuple[Item, Record]]:
        """Every item with its record, in order. MtfixErrors end the run, other errors only cost their item."""
        waiting: list[Item] = []
        for record in self._cache.replay() if self._cache else ():
            item = next(items, None)
            if item is None:
                return
            if not record.fits(item):
                waiting = [item]
                break
            yield item, self._counted(item, record)
        if self._cache:
            self._cache.cut()
        yield from self._fresh(waiting, items)

    def _fresh(self, waiting: list[Item], items: Iterator[Item]) -> Iterator[tuple[Item, Record]]:
        size = 1 if self.system.stored else BATCH
        any_new = False
        while batch := [*waiting, *islice(items, size - len(waiting))]:
            waiting, any_new = [], True
            records = self._computed(batch)
            if self._cache:
                self._cache.append(records)
            for item, record in zip(batch, records, strict=True):
                yield item, self._counted(item, record)
        if any_new and self._cache:
            self._cache.measure(cold_start_seconds=self._cold, peak_memory_mib=peak_mib())

    def _counted(self, item: Item, record: Record) -> Record:
        self._words += len(item.text.split())
        self._seconds += record.seconds
        return record

    def speed(self) -> dict[str, Any]:
        """Words per second, seconds, peak memory and cold start; None where nothing was computed."""
        measured = self._cache.measured if self._cache else {}
        return {
            "words_per_second": round(self._words / self._seconds, 2) if self._seconds else None,
            "seconds": round(self._seconds, 3),
            "peak_memory_mib": _rounded(measured.get("peak_memory_mib"), 1),
            "cold_start_seconds": _rounded(measured.get("cold_start_seconds"), 3),
        }

    def _computed(self, batch: list[Item]) -> list[Record]:
        began = time.perf_counter()
        try:
            outputs = self._worked(batch)
            seconds = self._main_seconds
        except MtfixError:
            raise
        except Exception as error:
            # find out which items it was; a stored output has been read and can't be read again
            if len(batch) > 1:
                return [record for item in batch for record in self._computed([item])]
            seconds = time.perf_counter() - began
            reason = f"{type(error).__name__}: {error}"
            outputs = [Output(batch[0].id, batch[0].text, flags=(), failed=reason)]
        share = 0.0 if self.system.stored else seconds / len(batch)
        return [Record.of(item, output, share) for item, output in zip(batch, outputs, strict=True)]

    def _worked(self, batch: list[Item]) -> list[Output]:
        system = self.system
        began = time.perf_counter()
        tags = self.asked.tag and isinstance(system, Tagger)
        if self.asked.correct or not tags:
            outputs = list(system.run(batch))
        else:
            outputs = [Output(item.id, item.text) for item in batch]
        if len(outputs) != len(batch):
            raise RuntimeError(f"{len(outputs)} outputs for {len(batch)} items")
        self._main_seconds = time.perf_counter() - began
        if tags and isinstance(system, Tagger):
            outputs = system.tag(batch, outputs)
            if not self.asked.correct:
                self._main_seconds = time.perf_counter() - began
        if self.asked.fill and isinstance(system, Filler):
            outputs = system.fill(batch, outputs)
        return [replace(output, id=item.id) for item, output in zip(batch, outputs, strict=True)]


def started(system: System) -> float | None:
    """Start the system; seconds until its first answer (None for outputs that exist already)."""
    reset_peak()
    began = time.perf_counter()
    system.start()
    if system.stored:
        return None
    with suppress(Exception):  # what fails here fails again on the items, where it is recorded
        list(system.run([_FIRST]))
    return time.perf_counter() - began


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
