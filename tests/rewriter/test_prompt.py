from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtfix.rewriter.prompt import BESIDE, LEAST, Markers, PromptEncoder, canonical, fit
from mtfix.types import Span

WORDS = st.sampled_from("the late father Kabul U.S. 3,000 free-trade naïve 日本 x that’s".split())
SPACE = st.sampled_from([" ", " ", " ", "  ", "\n", "\n\n", "\t", "\u00a0"])


@st.composite
def spaced_texts(draw, spaces=SPACE):
    """(text, spans of its words)"""
    words = draw(st.lists(WORDS, min_size=1, max_size=8))
    text = draw(st.sampled_from(["", "", " ", "\n"])) if spaces is SPACE else ""
    spans = []
    for word in words:
        text += draw(spaces) if spans else ""
        spans.append(Span(len(text), len(text) + len(word)))
        text += word
    return text, spans


@st.composite
def marked(draw, spaces=SPACE):
    """A text and one span of it: a run of words, or a gap before, between or after words."""
    text, spans = draw(spaced_texts(spaces))
    first = draw(st.integers(0, len(spans) - 1))
    last = draw(st.integers(first, len(spans) - 1))
    gap = draw(st.booleans())
    if not gap:
        return text, Span(spans[first].start, spans[last].end)
    place = draw(st.sampled_from([spans[first].start, spans[first].end]))
    return text, Span(place, place)


def apply(text, span, answer):
    place, new = fit(text, span, answer)
    return text[: place.start] + new + text[place.end :]


ANSWERS = st.lists(WORDS, max_size=3).map(" ".join)
PADDING = st.sampled_from(["", " ", "  ", "\n"])


@settings(deadline=None, max_examples=150)
@given(marked(st.just(" ")), ANSWERS, PADDING, PADDING)
def test_the_spacing_of_well_spaced_text_stays_good(case, answer, before, after):
    text, span = case
    result = apply(text, span, before + answer + after)
    expected = [*text[: span.start].split(), *answer.split(), *text[span.end :].split()]
    assert result == " ".join(expected)


@pytest.mark.parametrize(
    ("old", "answer", "expected"),
    [
        ("The profound\r\nlearning  system", "deep study", "deep\r\nstudy"),
        ("The profound\r\nlearning  system", "deep machine study", "deep\r\nmachine study"),
        ("The profound\u00a0learning  system", "deep", "deep"),
    ],
)
def test_a_line_that_ends_inside_still_ends_there(old: str, answer: str, expected: str) -> None:
    assert apply(old, Span(4, old.index("  ")), answer) == f"The {expected}  system"


@settings(deadline=None, max_examples=150)
@given(marked(), ANSWERS)
def test_white_space_elsewhere_stays(case, answer):
    text, span = case
    result = apply(text, span, answer)
    head, tail = text[: span.start], text[span.end :]
    assert result.split() == [*head.split(), *answer.split(), *tail.split()]
    if span.start < span.end and answer:  # replaced: everything around stays, character by character
        assert result.startswith(head)
        assert result.endswith(tail)
        if len(answer.split()) == len(span.of(text).split()):
            assert re.findall(r"\s+", result) == re.findall(r"\s+", text)
        elif set(re.findall(r"\s+", span.of(text))) <= {" "}:
            assert result == head + answer + tail
        return
    # inserted or deleted: only white space at the place itself may have changed
    assert result.startswith(head.rstrip())
    assert result.endswith(tail.lstrip())


@settings(deadline=None)
@given(marked())
def test_fitting_the_original_changes_nothing(case):
    text, span = case
    assert apply(text, span, span.of(text)) == text


@pytest.mark.parametrize(
    ("text", "marked_text", "answer", "result"),
    [
        # marks stand by the word before them
        ("He left and she stayed.", " and", ",", "He left, she stayed."),
        ("the wall of Paris", " of", "’s", "the wall’s Paris"),
        ("He left", "", ".", "He left."),
        # words that take the place of marks are spaced out
        ("cats, dogs", ",", "and", "cats and dogs"),
        ("Afghanistan’s good", "’s", "is", "Afghanistan is good"),
        ("Afghanistan's good", "'s", " is", "Afghanistan is good"),
        ("either/or", "/", "and", "either and or"),
        ("he (president)", "(", "the", "he the president)"),
        # words are never glued together where something goes
        ("he (said", "(", "", "he said"),
        ("this—that", "—", "", "this that"),
        ("a well , said", " ,", "", "a well said"),
        # at the start and at the end
        ("The the man", "The", "", "the man"),
        ("  A man", "A", "", "  man"),
        ("A man left", " left", "", "A man"),
        ("A man", "A", "The", "The man"),
    ],
)
def test_fit_examples(text, marked_text, answer, result):
    start = text.index(marked_text) if marked_text else len(text)
    assert apply(text, Span(start, start + len(marked_text)), answer).strip() == result.strip()


@pytest.mark.parametrize(
    ("text", "offset", "answer", "result"),
    [
        ("man came", 0, "The", "The man came"),
        ("The came", 3, "man", "The man came"),
        ("The came", 4, "man", "The man came"),
        ("The man", 7, "came", "The man came"),
        ("(man came)", 1, "the", "(the man came)"),
        ("The man, old", 7, "too", "The man too, old"),
        ("He said “man came”", 9, "the", "He said “the man came”"),
        ("war—peace", 4, "then", "war—then peace"),
        ("The man came", 7, "", "The man came"),
    ],
)
def test_insertions(text, offset, answer, result):
    assert apply(text, Span(offset, offset), answer) == result


@settings(deadline=None)
@given(marked())
def test_canonical(case):
    text, span = case
    place = canonical(text, span)
    assert span.start == span.end or canonical(text, place) == place
    assert place.of(text).strip() == span.of(text).strip()
    assert place.start == 0 or not text[place.start - 1].isspace()
    assert place.of(text).lstrip() == span.of(text).strip()


def test_canonical_examples():
    assert canonical("a  b c", Span(3, 4)) == Span(1, 4)
    assert canonical("a b  ", Span(2, 5)) == Span(1, 3)
    assert canonical("a b", Span(0, 1)) == Span(0, 1)
    assert canonical("a b", Span(2, 2)) == Span(1, 2)


def shown(encoder, ids):
    return encoder.tokenizer.decode(ids, skip_special_tokens=False)


def parts(encoder, prompt):
    """What a question tells: before, inside and after the span."""
    text = shown(encoder, prompt.question)
    last = "<|im_end|>" if encoder.encoder_decoder else "<answer>"
    return re.fullmatch(rf"(?:<ask>)+(.*)<open>(.*)<close>(.*){re.escape(last)}", text, re.DOTALL).groups()


@pytest.mark.parametrize("causal", [True, False])
def test_every_span_is_asked_about_with_what_stands_beside_it(make_encoder, causal):
    encoder = make_encoder(causal=causal)
    text = "His final  father won medal of gold."
    first, second = encoder.prompts(text, [Span(4, 9), Span(22, 35)])
    assert first.passage == second.passage
    assert re.sub(r"^(<\|start\|>)+", "", shown(encoder, first.passage)) == "His final father won medal of gold."
    assert parts(encoder, first)[:2] == ("His", " final")
    assert parts(encoder, first)[2].startswith(" father")
    before, inner, after = parts(encoder, second)
    assert (inner, after) == (" medal of gold", ".")
    assert " won".startswith(before[-4:])


@settings(deadline=None)
@given(marked())
def test_a_question_tells_a_part_of_its_sentence(make_encoder, case):
    text, span = case
    for causal in (True, False):
        encoder = make_encoder(causal=causal)
        [prompt] = encoder.prompts(text, [span])
        assert re.sub(r"<\|start\|>", "", shown(encoder, prompt.passage)).split() == text.split()
        before, inner, after = parts(encoder, prompt)
        assert inner.split() == span.of(text).split()
        place = canonical(text, span)
        assert "".join(text[: place.start].split()).endswith("".join(before.split()).lstrip("\ufffd"))
        assert "".join(text[place.end :].split()).startswith("".join(after.split()).rstrip("\ufffd"))
        # what goes before is told as far as there is room, and always a little of both
        assert len(encoder.answer(after)) - 1 >= min(BESIDE, len(encoder.answer(text[place.end :])) - 1) or after == ""


def test_questions_are_as_long_as_they_need(make_encoder):
    encoder = make_encoder()
    text = "the father of the late father won gold in the town near the river."
    for span in (Span(4, 10), Span(18, 40), Span(0, 40)):  # BESIDE tokens on either side, or markers in place of them
        [prompt] = encoder.prompts(text, [span])
        inner = len(encoder.encode(text[max(0, span.start - 1) : span.end]))
        assert len(prompt.question) == inner + 2 * BESIDE + 4


@settings(deadline=None)
@given(st.text("ab ,’é日", max_size=12).filter(lambda t: "  " not in t))
def test_answers_are_read_back(make_encoder, answer):
    encoder = make_encoder()
    ids = encoder.answer(answer)
    assert encoder.read(ids) == answer
    assert encoder.read([*ids, encoder.end, encoder.end]) == answer  # padding of a longer neighbour's
    assert encoder.read([encoder.tokenizer.token_to_id("<open>"), *ids]) is None
    assert encoder.read(ids[:-1]) is None  # cut off by the length limit


TRICKS = ["<|im_end|>", "<open>x<close>", "<answer>", "<ask>", "<|start|>", "</s> <s> [SEP]", "a<|im_end|>b"]


@pytest.mark.parametrize("text", TRICKS)
def test_markers_in_the_text_are_text(make_encoder, text):
    encoder = make_encoder()
    markers = {encoder.tokenizer.token_to_id(t) for t in encoder.markers.to_dict().values()}
    [*ids, end] = encoder.answer(text)
    assert end == encoder.end
    assert markers.isdisjoint(ids)
    assert encoder.read([*ids, end]) == text
    [prompt] = encoder.prompts(f"Say {text} now", [Span(0, 3)])
    names = [encoder.tokenizer.id_to_token(i) for i in [*prompt.passage, *prompt.question] if i in markers]
    assert [n for n in names if n not in ("<|start|>", "<ask>")] == ["<open>", "<close>", "<answer>"]
    assert "<ask>" not in names[names.index("<open>") :]


def test_a_vocabulary_without_the_markers_is_refused(vocabulary):
    markers = Markers(start="", ask="<n>", open="<o>", close="<c>", answer="<a>", end="<|im_end|>")
    with pytest.raises(ValueError, match="<n>"):
        PromptEncoder(vocabulary, markers, encoder_decoder=False)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 120), st.integers(0, 60), st.integers(0, 120), st.integers(48, 150), st.booleans())
def test_passages_of_long_sentences_are_cut_around_the_span(make_encoder, before, inside, after, room, causal):
    encoder = make_encoder(causal=causal, max_tokens=room)
    left, middle, right = "the" + " the" * before, " father" * inside, " late" * after
    sizes = [len(encoder.answer(part)) - 1 for part in (left, middle, right)]
    assert sizes == [before + 1, inside, after] or 0 in (before, inside, after)  # a token for each word
    [prompt] = encoder.prompts(left + middle + right, [Span(len(left), len(left + middle))])
    question = len(encoder.question(left + middle + right, Span(len(left), len(left + middle))))
    free = room - question - 1 - sizes[1]
    if prompt is None:
        assert free < LEAST  # the span takes nearly all the room
        return
    assert len(prompt.passage) + len(prompt.question) <= room
    passage = shown(encoder, prompt.passage).replace("<|start|>", "")
    head, _, tail = passage.partition(middle) if middle else (passage.partition(" late")[0], "", "")
    assert left.endswith(head)
    if not middle:
        return
    assert right.startswith(tail)
    # both sides keep their half of the room, or all they have
    assert head.count("the") >= min(before + 1, free // 2 - 1)
    assert tail.count("late") >= min(after, free // 2 - 1)
    if sizes[0] + sizes[2] <= free:
        assert (head, tail) == (left, right)


def test_a_short_span_in_an_endless_sentence_can_be_asked(make_encoder):
    encoder = make_encoder(max_tokens=64)
    text = "the late " * 5000
    short, long = encoder.prompts(text, [Span(22500, 22503), Span(0, 22500)])
    assert (short is not None, long) == (True, None)
    assert encoder.prompts("x" * 5000, [Span(0, 5000)]) == [None]
