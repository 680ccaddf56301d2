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
_REMEMBERED = 1000  # items, after which sacrebleu's memory of texts is cleared
_TOKENISERS = (
    ("tokenizer_13a", "Tokenizer13a"), ("tokenizer_re", "TokenizerRegexp"), ("tokenizer_ter", "TercomTokenizer"),
)  # fmt: skip


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
        self._items = 0

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        if not item.references:
            return {}
        self._items += 1
        if self._items % _REMEMBERED == 0:
            _forget()
        same_text = output.corrected == item.text
        edits: list[float] = []
        for name in NAMES:
            scorer = self._scorers[name]
            before = _statistics(scorer, item.text, item.references)
            after = before if same_text else _statistics(scorer, output.corrected, item.references)
            self._before.setdefault(name, Rows(len(before))).add(block, before)
            self._after.setdefault(name, Rows(len(after))).add(block, after)
            if name == "ter":
                edits = [before[0], after[0]]
        better, worse = edits[1] < edits[0], edits[1] > edits[0]
        self._tally.add(block, [better, not (better or worse), worse, same_text, 1])
        return {"ter_edits_before": edits[0], "ter_edits": edits[1]}

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


def _forget() -> None:
    """sacrebleu keeps the tokens of the last 65,536 texts; a stream asks for none of them again."""
    for module, name in _TOKENISERS:
        tokeniser = getattr(require(f"sacrebleu.tokenizers.{module}", what="scoring corrections"), name)
        tokeniser.__call__.cache_clear()


def _statistics(scorer: Any, text: str, references: tuple[str, ...]) -> list[float]:
    """sacrebleu's statistics of one segment, as its corpus scores sum them up."""
    [row] = scorer._extract_corpus_statistics([text], [[reference] for reference in references])
    return [float(x) for x in row]
