"""What the words of a phrase may have been."""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import isclose
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtfix.documents.words import words
from mtfix.senses.channel import LONGEST, STEP, Channel, Rewording, own
from mtfix.types import Span


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Channel:
    """Knows "odd" (strange 1/2, odd 1/4, uneven 1/8), "woods" (forests .6, woods .4), "odd and even" (all of it .9) and
    "sure", which stays."""
    names = ["forests", "odd", "strange", "uneven", "woods", "odd and even", "all of it", "sure", "safe"]
    path: Path = tmp_path_factory.mktemp("channel") / "channel.npz"
    costs = -np.log([0.5, 0.25, 0.125, 0.6, 0.4, 0.9, 1.0, 0.01])
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(names).encode(), np.uint8),
        known=np.array([1, 4, 5, 7], np.int32),
        starts=np.array([0, 3, 5, 6, 8], np.int32),
        meant=np.array([2, 1, 3, 0, 4, 6, 7, 8], np.int32),
        costs=np.rint(costs / STEP).astype(np.uint8),
    )
    return Channel(path)


def reworded(
    channel: Channel, text: str, most: int = 10, doubts: Sequence[float] = (), place: Span | None = None,
    least: float = -99.0,
) -> list[Rewording]:  # fmt: skip
    run = [word for word in words(text) if word.of(text)[0].isalpha()]
    return channel.rewordings(text, run, doubts or [0.0] * len(run), place or Span(0, len(text)), most, least)


def told(text: str, found: Sequence[Rewording]) -> list[tuple[str, str]]:
    return [(one.span.of(text), one.text) for one in found]


def test_a_form_may_stand_for_several(channel: Channel) -> None:
    found = channel.meant("odd")
    assert [new for _, new in found] == ["strange", "odd", "uneven"]
    assert all(isclose(log, np.log(p), abs_tol=STEP) for (log, _), p in zip(found, [0.5, 0.25, 0.125], strict=True))
    assert channel.meant("of") == []


def test_a_table_says_what_it_was_made_without(channel: Channel, tmp_path: Path) -> None:
    assert channel.without == frozenset()
    with np.load(channel.path) as file:
        np.savez_compressed(tmp_path / "apart.npz", **file, without=np.array(["slavic", "romance"]))
    assert Channel(tmp_path / "apart.npz").without == {"slavic", "romance"}
    assert Channel(tmp_path / "apart.npz").meant("odd") == channel.meant("odd")


def test_every_word_is_exchanged_by_itself_and_the_likeliest_wording_comes_first(channel: Channel) -> None:
    text = "odd woods"
    found = reworded(channel, text)
    assert told(text, found) == [
        ("odd woods", "strange forests"), ("woods", "forests"), ("odd", "strange"), ("odd woods", "uneven forests"),
        ("odd", "uneven"),
    ]  # fmt: skip
    assert reworded(channel, text, 2) == found[:2]
    strange, forests, both = (next(one.odds for one in found if one.text == new) for new in
                              ("strange", "forests", "strange forests"))  # fmt: skip
    assert both == pytest.approx(strange + forests)
    # that it was exchanged at all, 3 to 1 of which half counts, and for this
    assert strange == pytest.approx(math.log(3) / 2 + math.log(2 / 3), abs=3 * STEP)


def test_what_looks_right_stays(channel: Channel) -> None:
    text = "odd woods"
    assert told(text, reworded(channel, text, 1, [0.0, -3.0])) == [("odd", "strange")]
    assert reworded(channel, text, 1, [2.0, 1.0])[0].odds == pytest.approx(reworded(channel, text, 1)[0].odds + 3)


def test_each_changes_something_of_the_place(channel: Channel) -> None:
    text = "odd old woods"
    found = told(text, reworded(channel, text, place=Span(8, 13)))
    assert found[:2] == [("odd old woods", "strange old forests"), ("woods", "forests")]
    assert all(old.endswith("woods") for old, _ in found)
    assert told(text, reworded(channel, text, place=Span(4, 7))) == [
        ("odd old woods", "strange old forests"), ("odd old woods", "uneven old forests")
    ]  # fmt: skip


def test_there_is_none_unless_one_is_probable_enough(channel: Channel) -> None:
    found = reworded(channel, "odd woods and odd and even")
    assert reworded(channel, "odd woods and odd and even", least=found[0].odds) == found
    assert reworded(channel, "odd woods and odd and even", least=found[0].odds + 0.01) == []


def test_case_and_what_lies_between_words_stay(channel: Channel) -> None:
    assert reworded(channel, "Odd\u00a0 WOODS", 1)[0].text == "Strange\u00a0 FORESTS"


def test_several_words_may_stand_for_something_together(channel: Channel) -> None:
    text = "an Odd and  even number"
    found = reworded(channel, text)
    assert told(text, found) == [("Odd and  even", "All of it"), ("Odd", "Strange"), ("Odd", "Uneven")]
    # the doubts about all of them count
    assert reworded(channel, text, 1, [0.0, 1.0, 1.0, 1.0, 0.0])[0].odds == pytest.approx(found[0].odds + 3)
    assert channel.meant("odd and") == []


def test_no_rewording_reaches_over_more_than_so_many_words(channel: Channel) -> None:
    far = f"odd {'old ' * (LONGEST - 1)}woods"
    assert all(len(one.text.split()) == 1 for one in reworded(channel, far))
    near = f"odd {'old ' * (LONGEST - 2)}woods"
    assert len(reworded(channel, near, 1)[0].text.split()) == LONGEST


def test_a_word_that_always_stays_is_hardly_exchanged(channel: Channel) -> None:
    assert [one.odds < -1.5 for one in reworded(channel, "sure")] == [True]


def test_what_no_word_is_known_of_has_no_other_wording(channel: Channel) -> None:
    assert reworded(channel, "of the") == reworded(channel, "") == reworded(channel, "  ") == []


@settings(deadline=None)  # the first one reads the table
@given(
    st.text("oddwsuneven ,.\nÀ-'", max_size=40), st.integers(1, 20),
    st.lists(st.floats(-7, 7), min_size=40, max_size=40), st.floats(-9, 9),
)  # fmt: skip
def test_rewordings_begin_and_end_with_words_of_the_run(
    text: str, most: int, doubts: list[float], least: float
) -> None:
    run = words(text)
    found = own().rewordings(text, run, doubts[: len(run)], Span(0, len(text)), most, least)
    if found:
        assert found[0].odds >= least
        assert own().rewordings(text, run, doubts[: len(run)], Span(0, len(text)), most, -99.0) == found
    assert len({(one.span, one.text) for one in found}) == len(found) <= most
    assert [one.odds for one in found] == sorted((one.odds for one in found), reverse=True)
    for one in found:
        assert one.span.start in {word.start for word in run}
        assert one.span.end in {word.end for word in run}


def test_the_table_of_the_package_has_probabilities() -> None:
    for form in ("final", "profound", "woodland", "locales"):
        found = own().meant(form)
        assert form in {new for _, new in found}
        assert len({new for _, new in found}) == len(found)
        assert 0 < sum(np.exp(log) for log, _ in found) < 1.05
        assert sum(len(words(new)) > 1 for _, new in found) <= 2


def test_a_british_word_was_not_put_for_its_american_self() -> None:
    assert "labor" in {new for _, new in own().meant("labour")}
    assert "labor" not in {one.text for one in reworded(own(), "labour", 50)}
