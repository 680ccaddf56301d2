"""The server over standard input and output with a corrector that needs no models.

It takes half a second for a text with SLOW in it, looks whether to carry on meanwhile, and tells on standard error
what it finished.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

from fake_corrector import FakeCorrector
from fake_models import FakeDetector, FakeRewriter

from mtfix.documents.edits import apply_edits
from mtfix.errors import ModelError
from mtfix.lsp.server import create
from mtfix.serve.workers import carry_on
from mtfix.settings.effective import Given
from mtfix.suggestions import suggested_in
from mtfix.types import Correction, Document, Edit, Span


class Fake:
    def fix(self, text: str | Document) -> Correction:
        document = text if isinstance(text, Document) else Document(text)
        for _ in range(10 if "SLOW" in document.text else 0):
            time.sleep(0.05)
            carry_on()
        found = FakeCorrector().fix(document.text)

        def free(each: Any) -> bool:
            return not any(each.span.overlaps(span) for span in document.untouchable)

        edits = tuple(filter(free, found.edits))
        text = apply_edits(document.text, [edit for edit in edits if edit.applied])
        print(f"done {len(document.text)}", file=sys.stderr, flush=True)
        return Correction(document.text, text, tuple(filter(free, found.flags)), edits, found.skipped)

    def suggest(self, text: str | Document, places: Sequence[Span]) -> list[list[Edit]]:
        document = text if isinstance(text, Document) else Document(text)
        print("suggested", file=sys.stderr, flush=True)
        rewriter = FakeRewriter({"brown dog": "dark dog", "war": "struggle"})
        return suggested_in(FakeDetector(set()), rewriter, document, places)


def load(arguments: dict[str, Any]) -> Fake:
    print(f"loaded {arguments['strictness']}", file=sys.stderr, flush=True)
    if arguments["strictness"] == "aggressive":
        raise ModelError("no model here.")
    return Fake()


if __name__ == "__main__":
    create(Given({"lsp.delay": float(sys.argv[1])}), load).start_io()
