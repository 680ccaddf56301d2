from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtfix.detector.spans import LONGEST, suspicions
from mtfix.types import Gap, Span, Token

SCORE = st.sampled_from([0.0, 0.1, 0.3, 0.49, 0.5, 0.7, 0.9, 1.0])


def sentence(scores, gap_scores=None, apart=1):
    """Tokens of three characters each, `apart` spaces between them, and their gaps."""
    tokens = [Token(Span(i * (3 + apart), i * (3 + apart) + 3), s) for i, s in enumerate(scores)]
    offsets = [t.span.start for t in tokens] + [tokens[-1].span.end if tokens else 0]
    gaps = [Gap(o, g) for o, g in zip(offsets, gap_scores or [0.0] * len(offsets), strict=True)]
    return tokens, gaps


def found(scores, gap_scores=None, **more):
    """Suspected words as index ranges, and gaps as the index of the word after."""
    tokens, gaps = sentence(scores, gap_scores)
    result = []
    for s in suspicions(tokens, gaps, word=0.5, gap=0.5, **more):
        if s.span.start == s.span.end:
            result.append(sum(t.span.end <= s.span.start for t in tokens))
        else:
            inside = [i for i, t in enumerate(tokens) if t.span.overlaps(s.span)]
            assert s.span == Span(tokens[inside[0]].span.start, tokens[inside[-1]].span.end)
            result.append((inside[0], inside[-1] + 1))
    return result


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], []),
        ([0.1, 0.2], []),
        ([0.1, 0.5, 0.2], [(1, 2)]),  # at the threshold
        ([0.9, 0.9, 0.1], [(0, 2)]),
        ([0.9, 0.3, 0.9], [(0, 3)]),  # a doubtful word between two bad ones
        ([0.9, 0.1, 0.9], [(0, 1), (2, 3)]),  # a good word between them
        ([0.9, 0.3, 0.3, 0.9], [(0, 1), (3, 4)]),
        ([0.3, 0.9, 0.3], [(1, 2)]),
    ],
)
def test_neighbours_are_one_suspicion(scores, expected):
    assert found(scores) == expected


def test_the_score_is_the_highest_inside():
    tokens, gaps = sentence([0.6, 0.3, 0.8])
    assert [s.score for s in suspicions(tokens, gaps, word=0.5, gap=0.5)] == [0.8]


def test_a_long_run_is_cut_where_the_detector_was_least_sure():
    scores = [0.9] * 5 + [0.55] + [0.9] * 6
    assert found(scores) == [(0, 5), (5, 12)]
    assert found([0.9] * LONGEST) == [(0, LONGEST)]
    assert found([0.9] * (LONGEST + 2)) == [(0, 5), (5, 10)]


def test_gaps():
    assert found([0.1] * 3, [0, 0.9, 0, 0]) == [1]
    assert found([0.1] * 3, [0.9, 0, 0, 0.9]) == [0, 3]
    assert found([0.1] * 3, [0, 0.49, 0, 0]) == []
    # beside a suspected word: that word's repair can bring the missing one along
    assert found([0.1, 0.9, 0.1, 0.1], [0, 0.9, 0.9, 0.9, 0]) == [(1, 2), 3]


def test_a_gap_is_written_after_the_word_before():
    tokens, gaps = sentence([0.1, 0.1], [0, 0.9, 0], apart=2)
    assert [s.span for s in suspicions(tokens, gaps, word=0.5, gap=0.5)] == [Span(3, 3)]


def test_what_is_untouchable_is_never_suspected():
    # tokens lie at 0-3, 4-7, 8-11
    assert found([0.9, 0.9, 0.9], untouchable=[Span(4, 7)]) == [(0, 1), (2, 3)]
    assert found([0.9, 0.9, 0.9], untouchable=[Span(6, 9)]) == [(0, 1)]
    assert found([0.9, 0.3, 0.9], untouchable=[Span(4, 7)]) == [(0, 1), (2, 3)]
    for place in (1, 2):  # before it and after it
        gap_scores = [0.9 if i == place else 0.0 for i in range(4)]
        assert found([0.1] * 3, gap_scores, untouchable=[Span(4, 7)]) == []
        assert found([0.1] * 3, gap_scores) == [place]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_suspicions_are_sorted_disjoint_and_in_bounds(data):
    scores = data.draw(st.lists(SCORE, max_size=30))
    gap_scores = data.draw(st.lists(SCORE, min_size=len(scores) + 1, max_size=len(scores) + 1))
    tokens, gaps = sentence(scores, gap_scores, apart=data.draw(st.integers(0, 2)))
    length = tokens[-1].span.end if tokens else 0
    ends = data.draw(st.lists(st.integers(0, length), unique=True, max_size=6).map(sorted))
    untouchable = [Span(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    result = suspicions(tokens, gaps if tokens else [], word=0.5, gap=0.5, untouchable=untouchable)
    spans = [s.span for s in result]
    assert spans == sorted(spans)
    for first, second in itertools.pairwise(spans):
        assert first.end <= second.start
        assert first != second
    for s in result:
        assert s.score >= 0.5
        inside = [t for t in tokens if t.span.overlaps(s.span)]
        assert len(inside) <= LONGEST
        for u in untouchable:
            assert not any(t.span.overlaps(u) for t in inside)
            if s.span.start == s.span.end:
                assert not u.start <= s.span.start <= u.end
    # no word at the threshold is lost
    free = [t for t in tokens if t.score >= 0.5 and not any(t.span.overlaps(u) for u in untouchable)]
    assert all(any(s.span.start <= t.span.start and t.span.end <= s.span.end for s in result) for t in free)
    # a suspicion of words begins and ends with words at the threshold
    for s in result:
        inside = [t.score for t in tokens if t.span.overlaps(s.span)]
        assert not inside or len(inside) > 2 or min(inside[0], inside[-1]) >= 0.25
