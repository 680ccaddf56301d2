"""Numbers, units and negations are found in every spelling, in order."""

from __future__ import annotations

import pytest
from hostile import texts
from hypothesis import given

from mtfix.documents.facts import negations, numbers, opposed, units


@given(texts, texts)
def test_they_never_raise_and_come_in_order(one: str, other: str) -> None:
    for facts in (numbers, negations):
        assert facts(f"{one} . x . x . {other}") == facts(one) + facts(other)


def test_numbers_in_one_spelling() -> None:
    assert numbers("1,000 and 2 million, three, 05, 0.5, ٣, ½") == ["1000", "2", "million", "3", "5", "0.5", "3", "½"]
    assert numbers("2019-05-01 at 19:30") == ["2019", "5", "1", "19", "30"]
    assert numbers("0 000") == ["0", "0"]
    assert numbers("one of those first, hundreds") == ["hundreds"]
    assert numbers("one mile, one by one") == ["1"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("three cars and five boats", "five cars and three boats"),
        ("a million dollars", "millions of dollars"),
        ("the twenty-first", "the twenty-second"),
        ("the first man", "the last man"),
        ("their second attack", "their other attack"),
        ("thirty-one men", "thirty men"),
        ("two thirds", "two fifths"),
        ("half of them", "all of them"),
        ("prices doubled", "prices tripled"),
        ("one hour half", "half an hour"),
    ],
)
def test_other_numbers_are_told_apart(old: str, new: str) -> None:
    assert numbers(old) != numbers(new)


def test_the_same_number_in_another_form_is_the_same() -> None:
    assert numbers("two millions") == numbers("two million")
    assert numbers("two third") == numbers("two thirds")


def test_units_are_told_apart_and_their_spellings_are_not() -> None:
    assert units("5 kilometers of 3 square metres, two years") == ["kilometre", "metre", "year"]
    assert units("5 kilometres") == units("five kilometer")
    assert units("5 miles") != units("5 kilometres")
    assert units("five percent") == units("five per cent") != units("five points")
    assert units("many miles of 7") == []


def test_negations_in_one_spelling() -> None:
    assert negations("He can't, cannot, WON’T, dont, hadn 't, isnʼt, aint and does not.") == ["not"] * 8
    assert negations("No one; never without. See No. 5 and a notable knot.") == ["no", "never", "without"]


@pytest.mark.parametrize(
    ("old", "new", "is_opposed"),
    [
        ("unable", "able", True),
        ("was possible", "was impossible", True),
        ("members", "non-members", True),
        ("uncle", "aunt", False),
        ("unable", "not able", True),
        ("unhappy", "unhappy and sad", False),
    ],
)
def test_a_negating_prefix_makes_the_opposite(old: str, new: str, is_opposed: bool) -> None:
    assert opposed(old, new) is is_opposed
