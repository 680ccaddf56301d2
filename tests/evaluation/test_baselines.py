"""Baselines and mtfix itself as systems, on models made for the test or none."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_models import corrector
from fakes import write_rows

import mtfix
from mtfix.errors import ConfigError, InputError, ModelError
from mtfix.evaluation.baselines.surprisal import by_word
from mtfix.evaluation.items import GoldSpan, Item, Output
from mtfix.evaluation.systems import Filler, MtfixSystem, Options, System, Tagger, make
from mtfix.types import Span


def run(system: System, *texts: str) -> list[Output]:
    return list(system.run([Item(str(i), text) for i, text in enumerate(texts)]))


def started(name: str, **options: Any) -> System:
    system = make(name, Options(**options))
    system.start()
    return system


def test_doing_nothing() -> None:
    system = started("none")
    assert run(system, "a final word") == [Output("0", "a final word", flags=())]
    assert (system.signature, system.stored) == ({}, True)


LEXICON = [
    {"tortured": "profound learning", "expected": "deep learning"},
    {"phrase": "profound learning framework", "expected": "deep-learning framework"},
    {"tortured": "Bosom Peril", "expected": "breast cancer"},
]


def test_the_lexicon_replaces_the_longest_phrase_with_its_casing(tmp_path: Path) -> None:
    system = started("lexicon", lexicon=write_rows(tmp_path / "l.jsonl", LEXICON))
    text = "Profound  learning beats a profound learning framework for bosom peril, not profound learnings."
    (output,) = run(system, text)
    assert output.corrected == (
        "Deep learning beats a deep-learning framework for breast cancer, not profound learnings."
    )
    assert [(e.span.of(text), e.category) for e in output.edits] == [
        ("Profound  learning", "tortured-phrase"),
        ("profound learning framework", "tortured-phrase"),
        ("bosom peril", "tortured-phrase"),
    ]
    assert [f.span for f in output.flags or ()] == [e.span for e in output.edits]
    assert system.signature["phrases"] == 3
    assert len(system.signature["lexicon"]) == 12


def test_a_lexicon_that_is_missing_or_broken(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name it with --lexicon"):
        make("lexicon", Options())
    with pytest.raises(InputError, match=r"l\.jsonl cannot be read"):
        started("lexicon", lexicon=tmp_path / "l.jsonl")
    write_rows(tmp_path / "l.jsonl", [LEXICON[0], {"tortured": "x"}])
    with pytest.raises(InputError, match=r"l\.jsonl:2: there is no 'expected'"):
        started("lexicon", lexicon=tmp_path / "l.jsonl")


def test_harper_corrects_by_its_first_suggestions() -> None:
    system = started("harper")
    text = "😀 He has went to the the store, and she has an car."
    wrong, right = run(system, text, "The cat sat on the mat.")
    assert wrong.corrected == "😀 He has gone to the store, and she has a car."
    assert [e.span.of(text) for e in wrong.edits] == ["went", "the the", "an"]
    assert len(wrong.flags or ()) == 3
    assert (right.corrected, right.edits, right.flags) == ("The cat sat on the mat.", (), ())
    assert system.signature["harper-py"]


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "harper", None)
    with pytest.raises(ConfigError, match=r'harper needs harper, which is missing: pip install "mtfix\[evaluate\]"'):
        started("harper")


def test_surprisal_adds_up_over_the_tokens_of_a_word() -> None:
    #        0123456789
    spans = [Span(0, 3), Span(4, 8), Span(8, 9)]  # the late .
    tokens = [Span(0, 3), Span(3, 6), Span(6, 8), Span(8, 9)]
    assert by_word(spans, tokens, [1.0, 2.0, 3.0, 4.0]) == [(spans[0], 1.0), (spans[1], 5.0), (spans[2], 4.0)]
    # one token over two words goes to the one it covers more of; tokens that were not scored count 0
    assert by_word(spans, [Span(2, 8)], [7.0]) == [(spans[0], 0.0), (spans[1], 7.0), (spans[2], 0.0)]
    assert by_word([], tokens, [1.0]) == []


def test_surprisal_flags_what_the_language_model_did_not_expect(causal_models: Path) -> None:
    text = "the cat sat on the zebra"
    low = started("surprisal", models=causal_models, surprisal=0.01)
    high = started("surprisal", models=causal_models, surprisal=1000.0)
    alone, beside = run(low, text)[0], run(low, "the mat", text)[1]
    assert [token.span.of(text) for token in alone.tokens or ()] == text.split()
    assert alone.tokens == beside.tokens  # no result depends on its neighbours
    assert alone.flags == alone.tokens
    assert run(high, text)[0].flags == ()
    assert alone.corrected == text
    ratio = [a.score / (1 - a.score) for a in alone.tokens or ()]
    other = [b.score / (1 - b.score) for b in run(high, text)[0].tokens or ()]
    assert ratio == pytest.approx([100_000 * value for value in other])
    assert low.signature["bits"] == 0.01
    with pytest.raises(ConfigError, match="above 0 bits"):
        make("surprisal", Options(surprisal=0))


def test_surprisal_is_the_model_s_own_log_probability(causal_models: Path, causal_run: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    text = "the cat sat on the mat"
    limit = 10.0
    found = run(started("surprisal", models=causal_models, surprisal=limit), text)[0].tokens or ()
    bits = [limit * token.score / (1 - token.score) for token in found]
    tokenizer = AutoTokenizer.from_pretrained(causal_run / "model")
    model = AutoModelForCausalLM.from_pretrained(causal_run / "model").eval()
    ids = [tokenizer.convert_tokens_to_ids(START), *tokenizer(text, add_special_tokens=False).input_ids]
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    expected = -sum(float(logits[i, token]) for i, token in enumerate(ids[1:])) / torch.log(torch.tensor(2.0))
    assert sum(bits) == pytest.approx(float(expected), rel=0.02)  # int8 against float32


def test_whole_sentences_through_transformers(causal_run: Path) -> None:
    system = started("whole", checkpoint=causal_run, threads=1)
    text = "the cat sat on the mat\nthe dog"
    (output,) = run(system, text)
    assert output.corrected.count("\n") == 1
    assert len(system.signature["checkpoint"]) == 12
    again = text
    for edit in reversed(output.edits):
        again = again[: edit.span.start] + edit.replacement + again[edit.span.end :]
    assert again.split() == output.corrected.split()


def test_whole_sentences_by_the_rewriter_in_a_model_folder(causal_run: Path, causal_models: Path) -> None:
    """Rebuilt from int8 it answers as the run that it was exported from, but for rounding."""
    import torch
    from transformers import AutoModelForCausalLM

    from mtfix.training.shipped import torch_rewriter

    rebuilt, trained = torch_rewriter(causal_models), AutoModelForCausalLM.from_pretrained(causal_run / "model").eval()
    ids = torch.tensor([[0, 40, 41, 42, 43]])
    with torch.no_grad():
        mine, theirs = rebuilt(ids).logits.softmax(-1), trained(ids).logits.softmax(-1)
    assert torch.allclose(mine, theirs, atol=1e-4)
    system = started("whole", models=causal_models, threads=1)
    (output,) = run(system, "the cat sat\non the mat")
    assert output.corrected.count("\n") == 1
    assert system.signature["checkpoint"]


def test_a_checkpoint_that_cannot_be_used(tmp_path: Path, causal_run: Path) -> None:
    with pytest.raises(ModelError, match="holds no model that transformers can load"):
        started("whole", checkpoint=tmp_path)
    with pytest.raises(ConfigError, match=r"causal model without the training\.json"):
        started("whole", checkpoint=causal_run / "model")


@pytest.fixture
def fixer(monkeypatch: pytest.MonkeyPatch) -> MtfixSystem:
    made = corrector({"final": "late", "victims": "casualties"}, {"odd"})
    asked: list[dict[str, Any]] = []
    monkeypatch.setitem(mtfix.__dict__, "load", lambda **settings: asked.append(settings) or made)
    system = MtfixSystem(Options(strictness="aggressive", threads=2))
    system.start()
    assert asked == [{"strictness": "aggressive", "models": None, "force": False, "threads": 2}]
    return system


def test_mtfix_corrects_tags_and_fills(fixer: MtfixSystem) -> None:
    text = "Under his final father they saw odd things."
    item = Item("1", text, spans=(GoldSpan(Span(0, 15)), GoldSpan(Span(10, 15)), GoldSpan(Span(32, 35))))
    (output,) = fixer.run([item])
    assert output.corrected == "Under his late father they saw odd things."
    assert [(e.span.of(text), e.replacement, e.applied) for e in output.edits] == [("final", "late", True)]
    assert {f.span.of(text) for f in output.flags or ()} == {"final", "odd"}
    assert isinstance(fixer, Tagger)
    assert isinstance(fixer, Filler)
    (tagged,) = fixer.tag([item], [output])
    scores = [(t.span.of(text), t.score) for t in tagged.tokens or ()]
    assert scores[:3] == [("Under", 0.1), ("his", 0.1), ("final", 0.9)]
    assert len(tagged.gaps or ()) == len(tagged.tokens or ()) + 1
    assert (tagged.corrected, tagged.flags) == (output.corrected, output.flags)
    # spans that overlap are asked about one after the other, and each gets its own answer
    (filled,) = fixer.fill([item], [output])
    assert filled.filled == ((), ("late",), ())


def test_mtfix_says_what_it_is(fixer: MtfixSystem) -> None:
    assert fixer.signature["strictness"] == "balanced"
    assert fixer.signature["version"]
    json.dumps(fixer.signature)


START = "<start>"
WORDS = ["the", "cat", "sat", "on", "mat", "dog", "zebra", "a"]


@pytest.fixture(scope="module")
def causal_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny untrained Llama as `mtfix train rewriter` leaves it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("run")
    markers = {name: f"<{name}>" for name in ("start", "ask", "open", "close", "answer", "end")}
    tokenizer = _tokenizer(list(markers.values()))
    build: Any = PreTrainedTokenizerFast
    build(tokenizer_object=tokenizer, eos_token="<end>", bos_token="<start>").save_pretrained(folder / "model")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=64, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=1, num_key_value_heads=1, bos_token_id=0, eos_token_id=5,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder / "model")
    summary = {"kind": "rewriter", "markers": markers, "encoder_decoder": False}
    (folder / "training.json").write_text(json.dumps(summary))
    return folder


def _tokenizer(special: Sequence[str]) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    return tokenizer


@pytest.fixture(scope="module")
def causal_models(causal_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mtfix.training.export import export_rewriter

    folder = tmp_path_factory.mktemp("models")
    export_rewriter(causal_run, folder / "rewriter", "tiny")
    return folder
