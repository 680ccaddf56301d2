from pathlib import Path

import pytest
from hostile import texts
from hypothesis import given
from pace import assert_linear

from mtfix.documents.segment import blocks, sentences
from mtfix.types import Span

SEED = Path(__file__).parents[2] / "seeds" / "seed_article.txt"


def cut(text: str, **options: int) -> list[str]:
    return [span.of(text) for span in sentences(text, **options)]


def covered(text: str, spans: list[Span]) -> None:
    """Sorted, disjoint, trimmed, and nothing but white space outside."""
    position = 0
    for span in spans:
        assert position <= span.start < span.end <= len(text)
        assert not text[position : span.start].replace("\ufeff", "").strip()
        piece = span.of(text)
        assert piece == piece.strip().strip("\ufeff")
        position = span.end
    assert not text[position:].replace("\ufeff", "").strip()


@given(texts)
def test_nothing_is_lost(text: str) -> None:
    covered(text, blocks(text))
    covered(text, sentences(text))
    covered(text, sentences(text, max_words=1))


@given(texts)
def test_sentences_lie_within_blocks_and_under_the_limit(text: str) -> None:
    outer = blocks(text)
    for span in sentences(text, max_words=7):
        assert any(block.start <= span.start and span.end <= block.end for block in outer)
        assert len(span.of(text).replace("\ufeff", " ").split()) <= 7


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith went to Washington.", "He met Dr. J. R. R. Tolkien there."],
        ["The U.S. Army left.", "It went home to the U.S.", "The troops slept."],
        ["As Smith et al. (2019) say, see Fig. 3 and No. 5.", "The value is 3.14.", "Good."],
        ["The answer was no.", "She left."],
        ["“Resistance is futile.”", "He left."],
        ['"Yes."', "She left."],
        ["“Why?” he asked."],
        ["We analyse data.And then stop.", "Done."],
        ["Well... maybe.", "And so…", "Yes… no."],
        ["What?!", "No!", "Fine."],
        ["He is 5 ft. tall.", "He agreed (at last).", "(He agreed.)", "Then he left."],
        ["Go on, e.g. to Paris, i.e. France.", "Stop."],
        ["He left at 5 p.m. on Jan. 5, 2019.", "We met at 3 p.m. Monday.", "It began at 7 p.m.", "Police came."],
        ["Acme Inc. said so.", "He works for Acme Inc.", "He likes it."],
        ["He was very ill.", "Doctors came at once."],
        ["Peoria, Ill. Governor Smith came."],
        ["We watched the sun.", "Birds sang."],
        ["It is known.[12]", "It is not.", "In Roe v. Wade it was."],
        ["He won in 2019.", "500 people came."],
        ["The war ended.", "soviet tanks came."],
        ["He came on 17. June and left."],
        ["Lt.-Gen. Lance Smith came.", "**Bold.**", "Next."],
        ["1. The first item goes on.", "It ends."],
    ],
    ids=lambda expected: expected[0],
)
def test_golden_sentences(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


def test_lists_and_headings_end_with_their_lines() -> None:
    lines = [
        "A headline without a stop",
        "",
        "1. First item",
        "2. Second item",
        "IV. Third. Item",
        "a) Fourth",
        "- Fifth",
    ]
    assert cut("\n".join(lines)) == [*lines[:1], *lines[2:4], "IV. Third.", "Item", *lines[5:]]


def test_seed_article_has_one_sentence_a_line() -> None:
    text = SEED.read_text(encoding="utf-8")
    assert cut(text) == [line.strip() for line in text.splitlines() if line.strip()]


WRAPPED = """\
The Taliban said on Sunday that their troops had been on their way to the
provincial capital of Panjshir. Opposition forces had survived in the valley
since the fall of Kabul.
  A new paragraph starts here, and its first line is indented and goes on to
the next line.
"""


def test_hard_wrapped_lines_are_one_block() -> None:
    first, second = blocks(WRAPPED)
    assert first.of(WRAPPED).endswith("since the fall of Kabul.")
    assert second.of(WRAPPED).startswith("A new paragraph")
    assert [" ".join(sentence.split()) for sentence in cut(WRAPPED)] == [
        "The Taliban said on Sunday that their troops had been on their way to the provincial capital of Panjshir.",
        "Opposition forces had survived in the valley since the fall of Kabul.",
        "A new paragraph starts here, and its first line is indented and goes on to the next line.",
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["The Taliban said they had entered the capital of the holdout region", "Written by news2in"],
        ["a short list", "of things in", "lower case"],
        ["This paragraph is one line of well over a hundred columns, as text from the web has it, " * 2, "and a line"],
        ["- an item of a list that is long enough to fill the width", "- and another that begins in lower case"],
    ],
)
def test_lines_that_are_not_wrapped_stay_apart(lines: list[str]) -> None:
    assert len(blocks("\n".join(lines))) == len(lines)


def test_long_sentences_are_cut_after_a_comma_if_there_is_one() -> None:
    assert cut("a b c, d e f g", max_words=4) == ["a b c,", "d e f g"]
    assert cut("a b c d e f g", max_words=4) == ["a b c d", "e f g"]
    assert max(len(piece.split()) for piece in cut("word " * 1000)) == 80


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="max_words"):
        sentences("a", max_words=0)


def test_byte_order_mark_is_outside() -> None:
    assert sentences("\ufeffYes.") == [Span(1, 5)]


@pytest.mark.parametrize("unit", ["x", "!", ".", "a.", '."', "[1]", "\u0301", "中"])
def test_a_line_without_spaces_takes_linear_time(unit: str) -> None:
    def work(text: str) -> None:
        assert len(sentences(text)) == 1

    assert_linear(work, unit, 1_000_000, seconds=2)
