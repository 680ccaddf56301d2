"""Number and tense beside a repair: what it upsets is seen; what was wrong before, or can't be told, is let be."""

from __future__ import annotations

import pytest

from mtfix.judge.agreement import upset
from mtfix.types import Span


def upsets(sentence: str, old: str, new: str) -> bool:
    start = sentence.index(old)
    return upset(sentence, Span(start, start + len(old)), new)


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        ("They counted many victims.", "victims", "casualty"),
        ("It was another assault on the town.", "assault", "attacks"),
        ("The two parties are arguing.", "parties", "side"),
        ("They will gather on Monday.", "gather", "met"),
        ("They could announce it.", "announce", "announced"),
        ("They were late.", "They were", "They was"),
        ("She has left.", "has", "have"),
        ("The men came and they do know.", "do know", "does know"),
    ],
)
def test_what_no_longer_agrees_is_seen(sentence: str, old: str, new: str) -> None:
    assert upsets(sentence, old, new)


@pytest.mark.parametrize(
    ("sentence", "old", "new"),
    [
        ("They counted many victims.", "victims", "casualties"),
        ("Many civilian victims were counted.", "victims", "casualties"),
        ("It was another assault on the town.", "assault", "attack"),
        ("Every play of the sports club was lost.", "play", "match"),
        ("He joined a games club.", "games", "sports"),
        ("They will gather on Monday.", "gather", "meet"),
        ("They will always win.", "always", "perhaps"),
        ("They will need it.", "need", "proceed"),
        ("Does she own it?", "own", "have"),
        ("By a means unknown.", "means", "series"),
        ("A lot of species live there.", "A lot of", "Many"),
        ("Five laws died.", "laws", "policemen"),
        ("Two adult males came.", "adult males", "men"),
        # wrong before and after: no worse
        ("They counted many victim.", "victim", "casualty"),
        ("They was late.", "late", "early"),
        # far from the edit
        ("They was late, and the ship sank.", "ship", "boat"),
    ],
)
def test_what_agrees_as_before_is_let_be(sentence: str, old: str, new: str) -> None:
    assert not upsets(sentence, old, new)


def test_an_edit_that_mends_agreement_upsets_nothing() -> None:
    assert not upsets("They counted many victim.", "victim", "victims")
    assert not upsets("They will met.", "met", "meet")
