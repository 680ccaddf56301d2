"""mtfix finds and repairs machine-translation artifacts in English text, without the source text.

    import mtfix
    corrector = mtfix.load()
    result = corrector.fix("Under Massoud's final father, the valley resisted.")
    result.text, result.edits, result.flags
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtfix.types import Alternative, Correction, Detection, Edit, Flag, Gap, Span, Token
from mtfix.version import __version__

if TYPE_CHECKING:
    from mtfix.corrector import Corrector, load

__all__ = [
    "Alternative", "Correction", "Corrector", "Detection", "Edit", "Flag", "Gap", "Span", "Token",
    "__version__", "load",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """`load` and `Corrector` bring the runtime along, so they are imported when first used."""
    if name in ("load", "Corrector"):
        from mtfix import corrector

        return getattr(corrector, name)
    raise AttributeError(f"module 'mtfix' has no attribute {name!r}")
