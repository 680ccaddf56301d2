"""What speaks for one word having been another, with a small WordNet in place of the real one."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, field

import build_channel
import pytest

from mtfix.corpus.exchanges import FEATURES, Evidence, Exchange, exchanges, units, written

SEEN, AGAIN, SYNONYM, RELATIVE, LANGUAGES, HOPS, PART, IS_PART, SAME, FUNCTION, TOTAL = range(FEATURES)
ROWS = [
    {"tortured": "profound learning", "expected": "deep learning"},
    {"tortured": "profound neural locale", "expected": "deep neural site"},
    {"tortured": "Irregular woodland", "expected": "Random forest"},
    {"tortured": "malignant growth", "expected": "cancer"},
    {"tortured": "odd guess", "expected": "even chance", "uncertain": True},
    {"tortured": "set of 3", "expected": "set of 3"},
]


@dataclass
class WordNet:
    synonyms: dict[str, set[str]] = field(default_factory=lambda: {"erratic": {"irregular"}, "locale": {"venue"}})
    relatives: dict[str, set[str]] = field(default_factory=lambda: {"locale": {"place"}})


class Senses:
    def confused(self, lemma: str) -> dict[str, int]:
        return {"final": 3} if lemma == "locale" else {}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(exchanges(ROWS), WordNet(), Senses())  # type: ignore[arg-type]


def test_phrases_of_as_many_words_are_paired_word_by_word() -> None:
    found = exchanges(ROWS)
    assert Exchange("profound", "deep", "deep learning") in found
    assert Exchange("learning", "learning", "deep learning") in found
    assert Exchange("woodland", "forest", "random forest") in found
    assert {one.source for one in found} == {"deep learning", "deep neural site", "random forest", "set of 3"}
    assert not any(one.tortured == "3" for one in found)


def test_what_a_word_stood_for_is_counted(evidence: Evidence) -> None:
    found = evidence.of("profound")
    assert found["deep"][SEEN] == math.log1p(2)
    assert (found["deep"][PART], found["deep"][IS_PART]) == (math.log1p(2), 1.0)
    assert found["profound"][SAME:] == [1.0, 0.0, math.log1p(2)]


def test_of_a_phrase_left_out_nothing_is_known(evidence: Evidence) -> None:
    assert evidence.of("profound", without="deep learning")["deep"][SEEN] == math.log1p(1)
    found = evidence.of("woodland", without="random forest")
    assert set(found) == {"woodland"}
    assert found["woodland"][TOTAL] == 0
    assert evidence.of("woodland")["forest"][SEEN] > 0


def test_another_form_of_the_word_tells_too_and_is_inflected_alike(evidence: Evidence) -> None:
    found = evidence.of("locales")
    assert (found["sites"][SEEN], found["sites"][AGAIN]) == (0.0, math.log1p(1))
    assert found["venues"][SYNONYM : LANGUAGES + 1] == [1, 0, 0.0]
    assert found["places"][SYNONYM : LANGUAGES + 1] == [0, 1, 0.0]
    assert found["finals"][SYNONYM : LANGUAGES + 1] == [0, 0, math.log1p(3)]


def test_what_a_synonym_stood_for_is_a_candidate(evidence: Evidence) -> None:
    assert evidence.of("erratic")["random"][HOPS] == math.log1p(1)
    assert "random" not in evidence.of("erratic", without="random forest")


def test_function_words_and_unknown_ones_may_stay(evidence: Evidence) -> None:
    assert evidence.of("of")["of"][FUNCTION] == 1.0
    assert list(evidence.of("xyzzy")) == ["xyzzy"]
    assert all(len(f) == FEATURES for word in ("locales", "of", "xyzzy") for f in evidence.of(word).values())


def test_words_that_stood_for_something_together_are_what_is_left_of_uneven_phrases() -> None:
    rows = [
        {"tortured": "half and half approach", "expected": "hybrid approach"},
        {"tortured": "a half and half woodland", "expected": "a hybrid forest"},
        {"tortured": "profound brought together structure", "expected": "deep federated structure"},
        {"tortured": "impromptu", "expected": "ad hoc"},
        {"tortured": "one two three four five", "expected": "six"},
        {"tortured": "half 3 and", "expected": "hybrid"},
        {"tortured": "woodland", "expected": "random forest", "uncertain": True},
    ]
    assert units(rows, exchanges(ROWS)) == {
        "half and half": {"hybrid": 2}, "brought together": {"federated": 1}, "impromptu": {"ad hoc": 1}
    }  # fmt: skip


WRITTEN = [
    {
        "id": "news:3/0", "damaged": "Fifty losses died in the outcome, sources say.",
        "edits": [[6, 12, "casualties", "wrong-sense"], [25, 32, "end", "wrong-sense"]],
    },
    {"id": "news:4/0", "damaged": "He let in 3 goals.", "edits": [[3, 9, "conceded", "ws"], [10, 11, "4", "nu"]]},
    {"id": "sport:1/0", "damaged": "Losses grew.", "edits": [[12, 12, "again", "omission"]]},
]  # fmt: skip


def test_marked_words_and_the_right_ones_beside_them_are_counted_by_file() -> None:
    single, others = written(WRITTEN)
    assert others == [Exchange("let in", "conceded", "news:")]
    exchanged = [one for one in single if one.tortured != one.meant]
    assert exchanged == [Exchange("losses", "casualties", "news:"), Exchange("outcome", "end", "news:")]
    kept = {(one.tortured, one.source): one.count for one in single if one.tortured == one.meant}
    assert kept["in", "news:"] == kept["losses", "sport:"]  # of the first sentence: "let in" is one of the marked
    assert not {"3", "let", "outcome"} & {form for form, _ in kept}
    assert sum(kept.values()) == pytest.approx(len(exchanged))


def test_of_a_file_left_out_nothing_is_known() -> None:
    single, _ = written(WRITTEN)
    evidence = Evidence(single, WordNet(), Senses())  # type: ignore[arg-type]
    assert evidence.of("losses")["casualties"][SEEN] == math.log1p(1)
    assert set(evidence.of("losses", without="news:")) == {"losses"}
    assert "casualties" in evidence.of("losses", without="sport:")
    assert all(found[PART] == 0 for found in evidence.of("losses").values())  # files are no right phrases


def test_tables_without_files_need_articles(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["build_channel.py", "--lexicon", "none.jsonl", "--folds", "folds"])
    with pytest.raises(SystemExit, match="2"):
        build_channel.main()
    assert "--folds and --articles go together" in capsys.readouterr().err
