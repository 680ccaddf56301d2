"""A small build that needs no tool from outside."""

from __future__ import annotations

import json

from mtfix.corpus.build import Request
from mtfix.corpus.overlap import HeldOut

NOTHING = HeldOut(())
LEXICON = {
    "late father": "final dad", "last days": "latter suns", "the people": "folk", "old village": "aged hamlet",
    "has said": "have told", "late talks": "final chats", "a success": "an achievement", "the talks": "chats",
}  # fmt: skip


def request(clean, out, sentences=300, engines=("tortured", "identity"), seed=13):
    """tortured needs nothing but a lexicon, and is there at once."""
    lexicon = out.parent / "data" / "tortured" / "lexicon_train.jsonl"
    lexicon.parent.mkdir(parents=True, exist_ok=True)
    lexicon.write_text("".join(json.dumps({"tortured": new, "expected": old}) + "\n" for old, new in LEXICON.items()))
    return Request([clean], list(engines), out, sentences, seed, out.parent / "data")
