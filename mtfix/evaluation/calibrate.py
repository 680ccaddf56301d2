"""Set probabilities, thresholds and operating points of exported models on development data.

Operating points are defined by what a user feels: flagged spans per 1,000 words of clean text for the
detector; for repairs, precision on damaged text and applied edits per 1,000 clean sentences.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from mtfix.corpus.align import align
from mtfix.corrector import Corrector
from mtfix.detector.document import logit, shifted, shifts
from mtfix.detector.model import combined
from mtfix.detector.spans import suspicions
from mtfix.documents.quotes import quotations
from mtfix.evaluation.detection import Scored
from mtfix.evaluation.flow import settled
from mtfix.evaluation.logit import conditional_logit, logistic
from mtfix.judge import ranking, stacking
from mtfix.judge.asking import least_suspicion
from mtfix.judge.confidence import density, features
from mtfix.judge.decide import deletes, guarded
from mtfix.judge.proposals import Case, Proposal
from mtfix.metrics import best_threshold, expected_calibration_error, platt
from mtfix.types import Gap, Token

# flagged spans (of words, of gaps) per 1,000 clean words, by the detector alone
CLEAN_FLAGS = {"conservative": (2.0, 0.25), "balanced": (8.0, 1.0), "aggressive": (25.0, 3.0)}
# flagged spans per 1,000 clean words once the rewriter was asked, which finds as much damage with fewer; and the
# probability below which nobody should have to look
FLAGGED = {"conservative": 1.1, "balanced": 3.5, "aggressive": 8.0}
LEAST_FLAGGED = 0.1
# places per 1,000 clean words from which on the rewriter may be asked (in a text that looks clean it is asked about
# fewer): what lies far below the flags is hardly ever repaired
CLEAN_ASKED = {"conservative": 4.0, "balanced": 10.0, "aggressive": 30.0}
# so large a part of what is suspected in damaged texts lies in texts that look worse than clean ones may
WORSE = 0.8
# least precision of applied edits on damaged text, also of the least sure among them; and most applied edits per 1,000
# clean sentences (of other sentences it can be twice as many by chance)
APPLIED = {"conservative": (0.85, 1.0), "balanced": (0.5, 1.5), "aggressive": (0.35, 12.0)}

# by how much less (in log-odds) an edit need be sure in a text that looks more damaged by one (`density`): steeper
# finds more where much is wrong at the same number of edits of clean text (models/rewriter/notes.md)
SLOPE = 4.5

LANGUAGE_PAIR = re.compile("[a-z]{2}-[a-z]{2}")
OFFSETS = [x / 2 for x in range(-12, 13)]

Observed = tuple[list[float], bool]  # features, and whether what they speak for is so

# so many words of a document weigh as much as knowing nothing of it: three or four sentences
DOCUMENT_WORDS = 80.0


def probabilities(found: Sequence[Scored]) -> dict[str, list[float]]:
    """Weights for `mtfix.detector.model.combined` of words and gaps: probabilities of damaged and clean sentences.

    Scale and bias are Platt's.
    """
    bad, missing = np.concatenate([s.bad for s in found]), np.concatenate([s.missing for s in found])
    offsets = task_offsets(found)
    neutral = [*offsets, 1.0, 0.0]
    result = {}
    for name, gold, logits in (
        ("word", bad, [s.word_logits for s in found]),
        ("gap", missing, [s.gap_logits for s in found]),
    ):
        scale, bias = platt(gold, combined(np.concatenate(logits), neutral))
        result[name] = [*offsets, round(float(scale), 4), round(float(bias), 4)]
    return result


def task_offsets(found: Sequence[Scored]) -> list[float]:
    """What is added to each task's logit (nothing to the first one's): the best mean of two MCCs of words.

    One is that of real machine translations (groups named after language pairs), one that of all other damage,
    each with one threshold for all of its groups: the two count alike, however many sentences each has.
    """
    kinds: dict[bool, list[Scored]] = defaultdict(list)
    for sentence in found:
        kinds[LANGUAGE_PAIR.fullmatch(sentence.group) is not None].append(sentence)
    parts = [
        (np.concatenate([s.bad for s in part]), np.concatenate([s.word_logits for s in part]))
        for part in kinds.values()
        if any(s.bad.any() for s in part)
    ]

    def mean(offsets: tuple[float, ...]) -> float:
        weights = [0.0, *offsets, 1.0, 0.0]
        return float(np.mean([best_threshold(bad, _probability(combined(z, weights)))[1] for bad, z in parts]))

    others = found[0].word_logits.shape[1] - 1
    return [0.0, *max(product(OFFSETS, repeat=others), key=mean)]


def document_weights(documents: Sequence[Sequence[Scored]]) -> list[float] | None:
    """(slope, centre, words, start) for `mtfix.detector.document`, by maximum likelihood on whole documents.

    `documents` hold their sentences' calibrated scores. None when the rest of a document tells nothing. The
    start is the centre: a sentence alone is not moved (`started` sets another).
    """
    gold, own, rest = [], [], []
    for document in documents:
        if len(document) < 2:
            continue
        sums = np.array([_probability(s.word_logits).sum() for s in document])
        counts = np.array([len(s.bad) for s in document])
        others = (sums.sum() - sums) / np.maximum(counts.sum() - counts, 1)
        for sentence, mean in zip(document, others, strict=True):
            gold.append(sentence.bad)
            own.append(sentence.word_logits)
            rest.append(np.full(len(sentence.bad), np.log(mean / (1 - mean))))
    slope, bias = platt(np.concatenate(gold), np.concatenate(rest), offset=np.concatenate(own))
    centre = round(-bias / slope, 4)
    return [round(slope, 4), centre, DOCUMENT_WORDS, centre] if slope > 0.01 else None


def started(weights: Sequence[float], scored: Sequence[Sequence[Token]], threshold: float) -> list[float]:
    """The weights with the start at which clean sentences alone draw no more flags than clean documents.

    scored: the sentences' own words, which know of no document; threshold: that of "balanced" for documents.
    """
    slope, centre, words, start = weights
    count = sum(map(len, scored)) / 1000
    grid = [round(0.995 - 0.005 * i, 3) for i in range(198)]
    most = CLEAN_FLAGS["balanced"][0] * count
    cut = _lowest(grid, most, lambda t: sum(len(suspicions(w, (), word=t, gap=2)) for w in scored))
    move = logit(threshold) - logit(cut)
    return [slope, centre, words, round(min(start, centre + move / slope), 4)]


def _probability(logits: Any) -> Any:
    return 1 / (1 + np.exp(-logits))


def thresholds(
    clean: Sequence[Sequence[tuple[list[Token], list[Gap]]]], weights: Sequence[float] | None
) -> dict[str, dict[str, float]]:
    """For every operating point the lowest thresholds that keep flags on clean text within CLEAN_FLAGS.

    `clean` holds the scored sentences of documents, for the rest of a document counts at run time, too.
    """
    scored = [pair for document in clean for pair in _in_context(document, weights)]
    count = sum(len(tokens) for tokens, _ in scored) / 1000
    grid = [round(0.995 - 0.005 * i, 3) for i in range(198)]
    result = {}
    for name, (words, gaps) in CLEAN_FLAGS.items():
        word = _lowest(grid, words * count, lambda t: sum(len(suspicions(w, (), word=t, gap=2)) for w, _ in scored))
        gap = _lowest(grid, gaps * count, lambda t: sum(len(suspicions(w, g, word=2, gap=t)) for w, g in scored))
        asked = CLEAN_ASKED[name] * count
        ask = _lowest(grid, asked, lambda t: sum(len(suspicions(w, (), word=t, gap=2)) for w, _ in scored))
        result[name] = {"word": word, "gap": gap, "ask": ask}
    return result


def _in_context(
    scored: Sequence[tuple[list[Token], list[Gap]]], weights: Sequence[float] | None
) -> Sequence[tuple[list[Token], list[Gap]]]:
    if weights is None:
        return scored
    moves = shifts([tokens for tokens, _ in scored], weights)
    return [(shifted(tokens, move), gaps) for (tokens, gaps), move in zip(scored, moves, strict=True)]


def _lowest(grid: Sequence[float], most: float, count: Callable[[float], int]) -> float:
    """The laxest threshold of the grid (strict to lax) whose count stays within `most`, by bisection."""
    last = bisect_right(grid, most, key=count) - 1
    return grid[last] if last >= 0 else 0.999


@dataclass(frozen=True, slots=True)
class Seen:
    """A suspicion after the rewriter was asked.

    wrong: the reference differs there. nearer: of each proposal, by how many words it brings the sentence nearer to the
    reference, 0 if some of what it puts there is still wrong; free: whether it is applied when it is sure enough, by
    the operating point's own threshold.
    """

    case: Case
    wrong: bool
    nearer: tuple[int, ...]
    free: tuple[bool, ...]

    @property
    def right(self) -> tuple[bool, ...]:
        """Of each proposal, whether it repairs its place as the reference does."""
        return tuple(words > 0 for words in self.nearer)

    @property
    def nearest(self) -> tuple[bool, ...]:
        """Of each proposal, whether it is right and none brings the sentence nearer."""
        return tuple(words == max(self.nearer) > 0 for words in self.nearer)

    @property
    def best(self) -> Observed | None:
        """The first proposal."""
        return (features(self.case.proposals[0]), self.right[0]) if self.right else None

    def ranked(self, weights: Sequence[float]) -> Seen:
        """The same with the proposals as `mtfix.judge.ranking` ranks them."""
        shares = ranking.shares(self.case.proposals, weights)
        order = sorted(range(len(shares)), key=lambda i: -shares[i])
        proposals = tuple(replace(self.case.proposals[i], share=shares[i]) for i in order)
        return replace(
            self, case=replace(self.case, proposals=proposals), nearer=tuple(self.nearer[i] for i in order),
            free=tuple(self.free[i] for i in order),
        )  # fmt: skip


def observations(corrector: Corrector, documents: Sequence[Sequence[dict[str, Any]]]) -> list[Seen]:
    """Every suspicion in the damaged sides of the rows."""
    results = corrector.trace([[row["damaged"] for row in rows] for rows in documents])
    rows = [row for rows in documents for row in rows]
    return [
        Seen(
            case,
            any(case.suspicion.span.touches(edit.span) for edit in align(row["damaged"], row["clean"])),
            tuple(_nearer(row, p) for p in case.proposals),
            tuple(_free(row["damaged"], p) for p in case.proposals),
        )
        for row, found in zip(rows, results, strict=True)
        for case in found
    ]


def _nearer(row: dict[str, Any], proposal: Proposal) -> int:
    """By how many words it brings the sentence nearer to one of those that are accepted, where it is as in that."""
    return max(settled(row["damaged"], proposal, text) for text in row.get("accepted", [row["clean"]]))


def _free(sentence: str, proposal: Proposal) -> bool:
    held = guarded(sentence, proposal.span, proposal.replacement, proposal.category, quotations(sentence))
    # another threshold is for those that delete
    return proposal.likelihood >= 0 and not deletes(proposal) and not held


def quiet(damaged: Sequence[Seen]) -> float:
    """The density below which a text looks clean: WORSE of what is suspected in damaged texts lies above it."""
    return round(float(np.quantile([seen.case.density for seen in damaged], 1 - WORSE)), 2)


def asked_about(found: Sequence[Seen], settings: dict[str, Any], lowest: float) -> list[Seen]:
    """Those of the places, suspicious from `lowest` on, that a rewriter with these settings is asked about."""
    return [s for s in found if s.case.suspicion.score >= least_suspicion(settings, lowest, s.case.density)]


def fit_ranking(found: Sequence[Seen]) -> list[float]:
    """Weights of `mtfix.judge.ranking`, of the suspicions with better and worse proposals."""
    groups = [([ranking.features(p) for p in seen.case.proposals], seen.nearest) for seen in found]
    return conditional_logit(groups, ranking.FEATURES)


def chosen(found: Sequence[Seen], *, free: bool = False) -> list[Observed]:
    """The proposal for every suspicion that the judge takes: the first, if it is `free`. All are ranked."""
    return [seen.best for seen in found if seen.best and (seen.free[0] or not free)]


def fit_confidence(found: Sequence[Seen]) -> list[float]:
    """Weights of the confidence model, of the best proposals: no others are judged. All are ranked."""
    return logistic(chosen(found))


def flagging(found: Sequence[Seen], confidence: Sequence[float]) -> list[Observed]:
    """What `mtfix.judge.stacking` sees of every suspicion, and whether something is wrong there."""
    return [
        (stacking.features(s.case, float(predicted([s.best], confidence)[0]) if s.best else None), s.wrong)
        for s in found
    ]


def flag_thresholds(clean: Mapping[str, Sequence[Observed]], words: int, weights: Sequence[float]) -> dict[str, float]:
    """For every strictness the lowest probability that keeps flags on `clean` text of so many words in FLAGGED."""
    found = {}
    for name, observed in clean.items():
        scores = sorted(predicted(observed, weights), reverse=True)
        most = int(FLAGGED[name] * words / 1000)
        # rounded up, so that the first one too many stays out
        found[name] = max(LEAST_FLAGGED, math.ceil(scores[most] * 1000 + 1) / 1000 if len(scores) > most else 0.0)
    return found


def predicted(found: Sequence[Observed], weights: Sequence[float]) -> Any:
    x = np.array([f for f, _ in found])
    return 1 / (1 + np.exp(-np.clip(x @ np.array(weights), -30, 30)))


def operating_points(
    damaged: Sequence[Observed], clean: Sequence[Observed], clean_sentences: int, weights: Sequence[float]
) -> dict[str, Any]:
    """`apply`, `least` and `dense` of `mtfix.judge.decide.needed`: when edits are applied, within APPLIED.

    `damaged` and `clean` are `chosen` and free. Confidences are those for a damaged text of the median density.
    """
    centre = round(float(np.median([density(seen) for seen, _ in damaged])), 2)
    right = np.array([label for _, label in damaged])
    apply: dict[str, float] = {}
    for name, (precision, harm) in reversed(APPLIED.items()):
        sure, harmful = (_beyond(found, weights, centre, precision) for found in (damaged, clean))
        lowest = _lowest_confidence(sure, right, harmful, clean_sentences, precision, harm)
        apply[name] = max([lowest, *apply.values()])  # no laxer than those that allow more
    least = {name: precision for name, (precision, _) in APPLIED.items()}
    return {"apply": apply, "least": least, "dense": {"slope": SLOPE, "density": centre}}


def _beyond(found: Sequence[Observed], weights: Sequence[float], centre: float, least: float) -> Any:
    """Confidences, as far as they surpass what is asked for in texts that look like theirs; 0 below `least`."""
    if not found:
        return np.zeros(0)
    sure = predicted(found, weights)
    looks = np.array([density(seen) for seen, _ in found])
    moved = _probability(np.log(sure / (1 - sure)) + SLOPE * (looks - centre))
    return np.where(sure >= least, moved, 0.0)


def _lowest_confidence(
    sure: Any, right: Any, harmful: Any, clean_sentences: int, precision: float, harm: float
) -> float:
    """The lowest threshold that keeps both promises, moved to the middle of those that let the same edits of clean text
    through: so few decide that any of these might as well be the lowest."""
    lowest = highest = 0.99  # that lets as many edits through as the one looked at
    known = np.sum(harmful >= highest)
    for threshold in np.arange(0.98, 0.1, -0.01):
        taken, edits = sure >= threshold, np.sum(harmful >= threshold)
        if edits / clean_sentences * 1000 > harm:
            break
        if edits > known:
            highest, known = threshold, edits
        if taken.sum() >= 5 and right[taken].mean() >= precision:
            lowest = float(highest + threshold) / 2
    return round(lowest, 2)


def confidence_error(found: Sequence[Observed], weights: Sequence[float]) -> float:
    return round(expected_calibration_error([label for _, label in found], predicted(found, weights), bins=10), 4)
