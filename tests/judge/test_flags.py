"""What is said of a place that looks wrong, and nothing beyond what speaks for it."""

from __future__ import annotations

import pytest

from mtfix.detector.spans import Suspicion
from mtfix.judge.flags import flag
from mtfix.senses.lexicon import Confusion
from mtfix.types import Edit, Span


@pytest.mark.parametrize(
    ("sentence", "words", "category"),
    [
        ("The doctors doctors came.", "doctors", "repetition"),
        ("They came on tuesday night.", "tuesday", "casing"),
        ("In the Pandiness District they met.", "Pandiness", "name"),
        ("It lies in of the valley.", "in of", "function-word"),
        ("About twelve of them came.", "twelve", "number-unit"),
        ("A hard assault followed.", "assault", "wrong-sense"),
        ("A hard xyzzy followed.", "xyzzy", "other"),
        ("A hard assault followed.", "hard assault", "other"),
        ("Assault followed.", "Assault", "wrong-sense"),
        ("They went home.", "", "omission"),
    ],
)
def test_the_category_of_a_flag_without_repair(sentence: str, words: str, category: str) -> None:
    start = sentence.index(words) if words else 4
    assert flag(sentence, Suspicion(Span(start, start + len(words)), 0.8)).category == category


@pytest.mark.parametrize(
    ("sentence", "words", "category"),
    [
        ("The doctors doctors came.", "doctors", "repetition"),
        ("They came on tuesday night.", "tuesday", "casing"),
        ("They went home.", "", "omission"),
        ("In the Pandiness District they met.", "Pandiness", "name"),
        ("A hard xyzzy followed.", "xyzzy", "tortured-phrase"),
        ("It lies in of the valley.", "in of", "tortured-phrase"),
    ],
)
def test_what_the_words_show_goes_before_the_kind_that_the_detector_tells(
    sentence: str, words: str, category: str
) -> None:
    start = sentence.index(words) if words else 4
    place = Suspicion(Span(start, start + len(words)), 0.8, kind="tortured-phrase")
    assert flag(sentence, place).category == category


def repaired(original: str, new: str, confusion: Confusion | None) -> str:
    sentence = f"A {original} father."
    edit = Edit(Span(2, 2 + len(original)), original, new, "wrong-sense", 0.8, "rewriter", True)
    return flag(sentence, Suspicion(edit.span, 0.8), edit, confusion=confusion).message


def test_the_message_gives_the_repair_and_the_evidence() -> None:
    known = Confusion("final", "late", 2, "Indonesian", "terakhir")
    assert repaired("final", "late", None) == "“final” looks wrong here: perhaps “late”"
    assert repaired("final", "late", known) == (
        "“final” looks wrong here: perhaps “late” (Indonesian “terakhir” means both)"
    )
    victims = Confusion("victim", "casualty", 6, "Italian", "vittima")
    assert repaired("victims", "casualties", victims).endswith("(Italian “vittima” means both)")
    assert repaired("very final", "late", known).endswith("(Indonesian “terakhir” means “final” and “late”)")
    assert repaired("final", "", None) == "“final” looks wrong here: perhaps it should go"


def test_the_message_says_when_a_repair_was_looked_for_in_vain() -> None:
    place = Suspicion(Span(2, 9), 0.8)
    assert flag("A hardest assault.", place).message == "“hardest” looks wrong here"
    assert flag("A hardest assault.", place, searched=True).message.endswith(": no trustworthy repair found")
