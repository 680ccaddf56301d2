"""Rebuild the lexicon of words that other languages have one word for, mtfix/senses/data/senses.npz.

    python scripts/build_senses.py --omw DATA/omw

DATA/omw holds wn-data-*.tab.gz (Open Multilingual Wordnet); English lemmas come from Debian's wordnet-base. Two
English words are confusable in a language if one lemma of it translates both, in different senses. Wordnets
under share-alike or copyleft licences are left out.
"""

from __future__ import annotations

import argparse
import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np

from mtfix.corpus.wordnet import English, Pivot
from mtfix.documents.categories import FUNCTION_WORDS
from mtfix.senses.lexicon import LANGUAGES, OWN

KEPT = 100  # confusable words for each word, those with the most and shortest paths
MOST_SENSES = 12  # a lemma with more senses tells nothing
SENSES = 8  # senses of an English word that count, its most frequent ones


def paths(english: English, pivot: Pivot, vocabulary: set[str]) -> dict[tuple[str, str], tuple[float, str]]:
    """(word, other) in order -> (weight of all paths, the lemma with the heaviest)."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    best: dict[tuple[str, str], tuple[float, str]] = {}
    for (lemma, pos), found in pivot.synsets.items():
        synsets = list(dict.fromkeys(found))
        if not 1 < len(synsets) <= MOST_SENSES:
            continue
        readings = [
            [(word, 1 / (1 + english.ranked(word, pos).index(s))) for word in english.lemmas.get(s, ())
             if word in vocabulary and s in english.ranked(word, pos)[:SENSES]]
            for s in synsets
        ]  # fmt: skip
        for i, one in enumerate(readings):
            for other in readings[i + 1 :]:
                for word, first in one:
                    for second_word, second in other:
                        if set(english.ranked(word, pos)) == set(english.ranked(second_word, pos)):
                            continue  # one word, perhaps in two spellings
                        key = (min(word, second_word), max(word, second_word))
                        weight = first * second / len(synsets)
                        sums[key] += weight
                        best[key] = max(best.get(key, (0.0, "")), (weight, lemma))
    return {key: (weight, best[key][1]) for key, weight in sums.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--omw", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OWN)
    arguments = parser.parse_args()
    english = English()
    vocabulary = {
        lemma
        for lemma, _ in english.synsets
        if lemma.isascii() and lemma.isalpha() and len(lemma) > 1 and lemma not in FUNCTION_WORDS
    }
    weights: dict[tuple[str, str], float] = defaultdict(float)
    masks: dict[tuple[str, str], int] = defaultdict(int)
    examples: dict[tuple[str, str], tuple[float, int, str]] = {}
    for number, code in enumerate(LANGUAGES):
        path = arguments.omw / f"wn-data-{code}.tab.gz"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            print(file.readline().strip())
        for pair, (weight, lemma) in paths(english, Pivot(path), vocabulary).items():
            weights[pair] += weight
            masks[pair] |= 1 << number
            examples[pair] = max(examples.get(pair, (0.0, 0, "")), (weight, number, lemma.replace("_", " ")))
    ranked: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (one, other), weight in weights.items():
        value = weight * masks[one, other].bit_count()
        ranked[one].append((value, other))
        ranked[other].append((value, one))
    pairs = sorted(
        {(min(w, o), max(w, o)) for w, found in ranked.items() for _, o in sorted(found, reverse=True)[:KEPT]}
    )
    words = sorted({word for pair in pairs for word in pair})
    lemmas = sorted({examples[pair][2] for pair in pairs})
    number_of, lemma_of = ({w: i for i, w in enumerate(part)} for part in (words, lemmas))
    first = np.array([number_of[one] for one, _ in pairs], np.uint16)
    np.savez_compressed(
        arguments.out,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        lemmas=np.frombuffer("\n".join(lemmas).encode(), np.uint8),
        starts=np.searchsorted(first, np.arange(len(words) + 1)).astype(np.uint32),
        others=np.array([number_of[other] for _, other in pairs], np.uint16),
        languages=np.array([masks[pair] for pair in pairs], np.uint16),
        example=np.array([lemma_of[examples[pair][2]] for pair in pairs], np.uint32),
        spoken=np.array([examples[pair][1] for pair in pairs], np.uint8),
    )
    print(f"{len(words)} words, {len(pairs)} pairs, {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
