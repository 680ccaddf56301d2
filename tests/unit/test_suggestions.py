"""What is offered for a place that a reader marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from fake_models import FakeDetector, FakeRewriter
from hypothesis import given
from hypothesis import strategies as st

from mtfix import suggestions
from mtfix.documents.edits import apply_edits, filled
from mtfix.documents.formats import open_document
from mtfix.rewriter.model import Candidate
from mtfix.types import Document, Edit, Span

TEXT = "A final father fought. He won the war, and left the town.  It was “good”."


class Rewriter(FakeRewriter):
    """Would rather leave words as they are; `second` is how likely an answer is to the wider question."""

    def __init__(self, answers: dict[str, list[str]], second: dict[str, float] | None = None) -> None:
        super().__init__({})
        self.known, self.second = answers, second or {}

    def _candidates(self, text: str) -> list[Candidate]:
        kept = [Candidate(text, 0.5)]
        return kept + [Candidate(new, 0.2 - i / 100) for i, new in enumerate(self.known.get(text, ()))]

    def probabilities(
        self, asked: Sequence[tuple[str, Span, Sequence[tuple[Span, str]]]], around: int = 0
    ) -> list[list[float]]:
        del around
        return [[self.second[new] for _, new in changes] if self.second else [] for _, _, changes in asked]


def suggested(
    rewriter: Rewriter, requests: Sequence[tuple[str, Sequence[Span]]], bad: set[str] = frozenset()
) -> list[list[list[Edit]]]:
    return suggestions.suggested(FakeDetector(bad), rewriter, requests)


def place(words: str, text: str = TEXT) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def test_the_words_themselves_are_no_answer_however_likely() -> None:
    (found,) = suggested(Rewriter({"final": ["late", "last"]}), [(TEXT, [place("final")])])
    assert [[edit.replacement for edit in edits] for edits in found] == [["late", "last"]]
    assert not any(edit.applied for edits in found for edit in edits)
    assert all(edit.original == edit.span.of(TEXT) for edits in found for edit in edits)


def test_what_the_wider_question_doubts_falls_back() -> None:
    rewriter = Rewriter({"final": ["late", "last"]}, {"late": 0.01, "last": 0.3})
    ((edits,),) = suggested(rewriter, [(TEXT, [place("final")])])
    assert [edit.replacement for edit in edits] == ["last", "late"]
    assert edits[0].confidence > edits[1].confidence


def test_what_the_detector_holds_for_wrong_falls_back() -> None:
    rewriter = Rewriter({"final": ["last", "late"]})
    assert [edit.replacement for edit in suggested(rewriter, [(TEXT, [place("final")])])[0][0]] == ["last", "late"]
    ((edits,),) = suggested(rewriter, [(TEXT, [place("final")])], {"last"})
    assert [edit.replacement for edit in edits] == ["late", "last"]


def test_confidences_are_of_one_place_and_leave_room_for_none_of_them() -> None:
    ((edits,),) = suggested(Rewriter({"final": ["late", "last", "latter"]}), [(TEXT, [place("final")])])
    assert [edit.confidence for edit in edits] == sorted((edit.confidence for edit in edits), reverse=True)
    assert sum(edit.confidence for edit in edits) == pytest.approx(1 / (1 + math.exp(-2)))


def test_places_of_several_sentences_and_texts_keep_their_order() -> None:
    rewriter = Rewriter({"town": ["city"], "final": ["late"], "war": ["battle"], "red": ["blue"]})
    places = [place("town"), place("final"), place("left"), place("war")]
    other = "It is red."
    first, second = suggested(rewriter, [(TEXT, places), (other, [place("red", other)])])
    assert [[e.replacement for e in edits] for edits in first] == [["city"], ["late"], [], ["battle"]]
    assert [[e.span for e in edits] for edits in first] == [[places[0]], [places[1]], [], [places[3]]]
    assert [[e.replacement for e in edits] for edits in second] == [["blue"]]


def test_a_place_may_reach_over_the_end_of_a_sentence() -> None:
    rewriter = Rewriter({"fought. He": ["fought and"]})
    ((edits,),) = suggested(rewriter, [(TEXT, [place("fought. He")])])
    assert [filled(TEXT, place("fought. He"), edit) for edit in edits] == ["fought and"]


def test_nothing_is_asked_of_an_empty_text() -> None:
    assert suggested(Rewriter({}), [("", [Span(0, 0)]), (" \n", [])]) == [[[]], []]


@given(st.text("a b.\n“”é", max_size=30), st.data())
def test_edits_are_of_the_text_whatever_place_is_marked(text: str, data: st.DataObject) -> None:
    ends = st.tuples(*[st.integers(0, len(text))] * 2)
    places = [Span(*sorted(pair)) for pair in data.draw(st.lists(ends, max_size=4))]
    rewriter = Rewriter({})
    rewriter.known = {place.of(text): ["late", ""] for place in places}
    (found,) = suggested(rewriter, [(text, places)])
    assert len(found) == len(places)
    for place, edits in zip(places, found, strict=True):
        for edit in edits:
            assert edit.original == edit.span.of(text)
            assert edit.replacement != edit.original
            filled(text, place, edit)


def test_an_article_that_changes_with_the_place_is_not_of_the_place() -> None:
    text = "He bought a pear."
    ((edits,),) = suggested(Rewriter({"pear": ["apple"]}), [(text, [place("pear", text)])])
    assert [(edit.original, edit.replacement) for edit in edits] == [("a pear", "an apple")]
    assert filled(text, place("pear", text), edits[0]) == "apple"


@given(st.text("ab .", max_size=20), st.data())
def test_what_fills_a_place_is_what_an_edit_inside_it_leaves(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    inner = sorted(data.draw(st.tuples(*[st.integers(start, end)] * 2)))
    new = data.draw(st.text("ab ", max_size=5))
    edit = Edit(Span(*inner), text[inner[0] : inner[1]], new, "other", 0.5, "rewriter", applied=False)
    there = filled(text, Span(start, end), edit)
    assert text[:start] + there + text[end:] == text[: inner[0]] + new + text[inner[1] :]


@pytest.mark.parametrize("gone", ["final ", " final", "final"])
def test_a_place_whose_words_go_is_filled_with_nothing(gone: str) -> None:
    edit = Edit(place(gone), gone, "", "other", 0.5, "rewriter", applied=False)
    assert filled(TEXT, place("final"), edit).strip() == ""


def test_markdown_is_asked_about_as_it_is_read_and_keeps_its_markup() -> None:
    text = "A *final* [father](https://a.example/final) `final` fought.\n"
    document = open_document("a.md", text.encode()).document("a.md")
    rewriter = Rewriter({"final father": ["late dad"], "final": ["late"]})
    places = [Span(text.index("final"), text.index("]")), place("final", text), place("https://a.example", text)]
    whole, word, link = suggestions.suggested_in(FakeDetector(set()), rewriter, document, places)
    assert [apply_edits(text, [replace(e, applied=True)]) for e in whole] == [
        "A *late* [dad](https://a.example/final) `final` fought.\n"
    ]
    assert [(e.span, e.replacement) for e in word] == [(place("final", text), "late")]
    assert link == []  # nothing of it is read


def test_nothing_is_suggested_for_what_is_untouchable() -> None:
    document = Document(TEXT, untouchable=(place("war"),))
    rewriter = Rewriter({"war": ["battle"], "town": ["city"]})
    war, town = suggestions.suggested_in(FakeDetector(set()), rewriter, document, [place("war"), place("town")])
    assert war == []
    assert [edit.replacement for edit in town] == ["city"]
