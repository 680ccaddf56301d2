from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mtfix.review.anchors import anchor, find_again
from mtfix.types import Span

TEXTS = st.text(alphabet="ab .\n", max_size=120)


def spans(text: str) -> list[Span]:
    return [Span(start, min(len(text), start + 2)) for start in range(0, len(text), 3)]


@given(TEXTS)
def test_in_the_same_text_every_place_is_where_it_was(text) -> None:
    places = spans(text)
    assert find_again(text, [anchor(text, place) for place in places]) == places


@given(TEXTS, st.text(alphabet="xyz", min_size=1, max_size=30))
def test_text_put_in_front_moves_all_places(text, front) -> None:
    places = spans(text)
    found = find_again(front + text, [anchor(text, place) for place in places])
    # the first ones have lost nothing either: what was kept before them is still there
    assert found == [place.shifted(len(front)) for place in places]


@given(TEXTS, TEXTS)
def test_in_any_text_what_is_found_has_its_old_words_and_does_not_overlap(old, new) -> None:
    places = spans(old)
    found = find_again(new, [anchor(old, place) for place in places])
    for place, now in zip(places, found, strict=True):
        assert now is None or now.of(new) == place.of(old)
    real = sorted(place for place in found if place is not None)
    assert all(a.end <= b.start for a, b in pairwise(real))


def test_a_word_elsewhere_is_not_taken_for_the_one_that_is_gone() -> None:
    old = "The final offer was refused by both sides."
    assert find_again("A final word on other things.", [anchor(old, Span(4, 9))]) == [None]


def test_of_two_places_alike_each_keeps_its_own() -> None:
    line = "The same long line with a final word in it, told again and again and again.\n"
    old = line * 3
    places = [Span(26 + len(line) * n, 31 + len(line) * n) for n in range(3)]
    new = "Something new comes first.\n" + old
    assert find_again(new, [anchor(old, p) for p in places]) == [p.shifted(27) for p in places]


def test_an_insertion_is_found_by_its_neighbours() -> None:
    old = "He went to the market in town on Monday morning."
    new = "Yesterday: " + old
    assert find_again(new, [anchor(old, Span(8, 8))]) == [Span(19, 19)]
