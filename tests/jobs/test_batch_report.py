"""The report counts right and shows nothing that a browser would obey; the sample's estimate means what it says."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from mtfix.cli.main import app
from mtfix.errors import ConfigError, InputError
from mtfix.jobs import tally
from mtfix.jobs.items import Outcome, record_of
from mtfix.jobs.job import Job
from mtfix.jobs.ledger import Ledger
from mtfix.jobs.report import page, report_of
from mtfix.jobs.sample import as_csv, draw, estimate, read_marks, shares, stratified_wilson
from mtfix.jobs.tally import Tally
from mtfix.types import Correction, Edit, Span

Start = Callable[..., Job]


def test_a_job_leaves_a_report(start: Start, tmp_path: Path, out: Path) -> None:
    texts = ["a final final", "odd", "victims", "CRASH <script>", "Guten Tag", "a final final"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    start(tmp_path / "rows.jsonl").report(engine="local", input="rows.jsonl")
    found = json.loads((out / "report.json").read_text())
    assert found["documents"] == {"all": 6, "failed": 1, "skipped": 1, "computed": 5, "duplicate": 1, "known": 0}
    assert found["words"] == {"all": 3 + 1 + 1 + 2 + 3, "computed": 3 + 1 + 1 + 2}
    assert found["edits"]["by_category"] == {
        "collocation": {"applied": 0, "suggested": 1}, "wrong-sense": {"applied": 4, "suggested": 0},
    }  # fmt: skip
    levels = {(row["from"], row["applied"], row["suggested"]) for row in found["edits"]["by_confidence"]}
    assert {(0.9, 4, 0), (0.4, 0, 1), (0.5, 0, 0)} <= levels
    assert {row["up_to"]: row["documents"] for row in found["damage"]} == {
        0.0: 1, 0.01: 0, 0.02: 0, 0.05: 0, 0.1: 0, 0.2: 0, 1.0: 4,
    }  # fmt: skip
    assert found["repairs"] == [{"original": "final", "replacement": "late", "count": 4}]
    assert found["failures"] == [{"document": "rows.jsonl:4", "error": "RuntimeError: too odd"}]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.found.add(tag)


def test_the_page_shows_hostile_text_as_text() -> None:
    seen = Tally()
    evil = '<script>alert(1)</script>"\u202e\ud800'
    edit = Edit(Span(0, 1), evil, evil, evil, 0.5, "x", True)  # type: ignore[arg-type]
    seen.add("a", Outcome(record_of(Correction("a", evil, (), (edit,)))), "computed")
    seen.add(evil, Outcome(None, evil), "computed")
    text = page(report_of(seen, state="finished", seconds=1.0, fingerprint=None, input=evil)).decode()
    tags = Tags()
    tags.feed(text)
    assert "script" not in tags.found
    assert {"h2", "table", "del"} <= tags.found
    assert "\u202e" not in text


def test_counts_of_repairs_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "_REPAIRS", 50)
    seen = Tally()
    for number in range(500):
        edits = tuple(Edit(Span(0, 1), "x", new, "other", 0.9, "x", True) for new in ("common", str(number)))
        seen.add("a", Outcome(record_of(Correction("x", "y", (), edits))), "computed")
    assert len(seen.repairs) <= 52
    assert seen.repairs.most_common(1) == [(("x", "common"), 500)]
    assert seen.repairs_dropped


# the sample


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.integers(20, 3000))
def test_shares_add_up(numbers: list[int], wanted: int) -> None:
    sizes = {str(index): size for index, size in enumerate(numbers)}
    found = shares(sizes, wanted)
    assert sum(found.values()) == min(wanted, sum(numbers))
    least = 2 if wanted >= 2 * len(numbers) else 1
    assert all(min(least, size) <= found[stratum] <= size for stratum, size in sizes.items())


def test_the_interval_covers_the_truth() -> None:
    """Simulated audits of a job with four strata: 95 % intervals hold the true precision in about 95 % of them."""
    rng = random.Random(5)
    strata = [(0.5, 0.98, 40), (0.3, 0.9, 25), (0.15, 0.7, 12), (0.05, 0.4, 4)]
    truth = sum(weight * p for weight, p, _ in strata)
    hits = widths = 0.0
    for _ in range(2000):
        seen = [(weight, sum(rng.random() < p for _ in range(n)) / n, n) for weight, p, n in strata]
        low, high = stratified_wilson(seen, 0.95)
        hits += low <= truth <= high
        widths += high - low
    assert 0.93 <= hits / 2000 <= 0.985
    assert widths / 2000 < 0.2
    assert stratified_wilson([(1.0, 0.9, 50)], 0.95) == pytest.approx((0.7864, 0.9565), abs=1e-4)  # plain Wilson
    low, high = stratified_wilson([(0.5, 1.0, 20), (0.5, 1.0, 20)], 0.95)
    assert 0.8 < low < 0.95
    assert high == pytest.approx(1.0)


def test_draw_judge_estimate(start: Start, tmp_path: Path, out: Path) -> None:
    rows = [f"row {n}: a final word; and {'final ' * (n % 3)}" for n in range(40)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in rows))
    start(tmp_path / "rows.jsonl")
    ledger = Ledger(out)
    drawn = draw(ledger.listed, 10, 3)
    assert drawn == draw(ledger.listed, 10, 3)
    assert drawn != draw(ledger.listed, 10, 4)
    with pytest.raises(ConfigError, match="no edits"):
        draw(lambda: [], 10, 3)
    ledger.close()
    assert len(drawn) == 10
    first = drawn[0]
    text = rows[int(first["document"].split(":")[1]) - 1]
    assert first["before"] + first["original"] + first["after"] in text
    assert (first["replacement"], first["stratum"], first["correct"]) == ("late", "wrong-sense/high", "")
    assert first["stratum_size"] == sum(text.count("final") for text in rows)

    run = CliRunner()
    audit = tmp_path / "audit.csv"
    assert run.invoke(app, ["batch", "sample", str(out), "-n", "10", "-o", str(audit)]).exit_code == 0
    judged = list(csv.DictReader(io.StringIO(audit.read_text(encoding="utf-8-sig"), newline="")))
    for number, row in enumerate(judged):
        row["correct"] = "n" if number == 0 else "Y" if number < 8 else ""
    audit.write_text("\ufeff" + as_csv(judged), encoding="utf-8")
    shown = run.invoke(app, ["batch", "sample", "--marks", str(audit)])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("precision 0.875 [0.529, 0.978] (8 of ")
    found = json.loads(run.invoke(app, ["batch", "sample", "--marks", str(audit), "--format", "json"]).stdout)
    assert found["precision"]["judged"] == 8
    assert found["by_category"]["wrong-sense"] == found["precision"]


def test_strata_are_weighed_by_size() -> None:
    row = {"category": "x"}
    marks = [
        *[{**row, "stratum": "big", "stratum_size": "900", "correct": "y"}] * 5,
        *[{**row, "stratum": "small", "stratum_size": "100", "correct": "n"}] * 5,
        {**row, "stratum": "unseen", "stratum_size": "7", "correct": ""},
    ]
    found = estimate(marks)
    assert found.precision == pytest.approx(0.9)
    assert (found.judged, found.of, found.left_out) == (10, 1000, 7)
    with pytest.raises(ConfigError, match="no edit has a mark"):
        estimate(marks[-1:])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no column 'category'"),
        ("stratum,stratum_size,category,correct\nx,5,c,perhaps\n", "'perhaps' is no mark"),
        ("stratum;stratum_size;category;correct\nx;five;c;y\n", "stratum_size is no number"),
    ],
)
def test_marks_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_marks(text, "audit.csv")
