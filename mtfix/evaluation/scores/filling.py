"""Repairs of gold spans: the system told where they are, and the system on its own."""

from __future__ import annotations

from typing import Any

from mtfix.evaluation.items import GoldSpan, Item, Output
from mtfix.evaluation.scores.base import Floats, Metric, Rows, ratio

TOP = 5


class Filling:
    """Words are compared, casing included, white space not. Spans without a known repair are left out.

    exact, top5, mrr: ranked replacements for given spans (`Output.filled`). repaired: spans that the system,
    told nothing, left with an accepted repair in their place.
    """

    metrics = {"exact": Metric("%"), "top5": Metric("%"), "mrr": Metric(), "repaired": Metric("%")}  # noqa: RUF012

    def __init__(self) -> None:
        self._rows = Rows(6)
        self._categories: dict[str, list[int]] = {}

    def add(self, block: int, item: Item, output: Output) -> dict[str, float]:
        usable = [(i, s) for i, s in enumerate(item.spans or ()) if s.repairs]
        if not usable:
            return {}
        exact = top = reciprocal = asked = repaired = 0.0
        for i, span in usable:
            done = fixed(item.text, span, output)
            repaired += done
            tally = self._categories.setdefault(span.category, [0, 0, 0])
            tally[2] += 1
            tally[1] += done
            if output.filled is not None:
                rank = _rank(output.filled[i], span)
                asked += 1
                exact += rank == 1
                top += 0 < rank <= TOP
                reciprocal += 1 / rank if rank else 0.0
                tally[0] += rank == 1
        self._rows.add(block, [exact, top, reciprocal, asked, repaired, len(usable)])
        return {"spans_exact": exact, "spans_top5": top, "spans_repaired": repaired, "spans_repairable": len(usable)}

    def values(self, weights: Floats | None = None) -> dict[str, float]:
        exact, top, reciprocal, asked, repaired, spans = self._rows.sums(weights)
        return {
            "exact": ratio(exact, asked, 100), "top5": ratio(top, asked, 100), "mrr": ratio(reciprocal, asked),
            "repaired": ratio(repaired, spans, 100),
        }  # fmt: skip

    def curves(self) -> dict[str, Any]:
        found = {n: {"exact": e, "repaired": r, "spans": k} for n, (e, r, k) in sorted(self._categories.items())}
        return {"fillings": found}

    def counts(self) -> dict[str, int]:
        sums = self._rows.sums()
        return {"asked_spans": int(sums[3]), "repairable_spans": int(sums[5])}


def _rank(ranked: tuple[str, ...], span: GoldSpan) -> int:
    """Place of the first accepted answer, from 1; 0 when there is none."""
    accepted = {tuple(repair.split()) for repair in span.repairs}
    return next((i for i, answer in enumerate(ranked, 1) if tuple(answer.split()) in accepted), 0)


def fixed(text: str, span: GoldSpan, output: Output) -> bool:
    """Whether the applied edits that touch the span's neighbourhood leave exactly an accepted repair there.

    The stretch from the outermost touching edits is rebuilt with the output's edits and with each repair;
    they must read the same, white space aside.
    """
    made, with_repairs = stretch(text, span, output)
    return made is not None and made in with_repairs


def stretch(text: str, span: GoldSpan, output: Output) -> tuple[list[str] | None, list[list[str]]]:
    """The words that the output has from the outermost edits touching the span (None: nothing touches it), and those
    that each accepted repair would leave there."""
    gold = span.span
    edits = sorted((e for e in output.edits if e.applied), key=lambda e: e.span)
    touching = [e for e in edits if e.span.start <= gold.end and gold.start <= e.span.end]
    start = min([gold.start, *(e.span.start for e in touching)])
    end = max([gold.end, *(e.span.end for e in touching)])
    parts, position = [], start
    for edit in touching:
        parts += [text[position : edit.span.start], edit.replacement]
        position = max(position, edit.span.end)
    made = "".join([*parts, text[position:end]]).split() if touching else None
    return made, [(text[start : gold.start] + repair + text[gold.end : end]).split() for repair in span.repairs]
