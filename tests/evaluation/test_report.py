"""The report: one page on its own, with the numbers and examples of the run and nothing else."""

from __future__ import annotations

import json
import random
import shutil
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import LateSystem, Watcher, write_rows, write_suite
from hypothesis import given
from hypothesis import strategies as st

from mtfix.errors import InputError
from mtfix.evaluation import scores
from mtfix.evaluation.baselines.nothing import NothingBaseline
from mtfix.evaluation.items import Item, Output, ScoredSpan
from mtfix.evaluation.outputs import aligned
from mtfix.evaluation.report import write_report
from mtfix.evaluation.report.examples import MOST, pick
from mtfix.evaluation.report.svg import Bar, bars, tick, ticks
from mtfix.evaluation.runner import Plan, Runner
from mtfix.evaluation.suites import load_suite
from mtfix.evaluation.systems import Options, System
from mtfix.evaluation.table import interval

NASTY = '<script>alert("1")</script> & \'x\' </td><img src=x onerror=alert(2)> http://example.org/a.js'
HIDDEN = "\u202e\u0000\u001b[31m"
VOID = {"meta", "br", "img", "link", "input"}


class Page(HTMLParser):
    """Tags with attributes, text, and tables as lists of rows of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.tags, self.words = html, [], []
        self.tables: list[list[list[str]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open += [] if tag in VOID else [tag]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        return "".join(self.words)

    def headings(self, level: str = "h2") -> list[str]:
        return [part.partition(f"</{level}>")[0] for part in self.html.split(f"<{level}>")[1:]]

    def table(self, *head: str) -> list[list[str]]:
        """The rows of the only table with these first headings."""
        (found,) = [rows[1:] for rows in self.tables if tuple(rows[0][: len(head)]) == head]
        return found

    def examples(self, caption: str) -> list[str]:
        """The lines above the examples of all tables with such a caption."""
        parts = [part.partition("</table>")[0] for part in self.html.split("<caption>") if caption in part[:80]]
        return [line.partition("</th>")[0] for part in parts for line in part.split('scope="rowgroup">')[1:]]


class Scored(LateSystem):
    """LateSystem with a score for every word: high for "final", rising along the text for others."""

    threshold = 0.4

    def tag(self, items: Sequence[Item], outputs: Sequence[Output]) -> list[Output]:
        return [replace(o, tokens=tuple(self._scores(i))) for i, o in zip(items, outputs, strict=True)]

    def _scores(self, item: Item) -> Iterator[ScoredSpan]:
        for i, token in enumerate(item.tokens or ()):
            yield ScoredSpan(token, 0.9 if token.of(item.text) == "final" else min(0.8, i / 7))


class By(LateSystem):
    """Writes what a function makes of each text."""

    def __init__(self, name: str, change: Any) -> None:
        super().__init__(name)
        self.change = change

    def run(self, items: Iterable[Item]) -> Iterator[Output]:
        for item in items:
            corrected = self.change(item.text)
            yield Output(item.id, corrected, aligned(item.text, corrected), flags=())


def run(suite: Path, *systems: System, folder: Path, draws: int = 20) -> dict[str, Any]:
    plan = Plan(load_suite(suite), systems, (NothingBaseline(Options()),), folder)
    scorer = SimpleNamespace(accumulate=partial(scores.accumulate, draws=draws), compare=scores.compare)
    results = Runner(plan, scorer, Watcher()).results()
    results["created"] = "1999-12-31T23:59:59+00:00"
    (folder / "results.json").write_text(json.dumps(results))
    return results


def page(folder: Path) -> Page:
    return Page(write_report(folder).read_text(encoding="utf-8"))


def spun(folder: Path) -> Path:
    """References, spans and tags of two groups."""
    rows = []
    for i in range(12):
        text = f"his {'final' if i % 3 else 'old'} father met victims number {i}"
        start = text.index("victims")
        spans = [{"start": start, "end": start + 7, "category": "wrong-sense", "repairs": ["casualties"]}]
        if i % 3:
            spans.insert(0, {"start": 4, "end": 9, "category": "literal-idiom", "repairs": ["late"]})
        reference = text.replace("final", "late").replace("victims", "casualties")
        rows.append({"text": text, "ref": reference, "spans": spans, "topic": "war" if i % 2 else "home"})
    write_rows(folder / "rows.jsonl", rows)
    entry = {
        "path": "rows.jsonl", "format": "jsonl", "derive": ["tags"],
        "fields": {"text": "text", "references": "ref", "spans": "spans", "group": "topic"},
    }  # fmt: skip
    return write_suite(folder, [entry], kind="mixed", metrics=["detection", "spans", "correction", "filling"])


def clean(folder: Path) -> Path:
    rows = [{"text": f"her final word {i}", "kind": "verse" if i % 2 else "legal"} for i in range(8)]
    write_rows(folder / "clean.jsonl", rows)
    entry = {"path": "clean.jsonl", "format": "clean", "fields": {"text": "text", "group": "kind"}}
    return write_suite(folder, [entry], kind="clean", metrics=["harm"])


def test_every_number_is_that_of_the_results(tmp_path: Path) -> None:
    results = run(spun(tmp_path), Scored(), By("worse", lambda text: text.replace("his", "their")), folder=tmp_path)
    found = page(tmp_path)
    systems = results["systems"]
    rows = {row[0].split(",")[0].split(" ")[0]: row[1:] for row in found.table("score", "late", "worse", "none")}
    assert {"mcc", "ece", "ter", "span_f1", "repaired"} <= set(rows)
    for metric in systems[0]["metrics"]:
        shown = [cell.rstrip(" ▴▾") for cell in rows[metric]]
        assert shown == [interval(system["metrics"].get(metric)) for system in systems]
    compared = found.table("against")
    assert [[a, p] for a, *_, p in compared] == [
        [f"{row['system']} − {row['baseline']}", f"{row['p']:.3f}"] for row in results["comparisons"]
    ]
    curve = [row[1:] for row in found.table("system", "threshold") if row[0] == "late"]
    assert curve == [[f"{t:.2f}", f"{p:.3f}", f"{r:.3f}"] for r, p, t in systems[0]["curves"]["precision_recall"]]
    bins = [row[1:] for row in found.table("system", "mean score") if row[0] == "late"]
    assert bins == [[f"{x:.3f}", f"{y:.3f}", str(n)] for x, y, n in systems[0]["curves"]["reliability"]]
    parts = found.table("group", "system", "mcc ↑")
    assert ["war", "late", interval(systems[0]["groups"]["war"]["mcc"])] in parts
    for system in systems:
        assert system["signature"] in found.text


def test_marks_are_those_of_the_paired_tests(tmp_path: Path) -> None:
    results = run(spun(tmp_path), LateSystem(), folder=tmp_path, draws=300)
    rows = {row[0].split(" ")[0].rstrip(","): row[2] for row in page(tmp_path).table("score", "late", "none")}
    for test in results["comparisons"]:
        better = results["systems"][0]["metrics"][test["metric"]]["better"]
        behind = (test["difference"] > 0) == (better == "higher")
        times = 0 if not test["difference"] else (test["p"] < 0.05) + (test["p"] < 0.01)
        cell = rows[test["metric"]]
        assert (cell.count("▾"), cell.count("▴")) == ((times, 0) if behind else (0, times))
    assert any("▾▾" in cell for cell in rows.values())


def test_the_shipped_threshold_is_marked_on_the_curve(tmp_path: Path) -> None:
    results = run(spun(tmp_path), Scored(), folder=tmp_path)
    recall, precision, _ = next(
        point for point in results["systems"][0]["curves"]["precision_recall"] if point[2] == Scored.threshold
    )
    found = page(tmp_path)
    assert "late at 0.4" in found.text
    described = next(a["aria-label"] for t, a in found.tags if t == "svg" and "precision and recall" in str(a))
    assert f"late at 0.4: precision {precision:.3f}, recall {recall:.3f}" in described


def test_every_plot_is_told_in_words_and_as_a_table(tmp_path: Path) -> None:
    run(spun(tmp_path), Scored(), folder=tmp_path)
    found = page(tmp_path)
    plots = [attrs for tag, attrs in found.tags if tag == "svg" and attrs.get("class") == "plot"]
    assert len(plots) >= 6
    assert all(plot["role"] == "img" and len(plot["aria-label"]) > 30 for plot in plots)
    figures = found.html.split("<figure>")[1:]
    assert all("<table" in figure.partition("</figure>")[0] for figure in figures)


def test_nothing_comes_from_outside(tmp_path: Path) -> None:
    run(spun(tmp_path), Scored(), folder=tmp_path)
    found = page(tmp_path)
    assert not {"script", "link", "img", "iframe", "object", "image", "use"} & {tag for tag, _ in found.tags}
    linking = {"src", "srcset", "href", "xlink:href", "action", "data", "poster"}
    references = [value for _, attrs in found.tags for key, value in attrs.items() if key in linking]
    anchors = {attrs["id"] for _, attrs in found.tags if "id" in attrs}
    assert references
    assert {reference.removeprefix("#") for reference in references if reference} <= anchors
    style = found.html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "1999" not in found.html  # no date: the same run gives the same page


def test_hostile_text_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    rows = [
        {
            "id": f"{NASTY} {i}", "text": f"{NASTY}{HIDDEN} final {i} مرحبا", "ref": f"{NASTY} late {i}",
            "topic": f"{NASTY}{i % 2}",
            "spans": [{"start": 0, "end": 8, "category": NASTY, "repairs": [NASTY]}],
        }
        for i in range(4)
    ]  # fmt: skip
    write_rows(tmp_path / "rows.jsonl", rows)
    fields = {"id": "id", "text": "text", "references": "ref", "spans": "spans", "group": "topic"}
    entry = {"path": "rows.jsonl", "format": "jsonl", "fields": fields}
    suite = write_suite(
        tmp_path, [entry], description=NASTY, kind="mixed", metrics=["spans", "correction", "filling"],
    )  # fmt: skip
    results = run(suite, LateSystem(NASTY), LateSystem("ill", ill=("final 3",)), folder=tmp_path)
    results["systems"][1]["failed"][0]["reason"] = NASTY + HIDDEN + "\ud800"
    (tmp_path / "results.json").write_text(json.dumps(results))
    found = page(tmp_path)  # the parser checks that all tags are closed
    assert not {"script", "img"} & {tag for tag, _ in found.tags}
    assert not [key for _, attrs in found.tags for key in attrs if key.startswith("on")]
    assert found.text.count(NASTY) > 12
    assert not set(HIDDEN[:3]) & set(found.html)
    assert all(attrs.get("dir") == "auto" for tag, attrs in found.tags if tag == "td" and "dir" in attrs)
    assert "مرحبا" in found.text


def test_best_and_worst_are_the_right_ones_in_order(tmp_path: Path) -> None:
    """Every text has five bad words and five good ones; the system repairs k of them or spoils -k."""
    draw = random.Random(3)
    ks = [draw.randint(-5, 5) for _ in range(150)]
    rows = [{"id": f"i{i}", "text": f"{'bad ' * 5}{'good ' * 5}{i}", "ref": f"{'good ' * 10}{i}"} for i in range(150)]
    write_rows(tmp_path / "rows.jsonl", rows)
    entry = {"path": "rows.jsonl", "format": "jsonl", "fields": {"id": "id", "text": "text", "references": "ref"}}
    suite = write_suite(tmp_path, [entry])

    def change(text: str) -> str:
        k = ks[int(text.split()[-1])] if text.split()[-1].isdigit() else 0
        return text.replace("bad", "good", k) if k > 0 else text.replace("good", "awful", -k)

    run(suite, By("k", change), folder=tmp_path)
    found = page(tmp_path)
    order = range(len(ks))
    best = sorted((i for i in order if ks[i] > 0), key=lambda i: -ks[i])[:50]
    worst = sorted((i for i in order if ks[i] < 5), key=lambda i: ks[i])[:50]
    assert [line.split(" ")[1] for line in found.examples("best repairs")] == [f"i{i}" for i in best]
    assert [line.split(" ")[1] for line in found.examples("worst errors")] == [f"i{i}" for i in worst]
    assert "<caption>The 50 best repairs</caption>" in found.html


def test_the_worst_of_clean_text_has_most_edits(tmp_path: Path) -> None:
    draw = random.Random(5)
    edits = [draw.randint(0, 6) for _ in range(80)]
    write_rows(tmp_path / "clean.jsonl", [{"id": f"i{i}", "text": f"{'final, ' * n}{i}"} for i, n in enumerate(edits)])
    entry = {"path": "clean.jsonl", "format": "clean", "fields": {"id": "id", "text": "text"}}
    run(write_suite(tmp_path, [entry], kind="clean", metrics=["harm"]), LateSystem(), folder=tmp_path)
    worst = sorted((i for i, n in enumerate(edits) if n), key=lambda i: -edits[i])[:50]
    found = page(tmp_path)
    assert [line.split(" ")[1] for line in found.examples("worst errors")] == [f"i{i}" for i in worst]
    assert "Harm to good text" not in found.headings()  # one kind of text only: the table says it all


def test_parts_without_gold_are_not_drawn(tmp_path: Path) -> None:
    run(spun(tmp_path), Scored(), folder=tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())
    assert "home" in {row[0] for row in page(tmp_path).table("group", "system", "mcc ↑")}
    results["systems"][0]["groups"]["home"]["mcc"].update(value=0, low=0, high=0)
    (tmp_path / "results.json").write_text(json.dumps(results))
    assert {row[0] for row in page(tmp_path).table("group", "system", "mcc ↑")} == {"war"}


def test_edits_are_marked_where_they_are(tmp_path: Path) -> None:
    run(spun(tmp_path), LateSystem(), folder=tmp_path)
    html = page(tmp_path).html
    assert (
        '<td dir="auto">his <del>final</del> father met <u>victims</u> number 1</td>'
        '<td dir="auto">his <ins>late</ins> father met victims number 1</td>'
        '<td dir="auto">his <ins>late</ins> father met <ins>casualties</ins> number 1</td>'
    ) in html


def test_only_clean_text(tmp_path: Path) -> None:
    run(clean(tmp_path), LateSystem(), folder=tmp_path)
    found = page(tmp_path)
    assert found.headings() == ["Scores", "Harm to good text", "Errors and repairs"]
    assert found.examples("best repairs") == []
    assert len(found.examples("worst errors")) == 8
    assert {row[0] for row in found.table("kind of text", "system")} == {"legal", "verse"}
    assert not any("Reference" in table[0] for table in found.tables)


def test_only_tags(tmp_path: Path) -> None:
    rows = [
        {"text": f"his final father {i}", "tokens": ["his", "final", "father", str(i)], "bad": [0, 1, 0, i % 2]}
        for i in range(8)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    entry = {"path": "rows.jsonl", "format": "jsonl", "fields": {"text": "text", "tokens": "tokens", "bad": "bad"}}
    run(write_suite(tmp_path, [entry], kind="tags", metrics=["detection"]), Scored(), folder=tmp_path)
    found = page(tmp_path)
    assert found.headings()[:2] == ["Scores", "Detection"]
    assert not {"Harm to good text", "Kinds of damage", "What failed"} & set(found.headings())
    assert found.examples("best repairs") == []


def test_several_systems_have_their_own_examples_and_those_without_any_none(tmp_path: Path) -> None:
    systems = LateSystem("one"), By("two", lambda text: text.replace("victims", "casualties"))
    run(spun(tmp_path), *systems, folder=tmp_path)
    found = page(tmp_path)
    parts = found.html.split('<details class="system keep"')[1:]
    assert [part.partition("<summary>")[2].partition("<")[0] for part in parts] == ["one", "two"]
    assert [part.startswith(" open") for part in parts] == [True, False]
    assert "<ins>casualties</ins> number 3" in parts[1]


def test_what_failed_is_told(tmp_path: Path) -> None:
    run(spun(tmp_path), LateSystem(ill=("number 7",)), folder=tmp_path)
    found = page(tmp_path)
    assert found.headings()[-1] == "What failed"
    assert found.table("what") == [["late", "rows.jsonl:8", "ZeroDivisionError: ill"]]


def test_a_report_is_made_again_from_the_folder_alone(tmp_path: Path) -> None:
    run(spun(tmp_path), Scored(), folder=tmp_path / "out")
    first = write_report(tmp_path / "out").read_bytes()
    shutil.copytree(tmp_path / "out", tmp_path / "elsewhere")
    for path in tmp_path.glob("*.jsonl"):
        path.unlink()
    assert write_report(tmp_path / "elsewhere").read_bytes() == first


@pytest.mark.parametrize("name", ["results.json", "samples.jsonl"])
@pytest.mark.parametrize("content", [None, "{"])
def test_missing_and_damaged_files(tmp_path: Path, name: str, content: str | None) -> None:
    run(clean(tmp_path), LateSystem(), folder=tmp_path)
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=rf"{name} .*run mtfix evaluate"):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_memory_does_not_grow_with_the_samples() -> None:
    def rows(number: int) -> Iterator[dict[str, Any]]:
        for i in range(number):
            scores_ = {"edits": 1, "flags": 0, "improved": i % 7 - 3, "after": 2}
            text = f"{i}" * 400
            yield {"system": "s", "id": str(i), "text": text, "corrected": text, "clean": False, "scores": scores_}

    tracemalloc.start()
    found = pick(rows(20_000))["s"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(found.best), len(found.worst)) == (MOST, MOST)
    assert peak < 2_000_000  # all rows would be 40 MB


@given(st.floats(-1000, 1000), st.just(0.0) | st.floats(1e-4, 2000))
def test_ticks_enclose_the_values_and_are_few(low: float, size: float) -> None:
    found = ticks(low, low + size)
    steps = {round(b - a, 6) for a, b in pairwise(found)}
    assert found[0] <= low + 1e-6
    assert found[-1] >= low + size - 1e-6
    assert 2 <= len(found) <= 9
    assert max(steps) - min(steps) < 1e-5
    assert len({tick(mark, found) for mark in found}) == len(found)


def test_bars_are_as_long_as_their_values() -> None:
    values = [1.0, 4.0, -2.0]
    svg = Page(bars("a", "b", [("g", [Bar(0, v, None, None, str(v)) for v in values])]))
    widths = [float(attrs["width"]) for tag, attrs in svg.tags if tag == "rect"]
    starts = [float(attrs["x"]) for tag, attrs in svg.tags if tag == "rect"]
    assert [width / widths[0] for width in widths] == pytest.approx([1, 4, 2], rel=0.01)
    assert starts[0] == starts[1] == pytest.approx(starts[2] + widths[2], abs=0.2)
