"""Words that other languages have one word for."""

from __future__ import annotations

import numpy as np
import pytest

from mtfix.senses.lexicon import LANGUAGES, Senses, own


def test_confused_words_come_with_a_language_and_its_word() -> None:
    found = own().confusion("victims", "casualties")
    assert found is not None
    assert (found.one, found.other) == ("victim", "casualty")
    assert found.languages >= 3
    assert found.language in LANGUAGES.values()
    assert found.word


def test_order_and_inflection_make_no_difference() -> None:
    one, other = own().confusion("rejected", "resisted"), own().confusion("resist", "reject")
    assert one
    assert other
    assert (one.languages, one.word) == (other.languages, other.word)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dog", "table"), ("victims", "victims"), ("", "late"), ("the", "of"), ("xyzzy", "late"), ("a b", "c d"),
        ("1", "2"), ("organisation", "organization"),
    ],
)  # fmt: skip
def test_what_is_not_confused(old: str, new: str) -> None:
    assert own().confusion(old, new) is None


def test_one_content_word_may_stand_among_others_that_stay() -> None:
    assert own().confusion("many of the victims", "many casualties") is not None
    assert own().confusion("many old victims", "several casualties") is None


def test_the_file_is_whole() -> None:
    with np.load(own().path) as tables:
        words = tables["words"].tobytes().decode().split("\n")
        lemmas = tables["lemmas"].tobytes().decode().split("\n")
        assert words == sorted(set(words))
        assert len(tables["starts"]) == len(words) + 1
        assert tables["starts"][-1] == len(tables["others"])
        assert tables["others"].max() < len(words)
        assert tables["example"].max() < len(lemmas)
        assert tables["languages"].min() >= 1
        assert tables["languages"].max() < 1 << len(LANGUAGES)
        assert ((tables["languages"] >> tables["spoken"]) & 1).all()
    assert own().path.stat().st_size < 6_000_000


def test_it_is_read_where_it_is_told(tmp_path) -> None:
    np.savez(
        tmp_path / "two.npz", words=np.frombuffer(b"bank\nshore", np.uint8), lemmas=np.frombuffer(b"tepi", np.uint8),
        starts=np.array([0, 1, 1], np.uint32), others=np.array([1], np.uint16), languages=np.array([32], np.uint16),
        example=np.array([0], np.uint32), spoken=np.array([5], np.uint8),
    )  # fmt: skip
    found = Senses(tmp_path / "two.npz").confusion("banks", "shores")
    assert found is not None
    assert (found.languages, found.language, found.word) == (1, "Indonesian", "tepi")
