"""What the rewriter is asked about, and from where on a place is suspicious enough: later where the text looks clean.

To ask costs more than to detect, and what is hardly suspicious in a good text is hardly ever wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtfix.detector.spans import Suspicion
from mtfix.documents.words import words
from mtfix.judge.confidence import log_odds, sigmoid
from mtfix.types import Span

SLOPE = 4.0  # by how much more (in log-odds) a place must be suspicious in a text whose density is lower by one
MOST = 1.4  # by how much more at most: what is rather wrong is asked about in any text
SHORT = 2  # words; what is no longer is asked about with the word behind it as well


def least_suspicion(settings: dict[str, Any], lowest: float, density: float) -> float:
    """The detector's probability from which a place is asked about in a document of this density.

    That is `lowest` from the density on that is fitted on development data (`settings["quiet"]` of the rewriter), and
    more below it. `lowest` everywhere if nothing was fitted.
    """
    quiet = settings.get("quiet")
    if quiet is None or density >= quiet:
        return lowest
    return sigmoid(log_odds(lowest) + min(MOST, SLOPE * (quiet - density)))


def beyond(sentence: str, suspicion: Suspicion, taken: Sequence[Span]) -> Span | None:
    """The core of a suspicion, or all of it where it has none, with the word behind it.

    What is wrong with a word is often that another should follow. None where more than SHORT words would be before it,
    where no word follows or one that is `taken`, and where the suspicion is just that.
    """
    core = suspicion.core or suspicion.span
    found = words(sentence)
    inner = [i for i, word in enumerate(found) if word.overlaps(core)]
    if not 0 < len(inner) <= SHORT or inner[-1] + 1 == len(found):
        return None
    behind = found[inner[-1] + 1]
    whole = Span(core.start, behind.end)
    apart = behind.start > core.end and behind.of(sentence)[0].isalnum()
    return whole if apart and whole != suspicion.span and not any(behind.overlaps(t) for t in taken) else None
