"""Which questions are decoded together."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mtfix.rewriter.ctranslate2_backend import BATCH, SHARED, _batches, _parts
from mtfix.rewriter.requests import Request

LENGTHS = st.sampled_from([8, 16, 24])


@st.composite
def requests(draw) -> Request:
    sizes = draw(st.lists(LENGTHS, min_size=1, max_size=12))
    questions = tuple((i, *[0] * (size - 1)) for i, size in enumerate(sizes))
    return Request((7,) * draw(LENGTHS), questions, (16,) * len(questions))


@given(st.lists(requests(), max_size=5), st.booleans())
def test_every_question_is_asked_once_beside_others_of_its_length(asked: list[Request], can_share: bool) -> None:
    batches = _batches(asked, can_share=can_share)
    places = [place for batch in batches for place in batch.places]
    assert sorted(places) == [(i, j) for i, request in enumerate(asked) for j in range(len(request.questions))]
    for batch in batches:
        read = [_parts(asked[i], j, batch.shared) for i, j in batch.places]
        assert len({len(own) for _, own in read}) == 1
        told = [(*asked[i].passage, *asked[i].questions[j]) for i, j in batch.places]
        assert [(*once, *own) for once, own in read] == told
        assert len(batch.places) <= BATCH
        # what is read once for all is the passage of one request, never of two that happen to say the same
        assert not batch.shared or len({i for i, _ in batch.places}) == 1
        assert batch.shared or all(once == () for once, _ in read)


@given(requests(), st.lists(requests(), max_size=3))
def test_how_a_passage_is_read_depends_on_its_own_questions(one: Request, others: list[Request]) -> None:
    def shared(asked: list[Request]) -> Counter[tuple[int, bool]]:
        batches = _batches(asked, can_share=True)
        return Counter((j, batch.shared) for batch in batches for i, j in batch.places if i == 0)

    alone = shared([one])
    assert shared([one, *others]) == alone
    many = {size for size, count in Counter(map(len, one.questions)).items() if count >= SHARED}
    assert all(flag == (len(one.questions[j]) in many) for j, flag in alone)
