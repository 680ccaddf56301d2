"""From where on a place is suspicious enough to ask the rewriter about it: later where the text looks clean.

To ask costs more than to detect, and what is hardly suspicious in a good text is hardly ever wrong.
"""

from __future__ import annotations

from typing import Any

from mtfix.judge.confidence import log_odds, sigmoid

SLOPE = 4.0  # by how much more (in log-odds) a place must be suspicious in a text whose density is lower by one
MOST = 1.4  # by how much more at most: what is rather wrong is asked about in any text


def least_suspicion(settings: dict[str, Any], lowest: float, density: float) -> float:
    """The detector's probability from which a place is asked about in a document of this density.

    That is `lowest` from the density on that is fitted on development data (`settings["quiet"]` of the rewriter), and
    more below it. `lowest` everywhere if nothing was fitted.
    """
    quiet = settings.get("quiet")
    if quiet is None or density >= quiet:
        return lowest
    return sigmoid(log_odds(lowest) + min(MOST, SLOPE * (quiet - density)))
