"""What the words of a phrase may have been."""

from __future__ import annotations

from math import isclose
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.words import words
from mtfix.senses.channel import STEP, Channel, own


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Channel:
    """Knows "odd" (strange 1/2, odd 1/4, uneven 1/8), "woods" (forests .6, woods .4) and "odd and even" (all .9)."""
    names = ["forests", "odd", "strange", "uneven", "woods", "odd and even", "all of it"]
    path: Path = tmp_path_factory.mktemp("channel") / "channel.npz"
    costs = -np.log([0.5, 0.25, 0.125, 0.6, 0.4, 0.9])
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(names).encode(), np.uint8),
        known=np.array([1, 4, 5], np.int32),
        starts=np.array([0, 3, 5, 6], np.int32),
        meant=np.array([2, 1, 3, 0, 4, 6], np.int32),
        costs=np.rint(costs / STEP).astype(np.uint8),
    )
    return Channel(path)


def test_a_form_may_stand_for_several(channel: Channel) -> None:
    found = channel.meant("odd")
    assert [new for _, new in found] == ["strange", "odd", "uneven"]
    assert all(isclose(log, np.log(p), abs_tol=STEP) for (log, _), p in zip(found, [0.5, 0.25, 0.125], strict=True))
    assert channel.meant("of") == []


def test_every_word_is_exchanged_by_itself_and_the_likeliest_wording_comes_first(channel: Channel) -> None:
    found = channel.phrase("odd woods", 10)
    assert [new for _, new in found] == [
        "strange forests", "strange woods", "odd forests", "uneven forests", "uneven woods"
    ]  # fmt: skip
    assert found[0][0] == channel.meant("odd")[0][0] + channel.meant("woods")[0][0]
    assert channel.phrase("odd woods", 2) == found[:2]


def test_case_and_what_lies_between_words_stay(channel: Channel) -> None:
    assert channel.phrase("the  Odd-looking WOODS, (odd)", 2)[0][1] == "the  Odd-looking FORESTS, (strange)"
    assert channel.phrase("Odd", 1) == [(channel.meant("odd")[0][0], "Strange")]


def test_several_words_may_stand_for_something_together(channel: Channel) -> None:
    found = channel.phrase("an Odd and  even number", 3)
    assert [new for _, new in found] == [
        "an All of it number", "an Strange and  even number", "an Uneven and  even number"
    ]  # fmt: skip
    assert channel.meant("odd and") == []


def test_how_probable_it_is_that_all_words_stayed(channel: Channel) -> None:
    odd, woods = ({new: log for log, new in channel.meant(form)}[form] for form in ("odd", "woods"))
    assert channel.kept("an Odd woods") == odd + woods
    assert channel.kept("of the") == channel.kept("") == 0


def test_what_no_word_is_known_of_has_no_other_wording(channel: Channel) -> None:
    assert channel.phrase("of the", 5) == channel.phrase("", 5) == channel.phrase("  ", 5) == []


@given(st.text("oddwsuneven ,.\nÀ-'", max_size=40), st.integers(1, 20))
def test_wordings_differ_from_the_text_and_from_each_other(text: str, most: int) -> None:
    found = own().phrase(text, most)
    assert len({new for _, new in found}) == len(found) <= most
    assert text not in {new for _, new in found}
    assert [log for log, _ in found] == sorted((log for log, _ in found), reverse=True)
    assert all(log <= 0 for log, _ in found)


def test_the_table_of_the_package_has_probabilities() -> None:
    for form in ("final", "profound", "woodland", "locales"):
        found = own().meant(form)
        assert form in {new for _, new in found}
        assert len({new for _, new in found}) == len(found)
        assert 0 < sum(np.exp(log) for log, _ in found) < 1.05
        assert sum(len(words(new)) > 1 for _, new in found) <= 2
