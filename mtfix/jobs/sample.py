"""A sample of applied edits for people to judge, and the precision that their marks speak for.

Edits are divided into strata by category and confidence. Each stratum is drawn from at random, in proportion to its
size but with at least two edits where it has them. The estimate weighs the strata by their sizes; its interval is the
stratified Wilson interval: the sum of the strata's Wilson intervals, their quantile shrunk so that the whole has the
wanted level (Yan and Su, Statistics in Biopharmaceutical Research 2(3), 2010). Unlike normal intervals it does not
collapse where all marks agree. That strata are finite is not used, which makes it somewhat wide when much of a job was
judged.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from mtfix.errors import ConfigError, InputError
from mtfix.jobs.ledger import Listed

BANDS = (0.6, 0.8)  # of confidence, between strata
LEAST = 2  # edits of a stratum
COLUMNS = (
    "stratum", "stratum_size", "document", "before", "original", "replacement", "after", "category", "confidence",
    "correct",
)  # fmt: skip
_YES, _NO = frozenset({"1", "y", "yes", "true"}), frozenset({"0", "n", "no", "false"})


@dataclass(frozen=True, slots=True)
class Estimate:
    """Share of edits that are right, with a 95 % interval. judged: edits with a mark; of: all that they stand for.

    left_out: edits in strata without any mark, for which nothing is said.
    """

    precision: float
    low: float
    high: float
    judged: int
    of: int
    left_out: int = 0


def draw(documents: Callable[[], Iterable[Listed]], number: int, seed: int) -> list[dict[str, Any]]:
    """Rows of COLUMNS with `correct` empty, in the order of the documents. documents: begins anew with every call.

    Raises ConfigError when there are no edits, or more strata than `number`.
    """
    sizes = Counter(stratum for _, _, _, stratum in _edits(documents()))
    if not sizes:
        raise ConfigError("the job applied no edits; there is nothing to judge.")
    if number < len(sizes):
        raise ConfigError(f"the edits fall into {len(sizes)} strata; draw at least as many, better many more.")
    chosen = {
        stratum: set(random.Random(f"{seed}/{stratum}").sample(range(sizes[stratum]), share))
        for stratum, share in shares(sizes, number).items()
    }
    seen: Counter[str] = Counter()
    rows = []
    for name, edit, (before, after), stratum in _edits(documents()):
        if seen[stratum] in chosen[stratum]:
            values = (
                stratum, sizes[stratum], name, before, edit["original"], edit["replacement"], after, edit["category"],
                edit["confidence"], "",
            )  # fmt: skip
            rows.append(dict(zip(COLUMNS, values, strict=True)))
        seen[stratum] += 1
    return rows


def shares(sizes: Mapping[str, int], number: int) -> dict[str, int]:
    """How many to draw of each stratum: LEAST or all there are, the rest in proportion; `number` in all if possible."""
    least = min(LEAST, number // len(sizes))
    found = {stratum: min(size, least) for stratum, size in sizes.items()}
    while (left := min(number, sum(sizes.values())) - sum(found.values())) > 0:
        open_ = {stratum: size for stratum, size in sizes.items() if found[stratum] < size}
        total = sum(open_.values())
        # the largest claims first; at least one is granted in each round
        for stratum, size in sorted(open_.items(), key=lambda pair: (-pair[1], pair[0])):
            granted = min(max(1, left * size // total), size - found[stratum], number - sum(found.values()))
            found[stratum] += max(0, granted)
    return found


def _edits(documents: Iterable[Listed]) -> Iterator[tuple[str, dict[str, Any], tuple[str, str], str]]:
    for document in documents:
        if document.record is not None:
            for edit, context in zip(document.record["edits"], document.record["contexts"], strict=True):
                if edit["applied"]:
                    band = sum(edit["confidence"] >= limit for limit in BANDS)
                    yield document.name, edit, tuple(context), f"{edit['category']}/{('low', 'middle', 'high')[band]}"


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_marks(text: str, name: str) -> list[dict[str, str]]:
    """The rows of a sample that was judged; `correct` says yes or no, or nothing yet. Raises InputError."""
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if text[:40].count(";") > 1 else ",")
    if lacking := {"stratum", "stratum_size", "category", "correct"} - set(reader.fieldnames or ()):
        raise InputError(f"{name}: no column {min(lacking)!r}; give a file made by `mtfix batch sample`.")
    rows = []
    for row in reader:
        mark = (row["correct"] or "").strip().lower()
        if mark not in _YES | _NO | {""}:
            raise InputError(f"{name}:{reader.line_num}: {mark!r} is no mark; write y or n under correct.")
        if not (row["stratum_size"] or "").isdigit():
            raise InputError(f"{name}:{reader.line_num}: stratum_size is no number; leave it as it was drawn.")
        rows.append({**row, "correct": mark})
    return rows


def estimate(rows: Sequence[Mapping[str, str]], level: float = 0.95) -> Estimate:
    """The precision of all edits that the rows stand for. Raises ConfigError when none has a mark."""
    sizes = {row["stratum"]: int(row["stratum_size"]) for row in rows}
    marks: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        if row["correct"]:
            marks[row["stratum"]].append(row["correct"] in _YES)
    if not marks:
        raise ConfigError("no edit has a mark; write y or n into the column correct.")
    total = sum(sizes[stratum] for stratum in marks)
    strata = [(sizes[s] / total, sum(found) / len(found), len(found)) for s, found in sorted(marks.items())]
    low, high = stratified_wilson(strata, level)
    precision = sum(weight * share for weight, share, _ in strata)
    judged = sum(number for _, _, number in strata)
    return Estimate(precision, low, high, judged, total, sum(sizes.values()) - total)


def by_category(rows: Sequence[Mapping[str, str]]) -> dict[str, Estimate]:
    """The same for each category with marks."""
    judged = sorted({row["category"] for row in rows if row["correct"]})
    return {name: estimate([row for row in rows if row["category"] == name]) for name in judged}


def stratified_wilson(strata: Sequence[tuple[float, float, int]], level: float) -> tuple[float, float]:
    """The interval for strata of (weight, share, number judged); weights sum to 1."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    # standard errors as in Wilson's interval, which are not 0 where all marks agree
    errors = [
        weight * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n) for weight, p, n in strata
    ]
    shrunk = z * sum(error * error for error in errors) ** 0.5 / sum(errors)
    bounds = [_wilson(p, n, shrunk) for _, p, n in strata]
    low = sum(weight * bound[0] for (weight, _, _), bound in zip(strata, bounds, strict=True))
    high = sum(weight * bound[1] for (weight, _, _), bound in zip(strata, bounds, strict=True))
    return max(0.0, low), min(1.0, high)


def _wilson(p: float, n: int, z: float) -> tuple[float, float]:
    middle = p + z * z / (2 * n)
    half = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
