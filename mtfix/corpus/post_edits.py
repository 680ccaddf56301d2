"""Human post-edits that a reader could have made without the source text.

Most edits of a post-editor who saw the source can't be guessed from the English alone; teaching them
to a source-free model teaches it to invent. Kept are edits of grammar, order and casing, and exchanged
words that are alike in spelling or lie close together in a pivot language's lexicon. Where a language model
is at hand, an edit must also make the sentence likelier to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rapidfuzz.fuzz import ratio

from mtfix.corpus.align import PairEdit, align
from mtfix.corpus.engines import morphology
from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.rows import Row, edit_row, read_jsonl
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.edits import apply_edits
from mtfix.documents.words import words

_GRAMMAR = {"agreement-tense", "function-word", "casing", "word-order", "repetition"}
# which of them stands in the source, the English rarely tells
_PERSONS = {"he", "she", "it", "they", "him", "her", "them", "his", "its", "their", "hers", "theirs", "this", "that"}
ALIKE = 70  # rapidfuzz ratio, 0 to 100
LONGEST = 5  # words
KEPT = "kept"

# gain in log-probability per sentence of the second text over the first
Gain = Callable[[Sequence[tuple[str, str]]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A post-edit with the verdict on it: "kept", or why it was dropped. clean: the human post-edit of everything."""

    lang: str
    damaged: str
    clean: str
    edit: PairEdit
    verdict: str


@dataclass
class Filter:
    """Sorts the edits of MLQE-PE files and counts what became of them.

    gain: a language model's opinion on (before, after); edits of negative gain are dropped. keep: how many
    judged edits to remember, for a report.
    """

    pivot: PivotEngine
    gain: Gain | None = None
    judged: list[Judged] = field(default_factory=list)
    kept_rows: Counter[str] = field(default_factory=Counter)
    all_rows: Counter[str] = field(default_factory=Counter)

    def rows(self, path: Path, limit: int = 0) -> Iterator[Row]:
        """Rows (see mtfix.corpus.rows) of an MLQE-PE file with at least one recoverable edit.

        `edits` holds the recoverable ones; the other damage stays in `damaged`, and `clean` is the human
        post-edit of everything. limit: rows of the file to take, 0 for all.
        """
        for row in islice(read_jsonl(path), limit or None):
            edits = self._recoverable(row)
            self.all_rows[row["lang"]] += 1
            if edits:
                self.kept_rows[row["lang"]] += 1
                yield {
                    "damaged": row["mt"],
                    "clean": row["pe"],
                    "before": "",
                    "edits": [edit_row(edit) for edit in edits],
                    "engine": f"post-edit:{row['lang']}",
                    "doc": row["id"],
                    "source": "sheffieldnlp/mlqe-pe",
                    "licence": "CC0-1.0",
                }

    def _recoverable(self, row: dict[str, Any]) -> list[PairEdit]:
        edits = align(row["mt"], row["pe"])
        verdicts = [verdict(edit, self.pivot) for edit in edits]
        if self.gain is not None:
            asked = [i for i, found in enumerate(verdicts) if found == KEPT]
            pairs = [(row["mt"], apply_edits(row["mt"], [edits[i]])) for i in asked]
            for i, gained in zip(asked, self.gain(pairs) if pairs else (), strict=True):
                if gained < 0:
                    verdicts[i] = "less likely to the language model"
        for edit, found in zip(edits, verdicts, strict=True):
            self.judged.append(Judged(row["lang"], row["mt"], row["pe"], edit, found))
        return [edit for edit, found in zip(edits, verdicts, strict=True) if found == KEPT]


def recoverable_rows(path: Path, pivot: PivotEngine) -> Iterator[Row]:
    """The rows of one file, see `Filter.rows`."""
    return Filter(pivot).rows(path)


def recoverable(edit: PairEdit, pivot: PivotEngine) -> bool:
    """Whether a reader could have made the edit without the source."""
    return verdict(edit, pivot) == KEPT


def verdict(edit: PairEdit, pivot: PivotEngine) -> str:
    """ "kept", or in a few words why a reader could not have made the edit without the source."""
    if edit.blank:
        return "white space"
    old, new = _words(edit.original), _words(edit.replacement)
    if max(len(old), len(new)) > LONGEST:
        return "too long"
    if edit.category in ("number-unit", "name"):
        return "a number or a name"
    exchanged = (set(old) - set(new), set(new) - set(old))
    if all(side and side <= _PERSONS for side in exchanged):
        return "a pronoun for another"
    if edit.category in _GRAMMAR:
        return KEPT
    if edit.category == "omission":
        return KEPT if all(w in FUNCTION_WORDS for w in new) else "content that was missing"
    gained = list((Counter(new) - Counter(old)).elements())
    lost = list((Counter(old) - Counter(new)).elements())
    gained = [w for w in gained if w not in FUNCTION_WORDS and w[0].isalnum()]
    lost = [w for w in lost if w not in FUNCTION_WORDS and w[0].isalnum()]
    if len(lost) > len(gained):
        return "content that went"
    related = all(any(_related(old_word, new_word, pivot) for old_word in lost) for new_word in gained)
    return KEPT if related else "words that have nothing in common"


def _words(text: str) -> list[str]:
    return [span.of(text).lower() for span in words(text)]


def _related(old: str, new: str, pivot: PivotEngine) -> bool:
    if ratio(old, new) >= ALIKE:
        return True
    for upos, pos in (("NOUN", "n"), ("VERB", "v"), ("ADJ", "a"), ("ADV", "r")):
        olds = {lemma.lower() for lemma in morphology.lemmas(old).get(upos, ())}
        for lemma in morphology.lemmas(new).get(upos, ()):
            for index in range(len(pivot.pivots)):
                if any(candidate in olds for candidate, _ in pivot.confusions(index, lemma.lower(), pos)):
                    return True
    return False
