"""Proposals that are put together word by word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_models import FakeRewriter

from mtfix.judge import wordings as module
from mtfix.judge.proposals import Proposal
from mtfix.judge.wordings import wordings
from mtfix.senses.channel import Channel
from mtfix.types import Span

SENTENCE = "We use a profound woodland here."
PLACE = Span(SENTENCE.index("profound"), SENTENCE.index(" here"))


class Known(Channel):
    def __init__(self, **known: dict[str, float]) -> None:
        super().__init__(Path("none"))
        self.known = known

    def meant(self, form: str) -> list[tuple[float, str]]:
        found = self.known.get(form, {})
        return sorted(((math.log(p), new) for new, p in found.items()), reverse=True)


class Rewriter(FakeRewriter):
    """Likes what holds one of the `liked` words, and answers everything with the same probability."""

    def __init__(self, *liked: str, sure: float | None = 0.25) -> None:
        super().__init__({})
        self.liked, self.sure, self.read = liked, sure, 0

    def gains(self, requests: Sequence[tuple[str, Sequence[tuple[Span, str]]]]) -> list[list[float]]:
        self.read += sum(len(changes) for _, changes in requests)
        return [[5.0 if any(w in new for w in self.liked) else 0.0 for _, new in c] for _, c in requests]

    def probabilities(
        self, asked: Sequence[tuple[str, Span, Sequence[tuple[Span, str]]]], around: int = 0
    ) -> list[list[float]]:
        assert around == 0
        return [[] if self.sure is None else [self.sure] * len(changes) for _, _, changes in asked]


CHANNEL = Known(
    profound={"deep": 0.6, "profound": 0.3, "abstruse": 0.1}, woodland={"forest": 0.5, "woodland": 0.3, "ash": 0.2}
)


def proposal(new: str) -> Proposal:
    return Proposal(PLACE, PLACE.of(SENTENCE), new, "other", 1.0, 0.9, 0.0, asked=2)


def test_wordings_come_with_what_all_three_say_of_them() -> None:
    ((first, *rest),) = wordings(Rewriter("ash"), CHANNEL, [(SENTENCE, PLACE)], [[]])
    found, log = first
    assert (found.span.of(SENTENCE), found.replacement) == ("profound woodland", "deep ash")
    assert (found.likelihood, found.rewriter, log) == (5.0, 0.25, pytest.approx(math.log(0.6 * 0.2)))
    assert len(rest) == 7


def test_an_edit_touches_no_more_than_it_changes_and_mends_the_article() -> None:
    ((*found,),) = wordings(Rewriter(), CHANNEL, [(SENTENCE, PLACE)], [[]])
    edits = {(p.span.of(SENTENCE), p.replacement) for p, _ in found}
    assert {("profound", "deep"), ("woodland", "forest"), ("a profound", "an abstruse")} <= edits


def test_what_was_found_anyway_is_not_found_twice_and_hears_of_the_channel() -> None:
    ((*found,),) = wordings(Rewriter(), CHANNEL, [(SENTENCE, PLACE)], [[proposal("deep forest"), proposal("park")]])
    assert [(p.replacement, p.rewriter) for p, _ in found[:2]] == [("deep forest", 0.9), ("park", 0.9)]
    assert [log for _, log in found[:2]] == [pytest.approx(math.log(0.6 * 0.5)), None]
    assert len({(p.span, p.replacement) for p, _ in found}) == len(found)


@pytest.mark.parametrize(
    "known",
    [
        # they are likelier to have stayed
        {"profound": {"profound": 0.6, "deep": 0.4}, "woodland": {"woodland": 0.9, "forest": 0.1}},
        # nothing is probable
        {"profound": {"deep": 0.1, "abstruse": 0.1, "dim": 0.1}, "woodland": {"forest": 0.5, "ash": 0.5}},
        {},
    ],
)
def test_a_place_whose_words_hardly_were_exchanged_is_plain(known: dict[str, dict[str, float]]) -> None:
    rewriter = Rewriter()
    found = wordings(rewriter, Known(**known), [(SENTENCE, PLACE)], [[proposal("deep forest")]])
    assert (found, rewriter.read) == ([[(proposal("deep forest"), None)]], 0)


def test_a_single_word_is_plain() -> None:
    place = Span(PLACE.start, PLACE.start + len("profound"))
    had = Proposal(place, "profound", "deep", "other", 1.0, 0.9, 0.0)
    assert wordings(Rewriter(), CHANNEL, [(SENTENCE, place)], [[had]]) == [[(had, None)]]


def test_only_so_many_are_read_and_asked_about() -> None:
    many = {f"word{i}": 0.4 for i in range(40)}
    text, rewriter = "odd woods", Rewriter()
    (found,) = wordings(rewriter, Known(odd=many, woods=many), [(text, Span(0, len(text)))], [[]])
    assert rewriter.read == module.MOST
    assert len(found) == module.KEPT


def test_there_are_none_of_a_place_that_is_empty_or_long_or_that_cannot_be_asked_about() -> None:
    text = "odd " * (module.LONGEST + 1) + "end"
    channel = Known(odd={"strange": 1.0})
    marks = f"odd {'(' * 2 * module.LONGEST}"
    places = [(text, Span(0, 0)), (text, Span(0, 4 * (module.LONGEST + 1) - 1)), (marks, Span(0, len(marks)))]
    assert wordings(Rewriter(), channel, places, [[], [], []]) == [[], [], []]
    assert wordings(Rewriter(sure=None), CHANNEL, [(SENTENCE, PLACE)], [[proposal("park")]]) == [
        [(proposal("park"), None)]
    ]
