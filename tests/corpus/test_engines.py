from __future__ import annotations

import random
from collections import Counter

import pytest

from mtfix.corpus.engines import roundtrip
from mtfix.corpus.engines.pivot import PivotEngine
from mtfix.corpus.engines.syntax import SyntaxEngine
from mtfix.corpus.wordnet import English, Pivot
from mtfix.documents.words import words

SENTENCES = [
    "The president of the country said that his government would not resign.",
    "In 2019 the army's tanks were seen near Kabul, which has been quiet since March.",
    "She has written many letters to the people of the village about their children.",
    "Two officials told the BBC that talks will continue until Friday.",
    "It is one of the oldest houses in the city and every visitor admires its garden.",
]


def plain(text):
    return Counter(s.of(text).lower() for s in words(text))


class TestWordnetFiles:
    def test_english_synsets_and_senses(self, wordnets):
        english = English(wordnets)
        assert english.lemmas["00000002-a"] == ["final", "last"]  # the adjective's place marker is gone
        assert english.ranked("late", "a") == ["00000001-a"]
        assert english.ranked("late", "n") == []
        assert english.synsets["victim", "n"] == ["00000012-n"]
        assert english.counts["late", "a"] == 23  # satellites are adjectives

    def test_pivot_lemmas_both_ways(self, wordnets):
        pivot = Pivot(wordnets / "wn-data-ind.tab.gz")
        assert pivot.language == "ind"
        assert pivot.lemmas["00000001-a"] == ["terakhir"]  # its definition is no lemma
        assert pivot.synsets["terakhir", "a"] == ["00000001-a", "00000002-a"]


class TestPivot:
    def test_late_becomes_final_through_a_shared_word(self, pivot_engine):
        assert {c for c, _ in pivot_engine.confusions(0, "late", "a")} == {"final", "last"}
        assert {c for c, _ in pivot_engine.confusions(0, "casualty", "n")} == {"victim"}
        assert pivot_engine.confusions(0, "father", "n") == []
        results = {pivot_engine.damage("His late father came.", 1.0, random.Random(i)) for i in range(20)}
        assert results == {"His final father came.", "His last father came."}

    def test_the_form_of_the_word_is_kept(self, pivot_engine):
        assert pivot_engine.damage("There were many casualties.", 1.0, random.Random(1)) == "There were many victims."
        assert pivot_engine.damage("Casualties were few.", 1.0, random.Random(1)) == "Victims were few."

    def test_names_and_numbers_stay(self, pivot_engine):
        text = "Mr Late and the Casualty of 1999 met LATE in 3,000 towns."
        for seed in range(20):
            assert pivot_engine.damage(text, 1.0, random.Random(seed)) == text

    def test_density_says_how_many_words_change(self, pivot_engine):
        text = "late " * 200
        assert pivot_engine.damage(text, 0.0, random.Random(1)) == text
        changed = sum(w != "late" for w in pivot_engine.damage(text, 0.3, random.Random(1)).split())
        assert 35 <= changed <= 85

    def test_articles_are_mostly_mended(self, pivot_engine):
        results = Counter(pivot_engine.damage("He was an late casualty.", 1.0, random.Random(i)) for i in range(60))
        mended = sum(n for text, n in results.items() if " a final" in text or " a last" in text)
        assert 30 < mended < 60  # some stay broken

    def test_same_seed_same_damage(self, wordnets):
        text = "His late father saw the last casualty and the final victim."
        one, two = (PivotEngine(English(wordnets), [Pivot(wordnets / "wn-data-ind.tab.gz")]) for _ in range(2))
        for seed in range(10):
            assert one.damage(text, 0.7, random.Random(seed)) == two.damage(text, 0.7, random.Random(seed))


class TestSyntax:
    def test_same_seed_same_damage(self):
        for sentence in SENTENCES:
            one, two = (SyntaxEngine().damage(sentence, random.Random(3)) for _ in range(2))
            assert one == two

    def test_mostly_something_breaks_and_little_of_it(self):
        engine = SyntaxEngine()
        changed = 0
        for seed in range(40):
            for sentence in SENTENCES:
                damaged = engine.damage(sentence, random.Random(seed))
                changed += damaged != sentence
                difference = (plain(sentence) - plain(damaged)) + (plain(damaged) - plain(sentence))
                assert difference.total() <= 12  # three places at most
        assert changed >= 0.95 * 40 * len(SENTENCES)

    def test_different_seeds_break_different_things(self):
        results = {SyntaxEngine().damage(SENTENCES[2], random.Random(seed)) for seed in range(30)}
        assert len(results) > 15

    @pytest.mark.parametrize("text", ["", " ", "?", "No.", "日本", "1,000", "a", "'s", "the"])
    def test_short_and_odd_sentences_pass(self, text):
        for seed in range(30):
            assert isinstance(SyntaxEngine().damage(text, random.Random(seed)), str)

    def test_numbers_stay(self):
        for seed in range(60):
            damaged = SyntaxEngine().damage("He paid 3,000.50 dollars in 1999 for the 2 of them.", random.Random(seed))
            assert [w for w in ("3,000.50", "1999") if w in damaged] == ["3,000.50", "1999"]


class TestRoundTrip:
    def test_without_apertium_the_error_says_what_to_install(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert roundtrip.available_chains() == []
        with pytest.raises(roundtrip.EngineMissingError, match=r"apt-get install apertium .*apertium-eng-spa"):
            roundtrip.round_trip(["A sentence."], "spa")

    def test_a_chain_needs_all_its_modes(self, fake_apertium):
        fake_apertium("eng-spa spa-eng spa-cat")
        assert roundtrip.available_chains() == ["spa"]
        with pytest.raises(roundtrip.EngineMissingError, match="spa-cat"):
            roundtrip.round_trip(["A sentence."], "spa-cat")

    def test_sentences_come_back_in_order_without_marks(self, fake_apertium):
        fake_apertium("eng-spa spa-eng")
        sentences = ["One *unknown word.", "A # number * apart, C# stays.", "Third\nline  here."]
        assert roundtrip.round_trip(sentences, "spa") == [
            "ONE UNKNOWN WORD.", "A # NUMBER * APART, C# STAYS.", "THIRD LINE HERE.",
        ]  # fmt: skip

    def test_a_sentence_that_loses_its_line_is_alone_without_an_answer(self, fake_apertium):
        fake_apertium("eng-spa spa-eng", program="grep -iv lost | tr a-z A-Z")
        sentences = ["One.", "Two.", "This is lost.", "Four.", "Five."]
        assert roundtrip.round_trip(sentences, "spa") == ["ONE.", "TWO.", None, "FOUR.", "FIVE."]

    def test_a_broken_apertium_gives_no_answer(self, fake_apertium):
        fake_apertium("eng-spa spa-eng", program="exit 3")
        assert roundtrip.round_trip(["One.", "Two."], "spa") == [None, None]
        assert roundtrip.translate([], ["eng-spa"]) == []


@pytest.fixture
def fake_apertium(tmp_path, monkeypatch):
    """An `apertium` that knows some modes and shouts."""

    def install(modes: str, program: str = "tr a-z A-Z") -> None:
        path = tmp_path / "bin" / "apertium"
        path.parent.mkdir()
        path.write_text(f'#!/bin/sh\nif [ "$1" = -l ]; then printf "  %s\\n" {modes}; else {program}; fi\n')
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")

    return install
