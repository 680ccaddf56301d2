from __future__ import annotations

import pytest

from mtfix.documents.spelling import one_word, spelled_as


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("The organisers say that", "Organizers say", "Organisers say"),
        ("traveled by kilometers", "travelled for kilometres", "traveled for kilometers"),
        ("worst defence", "lost defense", "lost defence"),
        ("programmes atomic", "nuclear programs", "nuclear programmes"),
        ("COLOUR", "Color", "Colour"),
        ("a theatre’s neighbours", "the neighbors of a theater", "the neighbours of a theatre"),
    ],
)
def test_a_word_that_stays_keeps_its_spelling(old: str, new: str, expected: str) -> None:
    assert spelled_as(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("four", "for"), ("filled", "filed"), ("entre", "enter"), ("Alexandre", "Alexander"), ("timbre", "timber"),
        ("advice", "advise"), ("offence", "attack"), ("hour", "hours"), ("colour", "behavior"), ("", "color"),
        ("rise", "prize"), ("tour", "tor"), ("sense", "essence"),
    ],
)  # fmt: skip
def test_other_words_are_as_they_are(old: str, new: str) -> None:
    assert spelled_as(old, new) == new


def test_what_is_spelled_alike_is_untouched() -> None:
    assert spelled_as("The labour of  centres", "labour in\u00a0centres ") == "labour in\u00a0centres "


@pytest.mark.parametrize(
    ("form", "other", "expected"),
    [("labour", "labor", True), ("labor", "labour", True), ("red", "red", True), ("four", "for", False),
     ("labour", "labours", False), ("hospitalised", "hospitalized", True), ("centre", "central", False)],
)  # fmt: skip
def test_one_word_may_have_two_spellings(form: str, other: str, expected: bool) -> None:
    assert one_word(form, other) == expected
