from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtfix.documents.dismissed import Dismissed
from mtfix.documents.exempt import Exempt
from mtfix.documents.ignore import ignored
from mtfix.documents.vocabulary import Vocabulary, add_to_vocabulary, read_vocabulary
from mtfix.errors import InputError
from mtfix.types import Document, Span


def found(text: str) -> list[str]:
    return [span.of(text) for span in sorted(ignored(text))]


def at(text: str, words: str, start: int = 0) -> Span:
    begin = text.index(words, start)
    return Span(begin, begin + len(words))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A.\nB mtfix:ignore\r\nC.\n", ["B mtfix:ignore\r\n"]),
        ("A.\n<!-- mtfix:ignore-next-line -->\n\n  \nB.\nC.\n", ["mtfix:ignore-next-line", "B.\n"]),
        ("% mtfix:ignore-next-line", ["mtfix:ignore-next-line"]),
        ("A <!-- mtfix:ignore-start -->b\n\nc<!-- mtfix:ignore-end --> d",
         ["mtfix:ignore-start -->b\n\nc<!-- mtfix:ignore-end"]),
        ("A\nmtfix:ignore-start\nb\nmtfix:ignore-start\nc", ["mtfix:ignore-start\nb\nmtfix:ignore-start\nc"]),
        ("A mtfix:ignore-end b", ["mtfix:ignore-end"]),
        ("Write `mtfix:ignore` there.\n```\nmtfix:ignore-start\n```\nB.\n", []),
        ("mtfix:ignored, mtfix:ignore-other, xmtfix:ignore", []),
        ("A.\rB mtfix:ignore", ["B mtfix:ignore"]),
        ("", []),
    ],
)  # fmt: skip
def test_remarks(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He wrote that his final father [sic] died.", "that his final father [sic]"),
        ("Yes, the victims (sic) were many.", "the victims (sic)"),
        ("He said “he were there, once” [sic] and left.", "“he were there, once” [sic]"),
        ("He said “he were there.” [sic!]", "“he were there.” [sic!]"),
        ("It ended so. [*sic*]", "It ended so. [*sic*]"),
        ("line\n[sic] b", "[sic]"),
        ("the Standard Industrial Classification (SIC) code", ""),
        ("basic (basic) music", ""),
    ],
)
def test_sic(text: str, expected: str) -> None:
    assert found(text) == ([expected] if expected else [])


_PARTS = ["mtfix:ignore", "-start", "-end", "-next-line", "\n", "\r", " ", "[sic]", "“", "”", "a b", "`", "```",
          "\ufeff", "é", "😀", "."]  # fmt: skip


@given(st.lists(st.sampled_from(_PARTS)).map("".join))
def test_spans_lie_within_any_text(text: str) -> None:
    everything = [*ignored(text), *Vocabulary(["a b", "é"]).spans(text)]
    assert all(0 <= span.start <= span.end <= len(text) for span in everything)
    assert all(span.of(text) in ("a b", "é") for span in Vocabulary(["a b", "é"]).spans(text))


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        ("late harvest", "A Late  harvest, a late\nharvest; late-harvest", ["Late  harvest", "late\nharvest"]),
        ("Anabah", "Anabah, anabah, Anabah’s, Anabah-based, Anabahi", ["Anabah", "Anabah", "Anabah"]),
        ("e-mail", "E-mail e-mail email e - mail", ["E-mail", "e-mail"]),
        ("C++", "C++ C+ C", ["C++"]),
        ("don't", "don’t don't dont", ["don’t", "don't"]),
        ("café", "cafe\u0301 café", ["cafe\u0301", "café"]),
        ("  ", "a  b", []),
    ],
)
def test_vocabulary(entry: str, text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in Vocabulary([entry]).spans(text)] == expected


def test_files_of_words(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    add_to_vocabulary(path, " late\n harvest ")
    assert path.read_bytes() == b"late harvest\n"
    path.write_bytes("\ufeff# remark\r\n\r\nC#\r\nno end".encode())
    assert read_vocabulary(path) == ["C#", "no end"]
    add_to_vocabulary(path, "Anabah")
    add_to_vocabulary(path, "C#")
    assert path.read_bytes() == "\ufeff# remark\r\n\r\nC#\r\nno end\r\nAnabah\r\n".encode()
    with pytest.raises(InputError, match=r"missing\.txt"):
        read_vocabulary(tmp_path / "missing.txt")


TEXT = "Under his final father, the army suffered many victims.\n\nIts final father refused. The final father came."


def test_dismissed_flags_are_known_by_what_stands_around_them(tmp_path: Path) -> None:
    store = Dismissed(tmp_path / "d.jsonl")
    assert store.spans(TEXT) == []
    assert store.add(TEXT, at(TEXT, "final father"))
    assert not store.add(TEXT, at(TEXT, "final father"))
    again = Dismissed(tmp_path / "d.jsonl")
    assert [span.start for span in again.spans(TEXT)] == [10]
    moved = "New words before it.  Under HIS\nfinal   father — the army left.\n\n" + TEXT
    assert [span.of(moved) for span in again.spans(moved)] == ["final   father", "final father"]
    assert again.holds(moved, at(moved, "final   father"))
    assert not again.holds(moved, at(moved, "final father", moved.index("Its")))
    assert again.spans(TEXT.replace("his final", "her final")) == []
    assert again.remove(TEXT, at(TEXT, "final father"))
    assert not again.remove(TEXT, at(TEXT, "final father"))
    assert Dismissed(tmp_path / "d.jsonl").spans(TEXT) == []


def test_dismissed_everywhere(tmp_path: Path) -> None:
    store = Dismissed(tmp_path / "d.jsonl")
    store.add(TEXT, at(TEXT, "final father"), everywhere=True)
    assert [span.of(TEXT) for span in store.spans(TEXT)] == ["final father"] * 3
    assert store.holds(TEXT, at(TEXT, "final father", 60))
    assert json.loads((tmp_path / "d.jsonl").read_text()) == {"flagged": "final father", "everywhere": True}


def test_what_a_review_ignores_is_ignored_everywhere(tmp_path: Path) -> None:
    store = Dismissed(tmp_path / "d.jsonl")
    review = store.everywhere_in(TEXT)
    assert review.add(at(TEXT, "final father"))
    assert not review.add(at(TEXT, "final father", 60))
    assert len(store.spans(TEXT)) == 3
    review.remove(at(TEXT, "final father"))
    assert store.spans(TEXT) == []


def test_dismissed_missing_words(tmp_path: Path) -> None:
    store = Dismissed(tmp_path / "d.jsonl")
    gap = Span(at(TEXT, "army").end, at(TEXT, "army").end)
    store.add(TEXT, gap, everywhere=True)  # nothing cannot be right everywhere
    assert [span.of(TEXT) for span in store.spans(TEXT)] == [" "]
    assert store.spans(TEXT)[0].start == gap.start
    assert store.holds(TEXT, gap)
    store.add("", Span(0, 0))
    assert store.holds("", Span(0, 0))


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    one, other = Dismissed(tmp_path / "d.jsonl"), Dismissed(tmp_path / "d.jsonl")
    one.add(TEXT, at(TEXT, "victims"))
    other.add(TEXT, at(TEXT, "refused"))
    assert len((tmp_path / "d.jsonl").read_text().splitlines()) == 2
    assert other.holds(TEXT, at(TEXT, "victims"))


@given(st.text(max_size=40), st.integers(0, 40), st.integers(0, 10), st.booleans())
def test_what_was_dismissed_is_found_again(text: str, start: int, length: int, everywhere: bool) -> None:
    import tempfile

    start = min(start, len(text))
    span = Span(start, min(start + length, len(text)))
    with tempfile.TemporaryDirectory() as folder:
        store = Dismissed(Path(folder, "d.jsonl"))
        store.add(text, span, everywhere=everywhere)
        again = Dismissed(Path(folder, "d.jsonl"))
    assert again.holds(text, span)
    assert all(0 <= found.start <= found.end <= len(text) for found in again.spans(text))


_BROKEN = ["{", "3", "null", '{"flagged": 3}', '{"text": "a"}', '{"flagged": "a", "everywhere": 1}']


@pytest.mark.parametrize("line", _BROKEN)
def test_a_broken_line_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f'{{"flagged": "a"}}\n\n{line}\n')
    with pytest.raises(InputError, match=r"d\.jsonl: line 3: is no dismissed flag"):
        Dismissed(path)


def test_all_of_it_is_untouchable_and_files_are_read_again(tmp_path: Path) -> None:
    words, dismissed = tmp_path / "w.txt", tmp_path / "d.jsonl"
    words.write_text("army\n")
    exempt = Exempt(["many victims"], [words], dismissed)
    seam = Span(3, 3)
    document = exempt.document(Document(TEXT, "a.txt", (seam,)))
    assert (document.name, document.untouchable[0]) == ("a.txt", seam)
    assert sorted(span.of(TEXT) for span in document.untouchable[1:]) == ["army", "many victims"]
    Dismissed(dismissed).add(TEXT, at(TEXT, "refused"))
    words.write_text("suffered\n")
    os.utime(words, ns=(1, 1))
    assert sorted(span.of(TEXT) for span in exempt.spans(TEXT)) == ["many victims", "refused", "suffered"]
    vocabulary = Exempt(["many victims", "suffered"]).digest()
    assert {**exempt.digest(), **vocabulary} == exempt.digest() != vocabulary != Exempt().digest() == {}
    assert exempt.digest().keys() == {"vocabulary", "dismissed"}
    assert Exempt(dismissed=tmp_path / "none.jsonl").digest() == {}
    assert Exempt().document("Nothing.") == Document("Nothing.")
