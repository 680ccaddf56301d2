"""What the rest of a document says about a sentence: damage is dense in spun articles and absent from good ones.

The detector sees single sentences. Its logits are moved by how much damage it sees in the others of the
same document: an empirical Bayes prior, fitted on development documents. A sentence alone is moved by what
is assumed of a text before anything is seen of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mtfix.types import Token

# at most so many sentences are looked at together; a book is taken in such windows
WINDOW = 512


def shifts(scored: Sequence[Sequence[Token]], weights: Sequence[float]) -> list[float]:
    """For every sentence of one document, what to add to its words' logits.

    `scored` are the sentences' words; `weights` are (slope, centre, words, start): the logit of the mean
    probability of all other words, less the centre, times the slope. So many `words`, wrong with the log-odds
    `start`, are counted with the document's own, so that little text tells little.
    """
    slope, centre, strength, start = weights
    sums = [sum(token.score for token in tokens) for tokens in scored]
    counts = [len(tokens) for tokens in scored]
    total, count = sum(sums), sum(counts)
    assumed = 1 / (1 + math.exp(-start))
    found = []
    for own, size in zip(sums, counts, strict=True):
        others = count - size
        mean = (total - own + strength * assumed) / (others + strength)
        found.append(slope * (logit(mean) - centre))
    return found


def density(scored: Sequence[Sequence[Token]], weights: Sequence[float]) -> float:
    """How damaged a whole document looks, on the scale of `shifts`: the move for a further sentence of it."""
    return shifts([*scored, []], weights)[-1]


def shifted(tokens: Sequence[Token], shift: float) -> list[Token]:
    """The same words with their probabilities moved by `shift` on the logit scale."""
    if not shift:
        return list(tokens)
    return [Token(t.span, 1 / (1 + math.exp(-logit(t.score) - shift)), t.kind) for t in tokens]


def logit(probability: float) -> float:
    """Log-odds, of a probability clipped to [1e-6, 1 - 1e-6]."""
    clipped = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))
