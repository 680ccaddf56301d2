"""Scores agree with the reference implementations of their fields, and with cases worked out by hand."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.words import words
from mtfix.errors import ConfigError
from mtfix.evaluation.items import GoldSpan, Item, Output, OutputEdit, ScoredSpan
from mtfix.evaluation.scores import accumulate, compare
from mtfix.evaluation.scores.filling import fixed
from mtfix.evaluation.scores.gleu import Gleu, gleu, statistics
from mtfix.evaluation.scores.harm import changed_facts
from mtfix.evaluation.scores.integrity import applied
from mtfix.types import Span

SOURCES = [
    "Massoud's final father refuse the army .", "The the minister have spoken on Monday .", "It rained .",
    "Several conversation efforts was held in the northern Kabul .", "He have a agreement of free commerce .",
]  # fmt: skip
HYPOTHESES = [
    "Massoud's late father refuse the army .", "The minister has spoken on Monday .", "It had rained .",
    "Several conversation efforts were held north of Kabul .", "He has a free trade agreement .",
]  # fmt: skip
REFERENCES = [
    ("Massoud's late father resisted the army .", "Massoud 's dead father fought the army ."),
    ("The minister has spoken on Monday .", "The minister spoke on Monday ."), ("It rained .", "It rained ."),
    ("Several talks were held north of Kabul .", "Several rounds of talks took place north of Kabul ."),
    ("He has a free trade agreement .", "He has an agreement on free trade ."),
]  # fmt: skip


def scored(metrics, pairs, **settings):
    found = accumulate(metrics, **settings)
    for item, output in pairs:
        found.add(item, output)
    return found


def corrections(references=REFERENCES, hypotheses=HYPOTHESES):
    return [
        (Item(str(i), source, references=refs), Output(str(i), hypothesis))
        for i, (source, refs, hypothesis) in enumerate(zip(SOURCES, references, hypotheses, strict=True))
    ]


def tagged(text, bad, scores, flags=(), gaps=None, gap_scores=()):
    spans = tuple(words(text))
    item = Item("x", text, tokens=spans, bad=tuple(bad), gaps=gaps)
    tokens = tuple(ScoredSpan(s, p) for s, p in zip(spans, scores, strict=True))
    flagged = tuple(ScoredSpan(spans[i], 1.0) for i in flags)
    points = tuple(ScoredSpan(Span(p, p), s) for p, s in gap_scores)
    return item, Output("x", text, flags=flagged, tokens=tokens, gaps=points)


# detection -----------------------------------------------------------------------------------------


def test_mcc_precision_and_f1_of_a_hand_computed_case():
    # flags: 2 right, 1 wrong, 1 missed, 2 rightly left alone
    pair = tagged("a b c d e f", [1, 1, 1, 0, 0, 0], [0.9, 0.8, 0.1, 0.7, 0.2, 0.1], flags=(0, 1, 3))
    found = scored(["detection"], [pair]).values()
    assert found["mcc_flags"] == pytest.approx((2 * 2 - 1 * 1) / math.sqrt(3 * 3 * 3 * 3))
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["f1_bad"] == pytest.approx(2 / 3)
    assert found["f1_multi"] == pytest.approx(4 / 9)
    assert found["best_precision"] == 1.0  # at 0.71 and above


def test_mcc_and_average_precision_are_those_of_scikit_learn():
    sklearn = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(3)
    pairs = []
    for _ in range(60):
        size = int(generator.integers(1, 12))
        bad = generator.random(size) < 0.3
        scores = np.round(np.clip(0.3 * bad + 0.7 * generator.random(size), 0, 1), 2).astype(np.float32)
        flags = np.flatnonzero(scores > 0.5)
        pairs.append(tagged(" ".join("w" * size), bad.tolist(), scores.tolist(), flags.tolist()))
    result = scored(["detection"], pairs).values()
    gold = np.concatenate([item.bad for item, _ in pairs])
    score = np.concatenate([[t.score for t in output.tokens] for _, output in pairs])
    assert result["mcc_flags"] == pytest.approx(sklearn.matthews_corrcoef(gold, score > 0.5))
    assert result["mcc"] == pytest.approx(sklearn.matthews_corrcoef(gold, score >= result["best_threshold"]))
    assert result["average_precision"] == pytest.approx(sklearn.average_precision_score(gold, score))
    every = [sklearn.matthews_corrcoef(gold, score >= cut) for cut in np.arange(1, 100) / 100]
    assert result["mcc"] == pytest.approx(max(every))


def test_a_gold_word_takes_the_highest_score_of_the_words_that_overlap_it():
    item = Item("x", "well-known fact", tokens=(Span(0, 10), Span(11, 15)), bad=(True, False))
    parts = (ScoredSpan(Span(0, 4), 0.2), ScoredSpan(Span(4, 5), 0.1), ScoredSpan(Span(5, 10), 0.9))
    found = scored(["detection"], [(item, Output("x", item.text, tokens=parts))]).values()
    assert found["average_precision"] == 1.0
    assert found["mcc"] == 1.0


def test_gaps_are_scored_apart_and_found_wherever_they_lie_between_two_words():
    gaps = (False, True, False)
    for place in (1, 2):  # at the end of the word before, or at the start of the one after
        pair = tagged("a b", [0, 0], [0.0, 0.0], gaps=gaps, gap_scores=((place, 0.9), (3, 0.2)))
        assert scored(["detection"], [pair]).values()["gap_mcc"] == 1.0


def test_without_scores_flags_stand_for_them():
    item, output = tagged("a b c", [1, 0, 0], [0, 0, 0], flags=(0,))
    bare = Output("x", item.text, flags=output.flags)
    assert scored(["detection"], [(item, bare)]).values()["mcc"] == 1.0


def test_of_a_tool_that_only_corrects_the_places_it_changed_count():
    item, _ = tagged("a b c", [1, 0, 0], [0, 0, 0])
    output = Output("x", "x b c", (OutputEdit(Span(0, 1), "x"), OutputEdit(Span(2, 3), "y", applied=False)))
    assert scored(["detection"], [(item, output)]).values()["mcc_flags"] == 1.0


def test_reliability_and_calibration_error_of_a_hand_computed_case():
    pair = tagged("a b c d", [1, 1, 0, 0], [0.95, 0.95, 0.95, 0.05])
    found = scored(["detection"], [pair])
    assert found.values()["ece"] == pytest.approx((3 * abs(2 / 3 - 0.95) + 0.05) / 4, abs=1e-6)
    assert found.result()["curves"]["reliability"] == [[0.05, 0.0, 1], [0.95, 0.6667, 3]]


# spans ---------------------------------------------------------------------------------------------


def test_character_f1_gives_half_credit_for_the_wrong_severity():
    item = Item("x", "abcdefghij", spans=(GoldSpan(Span(0, 4), "major"), GoldSpan(Span(6, 8), "minor")))
    output = Output("x", item.text, flags=(ScoredSpan(Span(2, 8), 1.0),))
    found = scored(["spans"], [(item, output)]).values()
    credit = 2 + 0.5 * 2  # c, d in the major span; g, h in the minor one
    assert found["span_f1_precision"] == pytest.approx(credit / 6)
    assert found["span_f1_recall"] == pytest.approx(credit / 6)
    assert found["span_f1"] == pytest.approx(credit / 6)
    assert found["spans_found"] == 100
    assert found["flag_precision"] == 100


def test_an_empty_span_is_one_slot_and_no_flags_find_nothing():
    item = Item("x", "abc", spans=(GoldSpan(Span(3, 3)),))
    hit = scored(["spans"], [(item, Output("x", "abc", flags=(ScoredSpan(Span(3, 3), 1.0),)))]).values()
    assert hit["span_f1"] == 1.0
    missed = scored(["spans"], [(item, Output("x", "abc", flags=()))]).values()
    assert missed["span_f1"] == 0.0
    assert missed["spans_found"] == 0


# correction ----------------------------------------------------------------------------------------


def test_corpus_scores_equal_those_of_the_sacrebleu_command(tmp_path: Path):
    found = scored(["correction"], corrections()).values()
    for name, lines in {
        "hyp": HYPOTHESES, "src": SOURCES, "ref0": [r[0] for r in REFERENCES], "ref1": [r[1] for r in REFERENCES],
    }.items():  # fmt: skip
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for side, ending in (("hyp", ""), ("src", "_before")):
        command = [sys.executable, "-m", "sacrebleu", str(tmp_path / "ref0"), str(tmp_path / "ref1"),
                   "-i", str(tmp_path / side), "-m", "bleu", "chrf", "ter", "-w", "6"]  # fmt: skip
        rows = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for row in rows:
            name = row["name"].lower().replace("chrf2", "chrf")
            assert found[f"{name}{ending}"] == pytest.approx(row["score"], abs=1e-5), name


def test_better_same_and_worse_count_edits_to_the_nearest_reference():
    found = scored(["correction"], corrections())
    values = found.values()
    assert (values["better"], values["same"], values["worse"]) == (80, 0, 20)
    assert values["ter_change"] == pytest.approx(values["ter"] - values["ter_before"])
    idle = scored(["correction"], corrections(hypotheses=SOURCES)).values()
    assert idle["ter"] == idle["ter_before"]
    assert idle["same"] == idle["unchanged"] == 100


def test_items_without_references_have_no_part_in_corrections():
    plain = Item("p", "Nothing to compare with."), Output("p", "Nothing at all.")
    alone = scored(["correction"], corrections()).values()
    assert scored(["correction"], [plain, *corrections(), plain]).values() == {
        **alone, "integrity_violations": pytest.approx(100.0)
    }  # fmt: skip


def errant_scored(pairs):
    """The scores by ERRANT, where it is installed."""
    pytest.importorskip("errant")
    try:
        return scored(["errant"], pairs)
    except ConfigError as error:
        pytest.skip(str(error))


def test_errant_scores_equal_those_of_errant_compare(tmp_path: Path):
    found = errant_scored(corrections())
    from mtfix.evaluation.scores.errant import annotator

    def m2(path: Path, versions):
        blocks = []
        for source, texts in zip(SOURCES, versions, strict=True):
            original = annotator().parse(source, tokenise=True)
            lines = ["S " + " ".join(t.text for t in original)]
            for coder, text in enumerate(texts):
                edits = annotator().annotate(original, annotator().parse(text, tokenise=True))
                lines += [e.to_m2(coder) for e in edits] or [f"A -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||{coder}"]
            blocks.append("\n".join(lines))
        path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
        return str(path)

    files = ["-hyp", m2(tmp_path / "hyp.m2", [(h,) for h in HYPOTHESES]), "-ref", m2(tmp_path / "ref.m2", REFERENCES)]
    command = [sys.executable, "-c", "from errant.commands.compare_m2 import main; main()", *files]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    row = next(line.split("\t") for line in printed.splitlines() if line[:1].isdigit())
    counts, values = found.result()["counts"], found.values()
    assert [str(counts[f"errant_{key}"]) for key in ("tp", "fp", "fn")] == row[:3]
    assert values["errant_precision"] == pytest.approx(float(row[3]), abs=1e-4)
    assert values["errant_recall"] == pytest.approx(float(row[4]), abs=1e-4)
    assert values["errant_f05"] == pytest.approx(float(row[5]), abs=1e-4)
    types = found.result()["curves"]["errant_types"]
    assert sum(cell["tp"] for cell in types.values()) == counts["errant_tp"]


def test_doing_nothing_has_no_precision_by_errant():
    found = errant_scored(corrections(hypotheses=SOURCES)).values()
    assert "errant_precision" not in found
    assert found["errant_recall"] == found["errant_f05"] == 0


def test_gleu_of_a_hand_computed_case():
    # source a b c d e, hypothesis a b x d e f, reference a b x d e: see the sums below
    stats = statistics(list("abcde"), list("abxdef"), list("abxde"))
    # matches of 1- to 4-grams: abxde 5 of 6; ab bx xd de 4 of 5; abx bxd xde 3 of 4; abxd bxde 2 of 3;
    # the source's n-grams that the reference lacks (c, bc, cd, ...) don't occur in the hypothesis
    assert stats == [6, 5, 5, 6, 4, 5, 3, 4, 2, 3]
    assert gleu(stats) == pytest.approx((5 / 6 * 4 / 5 * 3 / 4 * 2 / 3) ** 0.25)
    # a kept error is punished: c and its n-grams are in the source and not in the reference
    kept = statistics(list("abcde"), list("abcde"), list("abxde"))
    assert kept == [5, 5, 4 - 1, 5, 2 - 2, 4, 0, 3, 0, 2]
    assert gleu(kept) == 0.0


def test_gleu_averages_over_one_reference_drawn_per_sentence():
    same = [(r[0], r[0]) for r in REFERENCES]
    one = scored(["gleu"], corrections([(r[0],) for r in REFERENCES])).values()["gleu"]
    assert scored(["gleu"], corrections(same)).values()["gleu"] == pytest.approx(one)
    scores = [scored(["gleu"], corrections([(r[i],) for r in REFERENCES])).values()["gleu"] for i in (0, 1)]
    mixed = Gleu(rounds=50)
    for i, (item, output) in enumerate(corrections()):
        mixed.add(i, item, output)
    assert min(scores) < mixed.values()["gleu"] < max(scores)


def test_a_part_without_references_has_no_gleu():
    pairs = [*corrections(), (Item("x", "Fine.", clean=True, group="clean"), Output("x", "Fine."))]
    groups = scored(["gleu"], pairs).result()["groups"]
    assert {name for name, found in groups.items() if "gleu" in found} == {""}


# filling -------------------------------------------------------------------------------------------


def test_answers_for_given_spans_are_ranked_and_any_accepted_repair_counts():
    gold = GoldSpan(Span(4, 9), repairs=("late", "deceased"), category="wrong-sense")
    item = Item("x", "the final father", spans=(gold, GoldSpan(Span(10, 16))))  # the second has no known repair
    for ranked, (exact, top, mrr) in {
        ("late",): (100, 100, 1), ("last", " deceased"): (0, 100, 0.5), (): (0, 0, 0),
        ("last", "a", "b", "c", "d", "late"): (0, 0, 1 / 6),
    }.items():  # fmt: skip
        found = scored(["filling"], [(item, Output("x", item.text, filled=(ranked, ())))]).values()
        assert (found["exact"], found["top5"], found["mrr"]) == (exact, top, pytest.approx(mrr))


@pytest.mark.parametrize(
    ("edits", "repaired"),
    [
        ([(4, 9, "late")], True),
        ([(0, 16, "the late father")], True),  # a longer edit that says the same
        ([(0, 9, "my late")], False),
        ([(4, 9, "last")], False),
        ([(10, 16, "dad")], False),
        ([], False),
    ],
)
def test_a_span_is_repaired_when_its_place_reads_as_an_accepted_repair_would(edits, repaired):
    gold = GoldSpan(Span(4, 9), repairs=("late",))
    made = tuple(OutputEdit(Span(a, b), new) for a, b, new in edits)
    assert fixed("the final father", gold, Output("x", "", made)) is repaired


# harm ----------------------------------------------------------------------------------------------


def test_harm_counts_edits_flags_and_changed_facts():
    text = "He paid Anna $30 and did not say why."
    touched = Output("a", text.replace("30", "50"), (OutputEdit(Span(14, 16), "50"),), (ScoredSpan(Span(14, 16), 1),))
    pairs = [(Item("a", text, clean=True), touched), (Item("b", text, clean=True), Output("b", text, flags=()))]
    found = scored(["harm"], pairs).values()
    assert found["edits_per_1000"] == 500
    assert found["flags_per_1000_words"] == pytest.approx(1000 / (2 * len(words(text))))
    assert found["numbers_changed"] == 1
    assert found["names_changed"] == found["negations_changed"] == found["quotations_changed"] == 0
    assert found["changed_items"] == 50


@pytest.mark.parametrize(
    ("after", "fact"),
    [
        ("He paid Otto $30 and did not say “why”.", "names"),
        ("He paid Anna $30 and did say “why”.", "negations"),
        ("He paid Anna $30 and did not say “how”.", "quotations"),
        ("He paid Anna $31 and did not say “why”.", "numbers"),
    ],
)
def test_every_kind_of_fact_is_watched(after, fact):
    changed = changed_facts("He paid Anna $30 and did not say “why”.", after)
    assert [name for name, different in changed.items() if different] == [fact]


# all together --------------------------------------------------------------------------------------


def test_intervals_hold_their_value_and_come_out_the_same_every_time():
    first, second = (scored(["correction", "detection"], corrections(), draws=200).result() for _ in range(2))
    assert first == second
    for row in first["metrics"].values():
        assert row["low"] <= row["value"] + 1e-6
        assert row["value"] - 1e-6 <= row["high"]
    assert first["metrics"]["ter"]["low"] < first["metrics"]["ter"]["high"]


def test_groups_have_scores_of_their_own():
    pairs = [(Item(i.id, i.text, references=i.references, group="ab"[n % 2]), o)
             for n, (i, o) in enumerate(corrections())]  # fmt: skip
    result = scored(["correction"], pairs, draws=50).result()
    alone = scored(["correction"], pairs[::2]).values()
    assert set(result["groups"]) == {"a", "b"}
    assert result["groups"]["a"]["ter"]["value"] == pytest.approx(alone["ter"], abs=1e-6)


def test_a_comparison_is_paired_and_of_the_same_items():
    better, idle = (scored(["correction"], corrections(hypotheses=h), draws=300) for h in (HYPOTHESES, SOURCES))
    found = compare(better, idle)["ter"]
    assert found["difference"] < 0
    assert found["high"] < 0
    assert found["p"] < 0.05
    assert compare(better, better)["ter"] == {"difference": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    with pytest.raises(ValueError, match="same items"):
        compare(better, scored(["correction"], corrections()[:3]))


def test_unknown_metrics_are_refused():
    with pytest.raises(ConfigError, match="unknown metrics 'comet'"):
        accumulate(["comet"])


def test_nothing_in_nothing_out():
    assert scored(["detection", "spans", "correction", "gleu", "filling", "harm"], []).result()["metrics"] == {}


@given(st.text(max_size=30), st.data())
def test_an_output_is_whole_when_its_edits_give_its_text(text, data):
    cut = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    new = data.draw(st.text(max_size=5))
    edit = OutputEdit(Span(*cut), new)
    whole = text[: cut[0]] + new + text[cut[1] :]
    assert applied(text, Output("x", whole, (edit,))) == whole
    found = scored(["harm"], [(Item("x", text), Output("x", whole + "!", (edit,)))], draws=2)
    assert found.values()["integrity_violations"] == 100
