"""Golden outputs of the diff, terminal, listing and line renderers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mtfix.documents.edits import apply_edits
from mtfix.render import jsonout
from mtfix.render.diff import visible, word_diff
from mtfix.render.findings import Item, Tally, line_starts, marks, place
from mtfix.render.github import github_format
from mtfix.render.terminal import colour_diff, colour_wanted, line_format, listing
from mtfix.types import Alternative, Correction, Detection, Edit, Flag, Span

ARTICLE = "Under Massoud’s final father,\nhe refused.\n\nMany victims fell.\nThe end.\n"


def span(text: str, part: str) -> Span:
    start = text.index(part)
    return Span(start, start + len(part))


def edit(text: str, old: str, new: str, *, applied: bool = True, at: int | None = None, **more: Any) -> Edit:
    where = span(text, old) if at is None else Span(at, at + len(old))
    values: dict[str, Any] = {"category": "wrong-sense", "confidence": 0.875, "source": "rewriter"} | more
    return Edit(where, old, new, applied=applied, **values)


def flag(text: str, part: str, **more: Any) -> Flag:
    values: dict[str, Any] = {"category": "wrong-sense", "score": 0.914, "message": f"“{part}” looks wrong"} | more
    return Flag(span(text, part), **values)


def correction(text: str, edits: list[Edit], flags: list[Flag], **more: Any) -> Correction:
    ordered = tuple(sorted(edits, key=lambda each: each.span))
    return Correction(text, apply_edits(text, [e for e in edits if e.applied]), tuple(flags), ordered, **more)


@pytest.fixture
def article() -> Correction:
    alternatives = (Alternative("dead", 0.0312), Alternative("", 0.01))
    return correction(
        ARTICLE,
        [
            edit(ARTICLE, "final", "late", alternatives=alternatives),
            edit(ARTICLE, "victims", "casualties", applied=False, confidence=0.41),
        ],
        [flag(ARTICLE, "final"), flag(ARTICLE, "refused", score=0.7), flag(ARTICLE, "victims")],
    )


def test_word_diff(article: Correction) -> None:
    assert word_diff(Item("a.txt", article)) == (
        "a.txt\n"
        "1: Under Massoud’s [-final-]{+late+} father,\n"
        "2: he [?refused?].\n"
        "4: Many [?victims -> casualties?] fell.\n"
    )


def test_colour_diff(article: Correction) -> None:
    assert colour_diff(Item("a.txt", article, first_line=100)) == (
        "\x1b[1ma.txt\x1b[0m\n"
        "\x1b[2m  100\x1b[0m  Under Massoud’s \x1b[31;9mfinal\x1b[0m\x1b[32mlate\x1b[0m father,\n"
        "\x1b[2m  101\x1b[0m  he \x1b[33;4mrefused\x1b[0m.\n"
        "\x1b[2m  103\x1b[0m  Many \x1b[33;4mvictims\x1b[0m\x1b[33;2m→casualties\x1b[0m fell.\n"
    )


def test_line_format(article: Correction) -> None:
    assert "".join(line_format(Item("a.txt", article))) == (
        "a.txt:1:17:wrong-sense:0.91:'final' -> 'late'\n"
        "a.txt:2:4:wrong-sense:0.70:'refused' -> ?\n"
        "a.txt:4:6:wrong-sense:0.91:'victims' -> 'casualties'\n"
    )


def test_listing_puts_all_flags_of_a_line_under_one_context() -> None:
    text = "\r\nA final father refused.\r\n"
    flags = (flag(text, "final", score=0.9), flag(text, "refused", category="other", score=0.5, message=""))
    shown = listing("a.txt", Detection(text, flags))
    assert shown == (
        "a.txt:2\n"
        "    A [?final?] father [?refused?].\n"
        "    2:3  wrong-sense      0.90  “final” looks wrong\n"
        "    2:16  other            0.50\n"
    )
    assert "\x1b[33;4mfinal\x1b[0m" in listing("a.txt", Detection(text, flags), colour=True)


def test_nothing_to_show_is_nothing() -> None:
    clean = correction("All is well.\n", [], [])
    assert word_diff(Item("a", clean)) == colour_diff(Item("a", clean)) == ""
    assert listing("a", Detection("All is well.\n", ())) == ""


@pytest.mark.parametrize(
    ("old", "new", "at", "shown"),
    [
        ("", "the ", 3, "1: In {+the +}north of it.\n"),
        ("north ", "", 3, "1: In [-north -]of it.\n"),
        ("", "!", 15, "1: In north of it.{+!+}\n"),
        ("", "X", 0, "1: {+X+}In north of it.\n"),
    ],
)
def test_insertions_and_deletions(old: str, new: str, at: int, shown: str) -> None:
    text = "In north of it."
    assert word_diff(Item("a", correction(text, [edit(text, old, new, at=at)], [])), header=False) == shown


def test_a_gap_without_a_repair_is_visible() -> None:
    result = correction("In north.", [], [Flag(Span(3, 3), "omission", 0.8, "a word is missing")])
    assert word_diff(Item("a", result), header=False) == "1: In [??]north.\n"
    assert "\x1b[33;4m‸\x1b[0m" in colour_diff(Item("a", result))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_repair_over_a_line_end_shows_both_lines(end: str) -> None:
    text = f"one{end}crystals of the{end}near buildings fell.{end}four bad{end}"
    old = f"crystals of the{end}near buildings"
    result = correction(text, [edit(text, old, "windows")], [flag(text, "bad")])
    assert word_diff(Item("a", result), header=False) == (
        "2: [-crystals of the⏎near buildings-]{+windows+} fell.\n4: four [?bad?]\n"
    )
    tally = Tally()
    tally.add(result)
    assert tally.summary() == "1 edit in 2 of 4 lines; 1 flagged without a fix"


def test_an_insertion_after_the_last_line_end_is_not_lost() -> None:
    text = "The end\n"
    assert "{+.+}" in word_diff(Item("a", correction(text, [edit(text, "", ".", at=8)], [])))


def test_overlapping_flags_run_into_one_another() -> None:
    text = "a very bad thing"
    flags = [flag(text, "very bad"), flag(text, "bad thing"), flag(text, "bad")]
    assert word_diff(Item("a", correction(text, [], flags)), header=False) == "1: a [?very bad?][? thing?]\n"


def test_an_insertion_beside_a_flag_answers_it() -> None:
    text = "In north of it."
    result = correction(text, [edit(text, "", "the ", at=3)], [flag(text, "north")])
    assert [mark.kind for mark in marks(result)] == ["edit"]


def test_control_characters_never_reach_the_terminal() -> None:
    text = "bad\x1b[2J\x07 \x9b31m \u202eword"
    result = correction(text, [edit(text, "bad", "go\x1bod")], [])
    for shown in (word_diff(Item("a\x1b.txt", result)), "".join(line_format(Item("a\x1b.txt", result)))):
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert visible("a\tb") == "a\tb"
    assert "\x1b[2J" not in colour_diff(Item("a", result))


def test_long_paragraphs_are_cut_to_the_words_around_a_finding() -> None:
    text = "word " * 200 + "bad " + "word " * 200
    shown = colour_diff(Item("a", correction(text, [edit(text, "bad", "good")], [])))
    assert len(shown) < 400
    assert shown.count("[…]") == 2
    assert "word word \x1b[31;9mbad" in shown
    assert text[:200] in word_diff(Item("a", correction(text, [edit(text, "bad", "good")], [])))


@pytest.mark.parametrize(
    ("edits", "suggestions", "flags", "skipped", "expected"),
    [
        (3, 0, 1, 0, "3 edits in 2 of 41 lines; 1 flagged without a fix"),
        (1, 2, 0, 0, "1 edit in 2 of 41 lines; 2 suggestions not applied"),
        (0, 0, 2, 0, "2 flagged without a fix in 41 lines"),
        (0, 1, 2, 0, "1 suggestion not applied; 2 flagged without a fix in 41 lines"),
        (0, 0, 0, 0, "no findings in 41 lines"),
        (0, 0, 0, 1, "no findings in 41 lines; 1 skipped"),
    ],
)
def test_summary(edits: int, suggestions: int, flags: int, skipped: int, expected: str) -> None:
    assert Tally(edits, suggestions, flags, 2, 41, skipped).summary() == expected


def test_tally_counts_documents_together(article: Correction) -> None:
    tally = Tally()
    tally.add(article)
    tally.add(correction("", [], []))
    tally.add(correction("Guten Tag", [], [], skipped="looks like German"))
    assert tally.found
    assert tally.summary() == ("1 edit in 1 of 6 lines; 1 suggestion not applied; 1 flagged without a fix; 1 skipped")


def test_places_count_code_points_from_one() -> None:
    text = "a\U0001f600b\rc\r\nd\n"
    starts = line_starts(text)
    assert [place(starts, text.index(c)) for c in "abcd"] == [(1, 1), (1, 3), (2, 1), (3, 1)]


def test_json_array_grows_into_one_value(article: Correction) -> None:
    result = article.to_dict()
    parts = [jsonout.array_item("a", result, first=True), jsonout.array_item("b", result, first=False)]
    value = json.loads(jsonout.ARRAY_START + "".join(parts) + jsonout.ARRAY_END)
    assert value == {"schema": 1, "documents": [{"name": "a", **result}, {"name": "b", **result}]}
    assert json.loads(jsonout.ARRAY_START + jsonout.ARRAY_END) == {"schema": 1, "documents": []}


def test_json_line_ends_with_the_name(article: Correction) -> None:
    assert jsonout.json_line(article.to_dict()) == json.dumps(article.to_dict(), ensure_ascii=False) + "\n"
    assert list(json.loads(jsonout.json_line(article.to_dict(), "a.txt")))[-1] == "name"


@pytest.mark.parametrize(
    ("terminal", "environment", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_when_to_use_colour(terminal: bool, environment: dict[str, str], expected: bool) -> None:
    assert colour_wanted(terminal, environment) is expected


def test_annotations_cannot_speak_to_the_terminal() -> None:
    text = "The fi\x1b[2Jnal\x07 end"
    [line] = github_format(Item("a\x1b[31m\n.txt", correction(text, [], [flag(text, "fi\x1b[2Jnal\x07")])))
    assert line.startswith("::warning file=a␛[31m%0A.txt,line=1,")
    assert line.endswith("::“fi␛[2Jnal␇” looks wrong\n")
