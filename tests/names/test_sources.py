"""References and glossaries are read whole or refused with one sentence that says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtfix.errors import InputError
from mtfix.names.sources import Row, digest, meets, opening_places, read_glossary, read_references
from mtfix.types import Span


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("mark", [",", "\t"])
def test_rows_are_wrong_and_right_or_right_alone(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path, "g.csv", f"\ufeff# names\r\nKiew{mark}Kyiv\r\n\r\n{mark}Bazarak\r\nAnabah\r\n")
    assert read_glossary(path).rows == (Row("Kiew", "Kyiv", 2), Row("", "Bazarak", 4), Row("", "Anabah", 5))


def test_names_with_commas_stand_in_quotation_marks(tmp_path: Path) -> None:
    path = write(tmp_path, "g.csv", '"Smith, Johann","Smith, John"\n')
    assert read_glossary(path).rows == (Row("Smith, Johann", "Smith, John", 1),)


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("Kiew,Kyiv\na,b,c\n", 2, "neither WRONG,RIGHT nor"),
        ("# x\nKiew,\n", 2, "neither WRONG,RIGHT nor"),
        ("Kiew,Kiew\n", 1, "replaced by itself"),
        ("Kiew,Kyiv\nKiew,Kiev\n", 2, "otherwise in line 1"),
        ("Kiew,Kyiv\nKyiv,Kyjiw\n", 2, "in the right name of line 1"),
        ('"Kiew,Kyiv\n', 1, "cannot be read as a row"),
    ],
)
def test_a_row_that_is_wrong_is_named_by_its_line(tmp_path: Path, content: str, line: int, says: str) -> None:
    path = write(tmp_path, "g.csv", content)
    with pytest.raises(InputError) as caught:
        read_glossary(path)
    assert str(path) in str(caught.value)
    assert f"line {line}:" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n\n", "# only remarks\n"])
def test_an_empty_glossary_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match="empty"):
        read_glossary(write(tmp_path, "g.csv", content))


def test_references_that_are_missing_or_empty_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_references([tmp_path / "missing.txt"])
    with pytest.raises(InputError, match="no text in this reference"):
        read_references([write(tmp_path, "empty.txt", " \n1234\n")])


def test_the_digest_changes_with_what_was_given(tmp_path: Path) -> None:
    one, other = (read_references([write(tmp_path, f"{n}.txt", f"Article {n}.")]) for n in "ab")
    glossary = read_glossary(write(tmp_path, "g.csv", "Kiew,Kyiv"))
    assert digest([], None) == {}
    assert digest(one, None) != digest(other, None)
    assert set(digest(one, glossary)) == {"references", "glossary"}


def places(row: Row, text: str) -> list[str]:
    return [span.of(text) for span in row.wrong_in(text, opening_places(text))]


def test_apostrophes_of_all_kinds_are_one() -> None:
    row = Row("O'Neal", "O'Neill", 1)
    assert places(row, "O’Neal and O'Neal met O’NEAL; O’Neill and O’Neals did not.") == ["O’Neal", "O'Neal", "O’NEAL"]
    assert row.written_like("O’Neal") == "O’Neill"
    assert row.written_like("O'Neal") == "O'Neill"
    assert places(Row("Neal", "O'Neal", 1), "O’Neal fell.") == []


def test_a_row_for_apostrophes_or_capitals_alone_is_taken_as_it_is_written() -> None:
    assert places(Row("O'Neal", "O’Neal", 1), "O'Neal met O’Neal.") == ["O'Neal"]
    assert places(Row("al-shabab", "al-Shabab", 1), "Al-Shabab met al-shabab.") == ["al-shabab"]


def test_a_small_first_letter_is_a_capital_where_a_sentence_opens() -> None:
    row = Row("al-Shabab", "al-Shabaab", 1)
    text = "“Al-Shabab fell.” Then al-Shabab rose. They met Al-Shabab. AL-SHABAB WAITS"
    assert places(row, text) == ["Al-Shabab", "al-Shabab", "AL-SHABAB"]
    assert [row.written_like(name) for name in ("Al-Shabab", "al-Shabab")] == ["Al-Shabaab", "al-Shabaab"]
    assert places(Row("bush", "shrub", 1), "Bush fell.") == []


def test_what_overlaps_is_found_among_many() -> None:
    others = [Span(0, 2), Span(4, 6), Span(6, 7)]
    found = [place for place in (Span(2, 4), Span(3, 5), Span(6, 9), Span(7, 9), Span(0, 1)) if meets(place, others)]
    assert found == [Span(3, 5), Span(6, 9), Span(0, 1)]
