"""From words to the detector's numbers: subword ids, which subwords stand for which word, casing.

The same code feeds training and inference, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

FEATURES = 8
CASINGS = 4
# a chunk never holds more subwords than this; longer sentences are scored in pieces
MAX_PIECES = 254
MAX_REPLACED = 40  # subwords; of what a repair replaced, no more is read


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a sentence ready for the encoder.

    ids: subword ids with [CLS] and [SEP], then perhaps those of replaced words and [SEP]. first, last: for every word,
    then for the end of the stretch, the index in `ids` of its first and last subword. features: (words + 1, FEATURES)
    float32. casing: for every subword how its word is written, below CASINGS.
    """

    ids: list[int]
    first: list[int]
    last: list[int]
    features: NDArray[np.float32]
    casing: list[int]


class WordEncoder:
    """Encodes sentences given as lists of words (and whether white space stands before each)."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        # markers and special tokens that occur in a text are text
        tokenizer.encode_special_tokens = True
        self.tokenizer = tokenizer
        self.cls, self.sep, self.unknown = (
            _special(tokenizer, *names) for names in (("<s>", "[CLS]"), ("</s>", "[SEP]"), ("[UNK]",))
        )

    def encode(
        self, words: Sequence[str], spaced: Sequence[bool], replaced: Sequence[str] | None = None
    ) -> list[Chunk]:
        """Chunks that together hold every word once, in order (one chunk for ordinary sentences).

        replaced: the words that a repair in the sentence took the place of, if that is what it is read for; they stand
        behind it, as the second of a pair does.
        """
        pieces = [self._pieces(word) for word in words]
        behind = self._behind(replaced)
        room = MAX_PIECES - len(behind)
        chunks: list[Chunk] = []
        start = 0
        while start < len(words):
            end, length = start, 0
            while end < len(words) and (length + len(pieces[end]) <= room or end == start):
                length += len(pieces[end])
                end += 1
            part = slice(start, end)
            chunks.append(self._chunk(words[part], spaced[part], pieces[part], behind, opens=start == 0))
            start = end
        return chunks

    def _behind(self, replaced: Sequence[str] | None) -> list[tuple[int, int]]:
        """Ids of the replaced words with [SEP] behind them, each with how its word is written."""
        if replaced is None:
            return []
        pieces = [(piece, _casing(word)) for word in replaced for piece in self._pieces(word)]
        return [*pieces[:MAX_REPLACED], (self.sep, 0)]

    def _pieces(self, word: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(word, add_special_tokens=False).ids
        return ids[: MAX_PIECES - MAX_REPLACED - 1] or [self.unknown]

    def _chunk(
        self, words: Sequence[str], spaced: Sequence[bool], pieces: Sequence[list[int]],
        behind: Sequence[tuple[int, int]], *, opens: bool,
    ) -> Chunk:  # fmt: skip
        ids, first, last = [self.cls], [], []
        for word_ids in pieces:
            first.append(len(ids))
            ids += word_ids
            last.append(len(ids) - 1)
        first.append(len(ids))
        last.append(len(ids))
        ids += [self.sep, *(piece for piece, _ in behind)]
        features = np.zeros((len(words) + 1, FEATURES), np.float32)
        for row, word, space in zip(features, words, spaced, strict=False):
            row[:] = _shape(word, space)
        features[0, 6] = opens
        casing = [_casing(word) for word, word_ids in zip(words, pieces, strict=True) for _ in word_ids]
        return Chunk(ids, first, last, features, [0, *casing, 0, *(written for _, written in behind)])


def _special(tokenizer: Tokenizer, *names: str) -> int:
    """The first of the names that is in the vocabulary: MPNet's has BERT's, too, and doesn't use them."""
    for name in names:
        found: int | None = tokenizer.token_to_id(name)
        if found is not None:
            return found
    raise ValueError(f"the detector needs a vocabulary with {names[-1]}, as BERT's have")


def _casing(word: str) -> int:
    """0 lower case or no letters, 1 capitalised, 2 capitals, 3 mixed."""
    if word.islower() or not any(c.isalpha() for c in word):
        return 0
    if word.isupper() and len(word) > 1:
        return 2
    return 1 if not word[1:] or word[1:].islower() else 3


def _shape(word: str, space: bool) -> list[bool]:
    """Casing and form; an uncased encoder can't see them otherwise. Index 6 is set for the first word."""
    return [
        word.islower(),
        word[0].isupper() and word[1:].islower(),
        word.isupper() and len(word) > 1,
        not word.islower() and not word[1:].islower() and not word.isupper(),
        any(c.isdigit() for c in word),
        not any(c.isalnum() for c in word),
        False,
        not space,
    ]
