from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtfix.corpus.align import align
from mtfix.documents.categories import categorise
from mtfix.documents.edits import apply_edits
from mtfix.documents.words import words

WORDS = st.sampled_from(
    "the of a late final gold medal free trade agreement Kabul in is was 3,000 naïve U.S. man men , . ’s".split()
)
SENTENCES = st.lists(WORDS, max_size=12)


@st.composite
def corrupted(draw):
    """(damaged words, clean words): some words dropped, exchanged, doubled, moved or re-cased."""
    clean = draw(SENTENCES)
    damaged = list(clean)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(damaged)))
        match draw(st.integers(0, 4)):
            case 0:
                damaged[place : place + 1] = []
            case 1:
                damaged[place : place + 1] = [draw(WORDS)]
            case 2:
                damaged[place:place] = damaged[place : place + 1] or [draw(WORDS)]
            case 3 if damaged:
                word = damaged.pop(place % len(damaged))
                damaged.insert(draw(st.integers(0, len(damaged))), word)
            case _:
                damaged[place : place + 1] = [w.swapcase() for w in damaged[place : place + 1]]
    return damaged, clean


def repaired(damaged: str, clean: str) -> str:
    edits = align(damaged, clean)
    for edit in edits:
        assert edit.original == edit.span.of(damaged)
        assert edit.original != edit.replacement
    for first, second in itertools.pairwise(edits):
        assert first.span.end <= second.span.start
    return apply_edits(damaged, edits)


@settings(deadline=None, max_examples=300)
@given(corrupted())
def test_the_edits_give_the_clean_sentence(pair):
    damaged, clean = (" ".join(part) for part in pair)
    assert repaired(damaged, clean).split() == clean.split()


def surface(tokens):
    """Words as they are printed: marks stand by the word before them."""
    return "".join(t if t in ",.’s" or not i else f" {t}" for i, t in enumerate(tokens))


@settings(deadline=None, max_examples=300)
@given(corrupted())
def test_the_edits_give_the_clean_sentence_as_it_is_printed(pair):
    damaged, clean = map(surface, pair)
    assert repaired(damaged, clean) == clean


SPACES = st.sampled_from(["", " ", "  ", "\u00a0", "\n"])


@settings(deadline=None, max_examples=300)
@given(corrupted(), st.data())
def test_the_edits_give_the_clean_sentence_with_any_white_space(pair, data):
    damaged, clean = ("".join(data.draw(SPACES) + word for word in part) + data.draw(SPACES) for part in pair)
    assert repaired(damaged, clean) == clean


@settings(deadline=None, max_examples=300)
@given(st.text("ab ’.,-1 \n", max_size=12), st.text("ab ’.,-1 \n", max_size=12))
def test_the_edits_give_any_text(damaged, clean):
    assert repaired(damaged, clean) == clean


@pytest.mark.parametrize(
    ("damaged", "clean", "edits"),
    [
        ("He said , no", "He said, no", [(" ", "", "other")]),
        ("He said, that", "He said that", [(",", "", "function-word")]),
        (" He went", "He went ", [(" ", "", "other"), ("", " ", "other")]),
        ("the 5 % of it", "the 5% of it", [(" ", "", "other")]),
        ("in the the end", "in the end", [(" the", "", "repetition")]),
    ],
)
def test_white_space_is_repaired_too(damaged, clean, edits):
    assert [(e.original, e.replacement, e.category) for e in align(damaged, clean)] == edits


@settings(deadline=None, max_examples=100)
@given(SENTENCES)
def test_equal_sentences_have_no_edits(tokens):
    assert align(surface(tokens), surface(tokens)) == []


@pytest.mark.parametrize(
    ("damaged", "clean", "old", "new", "category"),
    [
        ("He won a medal of gold today", "He won a gold medal today", "medal of gold", "gold medal", "word-order"),
        (
            "An agreement of free trade was signed", "A free trade agreement was signed",
            "An agreement of free trade", "A free trade agreement", "word-order",
        ),
        (
            "an agreement of free commerce now", "a free trade agreement now",
            "an agreement of free commerce", "a free trade agreement", "collocation",
        ),
        ("Massoud’s final father came", "Massoud’s late father came", "final", "late", "wrong-sense"),
        ("the city have fallen", "the city has fallen", "have", "has", "function-word"),
        ("two child came", "two children came", "child", "children", "agreement-tense"),
        ("fighting in Kabul province", "fighting in the Kabul province", "", " the", "omission"),
        ("near the the city", "near the city", " the", "", "repetition"),
        ("a soviet tank", "a Soviet tank", "soviet", "Soviet", "casing"),
        ("some 200 people", "some 300 people", "200", "300", "number-unit"),
        ("the Pandiness District", "the Anabah District", "Pandiness", "Anabah", "name"),
    ],
)  # fmt: skip
def test_one_repair_is_one_edit(damaged, clean, old, new, category):
    assert repaired(damaged, clean) == clean
    [edit] = align(damaged, clean)
    assert edit.category == category
    assert (edit.original.strip(), edit.replacement.strip()) == (old.strip(), new.strip())


@pytest.mark.parametrize(
    ("damaged", "clean"),
    [
        ("peace—war was", "peace war was"), ("either/or so", "either and or so"), ("either/or so", "either or so"),
        ("he (said so", "he said so"), ("cats, dogs", "cats and dogs"), ("well - known", "well-known"),
        ("(final) father", "late father"), ("the man", "“the man"), ("Afghanistan is good", "Afghanistan’s good"),
    ],
)  # fmt: skip
def test_marks_that_come_and_go_glue_nothing_together(damaged, clean):
    assert repaired(damaged, clean) == clean


@pytest.mark.parametrize(
    ("damaged", "clean", "edits"),
    [
        ("a final dad came", "a late father came", ["final>late", "dad>father"]),
        ("said reportorial, Saturday", "told reporters, Saturday", ["said>told", "reportorial>reporters"]),
        ("the village were dishonored in", "the town were damaged in", ["village>town", "dishonored>damaged"]),
        ("radical of irradiations", "group of rays", ["radical>group", "irradiations>rays"]),
        ("attack in the region of it", "attacks in it", ["attack>attacks", "the region of>"]),
        # what changed places and what a preposition belongs to stays together
        ("he will look after it", "he will care for it", ["look after>care for"]),
        ("an end bitter", "a bitter end", ["an end bitter>a bitter end"]),
        ("a fellow broken down today", "a man died today", ["fellow broken down>man died"]),
        # forms of a word meet where the words between them would do as well
        (
            "in Asia Southern, extended through Pakistan", "in South Asia, spread across Pakistan",
            ["Asia Southern>South Asia", "extended through>spread across"],
        ),
        (
            "leaders Russians to speak gas and joint oil", "Russian leaders to discuss joint oil and gas",
            ["leaders Russians>Russian leaders", "speak gas and joint oil>discuss joint oil and gas"],
        ),
    ],
)  # fmt: skip
def test_edits_are_no_larger_than_a_phrase(damaged, clean, edits):
    assert repaired(damaged, clean) == clean
    assert [f"{e.original.strip()}>{e.replacement.strip()}" for e in align(damaged, clean)] == edits


@pytest.mark.parametrize("pair", [("the , a", "a , the"), ("in, big on", "on, big in"), ("of late, it", "it late, of")])
def test_what_stays_between_words_that_changed_places_is_no_edit(pair):
    assert repaired(*pair) == pair[1]


def test_whole_documents_are_aligned_too():
    clean = [f"word{i}" if i % 7 else "the" for i in range(3000)]
    damaged = [word.upper() if i % 11 == 0 else f"x{i}" if i % 13 == 0 else word for i, word in enumerate(clean)]
    assert repaired(" ".join(damaged), " ".join(clean)) == " ".join(clean)


def test_far_apart_repairs_stay_apart():
    damaged = "The final father of the man who came to the city was killed by his victims"
    clean = "The late father of the man who came to the city was killed by his casualties"
    found = [(e.original, e.replacement) for e in align(damaged, clean)]
    assert found == [("final", "late"), ("victims", "casualties")]


@pytest.mark.parametrize(
    ("original", "replacement", "category"),
    [
        ("final", "late", "wrong-sense"), ("", "the", "omission"),
        ("the", "", "function-word"), ("in", "on", "function-word"),
        ("200", "300", "number-unit"), ("5 km", "km 5", "word-order"), ("medal gold", "gold medal", "word-order"),
        ("medal of gold", "gold medal", "word-order"), ("the the", "the", "repetition"), ("soviet", "Soviet", "casing"),
        ("Kabull", "Kabul", "name"), ("arrive", "arrived", "agreement-tense"), ("of", "'s", "function-word"),
        ("seen as", "regarded as", "wrong-sense"), ("walk", "walked", "agreement-tense"),
        ("walk to", "walked to", "agreement-tense"), ("ate", "eats", "agreement-tense"),
        ("leafs", "leaves", "wrong-sense"), ("leaf", "leaves", "agreement-tense"),
        ("left", "leaves", "agreement-tense"),
        ("nation", "national", "wrong-sense"), ("the big big", "the big", "repetition"),
    ],
)  # fmt: skip
def test_categories(original, replacement, category):
    assert categorise(original, replacement) == category


def test_a_capital_at_the_start_tells_nothing_about_names():
    assert categorise("Final", "Late", initial=True) == "wrong-sense"
    assert categorise("Final", "Late") == "name"


def test_words_of_every_sentence_are_covered_once():
    text = "He said “no”, U.S. officials’ 3,000 free-trade deals… aren’t"
    covered = "".join(span.of(text) for span in words(text))
    assert covered == "".join(text.split())
