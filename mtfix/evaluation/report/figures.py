"""What is drawn: figures from the numbers of results.json, each with the same numbers as a table.

A system without the numbers, or with nothing but zeros, is left out of a figure; a figure without systems
is left out of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from mtfix.evaluation.report.svg import Bar, Curve, Spot, bars, unit_square
from mtfix.evaluation.table import interval, label, number

System = Mapping[str, Any]
MOST = 40  # groups in a figure; the rest is in results.json
COMMONEST = 15  # categories in a figure
_PARTS = {
    "mcc": "Word detection by group (MCC)",
    "span_f1": "Wrong stretches by group (F1)",
    "errant_f05": "Edits by group (ERRANT F0.5)",
    "ter_change": "Change of TER by group",
    "exact": "Told spans filled exactly, by group (%)",
    "repaired": "Spans repaired by group (%)",
}
_HARM = {
    "edits_per_1000_words": "Edits of clean text by kind (per 1,000 words)",
    "flags_per_1000_words": "Flags on clean text by kind (per 1,000 words)",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """plots: SVGs, each under its heading (or ""). series: which systems the legend names. rows: cells of text."""

    title: str
    note: str
    plots: Sequence[tuple[str, str]]
    series: Sequence[int]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def detection(systems: Sequence[System]) -> Iterator[Figure]:
    """How well scores of words find the wrong ones, and whether they mean what they say."""
    curves = {i: c for i, s in enumerate(systems) if len(c := s["curves"].get("precision_recall", [])) > 1}
    if curves:
        yield _precision_recall(systems, curves)
    bins = {i: c for i, s in enumerate(systems) if len(c := s["curves"].get("reliability", [])) > 2}
    if bins:
        yield _reliability(systems, bins)


def _precision_recall(systems: Sequence[System], found: Mapping[int, Any]) -> Figure:
    spots, rows = [], []
    for i, points in found.items():
        name, threshold, metrics = systems[i]["name"], systems[i].get("threshold"), systems[i]["metrics"]
        if threshold is not None:
            # the curve's point nearest to it: the steps are as fine as thresholds are chosen
            recall, precision, cut = min(points, key=lambda p: abs(p[2] - threshold))
            spots.append(Spot(i, recall, precision, f"{name} at {cut:g}", hollow=True))
        if "recall" in metrics and "precision" in metrics:
            recall, precision = metrics["recall"]["value"], metrics["precision"]["value"]
            flags = Spot(i, recall, precision, f"{name}, flags")
            if not any(spot.series == i and _close(spot, flags) for spot in spots):
                spots.append(flags)
        rows += [[name, f"{cut:.2f}", f"{precision:.3f}", f"{recall:.3f}"] for recall, precision, cut in points]
    best = ", ".join(f"{systems[i]['name']} {_metric(systems[i], 'average_precision')}" for i in found)
    marks = [f"{s.text}: precision {s.y:.3f}, recall {s.x:.3f}" for s in spots]
    curves = [Curve(i, [(r, p) for r, p, _ in points]) for i, points in found.items()]
    title = "Finding wrong words: precision and recall"
    plot = unit_square(title, f"Average precision: {best}. {'; '.join(marks)}.", ("recall", "precision"), curves,
                       spots, size=480)  # fmt: skip
    note = (
        f"Average precision: {best}. A ring is the threshold from which a system flags a word by its score alone; "
        "a disc, where it lies elsewhere, is what its flags cover in the end."
    )
    return Figure(title, note, [("", plot)], list(found), ("system", "threshold", "precision", "recall"), rows)


def _close(a: Spot, b: Spot) -> bool:
    return abs(a.x - b.x) < 0.01 and abs(a.y - b.y) < 0.01


def _reliability(systems: Sequence[System], found: Mapping[int, Any]) -> Figure:
    title = "Are the scores probabilities? Reliability"
    plots, rows = [], []
    for i, points in found.items():
        name, ece = systems[i]["name"], _metric(systems[i], "ece")
        most = max(n for *_, n in points)
        sizes = [2 + 6 * sqrt(n / most) for *_, n in points]
        told = "; ".join(f"score {x:.2f}: {y:.2f} wrong" for x, y, _ in points)
        curve = Curve(i, [(x, y) for x, y, _ in points], sizes)
        plot = unit_square(f"{title}, {name}", f"Calibration error {ece}. {told}.", ("mean score", "share wrong"),
                           [curve], diagonal=True, size=262)  # fmt: skip
        plots.append((f"{name}\nECE {ece}", plot))
        rows += [[name, f"{x:.3f}", f"{y:.3f}", str(n)] for x, y, n in points]
    note = "ECE: expected calibration error. On the dotted line scores are probabilities; larger dots are more words."
    return Figure(title, note, plots, (), ("system", "mean score", "share wrong", "words"), rows)


def categories(systems: Sequence[System]) -> Iterator[Figure]:
    """What is found and repaired of each kind of damage."""
    named = [
        ("categories", "found", "Wrong stretches found, by category (recall, %)"),
        ("fillings", "repaired", "Spans repaired, by category (%)"),
        ("fillings", "exact", "Told spans filled exactly, by category (%)"),
    ]
    for curve, key, title in named:
        found = {
            i: {name: (t[key], t["spans"]) for name, t in s["curves"].get(curve, {}).items()}
            for i, s in enumerate(systems)
        }
        yield from _shares(title, "category", systems, found)
    types = [s["curves"].get("errant_types", {}) for s in systems]
    for title, other in (("Precision of edits by ERRANT type (%)", "fp"), ("Recall of edits by ERRANT type (%)", "fn")):
        found = {
            i: {name: (t["tp"], t["tp"] + t[other]) for name, t in tally.items()} for i, tally in enumerate(types)
        }
        yield from _shares(title, "type", systems, found)


Tallies = Mapping[int, Mapping[str, tuple[int, int]]]


def _shares(title: str, what: str, systems: Sequence[System], found: Tallies) -> Iterator[Figure]:
    """Bars of hits among cases, with 95 % intervals by Wilson (1927), the commonest first."""
    found = {i: tally for i, tally in found.items() if any(hits for hits, _ in tally.values())}
    without = [s["name"] for i, s in enumerate(systems) if i not in found]
    sizes: dict[str, int] = {}
    for tally in found.values():
        for name, (_, cases) in tally.items():
            sizes[name] = max(cases, sizes.get(name, 0))
    names = sorted((name for name in sizes if sizes[name]), key=lambda name: (-sizes[name], name))[:COMMONEST]
    cells: list[tuple[str, list[Bar]]] = []
    rows = []
    for name in names:
        group = []
        for i, tally in found.items():
            hits, cases = tally.get(name, (0, 0))
            if cases:
                group.append(Bar(i, 100 * hits / cases, *_wilson(hits, cases), f"{hits:g} of {cases}"))
                rows.append([name, systems[i]["name"], str(hits), str(cases), f"{100 * hits / cases:.1f}"])
        cells.append((name, group))
    if cells:
        note = "Whiskers are 95 % Wilson intervals of the shares."
        note += f" Not a single one: {', '.join(without)}." if without else ""
        note += _first_of(COMMONEST, sum(map(bool, sizes.values())))
        plot = bars(title, _told(systems, cells), cells)
        yield Figure(title, note, [("", plot)], list(found), (what, "system", "hits", "cases", "%"), rows)


def _wilson(hits: float, cases: float) -> tuple[float, float]:
    """The score interval of a share, in per cent."""
    z, share = 1.959964, hits / cases
    middle, half = share + z * z / (2 * cases), z * sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases))
    scale = 100 / (1 + z * z / cases)
    return max(0.0, (middle - half) * scale), min(100.0, (middle + half) * scale)


def harm(systems: Sequence[System]) -> Iterator[Figure]:
    """What is done to good text, by kind of text."""
    return _by_group(systems, _HARM, "kind of text")


def groups(systems: Sequence[System]) -> Iterator[Figure]:
    """Scores of the parts of the suite: languages, topics."""
    return _by_group(systems, _PARTS, "group")


def _by_group(systems: Sequence[System], metrics: Mapping[str, str], what: str) -> Iterator[Figure]:
    for metric, title in metrics.items():
        found = {i: scores for i, s in enumerate(systems) if any(map(_moves, (scores := _parts(s, metric)).values()))}
        # no edit is a result; a score of nothing but zeros means that a part has nothing to be scored
        every = [pair for scores in found.values() for pair in scores.items()]
        names = sorted({name for name, score in every if metric in _HARM or _moves(score)})
        cells, rows = [], []
        for name in names[:MOST]:
            some = [(i, scores[name]) for i, scores in found.items() if name in scores]
            cells.append((name or "(none)", [_bar(i, score) for i, score in some]))
            rows += [[name, systems[i]["name"], interval(score)] for i, score in some]
        if cells:
            shown = label(metric, next(iter(next(iter(found.values())).values())))
            note = f"Whiskers are 95 % bootstrap intervals.{_absent(systems, found)}{_first_of(MOST, len(names))}"
            plot = bars(title, _told(systems, cells), cells)
            yield Figure(title, note, [("", plot)], list(found), (what, "system", shown), rows)


def _parts(system: System, metric: str) -> dict[str, Mapping[str, Any]]:
    return {group: scores[metric] for group, scores in system["groups"].items() if metric in scores}


def _moves(score: Mapping[str, Any]) -> bool:
    return any(score.get(key) for key in ("value", "low", "high"))


def _bar(series: int, score: Mapping[str, Any]) -> Bar:
    return Bar(series, score["value"], score["low"], score["high"], number(score["value"]).replace("-", "−"))


def _absent(systems: Sequence[System], found: Iterable[int]) -> str:
    shown = set(found)
    names = [s["name"] for i, s in enumerate(systems) if i not in shown]
    return f" Zero, or without this score, in every part: {', '.join(names)}." if names else ""


def _first_of(shown: int, every: int) -> str:
    return f" Shown are {shown} of {every}; the rest is in results.json." if every > shown else ""


def _told(systems: Sequence[System], cells: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """The plot in words."""
    parts = ((name, ", ".join(f"{systems[bar.series]['name']} {bar.text}" for bar in found)) for name, found in cells)
    return "; ".join(f"{name}: {told}" for name, told in parts)


def _metric(system: System, name: str) -> str:
    return interval(system["metrics"].get(name))


SECTIONS: Sequence[tuple[str, str, Callable[[Sequence[System]], Iterator[Figure]]]] = (
    ("detection", "Detection", detection),
    ("categories", "Kinds of damage", categories),
    ("harm", "Harm to good text", harm),
    ("groups", "Parts of the suite", groups),
)
