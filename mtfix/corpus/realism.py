"""How well a small classifier tells made damage from real machine translation: lower is better.

Two differences are not damage, and must not count: topic and style of the underlying texts. So the words that
carry topic (content words, names, numbers) are masked by their ending and casing before the classifier sees the
sentence, and the score stands beside that of the corpus's clean sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.documents.words import words

FEWEST = 40  # sentences of each side
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Realism:
    """Mean and standard deviation over the folds of the area under the ROC curve; None with too few sentences."""

    name: str
    rows: int
    auc: float | None
    deviation: float = 0.0


def realism(machine: Sequence[str], made: Mapping[str, Sequence[str]], seed: int = 1) -> list[Realism]:
    """The score of each engine's sentences (`made`, by name) against real machine translation.

    Logistic regression on character 2- to 4-grams and word 1- to 3-grams of the masked sentences, five-fold
    cross-validated; the two sides are balanced by weight. Needs scikit-learn.
    """
    return [_score(name, machine, sentences, seed) for name, sentences in made.items()]


def masked(sentence: str) -> str:
    """The sentence with content words as their last three letters, names as Xx, numbers as 0."""
    parts: list[str] = []
    position = 0
    for index, span in enumerate(words(sentence)):
        word = span.of(sentence)
        parts += [sentence[position : span.start], _mask(word, initial=index == 0)]
        position = span.end
    return "".join([*parts, sentence[position:]])


def _mask(word: str, *, initial: bool) -> str:
    if word.lower() in FUNCTION_WORDS or not word[0].isalnum():
        return word.lower() if initial else word
    if word[0].isdigit():
        return "0"
    if word[0].isupper() and not initial:
        return "XX" if word.isupper() and len(word) > 1 else "Xx"
    return "~" + word[-3:].lower()


def _score(name: str, machine: Sequence[str], sentences: Sequence[str], seed: int) -> Realism:
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    if min(len(machine), len(sentences)) < FEWEST:
        return Realism(name, len(sentences), None)
    texts = [masked(text) for text in (*machine, *sentences)]
    labels = [0] * len(machine) + [1] * len(sentences)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_score(_classifier(), texts, labels, scoring="roc_auc", cv=folds)
    return Realism(name, len(sentences), float(scores.mean()), float(scores.std()))


def _classifier() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    grams = make_union(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True, lowercase=False),
        TfidfVectorizer(
            analyzer="word", token_pattern=r"\S+", ngram_range=(1, 3), min_df=2, sublinear_tf=True, lowercase=False
        ),
    )
    return make_pipeline(grams, LogisticRegression(C=1.0, class_weight="balanced", max_iter=500))
