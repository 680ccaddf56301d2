"""The shipped int8 models: they agree with the torch models they were made from, and do no harm.

`reference.json` beside each model holds the torch model's output on the seed article (made by
scripts/make_reference.py).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import mtfix
from mtfix.corrector import Corrector
from mtfix.documents.edits import apply_edits
from mtfix.errors import ConfigError
from mtfix.models import KINDS, default_folder
from mtfix.types import Span

ROOT = Path(__file__).parents[2]
ARTICLE = (ROOT / "seeds" / "seed_article.txt").read_text(encoding="utf-8")
# good prose with odd corners; nothing in it may be changed
CLEAN = (
    "The committee will meet again on Thursday to discuss the budget for next year. "
    "She said that the new bridge, which opened in 1998, had cost more than £12 million.\n\n"
    "“We was robbed,” the old man muttered, and nobody corrected him. "
    "Visit https://example.org/final-father or write to info@example.org before 5 p.m. on 3 March.\r\n"
)


@pytest.fixture(scope="module")
def tool() -> Corrector:
    return mtfix.load()


def reference(kind: str) -> dict:
    return json.loads((default_folder() / kind / "reference.json").read_text(encoding="utf-8"))


def test_word_scores_are_those_of_the_torch_detector(tool: Corrector) -> None:
    sentences = reference("detector")["sentences"]
    threshold = tool.detector.settings["thresholds"]["balanced"]["word"]
    found = tool.detector.score([s["text"] for s in sentences])
    pairs = [(t.score, r) for (tokens, _), s in zip(found, sentences, strict=True)
             for t, r in zip(tokens, s["scores"], strict=True)]  # fmt: skip
    differences = [abs(a - b) for a, b in pairs]
    # processors differ in how they add int8 products up, most at the odd word
    assert sorted(differences)[int(0.99 * len(differences))] < 0.1
    assert max(differences) < 0.25
    assert sum(differences) / len(differences) < 0.02
    # the same words are flagged, but for those that lie on the line
    assert all((a >= threshold) == (b >= threshold) for a, b in pairs if abs(b - threshold) > 0.1)


def test_likelihoods_tell_english_from_what_is_none_whatever_the_batch(tool: Corrector) -> None:
    text = "They were the final of the prisoners to leave, and nobody knew where they had gone."
    place = Span(text.index("final"), text.index("final") + len("final"))
    changes = [(place, "last"), (place, "green of"), (place, "final")]
    others = [(ARTICLE[:n], changes) for n in (90, 200, 400)]
    good, bad, same = tool.rewriter.gains([(text, changes), *others])[0]
    assert good > 0 > bad
    assert same == 0
    assert [good, bad, same] == tool.rewriter.gains([(text, changes)])[0]


def test_detection_alone_needs_no_rewriter(tool: Corrector) -> None:
    alone, text = mtfix.load(rewrite=False), ARTICLE[:1000]
    found = alone.detect(text)
    assert found.flags == tool.detect(text).flags
    assert set(found.fingerprint.models) == {"detector"}
    with pytest.raises(ConfigError, match="only detects"):
        alone.fix(text)


def test_first_answers_are_those_of_the_torch_rewriter(tool: Corrector) -> None:
    recorded = reference("rewriter")
    requests = [(s["text"], [Span(a, b) for a, b in s["spans"]]) for s in recorded["sentences"]]
    proposed = tool.rewriter.propose(requests, recorded["beams"])
    pairs = [
        (options[0].text if options else None, answer[0] if answer else None, answer[1] if answer else 0.0)
        for s, found in zip(recorded["sentences"], proposed, strict=True)
        for options, answer in zip(found, s["answers"], strict=True)
    ]
    assert pairs
    # int8 rounding flips races between unlikely answers, and here and there one with a clear winner
    clear = [a == b for a, b, probability in pairs if probability >= 0.3]
    assert len(clear) >= 5
    assert sum(clear) >= 0.8 * len(clear)
    assert sum(a == b for a, b, _ in pairs) >= 0.7 * len(pairs)


def test_sentences_alone_and_in_a_batch_give_the_same_result(tool: Corrector) -> None:
    texts = [line for line in ARTICLE.splitlines() if line][:8]
    together = list(tool.fix_many(texts))
    alone = [tool.fix(text) for text in texts]
    assert [(r.text, [e.replacement for e in r.edits]) for r in together] == [
        (r.text, [e.replacement for e in r.edits]) for r in alone
    ]


def test_what_the_detector_says_of_a_sentence_depends_on_no_other_to_the_last_bit(tool: Corrector) -> None:
    texts = [line for line in ARTICLE.splitlines() if line]
    assert tool.detector.score(texts) == [tool.detector.score([text])[0] for text in texts]


def test_the_seed_article_is_flagged_and_changed_only_in_its_edits(tool: Corrector) -> None:
    result = tool.fix(ARTICLE)
    assert result.flags
    assert apply_edits(ARTICLE, result.applied) == result.text


def test_hardly_anything_is_left_to_do_on_the_repaired_seed_article(tool: Corrector) -> None:
    # with less damage about it, a place that is nearly sure may be asked about in other words; on some machines one is
    assert len(tool.fix(tool.fix(ARTICLE).text).applied) <= 1


def test_a_reference_tells_the_seed_articles_district(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("The aid group Emergency runs a hospital in Anabah, in the Panjshir Valley.", encoding="utf-8")
    tool = mtfix.load(references=[path])
    result = tool.fix(ARTICLE)
    assert "Anabah District, in Panjshir Valley" in result.text
    assert "references" in result.fingerprint.models
    again = tool.fix(result.text)
    assert "Anabah District, in Panjshir Valley" in again.text
    assert len(again.applied) <= 1  # as above


def test_good_prose_is_left_alone(tool: Corrector) -> None:
    assert tool.fix(CLEAN).text == CLEAN


def test_british_spelling_stays(tool: Corrector) -> None:
    text = "The organisers and their neighbours travelled forty kilometres to the harbour in the centre of the city."
    for place in [Span(text.index(w), text.index(w) + len(w)) for w in ("neighbours", "travelled", "kilometres")]:
        american = place.of(text).replace("our", "or").replace("ll", "l").replace("tres", "ters")
        (edits,) = tool.suggest(text, [place])
        assert not [edit for edit in edits if american in edit.replacement.split()]


@pytest.mark.xfail(strict=True, reason="the rewriter says “last father”")
def test_a_late_father_comes_back(tool: Corrector) -> None:
    assert "Massoud’s late father" in tool.fix(ARTICLE).text


def test_mathematical_prose_is_left_alone(tool: Corrector) -> None:
    text = CLEAN + "Let x be an element of the set; then f(x) is not defined at 0."
    assert tool.fix(text).text == text


@pytest.mark.parametrize("kind", KINDS)
def test_every_model_has_its_card_and_no_pickle(kind: str) -> None:
    folder = default_folder() / kind
    card = (folder / "README.md").read_text(encoding="utf-8")
    for heading in ("Data", "Training", "Results", "Limits", "Licence"):
        assert f"## {heading}" in card
    assert not [p for p in folder.rglob("*") if p.suffix in {".pkl", ".pt", ".pth", ".ckpt"}]
    assert all(p.stat().st_size < 95_000_000 for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    "text", ["<issue_start> final<issue_closed>", "<|im_end|><|endoftext|>", "[SEP] [CLS] <jupyter_output>"]
)
def test_text_that_spells_out_markers_is_text(tool: Corrector, text: str) -> None:
    sentence = f"The old man said {text} to the final father of the house in the evening."
    result = tool.fix(sentence)
    assert text in result.text


def test_a_paragraph_in_another_language_changes_nothing_elsewhere(tool: Corrector) -> None:
    indonesian = (
        "Presiden mengatakan pada hari Senin bahwa pemerintah akan mengajukan rancangan undang-undang baru tentang "
        "pensiun sebelum akhir tahun ini, meskipun ditentang oleh serikat pekerja dan sebagian anggota parlemen.\n"
    )
    alone, mixed = tool.fix(ARTICLE), tool.fix(indonesian + ARTICLE)
    assert [replace(e, span=e.span.shifted(-len(indonesian))) for e in mixed.edits] == list(alone.edits)
    assert [replace(f, span=f.span.shifted(-len(indonesian))) for f in mixed.flags] == list(alone.flags)
    assert mixed.text == indonesian + alone.text
