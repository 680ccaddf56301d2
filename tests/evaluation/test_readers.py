"""Every format on small files made by hand, whole and broken."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import write_rows

from mtfix.errors import InputError
from mtfix.evaluation.items import GoldSpan, Item
from mtfix.evaluation.readers import Broken, Source, read
from mtfix.evaluation.readers.documents import in_documents
from mtfix.types import Span


def source(
    path: Path, format: str, *, part: str = "", derive: tuple[str, ...] = (), documents: int = 0, **fields: Any
) -> Source:
    return Source(path, format, fields, part, derive=derive, folder=path.parent, documents=documents)


def items(given: Source) -> list[Item]:
    found = list(read(given))
    assert not [row for row in found if isinstance(row, Broken)]
    return [row for row in found if isinstance(row, Item)]


def reasons(given: Source) -> list[tuple[str, str]]:
    """Line number and reason of every broken row."""
    return [(row.where.rpartition(":")[2], row.reason) for row in read(given) if isinstance(row, Broken)]


def applied(item: Item) -> str:
    """The text with the first repair of every gold span."""
    text = item.text
    for gold in reversed(item.spans or ()):
        text = text[: gold.span.start] + gold.repairs[0] + text[gold.span.end :]
    return text


def test_jsonl_with_every_field(tmp_path: Path) -> None:
    row = {
        "nr": 7, "mt": "His final fathr .", "pe": ["His late father.", "His dead father."], "topic": "war",
        "tok": ["His", "final", "fathr", "."], "tags": ["OK", "BAD", 1, False], "gap": [0, 0, "OK", "BAD", 0],
        "errors": [
            {"start": 10, "end": 15, "severity": "Critical", "category": "spelling", "repairs": ["father"]},
            {"start": 4, "end": 9, "severity": "minor", "replacement": "late"},
            {"start": 0, "end": 3, "severity": "neutral"},
        ],
    }  # fmt: skip
    given = source(
        write_rows(tmp_path / "a.jsonl", [row]), "jsonl", id="nr", text="mt", references="pe", group="topic",
        tokens="tok", bad="tags", gaps="gap", spans="errors",
    )  # fmt: skip
    assert items(given) == [
        Item(
            "7", "His final fathr .", ("His late father.", "His dead father."),
            (Span(0, 3), Span(4, 9), Span(10, 15), Span(16, 17)), (False, True, True, False),
            (False, False, False, True, False),
            (
                GoldSpan(Span(4, 9), "minor", "other", ("late",)),
                GoldSpan(Span(10, 15), "critical", "spelling", ("father",)),
            ),
            group="war", where=f"{tmp_path / 'a.jsonl'}:1",
        )
    ]  # fmt: skip


def test_jsonl_defaults(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [{"text": "One.", "references": "1."}, "", {"text": "Two.", "id": "x"}])
    one, two = items(source(path, "jsonl", part="g"))
    assert (one.id, one.references, one.spans, one.tokens, one.group) == ("a.jsonl:1", ("1.",), None, None, "g")
    assert (two.id, two.references, two.where) == ("x", None, f"{path}:3")


def test_several_keys_with_a_reference_each(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [{"text": "a", "r1": "b", "r2": "c"}, {"text": "a", "r1": "b"}])
    one, two = read(source(path, "jsonl", references=["r1", "r2"]))
    assert isinstance(one, Item)
    assert one.references == ("b", "c")
    assert two == Broken(f"{path}:2", "there is no 'r2'")


@pytest.mark.parametrize(
    ("row", "fields", "reason"),
    [
        ("{", {}, "not JSON"),
        ('["a"]', {}, "not a JSON object: ['a']"),
        ("[" * 100_000, {}, "RecursionError"),
        ({"txt": "a"}, {}, "there is no 'text'"),
        ({"text": 5}, {}, "'text' is not a text: 5"),
        ({"text": " "}, {}, "the text is empty"),
        ({"text": "a", "references": []}, {}, "the list of references is empty"),
        ({"text": "a"}, {"references": "ref"}, "there is no 'ref'"),
        ({"text": "a b", "tokens": ["a", "c"], "bad": [0, 0]}, {}, "the token 'c' is not in the text at 2"),
        ({"text": "a b", "tokens": ["a", "b"], "bad": [0]}, {}, "1 tags for 2 tokens"),
        ({"text": "a b", "tokens": ["a", "b"]}, {}, "tokens and their tags must come together"),
        ({"text": "a", "tokens": ["a"], "bad": ["BAAD"]}, {}, "a tag is 'BAAD'; tags are OK and BAD"),
        ({"text": "a", "tokens": ["a"], "bad": [1], "gaps": [0]}, {}, "1 gap tags for 1 tokens; there must"),
        ({"text": "a", "spans": [{"start": 0, "end": 2}]}, {}, "a span ends at 2, and the text has 1 characters"),
        ({"text": "a", "spans": [{"start": 1, "end": 0}]}, {}, "not a span"),
        ({"text": "a", "spans": [{"start": 0}]}, {}, "KeyError: 'end'"),
        ({"text": "a", "spans": [{"start": 0, "end": 1, "severity": "bad"}]}, {}, "the severity 'bad' is not one of"),
        ({"text": "a", "spans": [{"start": 0, "end": 1, "repairs": "b"}]}, {}, "repairs are a list of texts"),
        ({"text": "a", "spans": 3}, {}, "TypeError"),
        ({"text": "abc", "s": [0], "e": [1, 2]}, {"starts": "s", "ends": "e"}, "1 starts, 2 ends"),
    ],
)
def test_a_broken_row_is_told_and_the_rest_is_read(
    tmp_path: Path, row: Any, fields: dict[str, Any], reason: str
) -> None:
    good = {"text": "abc", "ref": "c", "s": [0], "e": [1]}
    path = write_rows(tmp_path / "a.jsonl", [good, row, good])
    found = list(read(source(path, "jsonl", **fields)))
    assert [type(row).__name__ for row in found] == ["Item", "Broken", "Item"]
    assert isinstance(found[1], Broken)
    assert found[1].where == f"{path}:2"
    assert reason in found[1].reason


def test_bytes_that_are_not_utf8_break_one_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "\xff"}\n{"text": "b"}')
    assert [getattr(row, "text", None) for row in read(source(path, "jsonl"))] == ["a", None, "b"]
    assert reasons(source(path, "jsonl")) == [("2", "not UTF-8 at byte 11")]


def test_gz_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n' * 3))
    assert len(items(source(path, "jsonl"))) == 3
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"a\.jsonl\.gz cannot be read"):
        items(source(path, "jsonl"))
    with pytest.raises(InputError, match="No such file"):
        items(source(tmp_path / "b.jsonl", "jsonl"))


def test_wmt_spans_side_by_side(tmp_path: Path) -> None:
    rows = ["mt\tfrom\tto\tkind", "a bad word\t6 2\t10 5\tmajor minor", "fine\t-1\t-1\tno-error"]
    path = write_rows(tmp_path / "a.tsv", rows)
    one, two = items(source(path, "tsv", text="mt", starts="from", ends="to", severities="kind"))
    assert one.spans == (GoldSpan(Span(2, 5), "minor"), GoldSpan(Span(6, 10), "major"))
    assert two.spans == ()


def test_tsv_by_header_and_by_number(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.tsv", ["src\tref\tlang", 'say "a"\tsay b\tro', "only one"])
    named = source(path, "tsv", text="src", references=["ref"], group="lang")
    one, broken = read(named)
    assert isinstance(one, Item)
    assert (one.text, one.references, one.group, one.id) == ('say "a"', ("say b",), "ro", "a.tsv:2")
    assert broken == Broken(f"{path}:3", "1 columns, and the header has 3")
    first = next(iter(read(source(path, "tsv", text=1, references=2))))
    assert isinstance(first, Item)
    assert (first.text, first.references) == ("src", ("ref",))
    with pytest.raises(InputError, match=r"a\.tsv:1 names no column 'x'; it has src, ref, lang"):
        list(read(source(path, "tsv", text="x")))


def test_parallel_text(tmp_path: Path) -> None:
    for name, lines in (("s", ["a", "", "c"]), ("r0", ["A", "B", "C"]), ("r1", ["x", "y", "z"])):
        write_rows(tmp_path / name, lines)
    given = source(tmp_path / "s", "text", references=["r0", "r1"], part="g")
    one, broken, three = read(given)
    assert isinstance(one, Item)
    assert isinstance(three, Item)
    assert (one.text, one.references, three.references, three.id) == ("a", ("A", "x"), ("C", "z"), "s:3")
    assert broken == Broken(f"{tmp_path / 's'}:2", "the text is empty")
    write_rows(tmp_path / "r1", ["x"])
    with pytest.raises(InputError, match="r1 ends before line 2; s, r0, r1 must have the same number of lines"):
        list(read(given))


M2 = """S This are a sentence .
A 1 2|||R:VERB:SVA|||is|||REQUIRED|||-NONE-|||0
A 4 4|||M:ADV|||here||there|||REQUIRED|||-NONE-|||0
A 0 2|||R:OTHER|||These are|||REQUIRED|||-NONE-|||1
A 2 3|||U:DET||||||REQUIRED|||-NONE-|||1
A 1 2|||R:VERB|||was|||REQUIRED|||-NONE-|||2

S The the end
A 0 1|||U:DET|||-NONE-|||REQUIRED|||-NONE-|||0

S Fine .
A -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||0

S Fine , too .
"""


def test_m2(tmp_path: Path) -> None:
    path = tmp_path / "a.m2"
    path.write_text(M2)
    one, two, three, four = items(source(path, "m2"))
    assert one.references == (
        "This is a sentence here .",
        "These are sentence .",
        "This was a sentence .",
    )
    assert one.spans == (
        GoldSpan(Span(5, 8), "major", "R:VERB:SVA", ("is", "was")),
        GoldSpan(Span(19, 19), "major", "M:ADV", (" here", " there")),
    )
    assert (two.references, two.spans) == (("the end",), (GoldSpan(Span(0, 4), "major", "U:DET", ("",)),))
    for item in (one, two):
        assert item.references is not None
        assert applied(item) == item.references[0]
    assert (three.references, three.spans) == (("Fine .",), ())
    assert (four.references, four.spans, four.where) == (("Fine , too .",), (), f"{path}:14")


def test_m2_blocks_that_are_broken(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "a.m2",
        ["A 0 1|||X|||b|||R|||-|||0", "", "S a", "A 0 2|||X|||b|||R|||-|||0", "", "", "S a", "A b", "", "S a"],
    )
    assert reasons(source(path, "m2")) == [
        ("1", "a sentence must begin with a line 'S …'"),
        ("3", "an edit of tokens 0 to 2, and the sentence has 1"),
        ("7", "not an annotation: 'A b'"),
    ]
    assert sum(isinstance(row, Item) for row in read(source(path, "m2"))) == 1


MLQE = {
    "id": "ro-1", "lang": "ro-en", "mt": "He isn't here.", "pe": "He is not here.",
    "mt_tok": ["He", "isn", "'t", "here", "."], "tags": ["OK", "BAD", "BAD", "OK", "OK"],
    "gaps": ["OK", "OK", "OK", "BAD", "OK", "OK"],
}  # fmt: skip


def test_mlqe_rows(tmp_path: Path) -> None:
    unlike = {**MLQE, "id": "ro-2", "mt": "He isn`t here."}
    short = {**MLQE, "tags": ["OK"]}
    path = write_rows(tmp_path / "a.jsonl", [MLQE, unlike, short])
    one, two, broken = read(source(path, "mlqe-pe"))
    assert isinstance(one, Item)
    assert isinstance(two, Item)
    assert one.tokens == (Span(0, 2), Span(3, 6), Span(6, 8), Span(9, 13), Span(13, 14))
    assert (one.bad, one.gaps) == ((False, True, True, False, False), (False, False, False, True, False, False))
    assert (one.id, one.group, one.references) == ("ro-1", "ro-en", ("He is not here.",))
    assert two.text == "He isn 't here ."  # the tags' own tokens, where the text doesn't hold them
    assert two.tokens is not None
    assert [span.of(two.text) for span in two.tokens] == MLQE["mt_tok"]
    assert broken == Broken(f"{path}:3", "1 tags for 5 tokens")


def write_folder(folder: Path, tags: str, mt: str = 'He said " yes "', pe: str = "He said no") -> Source:
    folder.mkdir(exist_ok=True)
    for name, line in (("dev.mt", mt), ("dev.pe", pe), ("dev.tags", tags), ("dev.source_tags", "x")):
        write_rows(folder / name, [line])
    return source(folder, "mlqe-pe-folder")


def test_mlqe_folder_takes_gaps_and_words_in_turn(tmp_path: Path) -> None:
    given = write_folder(tmp_path / "ro-en-dev", "OK OK BAD OK OK OK OK BAD OK OK OK")
    (item,) = items(given)
    assert item.text == 'He said " yes "'
    assert item.bad == (False, False, False, True, False)
    assert item.gaps == (False, True, False, False, False, False)
    assert (item.references, item.group, item.where) == (
        ("He said no",), "ro-en-dev", f"{tmp_path / 'ro-en-dev' / 'dev.mt'}:1",
    )  # fmt: skip
    (item,) = items(write_folder(tmp_path / "words", "OK OK OK BAD OK"))
    assert (item.bad, item.gaps) == ((False, False, False, True, False), None)
    assert reasons(write_folder(tmp_path / "odd", "OK OK")) == [("1", "2 tags for 5 tokens; there must be n or 2n+1")]


def test_mlqe_folder_as_people_write(tmp_path: Path) -> None:
    given = write_folder(tmp_path / "dev", "OK OK OK BAD OK")
    (item,) = items(Source(given.path, given.format, {"detokenise": True}))
    assert item.text == 'He said "yes"'
    assert item.tokens is not None
    assert [span.of(item.text) for span in item.tokens] == ["He", "said", '"', "yes", '"']


def test_mlqe_folder_that_lacks_files(tmp_path: Path) -> None:
    given = write_folder(tmp_path / "dev", "OK")
    (tmp_path / "dev" / "dev.tags").unlink()
    with pytest.raises(InputError, match=r"holds no dev\.tags; name the file with the tags in fields\.tags"):
        items(given)
    write_rows(tmp_path / "dev" / "test.mt", ["x"])
    with pytest.raises(InputError, match=r"holds several \.mt files; name one in fields\.mt"):
        items(given)
    with pytest.raises(InputError, match="must be a folder"):
        items(source(tmp_path / "none", "mlqe-pe-folder"))


def test_wets(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "lang": "de-en", "masked": "concern for <MASK_REP> values", "suggestion": "material"},
        {"masked": "<MASK_REP> values", "suggestion": "Material"},
        {"masked": "values<MASK_REP>.", "suggestion": ", too"},
        {"masked": "a <MASK_REP> b", "suggestion": ""},
        {"masked": "a b", "suggestion": "c"},
    ]
    path = write_rows(tmp_path / "a.jsonl", rows)
    one, two, three, broken = read(source(path, "wets"))
    found = [row for row in (one, two, three) if isinstance(row, Item)]
    assert [item.text for item in found] == ["concern for values", "values", "values."]
    assert [applied(item) for item in found] == ["concern for material values", "Material values", "values, too."]
    assert [item.references for item in found] == [(applied(item),) for item in found]
    assert (found[0].id, found[0].group) == ("1", "de-en")
    assert broken == Broken(f"{path}:5", "there is no <MASK_REP> in 'masked'")


def test_clean_text(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [{"text": "One.", "doc": "d", "references": "no"}])
    (item,) = items(source(path, "clean", group="doc"))
    assert (item.clean, item.spans, item.references, item.group) == (True, (), None, "d")
    path = write_rows(tmp_path / "a.txt", ["One.", "", "Two."])
    assert [(i.id, i.text, i.clean) for i in items(source(path, "clean"))] == [
        ("a.txt:1", "One.", True),
        ("a.txt:3", "Two.", True),
    ]


def test_probes(tmp_path: Path) -> None:
    rows = [
        {"t": "profound learning", "expected": "deep learning", "alternatives": ["DL"], "text": "Profound learning!"},
        {"t": "colossal information", "expected": "big data"},
        {"t": "art", "expected": "x", "text": "The artist."},
    ]
    path = write_rows(tmp_path / "a.jsonl", rows)
    one, two, broken = read(source(path, "probes", phrase="t", templates=["On {phrase}."]))
    assert isinstance(one, Item)
    assert isinstance(two, Item)
    assert one.spans == (GoldSpan(Span(0, 17), "major", "tortured-phrase", ("Deep learning", "DL")),)
    assert one.references == ("Deep learning!", "DL!")
    assert (two.text, applied(two)) == ("On colossal information.", "On big data.")
    assert broken == Broken(f"{path}:3", "the phrase 'art' is not in the text")


def test_derived_spans_and_tags(tmp_path: Path) -> None:
    rows = [{"text": "His final father here.", "references": ["His late father was here.", "x"]}]
    path = write_rows(tmp_path / "a.jsonl", rows)
    (item,) = items(source(path, "jsonl", derive=("spans", "tags")))
    assert applied(item) == "His late father was here."
    assert item.tokens is not None
    assert item.bad is not None
    assert [t.of(item.text) for t, bad in zip(item.tokens, item.bad, strict=True) if bad] == ["final"]
    assert item.gaps == (False, False, False, True, False, False)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        line = json.dumps({**MLQE, "pe": MLQE["mt"]})
        path = write_rows(tmp_path / "long.jsonl", [line] * rows)
        tracemalloc.start()
        number = sum(1 for _ in read(source(path, "mlqe-pe", derive=("spans",))))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert number == rows
        return most

    peak(50)  # imports
    assert peak(5000) < 1_000_000  # the items together take ten times as much


def test_consecutive_rows_of_a_group_are_a_document(tmp_path: Path) -> None:
    rows = [
        {"t": "A final 😀 day.", "r": ["A late 😀 day.", "A last 😀 day."], "g": "x",
         "s": [{"start": 2, "end": 7, "repairs": ["late"]}]},
        {"t": "It went home.", "r": ["It went on home."], "g": "x", "s": [{"start": 7, "end": 7, "repairs": [" on"]}]},
        {"t": 7},
        {"t": "On.", "r": ["On."], "g": "x", "s": []},
        {"t": "Other.", "r": ["Others."], "g": "y", "s": [{"start": 0, "end": 5, "repairs": ["Other"]}]},
    ]  # fmt: skip
    path = write_rows(tmp_path / "a.jsonl", rows)
    given = source(path, "jsonl", derive=("tags",), documents=2, text="t", references="r", group="g", spans="s")
    assert [reason for _, reason in reasons(given)] == ["'t' is not a text: 7"]
    first, second, other = (row for row in read(given) if isinstance(row, Item))
    assert first.text == "A final 😀 day.\n\nIt went home."
    assert first.references == ("A late 😀 day.\n\nIt went on home.", "A last 😀 day.\n\nIt went on home.")
    assert applied(first) == first.references[0]
    assert [span.of(first.text) for span in first.tokens] == ["A", "final", "😀", "day", ".", "It", "went", "home", "."]
    assert [span.of(first.text) for span, bad in zip(first.tokens, first.bad, strict=True) if bad] == ["final"]
    assert [i for i, missing in enumerate(first.gaps) if missing] == [7]
    assert (len(first.gaps), first.group, first.clean) == (10, "x", False)
    assert [(item.text, item.group) for item in (second, other)] == [("On.", "x"), ("Other.", "y")]


def test_a_document_has_no_more_gold_than_each_of_its_rows() -> None:
    rows = [Item("1", "A.", ("A!",), clean=True), Item("2", "B.", spans=(), clean=True), Item("3", "C.", clean=True)]
    [whole] = in_documents(rows, 9)
    assert isinstance(whole, Item)
    assert (whole.text, whole.references, whole.spans, whole.tokens) == ("A.\n\nB.\n\nC.", None, None, None)
    assert whole.clean
    assert not any(item.clean for item in in_documents([rows[0], replace(rows[1], clean=False)], 9))
