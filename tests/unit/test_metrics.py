"""Metric values against cases worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mtfix.evaluation.calibrate import APPLIED, logistic, operating_points, predicted
from mtfix.evaluation.flow import distance, improvement, settled
from mtfix.judge.confidence import density as density_of
from mtfix.judge.confidence import features
from mtfix.judge.proposals import Proposal
from mtfix.metrics import best_threshold, bootstrap, expected_calibration_error, mcc, platt
from mtfix.types import Edit, Span


def test_mcc_of_a_hand_computed_table() -> None:
    # tp 2, fn 1, fp 1, tn 3: (2*3 - 1*1) / sqrt(3*3*4*4)
    assert mcc([1, 1, 1, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0, 0]) == pytest.approx(5 / 12)


def test_mcc_is_zero_where_it_is_undefined_and_one_when_all_agree() -> None:
    assert mcc([1, 0, 1], [0, 0, 0]) == 0
    assert mcc([1, 0, 1], [1, 0, 1]) == 1
    assert mcc([1, 0], [0, 1]) == -1


def test_the_best_threshold_separates_what_can_be_separated() -> None:
    threshold, value = best_threshold([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9])
    assert value == 1
    assert 0.4 < threshold <= 0.6


def test_calibration_error_of_a_hand_computed_case() -> None:
    # one bin at .8 with half of four right, one bin at .2 with none of two right
    scores = [0.8] * 4 + [0.2] * 2
    assert expected_calibration_error([1, 1, 0, 0, 0, 0], scores, bins=10) == pytest.approx((4 * 0.3 + 2 * 0.2) / 6)


def test_platt_scaling_finds_the_line_that_made_the_labels() -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(size=20_000)
    gold = generator.random(20_000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    assert platt(gold, logits) == pytest.approx((0.5, -1.0), abs=0.06)


def test_platt_scaling_of_two_scores_weighs_each_by_what_it_tells() -> None:
    generator = np.random.default_rng(4)
    logits = generator.normal(size=(20_000, 2))
    gold = generator.random(20_000) < 1 / (1 + np.exp(-(1.5 * logits[:, 0] + 0.2 * logits[:, 1] - 1)))
    assert platt(gold, logits) == pytest.approx((1.5, 0.2, -1.0), abs=0.08)


def test_the_bootstrap_interval_holds_the_mean_and_narrows_with_size() -> None:
    generator = np.random.default_rng(2)
    small, large = generator.random(50), generator.random(5000)
    low, high = bootstrap(small)
    assert low < small.mean() < high
    narrow = bootstrap(large)
    assert narrow[1] - narrow[0] < (high - low) / 3


def test_distance_counts_words_and_improvement_the_words_gained() -> None:
    assert distance("the final father", "the late father") == 1
    edit = Edit(Span(4, 9), "final", "late", "wrong-sense", 0.9, "test", True)
    assert improvement("the final father", edit, "the late father") == 1
    assert improvement("the final father", edit, "the final father") == -1


def test_an_edit_settles_its_place_if_nothing_there_would_have_to_be_changed_again() -> None:
    reference = "a slipped disc is what hurts most"
    whole = Edit(Span(2, 12), "fallen out", "slipped", "wrong-sense", 0.9, "test", True)
    assert settled("a fallen out disc is what hurts more", whole, reference) == 2  # elsewhere more may be wrong
    other = replace(whole, replacement="broken")
    assert improvement("a fallen out disc is what hurts more", other, reference) == 1
    assert settled("a fallen out disc is what hurts more", other, reference) == 0
    short = Edit(Span(4, 18), "are baking rye", "bake", "agreement-tense", 0.9, "test", True)
    assert improvement("who are baking rye bread", short, "who bake rye bread") == 1
    assert settled("who are baking rye bread", short, "who bake rye bread") == 0


def test_confidence_follows_the_evidence_and_the_operating_points_keep_their_promise() -> None:
    generator = np.random.default_rng(3)
    strength = generator.normal(size=400)
    looks = generator.normal(-1, 0.3, size=400)
    right = generator.random(400) < 1 / (1 + np.exp(-2 * strength))

    def seen(strength: float, density: float) -> list[float]:
        sure = 1 / (1 + np.exp(-float(strength)))
        return features(Proposal(Span(0, 1), "a", "b", "other", 0.5, sure, 0.0, density=float(density)))

    damaged = [(seen(s, density), bool(r)) for s, density, r in zip(strength, looks, right, strict=True)]
    clean = [(seen(s, density - 1), False) for s, density in zip(strength[:100], looks, strict=False)]
    weights = logistic(damaged)
    assert weights[1] > 1
    fitted = operating_points(damaged, clean, 1000, weights)
    points, dense = fitted["apply"], fitted["dense"]
    assert points["conservative"] >= points["balanced"] >= points["aggressive"]
    assert dense["density"] == pytest.approx(np.median(looks), abs=0.01)

    def taken(found: list[tuple[list[float], bool]]) -> Any:
        moves = dense["slope"] * (np.array([density_of(f) for f, _ in found]) - dense["density"])
        sure = predicted(found, weights)
        enough = np.log(sure / (1 - sure)) + moves >= np.log(points["balanced"] / (1 - points["balanced"]))
        return enough & (sure >= fitted["least"]["balanced"])

    assert np.array([r for _, r in damaged])[taken(damaged)].mean() >= 0.6
    assert taken(clean).sum() <= 3


def points(damaged: Sequence[float], clean: Sequence[float], sentences: int) -> dict[str, float]:
    """When edits are applied after seeing right ones in damaged text and others in clean text that are so sure."""
    def seen(sure: float) -> list[float]:
        return features(Proposal(Span(0, 1), "a", "b", "other", 0.5, sure, 0.0, density=-1.0))

    weights = [float(i == 1) for i in range(len(seen(0.5)))]
    found = operating_points([(seen(p), True) for p in damaged], [(seen(p), False) for p in clean], sentences, weights)
    return found["apply"]


def test_no_operating_point_is_laxer_than_one_that_allows_more_edits() -> None:
    # all sure enough for "balanced" and not for "conservative", which then fears none
    found = points(np.linspace(0.3, 0.95, 50), [0.7, 0.72, 0.74, 0.76], 1000)
    assert found["balanced"] > 0.7
    assert found["conservative"] >= found["balanced"] >= found["aggressive"]


def test_an_operating_point_lies_in_the_middle_of_those_that_let_the_same_edits_through() -> None:
    # one edit and a half are allowed, so it is .71 to .9
    sentences = round(1500 / APPLIED["balanced"][1])
    assert points(np.linspace(0.3, 0.95, 50), [0.9, 0.7], sentences)["balanced"] == pytest.approx(0.8, abs=0.02)


def test_platt_converges_where_a_full_newton_step_overshoots():
    rng = np.random.default_rng(3)
    logits = np.column_stack([rng.normal(0, 4, 3000), rng.normal(0, 4, 3000)])
    gold = rng.random(3000) < 1 / (1 + np.exp(-(0.3 * logits[:, 0] - 1)))
    offset = 6 * np.sign(logits[:, 1])  # far off: the start is far from the minimum
    first, second, bias = platt(gold, logits, offset=offset)
    assert abs(first) < 10
    assert abs(second) < 10
    assert abs(bias) < 10
    z = logits @ [first, second] + bias + offset
    gradient = (1 / (1 + np.exp(-z)) - gold) @ logits
    assert np.abs(gradient).max() < 0.1
