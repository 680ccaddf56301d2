"""What is kept of a long suite does not grow with it, and its scores are those of every item all the same."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from fakes import write_rows

from mtfix.evaluation.items import GoldSpan, Item, Output, OutputEdit, ScoredSpan
from mtfix.evaluation.outputs import FileSystem
from mtfix.evaluation.scores import accumulate, accumulator, compare, correction, detection, gleu
from mtfix.types import Span

METRICS = ["detection", "spans", "correction", "gleu", "filling", "harm"]


def items(number: int, groups: int = 2, references: int = 1) -> Iterator[tuple[Item, Output]]:
    """Sentences with one wrong word, which is flagged, scored and repaired now and then."""
    generator = np.random.default_rng(5)
    for i in range(number):
        text = f"It was the final father {i}."
        spans = tuple(Span(a, b) for a, b in ((0, 2), (3, 6), (7, 10), (11, 16), (17, 23)))
        right = tuple(text.replace("final", word) for word in ("late", "dead", "lost")[:references])
        scores = tuple(ScoredSpan(s, float(p)) for s, p in zip(spans, generator.random(5), strict=True))
        edits = (OutputEdit(spans[3], "late"),) if generator.random() < 0.5 else ()
        flags = tuple(s for s in scores if s.score > 0.7)
        item = Item(
            str(i), text, right, spans, (False, False, False, True, False), None,
            (GoldSpan(spans[3], repairs=("late",)),), clean=i % 3 == 0, group=f"g{i % groups}",
        )  # fmt: skip
        yield item, Output(str(i), right[0] if edits else text, edits, flags, scores)


def scored(number: int, metrics: list[str] = METRICS, **more: int) -> accumulator.Accumulator:
    found = accumulate(metrics, draws=100)
    for item, output in items(number, **more):
        found.add(item, output)
    return found


def test_scores_in_blocks_are_those_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scored(300).result()
    monkeypatch.setattr(accumulator, "BLOCKS", 40)
    blocks = scored(300)
    assert len(next(blocks.resampled(1))) == 2 * 40
    result = blocks.result()
    assert result["counts"] == whole["counts"]
    for part, other in ((result["metrics"], whole["metrics"]), (result["groups"]["g1"], whole["groups"]["g1"])):
        assert list(part) == list(other)
        for name, score in part.items():
            assert score["value"] == pytest.approx(other[name]["value"], abs=1e-5), name
    # the intervals are of the same width, as far as a hundred draws can tell
    for name in ("ter", "gleu", "mcc_flags", "average_precision", "repaired", "flags_per_1000"):
        width, expected = (r["metrics"][name]["high"] - r["metrics"][name]["low"] for r in (result, whole))
        assert expected * 0.5 < width < expected * 2, name


def test_comparisons_in_blocks_are_paired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accumulator, "BLOCKS", 40)
    ours, none = scored(200), accumulate(METRICS, draws=100)
    for item, _ in items(200):
        none.add(item, Output(item.id, item.text, flags=()))
    found = compare(ours, none)["ter"]
    assert found["high"] < 0
    with pytest.raises(ValueError, match="same items"):
        compare(ours, scored(201))


def test_words_that_look_the_same_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = scored(300, ["detection"])
    monkeypatch.setattr(detection, "ROOM", 200)
    monkeypatch.setattr(accumulator, "BLOCKS", 10)
    merged = scored(300, ["detection"])
    assert len(merged.families["detection"]._frozen[0].score) < 5 * 300
    assert merged.result()["counts"] == exact.result()["counts"]
    found, expected = merged.values(), exact.values()
    for name in set(expected) - {"average_precision", "ece"}:
        assert found[name] == pytest.approx(expected[name]), name
    assert found["average_precision"] == pytest.approx(expected["average_precision"], abs=2e-3)
    assert found["ece"] == pytest.approx(expected["ece"], abs=2e-3)


def test_a_resample_scores_as_the_drawn_items_do(monkeypatch: pytest.MonkeyPatch) -> None:
    # the best threshold is that of the whole suite, whatever is drawn
    monkeypatch.setattr(detection, "_best_cut", lambda _: 0.4)
    gaps = (False, False, True, False, False, False)
    pairs = [(replace(item, gaps=gaps), _coarse(output)) for item, output in items(30)]
    every, drawn = accumulate(METRICS), accumulate(METRICS)
    weights = np.random.default_rng(3).integers(0, 4, len(pairs))
    for times, (item, output) in zip(weights, pairs, strict=True):
        every.add(item, output)
        for _ in range(times):
            drawn.add(item, output)
    assert every.values(weights.astype(float)) == pytest.approx(drawn.values(), abs=1e-6)


def _coarse(output: Output) -> Output:
    """With scores of one decimal, so that many are equal, and some gaps."""
    tokens = tuple(replace(token, score=round(token.score, 1)) for token in output.tokens or ())
    return replace(output, tokens=tokens, gaps=(ScoredSpan(Span(7, 7), tokens[0].score),))


def test_gleu_keeps_fewer_rounds_of_many_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scored(200, ["gleu"], references=3).values()
    monkeypatch.setattr(gleu, "CELLS", 10_000)
    fewer = scored(200, ["gleu"], references=3)
    assert fewer.families["gleu"]._after.shape[1] < 100
    assert fewer.values()["gleu"] == pytest.approx(whole["gleu"], abs=0.01)


def test_a_second_reference_that_comes_late_changes_no_round_before() -> None:
    single, several = list(items(5)), list(items(10, references=2))[5:]
    late = accumulate(["gleu"])
    early = gleu.Gleu()
    early._begin_rounds()  # as if the first item had several
    for n, (item, output) in enumerate([*single, *several]):
        late.add(item, output)
        early.add(n, item, output)
    assert late.values()["gleu"] == pytest.approx(early.values()["gleu"])


def test_names_are_no_groups() -> None:
    result = scored(300, ["harm"], groups=150).result()
    assert result["groups"] == {}
    assert result["counts"]["items"] == 300


def test_what_is_kept_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accumulator, "BLOCKS", 20)
    monkeypatch.setattr(detection, "ROOM", 500)
    monkeypatch.setattr(correction, "_REMEMBERED", 100)
    few, many = (len(pickle.dumps([family.__dict__ for family in scored(n).families.values()])) for n in (200, 800))
    assert many < few * 1.2
    caches = [getattr(import_module(f"sacrebleu.tokenizers.{m}"), c).__call__ for m, c in correction._TOKENISERS]
    assert all(0 < cache.cache_info().currsize < 1000 for cache in caches)


def test_rows_are_found_by_id_among_many(tmp_path: Path) -> None:
    names = [f"row {i}" for i in range(500)]
    path = write_rows(tmp_path / "theirs.jsonl", ({"id": name, "corrected": name} for name in reversed(names)))
    system = FileSystem(path)
    system.start()
    assert [output.corrected for output in system.run(Item(name, "x") for name in names)] == names
    with pytest.raises(LookupError, match="no row with the id 'row 500'"):
        list(system.run([Item("row 500", "x")]))
    assert system.left == 0
    system.stop()
