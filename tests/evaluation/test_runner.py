"""Runs: what is scored, kept, taken up again, timed, told and compared."""

from __future__ import annotations

import json
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import CountingScores, LateSystem, TaggingSystem, Watcher, pairs, write_rows, write_suite

from mtfix.errors import ConfigError, InputError, ModelError
from mtfix.evaluation import stream
from mtfix.evaluation.baselines.nothing import NothingBaseline
from mtfix.evaluation.regression import deviations, expected_from, read_expected
from mtfix.evaluation.runner import Plan, Runner
from mtfix.evaluation.suites import load_suite
from mtfix.evaluation.systems import Options, System, make


def run(suite: Path, *systems: System, folder: Path, **more: Any) -> tuple[dict[str, Any], Watcher, Runner]:
    watcher = Watcher()
    plan = Plan(load_suite(suite), systems, (NothingBaseline(Options()),), folder, **more)
    runner = Runner(plan, CountingScores(), watcher)
    return runner.results(), watcher, runner


def samples(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]


def cached(folder: Path) -> Path:
    (path,) = folder.glob("outputs.*.jsonl")
    return path


def outputs(folder: Path) -> list[str]:
    rows = map(json.loads, cached(folder).read_text().splitlines())
    return [row["output"]["corrected"] for row in rows if "output" in row]


def test_results(tmp_path: Path) -> None:
    results, watcher, _ = run(pairs(tmp_path), LateSystem(), folder=tmp_path / "out")
    late, none = results["systems"]
    assert results["schema"] == 1
    assert results["suite"]["name"] == "tiny"
    assert results["suite"]["hash"] == load_suite(tmp_path / "tiny.yaml").hash
    assert (results["suite"]["items"], results["suite"]["licence"]) == (6, "CC0-1.0")
    assert (late["name"], late["baseline"], late["metrics"]["right"]["value"]) == ("late", False, 1.0)
    assert (none["name"], none["baseline"], none["metrics"]["right"]["value"]) == ("none", True, 0.5)
    assert results["comparisons"] == [
        {"system": "late", "baseline": "none", "metric": "right", "difference": 0.5, "low": 0.5, "high": 0.5, "p": 0.5}
    ]
    assert watcher.begun == [("late", 6), ("none", 6)]
    assert (watcher.steps, watcher.notes) == (12, [])
    json.dumps(results)


def test_signatures_tell_suite_data_system_and_settings(tmp_path: Path) -> None:
    results, _, _ = run(pairs(tmp_path), LateSystem(setting=3), folder=tmp_path, limit=4, seed=9)
    signature = results["systems"][0]["signature"]
    digest = results["suite"]["hash"][:12]
    assert f"|suite:tiny@1|data:{digest}|items:4|seed:9|system:late|setting:3|sacrebleu:" in signature
    assert signature.startswith("mtfix:")
    assert results["systems"][0]["settings"]["setting"] == 3


def test_samples_hold_every_item_with_what_every_system_made_of_it(tmp_path: Path) -> None:
    run(pairs(tmp_path, 2), LateSystem(), folder=tmp_path)
    rows = samples(tmp_path)
    assert [(row["system"], row["id"]) for row in rows] == [
        ("late", "pairs.jsonl:1"), ("late", "pairs.jsonl:2"), ("none", "pairs.jsonl:1"), ("none", "pairs.jsonl:2"),
    ]  # fmt: skip
    repaired, left = rows[1], rows[3]
    assert (repaired["text"], repaired["corrected"]) == ("his final father 1", "his late father 1")
    assert (repaired["group"], repaired["references"]) == ("news", ["his late father 1"])
    assert [(e["start"], e["end"], e["replacement"]) for e in repaired["edits"]] == [(4, 9, "late")]
    assert repaired["scores"] == {"right": 1, "edits": 1, "flags": 0, "before": 1, "after": 0, "improved": 1}
    assert left["scores"] == {"right": 0, "edits": 0, "flags": 0, "before": 1, "after": 1, "improved": 0}
    assert repaired["sha256"] == left["sha256"] != rows[0]["sha256"]
    assert len(repaired["sha256"]) == 64


def test_items_come_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BATCH", 4)
    system = LateSystem()
    run(pairs(tmp_path, 10), system, folder=tmp_path)
    assert list(map(len, system.batches)) == [4, 4, 2]


def test_a_finished_run_is_not_computed_again(tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    first, _, _ = run(suite, LateSystem(), folder=tmp_path)
    again = LateSystem()
    second, _, _ = run(suite, again, folder=tmp_path)
    assert again.batches == []
    assert second == first  # speed included: it is that of the run that did the work
    assert first["systems"][0]["speed"]["words_per_second"] > 0
    assert first["systems"][0]["speed"]["cold_start_seconds"] >= 0
    assert first["systems"][1]["speed"]["words_per_second"] is None
    assert len(outputs(tmp_path)) == 6


@pytest.mark.parametrize("torn", [False, True])
def test_an_interrupted_run_goes_on(tmp_path: Path, torn: bool) -> None:
    suite = pairs(tmp_path)
    whole, _, _ = run(suite, LateSystem(), folder=tmp_path)
    kept = cached(tmp_path).read_bytes().splitlines(keepends=True)[:4]  # a header and three outputs
    cached(tmp_path).write_bytes(b"".join(kept)[: -10 if torn else None])
    again = LateSystem()
    results, _, _ = run(suite, again, folder=tmp_path)
    assert [len(batch) for batch in again.batches] == [4 if torn else 3]
    assert outputs(tmp_path) == [f"his late father {i}" for i in range(6)]
    assert results["systems"][0]["metrics"] == whole["systems"][0]["metrics"]


def test_a_cache_torn_in_its_first_line_is_begun_anew(tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    run(suite, LateSystem(), folder=tmp_path)
    header = cached(tmp_path).read_bytes().splitlines(keepends=True)[0]
    cached(tmp_path).write_bytes(header[:20])
    run(suite, LateSystem(), folder=tmp_path)
    assert cached(tmp_path).read_bytes().startswith(header)
    assert len(outputs(tmp_path)) == 6


def test_outputs_of_other_texts_are_computed_again(tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    run(suite, LateSystem(), folder=tmp_path)
    rows = cached(tmp_path).read_text().splitlines()
    cached(tmp_path).write_text("\n".join([*rows[:2], rows[3], rows[2], *rows[4:]]) + "\n")
    again = LateSystem()
    run(suite, again, folder=tmp_path)
    assert [len(batch) for batch in again.batches] == [5]
    assert outputs(tmp_path) == [f"his late father {i}" for i in range(6)]


def test_other_settings_or_data_use_other_caches(tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    run(suite, LateSystem(), folder=tmp_path)
    other = LateSystem(setting=1)
    run(suite, other, folder=tmp_path)
    assert len(other.batches) == 1
    write_rows(tmp_path / "pairs.jsonl", [{"text": "new", "ref": "new"}])
    changed = LateSystem()
    run(suite, changed, folder=tmp_path)
    assert changed.batches == [["new"]]
    assert len(list(tmp_path.glob("outputs.late.*.jsonl"))) == 3


def test_a_larger_limit_goes_on_from_a_smaller_one(tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    small, _, _ = run(suite, LateSystem(), folder=tmp_path, limit=2)
    again = LateSystem()
    large, _, _ = run(suite, again, folder=tmp_path, limit=5)
    assert (small["suite"]["items"], large["suite"]["items"]) == (2, 5)
    assert [len(batch) for batch in again.batches] == [3]
    third = LateSystem()
    run(suite, third, folder=tmp_path, limit=1)
    assert third.batches == []
    assert len(outputs(tmp_path)) == 5  # nothing is thrown away


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")
def test_two_runs_do_not_write_one_cache(tmp_path: Path) -> None:
    suite = pairs(tmp_path)

    class Nested(LateSystem):
        def run(self, items: Any) -> Any:
            chosen = list(items)
            if chosen[0].id != "warm-up":
                run(suite, LateSystem(), folder=tmp_path)
            return super().run(chosen)

    with pytest.raises(InputError, match="another run is writing"):
        run(suite, Nested(), folder=tmp_path)


def test_an_item_that_fails_is_recorded_and_the_rest_goes_on(tmp_path: Path) -> None:
    suite = pairs(tmp_path)
    results, watcher, runner = run(suite, LateSystem(ill=["father 3"]), folder=tmp_path)
    late = results["systems"][0]
    assert (late["failures"], runner.failures) == (1, 1)
    assert late["failed"] == [{"id": "pairs.jsonl:4", "reason": "ZeroDivisionError: ill"}]
    assert late["metrics"]["right"]["value"] == 5 / 6  # it counts as left alone
    assert watcher.notes == ["late: no output for 1 of 6 items, first for pairs.jsonl:4: ZeroDivisionError: ill"]
    assert samples(tmp_path)[3]["failed"] == "ZeroDivisionError: ill"
    again = LateSystem()
    assert run(suite, again, folder=tmp_path)[0]["systems"][0]["failures"] == 1
    assert again.batches == []


def test_a_system_without_its_model_ends_the_run(tmp_path: Path) -> None:
    class Modelless(LateSystem):
        def start(self) -> None:
            raise ModelError("no model")

    with pytest.raises(ModelError, match="no model"):
        run(pairs(tmp_path), Modelless(), folder=tmp_path)


def test_broken_rows_are_told_and_counted(tmp_path: Path) -> None:
    rows = [{"text": "a", "references": "a"}, "{", *["[]"] * 22]
    write_rows(tmp_path / "a.jsonl", rows)
    suite = write_suite(tmp_path, [{"path": "a.jsonl", "format": "jsonl"}])
    results, watcher, runner = run(suite, LateSystem(), folder=tmp_path)
    assert (results["suite"]["items"], results["suite"]["broken_rows"], runner.broken) == (1, 23, 23)
    assert watcher.notes[0].startswith(f"{tmp_path / 'a.jsonl'}:2: row left out: not JSON")
    assert watcher.notes[20:] == ["3 more rows left out"]
    assert len(results["suite"]["broken"]) == 20
    write_rows(tmp_path / "a.jsonl", ["{"])
    with pytest.raises(InputError, match="the suite tiny has no item that can be used"):
        run(suite, LateSystem(), folder=tmp_path)


def test_only_what_the_metrics_need_is_asked_for(tmp_path: Path) -> None:
    row = {"text": "a final word", "tokens": ["a", "final", "word"], "bad": [0, 1, 0]}
    write_rows(tmp_path / "a.jsonl", [{**row, "spans": [{"start": 2, "end": 7}]}])
    data = [{"path": "a.jsonl", "format": "jsonl"}]

    def made(*metrics: str) -> tuple[dict[str, Any], int]:
        suite = write_suite(tmp_path, data, metrics=list(metrics))
        system = TaggingSystem()
        folder = tmp_path / "-".join(metrics)
        run(suite, system, folder=folder)
        lines = map(json.loads, cached(folder).read_text().splitlines())
        return next(line["output"] for line in lines if "output" in line), len(system.batches)

    found, batches = made("detection")
    assert (len(found["tokens"]), found["filled"], batches) == (3, None, 0)
    found, batches = made("detection", "correction")
    assert (len(found["tokens"]), found["corrected"], batches) == (3, "a late word", 1)
    found, batches = made("spans", "filling")
    assert (found["tokens"], found["filled"], batches) == (None, [["late"]], 1)


def test_outputs_of_another_tool(tmp_path: Path) -> None:
    suite = pairs(tmp_path, 4)
    lines = write_rows(tmp_path / "theirs.txt", [f"his late father {i}" for i in range(5)])
    results, watcher, _ = run(suite, make(f"file:{lines}", Options()), folder=tmp_path)
    assert results["systems"][0]["metrics"]["right"]["value"] == 1.0
    assert [e["replacement"] for e in samples(tmp_path)[1]["edits"]] == ["late"]
    assert watcher.notes == [f"{lines} has 1 more rows than the suite has items"]
    assert not list(tmp_path.glob("outputs.*"))
    write_rows(lines, ["his late father 0"])
    with pytest.raises(InputError, match="ends after 1 lines and the suite goes on"):
        run(suite, make(f"file:{lines}", Options()), folder=tmp_path)


def test_outputs_of_another_tool_as_rows(tmp_path: Path) -> None:
    suite = pairs(tmp_path, 4)
    edit = {"start": 4, "end": 9, "replacement": "late"}
    good = {"text": "his final father 1", "corrected": "his late father 1", "edits": [edit], "flags": [edit]}
    rows = [{"corrected": "his late father 0"}, good, "{", {**good, "text": "his final father 3"}]
    path = write_rows(tmp_path / "theirs.jsonl", rows)
    results, _, _ = run(suite, make(f"file:{path}", Options()), folder=tmp_path)
    theirs = results["systems"][0]
    assert [row["id"] for row in theirs["failed"]] == ["pairs.jsonl:3", "pairs.jsonl:4"]
    assert "JSONDecodeError" in theirs["failed"][0]["reason"]
    assert "the edits do not turn the text into what is in 'corrected'" in theirs["failed"][1]["reason"]
    assert samples(tmp_path)[1]["flags"][0]["start"] == 4
    write_rows(path, [good])
    with pytest.raises(InputError, match="line 1 was made from another text"):
        run(suite, make(f"file:{path}", Options()), folder=tmp_path)


def test_rows_with_ids_may_come_in_any_order(tmp_path: Path) -> None:
    suite = pairs(tmp_path, 3)
    rows = [{"id": f"pairs.jsonl:{i + 1}", "corrected": f"his late father {i}"} for i in (2, 0)]
    path = write_rows(tmp_path / "theirs.jsonl", rows)
    results, _, _ = run(suite, make(f"file:{path}", Options()), folder=tmp_path)
    theirs = results["systems"][0]
    assert theirs["metrics"]["right"]["value"] == 2 / 3
    assert "no row with the id 'pairs.jsonl:2'" in theirs["failed"][0]["reason"]


def test_items_that_share_an_id_take_a_row_each(tmp_path: Path) -> None:
    write_rows(tmp_path / "data.jsonl", ({"id": "same", "text": f"his final father {i}"} for i in range(3)))
    suite = write_suite(tmp_path, [{"path": "data.jsonl", "format": "jsonl", "fields": {"id": "id"}}])
    rows = [{"id": "same", "text": f"his final father {i}", "corrected": f"his late father {i}"} for i in range(2)]
    path = write_rows(tmp_path / "theirs.jsonl", rows)
    results, _, _ = run(suite, make(f"file:{path}", Options()), folder=tmp_path)
    assert [row["corrected"] for row in samples(tmp_path)[:2]] == ["his late father 0", "his late father 1"]
    assert "no row with the id 'same'" in results["systems"][0]["failed"][0]["reason"]


def test_unknown_systems_are_refused() -> None:
    with pytest.raises(ConfigError, match="unknown system 'magic': choose mtfix, file:PATH, or one of none, lexicon"):
        make("magic", Options())
    with pytest.raises(InputError, match=r"none\.txt cannot be read"):
        make("file:none.txt", Options()).start()


def test_expected_scores(tmp_path: Path) -> None:
    results, _, _ = run(pairs(tmp_path), LateSystem(), folder=tmp_path)
    path = tmp_path / "expected.json"
    path.write_text(json.dumps(expected_from(results)))
    expected = read_expected(path)
    assert expected["systems"]["late"]["right"] == {"value": 1.0, "tolerance": 0.122474}  # 1.5 * 0.2 / √6
    assert list(deviations(results, expected)) == []
    expected["systems"]["none"]["right"]["value"] = 0.63
    expected["systems"]["late"]["wrong"] = {"value": 1.0, "tolerance": 9}
    assert [str(found) for found in deviations(results, expected)] == [
        "late wrong: missing, expected 1 ± 9",
        "none right: 0.5, expected 0.63 ± 0.122474",
    ]
    results["systems"][0]["metrics"]["right"]["value"] = float("nan")
    assert [found.metric for found in deviations(results, expected)] == ["right", "wrong", "right"]
    expected["suite"]["items"] = 7
    with pytest.raises(ConfigError, match="are for items 7 of the suite, and this run has 6"):
        list(deviations(results, expected))
    for content in ("{", "[]", '{"schema": 1, "systems": {"a": {"b": 1}}}'):
        path.write_text(content)
        with pytest.raises(ConfigError, match="holds no expected scores"):
            read_expected(path)


def test_rare_edits_of_good_text_are_not_expected_to_be_so_many() -> None:
    score = {"value": 0.0, "low": 0.0, "high": 0.0, "better": "lower"}
    suite = {"name": "s", "version": "1", "hash": "0", "items": 9, "seed": 1}
    metrics = {"edits_per_1000": score, "numbers_changed": score}
    found = expected_from({"suite": suite, "systems": [{"name": "a", "metrics": metrics}]})
    assert found["systems"]["a"] == {"numbers_changed": {"value": 0.0, "tolerance": 1e-4}}


def test_results_do_not_depend_on_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = pairs(tmp_path)
    one, _, _ = run(suite, LateSystem(), folder=tmp_path / "one")
    monkeypatch.setattr(stream, "BATCH", 1)
    two, _, _ = run(suite, LateSystem(), folder=tmp_path / "two")
    assert one["systems"][0]["metrics"] == two["systems"][0]["metrics"]
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")


def test_an_output_is_the_same_after_the_cache(tmp_path: Path) -> None:
    from mtfix.evaluation.items import Output

    suite = pairs(tmp_path)
    run(suite, TaggingSystem(), folder=tmp_path)
    row = next(r for r in map(json.loads, cached(tmp_path).read_text().splitlines()) if "output" in r)
    output = Output.from_dict(row["output"])
    assert output.to_dict() == row["output"]
    assert Output.from_dict(replace(output, failed="why").to_dict()).failed == "why"


def test_memory_does_not_grow_with_the_suite(tmp_path: Path) -> None:
    def peak(number: int) -> int:
        suite = pairs(tmp_path, number)
        tracemalloc.start()
        run(suite, folder=tmp_path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)  # imports
    assert peak(1000) - peak(200) < 120_000  # 800 items with their outputs take several times as much
