"""Expected scores, committed beside the code, and whether a run still gives them.

A score may move by its tolerance, in either direction: a gain that nobody expected is as much a reason
to look as a loss. Speed is not compared; it belongs to the machine. Nor are edits and flags of good text: there are so
few that rounding on another processor makes one of none and ten of eight; tests of good prose look after them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError

_LEAST = 1e-4  # of scores whose interval has no width
_RARE = ("edits_per_1000", "edits_per_1000_words", "changed_items", "flags_per_1000", "flags_per_1000_words")
# items that may together move a score: of 60, a processor with 8-bit arithmetic of another kind (AVX2 without VNNI)
# moves the precision of flags by as much as five do
_MOVED = 6


@dataclass(frozen=True, slots=True)
class Deviation:
    """A score outside its tolerance; `value` is None when the run has no such score."""

    system: str
    metric: str
    expected: float
    tolerance: float
    value: float | None

    def __str__(self) -> str:
        found = "missing" if self.value is None else f"{self.value:g}"
        return f"{self.system} {self.metric}: {found}, expected {self.expected:g} ± {self.tolerance:g}"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def expected_from(results: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an expected.json for these results.

    An interval of 95 % is about four standard errors wide, and a standard error is the square root of the number of
    items times what one of them usually moves the score: so its width divided by that root is what about four items
    move it together, and a tolerance what _MOVED do. Rounding on another processor decides a few places anew; a worse
    model or a bug decides many.
    """
    suite = results["suite"]
    return {
        "schema": 1,
        "suite": {key: suite[key] for key in ("name", "version", "hash", "items", "seed")},
        "systems": {
            system["name"]: {
                name: {"value": round(score["value"], 6), "tolerance": _tolerance(score, suite["items"])}
                for name, score in system["metrics"].items()
                if score["better"] and name not in _RARE  # some only tell what the scores stand on
            }
            for system in results["systems"]
        },
    }


def _tolerance(score: Mapping[str, Any], items: int) -> float:
    low, high = score.get("low"), score.get("high")
    width = high - low if low is not None and high is not None else 0.0
    return round(max(_MOVED / 4 * width / sqrt(items), _LEAST), 6)


def read_expected(path: Path) -> dict[str, Any]:
    """An expected.json; ConfigError when it is no such file."""
    try:
        expected = json.loads(path.read_text(encoding="utf-8"))
        if expected["schema"] != 1 or not expected["systems"]:
            raise ValueError("not of schema 1")
        for scores in expected["systems"].values():
            for score in scores.values():
                float(score["value"]) + float(score["tolerance"])
        dict(expected["suite"])
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path} holds no expected scores ({type(error).__name__}: {error}); write it with --write-expected."
        ) from error
    found: dict[str, Any] = expected
    return found


def deviations(results: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Deviation]:
    """Scores outside their tolerances, in the order of the file; what it doesn't name may be anything.

    Raises ConfigError when the run measured on other items than the file was written for.
    """
    suite = results["suite"]
    for key, value in expected["suite"].items():
        if suite.get(key) != value:
            raise ConfigError(
                f"the expected scores are for {key} {value!r} of the suite, and this run has {suite.get(key)!r}; "
                "run it as then, or write them anew with --write-expected."
            )
    systems = {system["name"]: system["metrics"] for system in results["systems"]}
    for name, scores in expected["systems"].items():
        for metric, score in scores.items():
            value = systems.get(name, {}).get(metric, {}).get("value")
            # not `> tolerance`: a score that is no number is outside
            if value is None or not abs(value - score["value"]) <= score["tolerance"]:
                yield Deviation(name, metric, score["value"], score["tolerance"], value)
