from __future__ import annotations

import json
import math
import random
from collections import Counter
from typing import ClassVar

import pytest

from mtfix.corpus.engines import identity, phrases
from mtfix.corpus.engines.base import Damage, damaged_share, edits_of
from mtfix.corpus.engines.channel import ChannelEngine
from mtfix.corpus.engines.names import NamesEngine
from mtfix.corpus.engines.thesaurus import ThesaurusEngine
from mtfix.corpus.engines.tortured import TorturedEngine, part_of
from mtfix.corpus.wordnet import English
from mtfix.documents.edits import apply_edits
from mtfix.senses.channel import Channel, own


def results(damage, sentence, density=1.0, seeds=60):
    return Counter(damage(sentence, density, random.Random(seed)) for seed in range(seeds))


class TestThesaurus:
    @pytest.fixture
    def engine(self, wordnets):
        return ThesaurusEngine(English(wordnets))

    def test_synonyms_of_every_sense_are_taken(self, engine):
        found = results(engine.damage, "The bank fell.")
        assert set(found) == {"The depository fell.", "The slope fell."}
        assert min(found.values()) > 10

    def test_some_forms_are_left_uninflected(self, engine):
        found = results(engine.damage, "The banks fell.", seeds=100)
        assert set(found) == {
            "The depositories fell.", "The slopes fell.", "The depository fell.", "The slope fell.",
        }  # fmt: skip
        bare = found["The depository fell."] + found["The slope fell."]
        assert 10 < bare < 45

    def test_units_of_several_words_are_exchanged_whole(self, engine):
        assert set(results(engine.damage, "The prime minister spoke.")) == {"The premier spoke."}
        assert "The planes departed." in results(engine.damage, "The planes took off.")

    def test_names_and_numbers_stay(self, engine):
        text = "Mr Bank paid 3,000 to BANK."
        assert set(results(engine.damage, text)) == {text}

    def test_nothing_changes_at_density_zero(self, engine):
        assert set(results(engine.damage, "The bank and the banks fell.", density=0.0)) == {
            "The bank and the banks fell."
        }

    def test_same_seed_same_damage(self, engine, wordnets):
        other = ThesaurusEngine(English(wordnets))
        text = "The banks and the late prime minister took off to the bank."
        for seed in range(20):
            first, second = (e.damage(text, 0.6, random.Random(seed)) for e in (engine, other))
            assert first == second


class TestChannel:
    @pytest.fixture
    def engine(self):
        """A table in which "profound" may have been "deep", and so on; every word may also have stayed."""
        return ChannelEngine(Table({
            "profound": {"deep": 0.9}, "studying": {"learning": 0.6, "study": 0.3}, "flag": {"signal": 0.9},
            "commotion": {"noise": 0.9}, "flag to commotion": {"signal to noise": 0.9}, "the": {"deep": 0.5},
            "other": {"deep": 0.5}, "xyzzyx": {"deep": 0.9}, "which": {"the": 0.9}, "big": {"huge": 0.9},
        }))  # fmt: skip

    def test_neighbours_are_exchanged_one_by_one(self, engine):
        found = results(engine.damage, "He likes deep learning now.", seeds=200)
        assert "He likes profound studying now." in found
        # function words are no damage of this kind, and what hardly anybody writes is not printed
        assert all(not {"the", "xyzzyx"} & set(text.split()) for text in found)

    def test_units_are_exchanged_whole(self, engine):
        assert "A flag to commotion ratio." in results(engine.damage, "A signal to noise ratio.")

    def test_casing_is_kept_and_articles_mostly_follow(self, engine):
        assert "Profound studying won." in results(engine.damage, "Deep learning won.")
        assert {"A big end.", "An big end."} >= set(results(engine.damage, "A huge end.")) - {"A huge end."} > set()

    @pytest.mark.parametrize("text", ["Mr Noise met Deep Signal.", "The 3 of the -.", "A NOISE: deep-sea."])
    def test_names_function_words_and_marks_stay(self, engine, text):
        assert set(results(engine.damage, text)) == {text}

    def test_nothing_changes_at_density_zero(self, engine):
        text = "Deep learning of noise."
        assert set(results(engine.damage, text, density=0.0)) == {text}

    def test_the_table_of_the_package_gives_damage_of_any_text(self):
        text = "The minister said that the growth of the economy would be slow."
        engine = ChannelEngine(own())
        found = [engine.damage(text, 0.4, random.Random(seed)) for seed in range(30)]
        assert found == [engine.damage(text, 0.4, random.Random(seed)) for seed in range(30)]
        assert len(set(found)) > 20
        for damaged in found:
            assert apply_edits(damaged, edits_of(Damage(damaged), text)) == text


class Table(Channel):
    """A channel that is told what it holds: form -> meant -> probability."""

    def __init__(self, entries):
        super().__init__()
        self.entries = entries

    def known(self):
        return list(self.entries)

    def meant(self, form):
        return [(math.log(p), meant) for meant, p in self.entries[form].items()]


LEXICON = [
    {"tortured": "profound learning", "expected": "deep learning"},
    {"tortured": "malignant growth", "expected": "cancer", "requires": ["cancer"]},
    {"tortured": "surface highlights", "expected": "surface features", "excludes": ["specular"]},
    {"tortured": "irregular woodland", "expected": "random forest", "requires": [{"any": ["trees", "classifier"]}]},
    {"tortured": "force of grasp", "expected": "power"},
    {"tortured": "exactness precision", "expected": "exact precision", "proximity": 5},
    {"tortured": "cadence plan", "expected": "rhythm pattern", "uncertain": True},
]


class TestTortured:
    @pytest.fixture
    def engine(self):
        return TorturedEngine(LEXICON)

    def damage(self, engine, text, context="", seed=1):
        return engine.damage(text, 1.0, random.Random(seed), context)

    def test_phrases_that_are_measured_on_are_not_learnt_from(self, tmp_path):
        terms = [f"{a} {b}" for a in ("deep", "random", "strong") for b in ("forest", "learning", "signal", "noise")]
        assert {part_of(term) for term in terms} == {"train", "tune", "test"}
        rows = [{"tortured": f"odd {term}", "expected": term} for term in terms]
        (tmp_path / "lexicon.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        engine = TorturedEngine.from_file(tmp_path / "lexicon.jsonl")
        for term in terms:
            tortured = self.damage(engine, f"A {term} came.").text != f"A {term} came."
            assert tortured == (part_of(term) == "train")

    def test_the_established_term_is_tortured_and_known_as_such(self, engine):
        clean = "They use deep learning here."
        damage = self.damage(engine, clean)
        assert damage.text == "They use profound learning here."
        [edit] = edits_of(damage, clean)
        assert (edit.original, edit.replacement, edit.category) == ("profound", "deep", "tortured-phrase")

    @pytest.mark.parametrize(
        ("clean", "damaged"),
        [
            ("Deep learning won.", "Profound learning won."),
            ("The Deep Learning Institute won.", "The Profound Learning Institute won."),
            ("Many random forests of trees grew.", "Many irregular woodlands of trees grew."),
        ],
    )
    def test_casing_and_plural_are_those_of_the_term(self, engine, clean, damaged):
        assert self.damage(engine, clean).text == damaged

    def test_required_terms_must_stand_elsewhere(self, engine):
        text = "She has cancer now."
        assert self.damage(engine, text).text == text
        assert self.damage(engine, text, "He had breast cancer.").text == "She has malignant growth now."
        assert self.damage(engine, "A random forest grew.").text == "A random forest grew."
        assert self.damage(engine, "A random forest grew.", "It is a classifier.").text == "A irregular woodland grew."

    def test_excluded_terms_forbid(self, engine):
        text = "It has surface features."
        assert self.damage(engine, text).text == "It has surface highlights."
        assert self.damage(engine, text, "Specular light.").text == text

    def test_lone_words_guesses_and_scattered_words_are_no_terms(self, engine):
        text = "The power of a rhythm pattern with exact precision."
        assert self.damage(engine, text).text == text

    def test_parts_of_words_are_left(self, engine):
        assert self.damage(engine, "A deep learningful day.").text == "A deep learningful day."


class TestNames:
    VARIANTS: ClassVar = {"Kabul": ["Caboul"]}

    @pytest.fixture
    def engine(self, wordnets):
        return NamesEngine(English(wordnets), self.VARIANTS, ["Strelsau", "Pandemonium", "Hentzau", "Zenda"])

    def found(self, engine, text, seeds=80):
        return Counter(engine.damage(text, 0.7, random.Random(seed)).text for seed in range(seeds))

    def test_a_country_and_its_adjective_take_each_others_place(self, engine):
        assert "In Ruritanian they met." in self.found(engine, "In Ruritania they met.")
        assert "The Ruritania army came." in self.found(engine, "The Ruritanian army came.")

    def test_other_spellings_come_from_the_gazetteer(self, engine):
        assert "He went to Caboul today." in self.found(engine, "He went to Kabul today.")

    def test_parts_that_are_words_are_translated(self, engine):
        assert "The Ruritanian Battlefront spoke." in self.found(engine, "The Ruritanian Front spoke.")

    def test_acronyms_come_back_in_another_order(self, engine):
        found = self.found(engine, "They left NATO now.")
        assert "They left OTAN now." in found
        changed = [text.split()[2] for text in found]
        assert all(sorted(word) == sorted("NATO") for word in changed)

    def test_unknown_names_drift_and_are_garbled_but_stay_alike(self, engine):
        found = {text.split()[1] for text in self.found(engine, "Near Shurnakh they met.")} - {"Shurnakh"}
        assert len(found) > 10
        assert all(name[:2] == "Sh" and name[0].isupper() and name.isalpha() for name in found)

    def test_only_names_change_and_the_edits_say_so(self, engine):
        clean = "The late father of Shurnakh came home from Kabul on Monday."
        for seed in range(60):
            damage = engine.damage(clean, 0.7, random.Random(seed))
            edits = edits_of(damage, clean)
            assert apply_edits(damage.text, edits) == clean
            assert {edit.replacement for edit in edits} <= {"Shurnakh", "Kabul"}
            assert {edit.category for edit in edits} <= {"name"}

    def test_first_words_months_and_density_zero(self, engine):
        for text in ("Kabul.", "Yesterday it rained.", "On Monday in March I left."):
            assert set(self.found(engine, text)) == {text}
        assert engine.damage("In Kabul.", 0.0, random.Random(1)).text == "In Kabul."

    def test_same_seed_same_damage(self, engine, wordnets):
        other = NamesEngine(English(wordnets), self.VARIANTS, ["Zenda", "Hentzau", "Pandemonium", "Strelsau"])
        for seed in range(30):
            one, two = (e.damage("In Shurnakh and Kabul.", 0.7, random.Random(seed)).text for e in (engine, other))
            assert one == two


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("The minister came home yesterday evening.", "plain"),
        ("“I will not go there again,” he said.", "quotation"),
        ("I ain't gonna do nothing about it.", "dialect"),
        ("O'er the hills thou goest.", "verse"),
        ("The parties shall be bound pursuant to Section 5.", "legal"),
        ("Set max_rows=5 and call flush() at 20 kHz.", "technical"),
        ("Bread, milk, eggs, butter, salt, and oil.", "list"),
        ("- a point of the list", "list"),
        ("Minister Resigns After Vote", "headline"),
        ("MINISTER RESIGNS AFTER VOTE", "headline"),
    ],
)
def test_kinds_of_clean_text(sentence, kind):
    assert identity.hard_kind(sentence) == kind
    assert kind in identity.KINDS


def outcomes(rule, text, seeds=60):
    """What a rule for phrases makes of a sentence of blank-separated words; None where it found nothing."""
    tokens = [token if i == 0 or token in ",.»”" else f" {token}" for i, token in enumerate(text.split())]
    made = (rule(list(tokens), random.Random(seed)) for seed in range(seeds))
    return {None if found is None else "".join(found) for found in made}


class TestPhraseRules:
    def test_modifiers_change_places(self):
        found = outcomes(phrases.modifiers, "the big old house fell")
        assert found == {"the old big house fell", "the big house old fell"}

    def test_noun_and_noun_become_a_genitive_and_back(self):
        assert outcomes(phrases.noun_of_noun, "a wheat field") == {"a field of wheat", "a field of the wheat"}
        assert outcomes(phrases.noun_of_noun, "a field of wheat") == {"a wheat field"}

    def test_relative_clauses_lose_and_change_their_pronoun(self):
        found = outcomes(phrases.relative_clause, "the farmer who came late")
        assert {"the farmer came late", "the farmer which came late", "the farmer who he came late"} <= found

    def test_coordination(self):
        found = outcomes(phrases.coordination, "bread and butter came")
        assert {"butter and bread came", "bread, butter came", "bread or butter came"} <= found

    def test_punctuation(self):
        found = outcomes(phrases.punctuation, "yesterday , bread came")
        assert {"yesterday bread came", "yesterday. bread came", "yesterday; bread came"} <= found

    def test_quotation_marks(self):
        found = outcomes(phrases.quotation_marks, "he said “ yes ”")
        assert {"he said yes”", "he said « yes”", "he said “ yes»"} <= found

    @pytest.mark.parametrize(
        "rule",
        [
            phrases.modifiers, phrases.noun_of_noun, phrases.relative_clause, phrases.coordination,
            phrases.punctuation, phrases.quotation_marks,
        ],
    )  # fmt: skip
    def test_where_nothing_fits_nothing_is_done(self, rule):
        assert outcomes(rule, "Hi", seeds=5) == {None}
        assert outcomes(rule, "", seeds=5) == {None}


def test_a_phrase_gives_its_category_to_every_edit_inside():
    damage = Damage("an irregular woodland came", {"irregular woodland": "tortured-phrase"})
    assert {e.category for e in edits_of(damage, "a random forest came")} == {"tortured-phrase"}
    assert [e.category for e in edits_of(Damage("the red woodlands", {"woodland": "name"}), "the red houses")] == [
        "wrong-sense"
    ]


def test_the_share_counts_the_longer_side():
    clean = "one two three four"
    assert damaged_share(edits_of(Damage("one two three four"), clean), clean) == 0
    assert damaged_share(edits_of(Damage("one three four"), clean), clean) == 0.25
    assert damaged_share(edits_of(Damage("one zwei drei four"), clean), clean) == 0.5
