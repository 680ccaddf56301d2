"""Changed names in clean text."""

from __future__ import annotations

import pytest

from mtfix.documents.words import words
from mtfix.evaluation.scores.harm import changed_facts
from mtfix.judge.decide import guarded
from mtfix.types import Span


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It was Mr. Smith who left.", "It was Mr. Smyth who left."),
        ("George W. Bush left.", "George W. Busch left."),
        ("He named one: Karzai.", "He named one: Karsai."),
        ("He said “Kabul is calm”.", "He said “Herat is calm”."),
        ("It rained. Kabul fell.", "It rained. Herat fell."),
        ("Kabul fell.", "Herat fell."),
        ("Turkey fell.", "Greece fell."),
        ("He sold an iPhone.", "He sold a phone."),
        ("Anna met Otto.", "Otto met Anna."),
    ],
)
def test_a_name_counts_wherever_it_stands(before: str, after: str) -> None:
    assert changed_facts(before, after)["names"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The army left.", "An army left."),
        ("The army left. It rained.", "Army left. Still it rained."),
        ("He said: the army left on final day.", "He said: The army left on its last day."),
        ("He said: kabul fell.", "He said: Kabul fell."),
        ("He sold an iphone.", "He sold an iPhone."),
        ("“the army left,” he said.", "“The army left,” he said."),
    ],
)
def test_casing_and_words_that_are_no_names_change_none(before: str, after: str) -> None:
    assert not changed_facts(before, after)["names"]


def test_a_new_capital_inside_a_sentence_counts_as_ever() -> None:
    assert changed_facts("They met the army.", "They met the Army.")["names"]


@pytest.mark.parametrize(
    "sentence", ["Kabul fell when Mr. Smith left: Otto, J. Karzai and “Anna” stayed.", "Obama’s aide met the UN."]
)
def test_what_the_guard_sees_counts(sentence: str) -> None:
    for span in words(sentence):
        word = span.of(sentence)
        if not word[0].isalnum() or not guarded(sentence, span, "something", "other", ()):
            continue
        changed = sentence[: span.start] + "something" + sentence[span.end :]
        assert any(changed_facts(sentence, changed).values()), word


def test_a_lone_edit_of_casing_is_seen_by_neither() -> None:
    sentence = "He said: the army left."
    assert not guarded(sentence, Span(9, 12), "The", "casing", ())
    assert not any(changed_facts(sentence, sentence.replace("the", "The")).values())
