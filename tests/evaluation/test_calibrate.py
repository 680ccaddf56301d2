from __future__ import annotations

import numpy as np
import pytest
from fake_models import corrector

from mtfix.detector.model import combined
from mtfix.detector.spans import Suspicion
from mtfix.evaluation.calibrate import (
    FLAGGED,
    LEAST_FLAGGED,
    Seen,
    chosen,
    document_weights,
    fit_ranking,
    flag_thresholds,
    logistic,
    observations,
    predicted,
    probabilities,
    task_offsets,
)
from mtfix.evaluation.detection import Scored
from mtfix.judge.proposals import Case, Proposal
from mtfix.judge.ranking import FEATURES
from mtfix.types import Span


def sentences(group, informative, count=60, words=20, seed=1):
    """Sentences of two tasks' logits of which only one tells right from wrong."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        bad, missing = rng.random(words) < 0.3, rng.random(words + 1) < 0.1
        word, gap = rng.normal(0, 1, (words, 2)), rng.normal(0, 1, (words + 1, 2))
        word[:, informative] += 3 * bad
        gap[:, informative] += 3 * missing
        found.append(Scored(group, bad, word, missing, gap))
    return found


def test_the_task_that_tells_is_heard():
    assert task_offsets(sentences("a", 0))[1] <= -2
    assert task_offsets(sentences("a", 1))[1] >= 2


def test_real_translations_count_as_much_as_all_that_is_made():
    few, many = sentences("ro-en", 0, count=40), sentences("a", 1, count=300) + sentences("b", 1, count=300, seed=2)
    assert -2 <= task_offsets(few + many)[1] <= 2


def test_probabilities_are_those_of_the_data():
    found = sentences("a", 0, count=200) + sentences("clean", 0, count=1)
    weights = probabilities(found)
    for name, gold, logits in (("word", "bad", "word_logits"), ("gap", "missing", "gap_logits")):
        z = combined(np.concatenate([getattr(s, logits) for s in found]), weights[name])
        wrong = np.concatenate([getattr(s, gold) for s in found])
        assert abs((1 / (1 + np.exp(-z))).mean() - wrong.mean()) < 0.01


def test_a_document_of_one_sentence_tells_nothing_and_breaks_nothing():
    single = [[s] for s in sentences("a", 0, count=5)]
    rng = np.random.default_rng(4)
    dense = [
        [Scored("a", rng.random(20) < share, np.full(20, -1.0), np.zeros(21, bool), np.zeros(21)) for _ in range(6)]
        for share in (0.05, 0.6)
        for _ in range(20)
    ]
    dense = [
        [Scored(s.group, s.bad, s.word_logits + 2 * (s.bad.mean() - 0.3), s.missing, s.gap_logits) for s in document]
        for document in dense
    ]
    flat = [[Scored(s.group, s.bad, s.word_logits[:, 0], s.missing, s.gap_logits[:, 0]) for s in d] for d in single]
    weights = document_weights(dense + flat)
    assert weights is not None
    assert weights[0] > 0.1


def test_a_logistic_model_finds_the_odds_of_the_data():
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, (4000, 2))
    label = rng.random(4000) < 1 / (1 + np.exp(-(2 * x[:, 0] - 1)))
    weights = logistic([([*row, 1.0], bool(y)) for row, y in zip(x, label, strict=True)])
    assert np.allclose(weights, [2, 0, -1], atol=0.2)


def test_flags_on_clean_text_stay_within_what_is_allowed_and_use_it_up():
    rng = np.random.default_rng(6)
    clean = {name: [([x, 1.0], False) for x in rng.normal(0, 1, 300)] for name in FLAGGED}
    weights, words = [1.0, 0.0], 10_000
    for name, threshold in flag_thresholds(clean, words, weights).items():
        flagged = sum(p >= threshold for p in predicted(clean[name], weights))
        most = FLAGGED[name] * words / 1000
        assert most - 2 <= flagged <= most


def test_where_little_is_asked_about_all_is_flagged_that_may_well_be_wrong():
    assert flag_thresholds({"balanced": [([0.0, 1.0], False)]}, 1000, [1.0, 0.0]) == {"balanced": LEAST_FLAGGED}


def test_a_place_and_an_edit_touch_where_they_share_a_character_or_one_is_empty_and_they_meet():
    assert Span(2, 5).touches(Span(4, 9))
    assert not Span(2, 5).touches(Span(5, 9))
    assert Span(2, 5).touches(Span(5, 5))
    assert Span(5, 5).touches(Span(5, 9))
    assert not Span(5, 5).touches(Span(6, 9))


def test_what_is_seen_of_a_sentence_and_what_stands_against_its_repairs():
    tool = corrector({"final": "late", "Karimi": "Karzai", "that": ""}, {"father"})
    damaged = "He said that the final man met Karimi and a father."
    row = {"damaged": damaged, "clean": damaged.replace("final", "late")}
    seen = observations(tool, [[row]])
    places = [s.case.suspicion.span.of(row["damaged"]) for s in seen]
    told = dict(zip(places, seen, strict=True))
    assert {place: s.wrong for place, s in told.items()}["father"] is False
    applied = [s for s in seen if s.free and s.free[0]]
    assert [s.case.proposals[0].replacement for s in applied] == ["late"]
    assert [right for _, right in chosen(seen, free=True)] == [True]
    assert len(chosen(seen)) > 1


def seen_of(*proposals: tuple[float, float, bool]) -> Seen:
    """A place with proposals of such probability and likelihood, and whether each is right."""
    made = tuple(
        Proposal(Span(0, 1), "a", f"b{i}", "other", 0.5, p, 0.1, likelihood=gain)
        for i, (p, gain, _) in enumerate(proposals)
    )
    right = tuple(good for *_, good in proposals)
    return Seen(Case(Suspicion(Span(0, 1), 0.5), (), made), True, tuple(map(int, right)), right)


def test_ranking_finds_what_tells_right_from_wrong_and_says_how_probable_each_is():
    rng = np.random.default_rng(7)
    found = []
    for _ in range(2000):
        p, gain = rng.uniform(0.05, 0.9, 3), rng.normal(0, 2, 3)
        odds = np.exp(0.5 * np.log(p) + 0.8 * gain)
        right = rng.choice(3, p=odds / odds.sum())
        found.append(seen_of(*((p[i], gain[i], i == right) for i in range(3))))
    weights = fit_ranking(found)
    assert np.allclose(weights[:2], [0.5, 0.8], atol=0.1)
    ranked = [seen.ranked(weights) for seen in found]
    shares = np.array([s.case.proposals[0].share for s in ranked])
    assert abs(np.mean([s.right[0] for s in ranked]) - shares.mean()) < 0.02
    assert np.mean([s.right[0] for s in ranked]) > np.mean([s.right[0] for s in found]) + 0.2
    assert len(chosen(ranked)) == len(found)


def test_what_is_known_of_a_proposal_goes_with_it_when_it_is_ranked():
    seen = seen_of((0.6, -3.0, False), (0.3, 2.0, True), (0.1, 0.0, False)).ranked([1.0, 1.0, *[0.0] * (FEATURES - 2)])
    assert [p.replacement for p in seen.case.proposals] == ["b1", "b2", "b0"]
    assert seen.right == seen.free == (True, False, False)
    assert sum(p.share for p in seen.case.proposals) == pytest.approx(1)
    assert seen_of().ranked([1.0] * FEATURES).best is None
