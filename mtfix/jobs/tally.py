"""What a job has come to so far: counts that stay small however many documents there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from mtfix.jobs.items import Outcome

Origin = Literal["computed", "duplicate", "known"]

DAMAGE = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 1.0)  # upper ends of the classes of documents by damage
CONFIDENCE = 10  # classes of edits by confidence
_REPAIRS = 100_000  # different repairs counted before the rarest are dropped
_FAILURES = 100  # told one by one


@dataclass(slots=True)
class Tally:
    """documents: handled in input order, among them `failed` and `skipped` (other languages), by `origins`.

    edits: by category, class of confidence and whether they were applied. damage: documents by class of DAMAGE.
    words: of all documents; `computed_words` of those worked out in this run.
    """

    documents: int = 0
    failed: int = 0
    skipped: int = 0
    words: int = 0
    computed_words: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    edits: Counter[tuple[str, int, bool]] = field(default_factory=Counter)
    damage: Counter[int] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str]] = field(default_factory=list)
    repairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    repairs_dropped: bool = False

    def add(self, name: str, outcome: Outcome, origin: Origin) -> None:
        self.documents += 1
        self.origins[origin] += 1
        if outcome.error is not None:
            self.failed += 1
            if len(self.failures) < _FAILURES:
                self.failures.append((name, outcome.error))
        if outcome.record is not None:
            self._record(outcome.record, origin)

    def _record(self, record: dict[str, Any], origin: Origin) -> None:
        stats = record["stats"]
        self.skipped += stats["skipped"] is not None
        self.words += stats["words"]
        self.computed_words += stats["words"] if origin == "computed" else 0
        self.damage[next(i for i, end in enumerate(DAMAGE) if stats["damage"] <= end)] += 1
        self.flags.update(flag["category"] for flag in record["flags"])
        for edit in record["edits"]:
            level = min(CONFIDENCE - 1, int(edit["confidence"] * CONFIDENCE))
            self.edits[edit["category"], level, edit["applied"]] += 1
            if edit["applied"]:
                self.repairs[edit["original"], edit["replacement"]] += 1
        if len(self.repairs) > _REPAIRS:
            # the common ones have shown themselves by now; what is dropped may be counted too low
            self.repairs = Counter(dict(self.repairs.most_common(_REPAIRS // 2)))
            self.repairs_dropped = True

    @property
    def applied(self) -> int:
        return sum(number for (_, _, applied), number in self.edits.items() if applied)
