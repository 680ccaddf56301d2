"""The text as it is: the score that a corrector must not fall below, and many do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.systems import Options


class NothingBaseline:
    """Flags nothing and changes nothing."""

    name = "none"
    stored = True  # there is nothing to compute

    def __init__(self, options: Options) -> None:
        del options

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass

    @property
    def signature(self) -> dict[str, Any]:
        return {}

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        return (Output(item.id, item.text, flags=()) for item in items)
