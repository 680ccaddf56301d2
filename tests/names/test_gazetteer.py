"""The gazetteer that ships: what it knows, what it weighs, and what happens without it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.errors import ModelError
from mtfix.names.gazetteer import COUNTRY, DISTRICT, PROVINCE, SHIPPED, TOWN, Gazetteer
from mtfix.names.mentions import spells
from mtfix.names.spelling import key, likeness, sound

NAMES = st.text(st.characters(codec="utf-8"), max_size=12)


@pytest.mark.parametrize(
    ("name", "level", "country"),
    [("Afghanistan", COUNTRY, "AF"), ("Afghan", COUNTRY, "AF"), ("Panjsher", PROVINCE, "AF"),
     ("Helmand", PROVINCE, "AF"), ("Sangin", DISTRICT, "AF"), ("Zürich", TOWN, "CH"), ("Zurich", TOWN, "CH"), 
     ("Aleppo", TOWN, "SY"), ("‘Unābah", DISTRICT, "AF"), ("Ivory Coast", COUNTRY, "CI"), ("Punjab", PROVINCE, "PK")],
)  # fmt: skip
def test_places_are_found_in_their_spellings(gazetteer: Gazetteer, name: str, level: int, country: str) -> None:
    assert (level, country) in {(place.level, place.country) for place in gazetteer.places(name)}


def test_units_know_what_lies_in_them(gazetteer: Gazetteer) -> None:
    [province] = [p for p in gazetteer.places("Panjshir") if p.level == PROVINCE]
    names = {form for place in gazetteer.below(province.number, DISTRICT) for form in place.forms}
    assert {"Bazarak", "Rukhah", "Anabah", "Shutul"} <= names
    [country] = [p for p in gazetteer.places("Afghanistan") if p.level == COUNTRY]
    assert len(gazetteer.below(country.number, DISTRICT)) > 350


def test_words_and_parts_of_places_are_known_and_the_seed_articles_district_is_not(gazetteer: Gazetteer) -> None:
    assert all(map(gazetteer.known, ["house", "Houses", "Massoud", "Karimi", "Khak-e-Jabbar", "NATO"]))
    assert not any(map(gazetteer.known, ["Pandiness", "Sangbin", "Przywrzl"]))
    base = sqlite3.connect(SHIPPED)
    for table, column in (("place", "forms"), ("spelling", "key"), ("word", "key")):
        query = f"SELECT count(*) FROM {table} WHERE {column} LIKE '%pandiness%'"
        assert base.execute(query).fetchone() == (0,)


def test_it_is_light_and_comes_with_its_card() -> None:
    assert SHIPPED.stat().st_size < 15_000_000
    card = SHIPPED.with_name("README.md").read_text(encoding="utf-8")
    assert all(source in card for source in ("GeoNames", "CC BY 4.0", "OCHA", "WordNet", "wordfreq", "CC BY-SA 4.0"))


def test_without_it_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing: reinstall"):
        Gazetteer(tmp_path / "none.sqlite")
    (tmp_path / "other.sqlite").write_text("no database")
    with pytest.raises(ModelError, match="is no gazetteer"):
        Gazetteer(tmp_path / "other.sqlite")


@given(NAMES, NAMES)
def test_likeness_is_symmetric_and_one_only_for_what_is_read_the_same(one: str, other: str) -> None:
    alike = likeness(one, other)
    assert 0 <= alike <= 1
    assert alike == pytest.approx(likeness(other, one), abs=0.02)
    assert (alike > 0.9999) == (key(one) == key(other))
    assert key(key(one)) == key(one)


@pytest.mark.parametrize(("one", "other"), [("Khenj", "Henj"), ("Rukhah", "Rukha"), ("Dzhalal-Abad", "Jalalabad")])
def test_romanisations_of_one_sound_are_near(one: str, other: str) -> None:
    assert likeness(one, other) > 0.85
    assert likeness(one, "Monrovia") < 0.6 < likeness(sound(one), sound(other))


@pytest.mark.parametrize(
    ("words", "acronym"),
    [("World Health Organization", "WHO"), ("National Resistance Front of Afghanistan", "NRFA"),
     ("Congress of South African Trade Unions", "COSATU"), ("Free Trade Area of the Americas", "FTAA"),
     ("Central American Free Trade Agreement", "CAFTA"), ("Food and Agriculture Organization", "FAO")],
)  # fmt: skip
def test_words_give_their_acronym(words: str, acronym: str) -> None:
    assert spells(words.split(), acronym)
    assert not spells(words.split(), acronym[::-1])
    assert not spells(words.split()[1:], acronym)


@pytest.mark.parametrize("name", ["Dadra & Nagar Haveli", "Dadra Nagar Haveli"])
def test_a_place_is_found_with_and_without_the_sign_between_its_words(name: str) -> None:
    assert any("Nagar Haveli" in form for place in Gazetteer().places(name) for form in place.forms)
