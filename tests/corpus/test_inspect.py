from __future__ import annotations

import json
import random
import re

import pytest

from mtfix.corpus.align import align
from mtfix.corpus.engines.base import damaged_share
from mtfix.corpus.inspect import Look, categories, errant_types, histogram
from mtfix.corpus.realism import FEWEST, masked, realism
from mtfix.corpus.rows import edit_row, table
from mtfix.errors import InputError

CLEAN = [
    f"The {who} has {what} the {thing} in the {place} of the city since {year}."
    for who in ("minister", "farmer", "teacher", "painter", "doctor")
    for what in ("seen", "sold")
    for thing in ("house", "gold medal")
    for place in ("north", "middle")
    for year in (1990, 2004)
]


def row(damaged, clean, engine):
    edits = align(damaged, clean)
    return {
        "id": "", "damaged": damaged, "clean": clean, "before": "", "edits": [edit_row(e) for e in edits],
        "engine": engine, "engines": [engine] if edits else [], "density": damaged_share(edits, clean), "seed": 1,
        "doc": "d", "source": "toy", "licence": "CC0-1.0",
    }  # fmt: skip


@pytest.fixture
def corpus(tmp_path):
    from pyarrow import parquet

    rows = [row(text.replace("gold medal", "medal of gold"), text, "moved") for text in CLEAN if "medal" in text]
    rows += [row(text.replace("has", "have"), text, "grammar") for text in CLEAN]
    rows += [row(text, text, "identity:plain") for text in CLEAN[:10]]
    (tmp_path / "train").mkdir()
    parquet.write_table(table(rows), tmp_path / "train" / "train-00000.parquet")
    pairs = [{"mt": text.replace("since", "of"), "pe": text, "lang": "xx", "id": text} for text in CLEAN]
    (tmp_path / "xx-en.dev.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    return tmp_path


def test_the_page_shows_engines_categories_densities_and_samples(corpus):
    look = Look.at(corpus, 1000, None, 1)
    page = look.page(1)
    assert page.startswith(f"{40 + 80 + 10} rows; looked at 130: 120 damaged, 10 clean")
    assert categories(look.rows) == {"function-word": 80, "word-order": 40}
    assert "function-word  66.7 %" in page
    assert "Damaged words (%), corpus" in page
    assert "[-medal of gold-]{+gold medal+}(word-order)" in page
    assert "[-have-]{+has+}(function-word)" in page
    assert "Realism" not in page
    assert "(word-order)" not in look.page(0)


def test_real_post_edits_stand_beside(corpus):
    page = Look.at(corpus, 1000, corpus, 1).page(0)
    assert re.search(r"^function-word +66\.7 % +100\.0 %$", page, re.MULTILINE)  # of → since
    assert re.search(r"^word-order +33\.3 % +0\.0 %$", page, re.MULTILINE)
    assert "Damaged words (%), post-edits" in page
    assert "(human post-edits)" in page


def test_a_sample_is_drawn_by_the_seed(corpus):
    one, same, other = (Look.at(corpus, 20, None, seed).rows for seed in (1, 1, 2))
    assert len(one) == 20
    assert one == same != other
    with pytest.raises(InputError, match="nothing does not exist"):
        Look.at(corpus / "nothing", 20, None, 1)
    (corpus / "empty").mkdir()
    with pytest.raises(InputError, match="holds no Parquet"):
        Look.at(corpus / "empty", 20, None, 1)


def test_errant_types(corpus):
    pytest.importorskip("errant")
    found = errant_types(Look.at(corpus, 40, None, 1).rows)
    assert found["R:VERB:SVA"] > 10  # has → have
    assert found.total() >= 40 - 10  # of 40 rows at most ten are clean


def test_bars():
    assert histogram([1, 1, 6], (0, 5)) == (
        "      0–5  66.7 % ████████████████████████████████████████\n       5–  33.3 % ████████████████████\n"
    )


class TestRealism:
    def test_words_of_the_topic_are_masked(self):
        assert masked("Kabul has 3,000 tanks, says NATO in Paris.") == "~bul has 0 ~nks, ~ays XX in Xx."
        assert masked("") == ""

    def test_the_same_kind_scores_half_and_another_kind_scores_high(self):
        rng = random.Random(1)
        texts = [text.replace("since", rng.choice(("of", "since"))) for text in CLEAN * 3]
        rng.shuffle(texts)
        machine, alike = texts[:120], texts[120:]
        strange = [text.replace("the", "a the") for text in alike]
        same, other = realism(machine, {"alike": alike, "strange": strange})
        assert 0.35 < same.auc < 0.65
        assert other.auc > 0.95
        assert (same.name, same.rows) == ("alike", 120)

    def test_too_few_sentences_have_no_score(self):
        [found] = realism(CLEAN, {"few": CLEAN[: FEWEST - 1]})
        assert found.auc is None
