"""Corrected text against references: TER, chrF and BLEU by sacrebleu, before and after; better and worse items.

"Before" is the score of doing nothing. With one human post-edit of the machine text as reference, TER is
HTER. Corpus scores are those of sacrebleu's command line with its defaults, for they are computed from its
own statistics of segments, summed.
"""

from __future__ import annotations

from typing import Any

from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.base import Floats, Metric, Rows, ratio

NAMES = ("ter", "chrf", "bleu")


class Correction:
    metrics = {  # noqa: RUF012
        "ter": Metric("", "lower"), "ter_before": Metric("", ""), "ter_change": Metric("", "lower"),
        "chrf": Metric(), "chrf_before": Metric("", ""), "bleu": Metric(), "bleu_before": Metric("", ""),
        "better": Metric("%"), "same": Metric("%", ""), "worse": Metric("%", "lower"), "unchanged": Metric("%", ""),
    }  # fmt: skip

    def __init__(self) -> None:
        sacrebleu = require("sacrebleu.metrics", what="scoring corrections")
        # orders and defaults as the command line has them; effective order only matters for sentences
        self._scorers: dict[str, Any] = {"ter": sacrebleu.TER(), "chrf": sacrebleu.CHRF(), "bleu": sacrebleu.BLEU()}
        self._before: dict[str, Rows] = {}
        self._after: dict[str, Rows] = {}
        self._tally = Rows(5)
        self._skipped = 0  # items without references before the first with one

    def add(self, item: Item, output: Output) -> dict[str, float]:
        if not item.references:
            self._tally.add(None)
            if not self._before:
                self._skipped += 1
            for rows in (*self._before.values(), *self._after.values()):
                rows.add(None)
            return {}
        same_text = output.corrected == item.text
        edits: list[float] = []
        for name in NAMES:
            scorer = self._scorers[name]
            before = _statistics(scorer, item.text, item.references)
            after = before if same_text else _statistics(scorer, output.corrected, item.references)
            self._keep(self._before, name, before)
            self._keep(self._after, name, after)
            if name == "ter":
                edits = [before[0], after[0]]
        better, worse = edits[1] < edits[0], edits[1] > edits[0]
        self._tally.add([better, not (better or worse), worse, same_text, 1])
        return {"ter_edits_before": edits[0], "ter_edits": edits[1]}

    def _keep(self, where: dict[str, Rows], name: str, row: list[float]) -> None:
        if name not in where:
            where[name] = Rows(len(row))
            for _ in range(self._skipped):
                where[name].add(None)
        where[name].add(row)

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        if not self._before:
            return {}
        better, same, worse, unchanged, items = self._tally.sums(weights)
        if not items:
            return {}
        after = {name: self._score(name, self._after[name].sums(weights)) for name in NAMES}
        before = {f"{name}_before": self._score(name, self._before[name].sums(weights)) for name in NAMES}
        return {
            **after, **before, "ter_change": after["ter"] - before["ter_before"],
            "better": ratio(better, items, 100), "same": ratio(same, items, 100), "worse": ratio(worse, items, 100),
            "unchanged": ratio(unchanged, items, 100),
        }  # fmt: skip

    def _score(self, name: str, sums: Floats) -> float:
        return float(self._scorers[name]._compute_score_from_stats([float(x) for x in sums]).score)

    def curves(self) -> dict[str, Any]:
        return {}

    def counts(self) -> dict[str, int]:
        better, same, worse, unchanged, items = (int(x) for x in self._tally.sums())
        return {"corrected_items": items, "better": better, "same": same, "worse": worse, "unchanged": unchanged}


def _statistics(scorer: Any, text: str, references: tuple[str, ...]) -> list[float]:
    """sacrebleu's statistics of one segment, as its corpus scores sum them up."""
    [row] = scorer._extract_corpus_statistics([text], [[reference] for reference in references])
    return [float(x) for x in row]
