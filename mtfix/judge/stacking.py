"""How likely a place is wrong once the rewriter has been asked about it: detector and rewriter in one probability.

Stacked generalization (Wolpert 1992; for quality estimation Martins et al. 2017, "Pushing the Limits of Translation
Quality Estimation"): a logistic model of what each of the two says, fitted on development data (`settings["flags"]` of
the rewriter). The rewriter errs in other places than the detector: what it would keep as it is is seldom wrong.
"""

from __future__ import annotations

from typing import Any

from mtfix.errors import ModelError
from mtfix.judge import choice, confidence, ranking
from mtfix.judge.confidence import MOST, log_odds, sigmoid
from mtfix.judge.proposals import Case

FEATURES = 9


def check(settings: dict[str, Any]) -> None:
    """ModelError where the rewriter's settings were fitted to other features than this version's."""
    fitted = [(settings["confidence"], confidence.FEATURES), (settings.get("ranking", ()), ranking.FEATURES)]
    chosen = settings.get("choice", {})
    fitted += [(chosen.get("among", ()), choice.FEATURES), (chosen.get("any", ()), choice.ANY)]
    if "flags" in settings:
        fitted.append((settings["flags"]["weights"], FEATURES))
    if any(len(weights) != count for weights, count in fitted):
        raise ModelError(
            "the rewriter was calibrated for another version of mtfix: "
            "reinstall mtfix, or run scripts/calibrate.py for it"
        )


def wrong(case: Case, sure: float | None, settings: dict[str, Any]) -> float:
    """Probability that something is wrong with the place; the detector's alone where none was fitted.

    sure: the confidence of the surest repair, None without one.
    """
    if "flags" not in settings:
        return case.suspicion.score
    return sigmoid(sum(w * x for w, x in zip(settings["flags"]["weights"], features(case, sure), strict=True)))


def least(settings: dict[str, Any], strictness: str, detector: float) -> float:
    """The probability from which a place is flagged; `detector` is that of the detector alone."""
    return float(settings["flags"]["thresholds"][strictness]) if "flags" in settings else detector


def features(case: Case, sure: float | None) -> list[float]:
    """What the model sees, FEATURES numbers; `sure` as for `wrong`.

    How sure the detector is; how much the rewriter would keep the words (the most and the least of what it was asked
    about); how sure the best repair is, and whether there is none; how damaged the document looks; whether a word is
    missing; whether a part is worse than the rest; 1.
    """
    span = case.suspicion.span
    return [
        log_odds(case.suspicion.score),
        log_odds(max(case.keep, default=0.0)),
        log_odds(min(case.keep, default=0.0)),
        log_odds(sure or 0.0),
        float(sure is None),
        max(-MOST, min(MOST, case.density)),
        float(span.start == span.end),
        float(case.suspicion.core is not None),
        1.0,
    ]

