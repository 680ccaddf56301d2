"""Human post-edits that a reader could have made without the source text.

Most edits of a post-editor who saw the source can't be guessed from the English alone; teaching them
to a source-free model teaches it to invent. Kept are edits of grammar, order and casing, and exchanged
words that are alike in spelling or lie close together in a pivot language's lexicon.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lemminflect import getAllLemmas
from rapidfuzz.fuzz import ratio

from mtfix.corpus.align import PairEdit, align
from mtfix.corpus.build import Row, read_jsonl
from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.words import words

_GRAMMAR = {"agreement-tense", "function-word", "casing", "word-order", "repetition"}
ALIKE = 70  # rapidfuzz ratio, 0 to 100
LONGEST = 5  # words


def recoverable_rows(path: Path, pivot: PivotEngine) -> Iterator[Row]:
    """Rows (see mtfix.corpus.build) of an MLQE-PE file with at least one recoverable edit.

    `edits` holds the recoverable ones; the other damage stays in `damaged`, and `clean` is the human
    post-edit of everything.
    """
    for row in read_jsonl(path):
        edits = [e for e in align(row["mt"], row["pe"]) if recoverable(e, pivot)]
        if edits:
            yield {
                "damaged": row["mt"],
                "clean": row["pe"],
                "before": "",
                "edits": [[e.span.start, e.span.end, e.replacement, e.category] for e in edits],
                "engine": f"post-edit:{row['lang']}",
                "doc": row["id"],
                "source": "sheffieldnlp/mlqe-pe",
                "licence": "CC0-1.0",
            }


def recoverable(edit: PairEdit, pivot: PivotEngine) -> bool:
    old, new = _words(edit.original), _words(edit.replacement)
    if max(len(old), len(new)) > LONGEST or edit.category in ("number-unit", "name"):
        return False
    if edit.category in _GRAMMAR:
        return True
    if edit.category == "omission":
        return all(w in FUNCTION_WORDS for w in new)
    gained = list((Counter(new) - Counter(old)).elements())
    lost = list((Counter(old) - Counter(new)).elements())
    gained = [w for w in gained if w not in FUNCTION_WORDS and w[0].isalnum()]
    lost = [w for w in lost if w not in FUNCTION_WORDS and w[0].isalnum()]
    # words that vanished, or came from nowhere, were the source's business
    return len(lost) <= len(gained) and all(
        any(_related(old_word, new_word, pivot) for old_word in lost) for new_word in gained
    )


def _words(text: str) -> list[str]:
    return [span.of(text).lower() for span in words(text)]


def _related(old: str, new: str, pivot: PivotEngine) -> bool:
    if ratio(old, new) >= ALIKE:
        return True
    for upos, pos in (("NOUN", "n"), ("VERB", "v"), ("ADJ", "a"), ("ADV", "r")):
        olds = {lemma.lower() for lemma in getAllLemmas(old, upos=upos).get(upos, ())}
        for lemma in getAllLemmas(new, upos=upos).get(upos, ()):
            for index in range(len(pivot.pivots)):
                if any(candidate in olds for candidate, _ in pivot.confusions(index, lemma.lower(), pos)):
                    return True
    return False
