"""Systems under evaluation: mtfix itself, and the outputs of any other tool in a file.

A system is anything with the methods of `System`. What it can say beyond corrections (scores of words,
replacements for spans that it is told) it says by being a `Tagger` or a `Filler` as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mtfix.documents.edits import filled
from mtfix.errors import ConfigError
from mtfix.evaluation.items import Item, Output, OutputEdit, ScoredSpan
from mtfix.suggestions import suggested
from mtfix.types import Detection, Span

if TYPE_CHECKING:
    from mtfix.corrector import Corrector
    from mtfix.types import Correction


@dataclass(frozen=True)
class Options:
    """What systems and baselines may be told; each takes what it knows. Paths are checked by who needs them."""

    strictness: str = "balanced"
    models: Path | None = None
    threads: int = 0
    lexicon: Path | None = None
    surprisal: float = 12.0
    checkpoint: Path | None = None


class System(Protocol):
    """`name` is unique in a run. `stored`: its outputs exist already; they are neither cached nor timed."""

    name: str
    stored: bool

    def start(self) -> None:
        """Import and load what is needed; called once, before anything else. Raises MtfixError when it can't."""

    def stop(self) -> None:
        """Let go of what `start` loaded, so that the memory of the next system is its own."""

    @property
    def signature(self) -> dict[str, Any]:
        """What its outputs depend on: versions, model digests, settings. Known from `start` to `stop`."""

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        """An output for each item, in order. Gold must not be looked at."""


@runtime_checkable
class Tagger(Protocol):
    """A system with a score for every word. Its `threshold`, if it has one, is the score from which it flags a word."""

    def tag(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        """The outputs with `tokens` and `gaps` (and `flags`, where there were none)."""


@runtime_checkable
class Filler(Protocol):
    """A system that proposes replacements for spans it is told."""

    def fill(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        """The outputs with `filled`: for every gold span of the item ranked replacements, maybe none.

        The systems may look at the places of gold spans, at nothing else of the gold.
        """


class MtfixSystem:
    """mtfix as it ships, or with the models in another folder."""

    stored = False

    def __init__(self, options: Options) -> None:
        self.name = "mtfix"
        self._options = options
        self._corrector: Corrector | None = None

    def start(self) -> None:
        import mtfix

        o = self._options
        self._corrector = mtfix.load(strictness=o.strictness, models=o.models, force=False, threads=o.threads)

    def stop(self) -> None:
        self._corrector = None

    @property
    def corrector(self) -> Corrector:
        if self._corrector is None:
            raise RuntimeError("start() has not been called")
        return self._corrector

    @property
    def signature(self) -> dict[str, Any]:
        found = self.corrector.fingerprint
        return {"version": found.version, **found.models, **found.settings}

    @property
    def threshold(self) -> float:
        """The probability from which the detector alone flags a word, at this strictness."""
        return float(self.corrector.detector.settings["thresholds"][self.corrector.settings.strictness]["word"])

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        chosen = list(items)
        for item, correction in zip(chosen, self.corrector.fix_many(i.text for i in chosen), strict=True):
            yield _of_correction(item, correction)

    def tag(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        detections = self.corrector.detect_many(item.text for item in items)
        return [_with_scores(output, found) for output, found in zip(outputs, detections, strict=True)]

    def fill(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        requests = [(item.text, _places(item)) for item in items]
        answers = suggested(self.corrector.detector, self.corrector.rewriter, requests)
        return [
            replace(
                output,
                filled=tuple(tuple(filled(text, p, e) for e in edits) for p, edits in zip(places, found, strict=True)),
            )
            for output, (text, places), found in zip(outputs, requests, answers, strict=True)
        ]


def _places(item: Item) -> list[Span]:
    return [gold.span for gold in item.spans or ()]


def _of_correction(item: Item, found: Correction) -> Output:
    edits = tuple(
        OutputEdit(
            e.span, e.replacement, e.applied, e.category, e.confidence, tuple(a.replacement for a in e.alternatives)
        )
        for e in found.edits
    )
    flags = tuple(ScoredSpan(f.span, f.score, f.category) for f in found.flags)
    return Output(item.id, found.text, edits, flags)


def _with_scores(output: Output, found: Detection) -> Output:
    flags = output.flags
    if flags is None:
        flags = tuple(ScoredSpan(f.span, f.score, f.category) for f in found.flags)
    return replace(
        output,
        flags=flags,
        tokens=tuple(ScoredSpan(t.span, t.score) for t in found.tokens),
        gaps=tuple(ScoredSpan(Span(g.offset, g.offset), g.score) for g in found.gaps),
    )


def make(spec: str, options: Options) -> System:
    """The system of that name: mtfix, file:PATH, or a baseline. ConfigError for unknown names and missing options."""
    from mtfix.evaluation.baselines import BASELINES
    from mtfix.evaluation.outputs import FileSystem

    kind, _, argument = spec.partition(":")
    if kind == "file" and argument:
        return FileSystem(Path(argument))
    if spec == "mtfix":
        return MtfixSystem(options)
    if spec in BASELINES:
        return BASELINES[spec](options)
    raise ConfigError(f"unknown system {spec!r}: choose mtfix, file:PATH, or one of {', '.join(BASELINES)}.")
