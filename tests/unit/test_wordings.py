"""Proposals that are put together word by word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_models import FakeRewriter

from mtfix.detector.spans import Suspicion
from mtfix.documents.words import words
from mtfix.judge import wordings as module
from mtfix.judge.proposals import Proposal
from mtfix.judge.wordings import best_wordings, heard, wordings
from mtfix.senses.channel import Channel
from mtfix.types import Span, Token

SENTENCE = "We use a profound woodland here."
PROFOUND, WOODLAND = (Span(SENTENCE.index(w), SENTENCE.index(w) + len(w)) for w in ("profound", "woodland"))
PLACE = Span(PROFOUND.start, WOODLAND.end)


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


def scored(text: str, **bad: float) -> list[Token]:
    return [Token(word, bad.get(word.of(text), 0.01)) for word in words(text)]


def found(
    place: Span = PLACE, profound: float = 0.9, woodland: float = 0.9, most: int = 8, **more: object
) -> list[Proposal]:  # fmt: skip
    tokens = scored(SENTENCE, profound=profound, woodland=woodland)
    return wordings(CHANNEL, SENTENCE, Suspicion(place, 0.9), tokens, most=most, **more)


def told(some: Sequence[Proposal], text: str = SENTENCE) -> list[tuple[str, str]]:
    return [(p.span.of(text), p.replacement) for p in some]


def test_words_that_look_wrong_are_reworded_together() -> None:
    first = found()[0]
    assert told([first]) == [("profound woodland", "deep forest")]
    own = module.log_odds(0.9) + math.log(0.7 / 0.3) / 2
    assert first.exchanged == pytest.approx(2 * own + math.log(0.6 / 0.7) + math.log(0.5 / 0.7))
    assert (first.rewriter, first.asked, first.detector) == (0.0, 2, 0.9)


def test_a_suspicion_takes_along_what_looks_wrong_beside_it() -> None:
    assert told(found(PROFOUND))[0] == ("profound woodland", "deep forest")
    assert told(found(PROFOUND, woodland=0.05))[0] == ("profound", "deep")
    assert ("woodland", "forest") not in told(found(PROFOUND))


def test_an_edit_touches_no_more_than_it_changes_and_mends_the_article() -> None:
    assert {("woodland", "forest"), ("a profound", "an abstruse")} <= set(told(found()))
    article = SENTENCE.index("a profound")
    assert ("profound", "abstruse") in told(found(floor=article + 1))


def test_what_is_taken_stays() -> None:
    assert told(found(taken=[WOODLAND])) == [("profound", "deep"), ("a profound", "an abstruse")]
    assert found(taken=[PLACE]) == []


def test_a_mark_parts_what_is_reworded_together() -> None:
    text = "A profound, woodland (woodland"
    tokens = scored(text, profound=0.9, woodland=0.9)
    made = wordings(CHANNEL, text, Suspicion(Span(2, len(text)), 0.9), tokens)
    assert {old for old, _ in told(made, text)} <= {"profound", "woodland", "A profound"}


@pytest.mark.parametrize("score", [0.01, 0.08])
def test_where_nothing_looks_exchanged_nothing_is_reworded(score: float) -> None:
    assert found(profound=score, woodland=score) == []


def test_the_likeliest_are_kept_and_a_missing_word_has_none() -> None:
    assert told(found(most=2)) == told(found())[:2]
    assert found(Span(PLACE.end, PLACE.end)) == []


def test_marks_and_words_without_end_are_read_in_time() -> None:
    for text in ("(" * 20_000, "profound " * 2_000):
        tokens = scored(text, profound=0.9)
        assert len(wordings(CHANNEL, text, Suspicion(Span(0, len(text)), 0.9), tokens)) <= module.READ


def proposal(new: str, rewriter: float = 0.9) -> Proposal:
    return Proposal(PLACE, PLACE.of(SENTENCE), new, "other", 1.0, rewriter, 0.0, asked=2)


def test_what_was_found_anyway_is_not_found_twice_and_hears_of_it() -> None:
    made = found()
    all_ = heard([proposal("deep forest"), proposal("park")], made)
    assert [(p.replacement, p.rewriter) for p in all_[:2]] == [("deep forest", 0.9), ("park", 0.9)]
    assert [p.exchanged for p in all_[:2]] == [made[0].exchanged, -math.inf]
    assert all_[2:] == made[1:]


def test_where_nothing_was_reworded_nothing_is_heard() -> None:
    assert heard([proposal("park")], []) == [proposal("park")]


def test_those_that_read_best_are_asked_about() -> None:
    text, many = "odd woods", {f"word{i}": 0.4 for i in range(40)}
    tokens = scored(text, odd=0.9, woods=0.9)
    place = Span(0, len(text))
    made = wordings(Known(odd=many, woods=many), text, Suspicion(place, 1.0), tokens, most=module.MOST)
    assert len(made) == module.MOST
    read = [p if i < module.MOST - 1 else module.replace(p, likelihood=30.0) for i, p in enumerate(made)]
    (some,) = best_wordings(Rewriter(), [(text, place)], [[proposal("park"), *read]])
    assert (some[0].replacement, some[0].rewriter) == ("park", 0.9)
    assert len(some) == 1 + module.KEPT
    assert [p.rewriter for p in some[1:]] == [0.25] * module.KEPT
    assert some[1].replacement == made[-1].replacement


def test_those_that_cannot_be_asked_about_are_no_proposals() -> None:
    (some,) = best_wordings(Rewriter(sure=None), [(SENTENCE, PLACE)], [[proposal("park"), *found()]])
    assert some == [proposal("park")]
