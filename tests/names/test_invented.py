"""A repair names no place that neither the document nor a reference does."""

from __future__ import annotations

import pytest
from fake_models import FakeDetector, FakeRewriter

from mtfix.corrector import Corrector
from mtfix.judge.invented import Told
from mtfix.names.evidence import Text
from mtfix.names.gazetteer import Gazetteer
from mtfix.names.ground import Names
from mtfix.settings import Settings
from mtfix.types import Span

TEXT = "They held out in the bulwark region, far from the capital."
REPAIRS = {"bulwark": "Helmand"}


def offered(text: str, names: Names | None) -> set[str]:
    tool = Corrector(FakeDetector({*REPAIRS}), FakeRewriter(REPAIRS), Settings(), {}, names)
    place = Span(text.index("bulwark"), text.index("bulwark") + len("bulwark"))
    asked = {edit.replacement for edits in tool.suggest(text, [place]) for edit in edits}
    return asked | {edit.replacement for edit in tool.fix(text).edits}


def test_a_place_that_nobody_named_is_not_proposed() -> None:
    assert offered(TEXT, None) == {"Helmand"}  # what the rewriter would say
    assert not offered(TEXT, Names())


@pytest.mark.parametrize("more", ["Helmand lies in the south.", "The Helmandi fighters stayed."])
def test_a_place_that_the_document_names_is(more: str) -> None:
    assert offered(f"{TEXT} {more}", Names()) == {"Helmand"}


def test_a_place_that_a_reference_names_is() -> None:
    assert offered(TEXT, Names([Text("Fighting went on in Helmand.", "the reference")])) == {"Helmand"}


@pytest.mark.parametrize(
    ("original", "replacement"),
    [
        ("Londres", "London"),  # another spelling of what stands there
        ("alemán", "German"),  # adjectives of countries are translated
        ("ministry of inside", "Interior Ministry"),
        ("Tribunal of the Rights of Man", "Court of Human Rights"),  # there is a town called Human
        ("road", "street"),
        ("OTAN", "NATO"),
        ("final", "late"),
        ("the", ""),
    ],
)
def test_words_that_are_no_news_of_a_place_are_free(original: str, replacement: str) -> None:
    assert not Told(["It was a long day."], Gazetteer()).invented(original, replacement)


def test_a_place_among_other_words_is_seen() -> None:
    told = Told(["Afghanistan is a country."], Gazetteer())
    assert told.invented("the bulwark region", "Helmand province")
    assert not told.invented("the bulwark region", "the Afghan region")
