"""Round trips through Marian models: a tiny untrained one, as transformers saves it and as CTranslate2 converts it."""

from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path

import pytest

from mtfix.corpus.engines import marian
from mtfix.corpus.engines.registry import Engines, missing
from mtfix.errors import ModelError

SENTENCES = [
    f"The {a} {b} was {c} in the {d}."
    for a, b, c, d in product(("old", "late"), ("man", "dog"), ("seen", "lost"), ("city", "war"))
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import sentencepiece
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder = tmp_path_factory.mktemp("opus-mt-en-xx")
    (folder / "text").write_text("\n".join(SENTENCES))
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text"), model_prefix=str(folder / "source"), vocab_size=44, minloglevel=2,
        hard_vocab_limit=False, bos_id=-1, eos_id=0, unk_id=1, num_threads=1,
    )  # fmt: skip
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.model"))
    (folder / "source.model").rename(folder / "source.spm")
    shutil.copy(folder / "source.spm", folder / "target.spm")
    vocabulary = {pieces.id_to_piece(i): i for i in range(pieces.get_piece_size())}
    vocabulary["<pad>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    settings = {"source_lang": "en", "target_lang": "xx"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    torch.manual_seed(3)
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary), d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=64, pad_token_id=pad,
        eos_token_id=0, bos_token_id=None, decoder_start_token_id=pad, forced_eos_token_id=None, init_std=0.5,
    )  # fmt: skip
    MarianMTModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def converted(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ctranslate2.converters import TransformersConverter

    folder = tmp_path_factory.mktemp("converted") / "opus-mt-xx-en"
    TransformersConverter(str(checkpoint)).convert(str(folder))
    for name in ("source.spm", "target.spm"):
        shutil.copy(checkpoint / name, folder / name)
    return folder


def test_both_forms_of_a_model_translate_alike(
    checkpoint: Path, converted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marian, "LONGEST", 16)  # untrained, it comes to no end
    mine, theirs = (marian.translator(folder)(SENTENCES) for folder in (checkpoint, converted))
    assert mine == theirs
    assert len(set(mine)) > 1  # it reads what it is given
    assert all("▁" not in text and "</s>" not in text for text in mine)
    # what a sentence becomes does not depend on the others
    assert marian.translator(converted)(SENTENCES[3:4]) == theirs[3:4]
    assert marian.translator(converted)([]) == []


def test_a_round_trip_goes_out_by_one_model_and_back_by_the_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out, back = tmp_path / "en-xx", tmp_path / "xx-en"
    tables = {out: {"old": "OLD"}, back: {"OLD": "aged", "lost": ""}}

    def translator(folder: Path) -> marian.Translate:
        return lambda texts: [tables[folder].get(text, text) for text in texts]

    monkeypatch.setattr(marian, "translator", translator)
    monkeypatch.setattr(marian, "accident", lambda _, output: output == "wild")
    engines = Engines(tmp_path, marian=[(out, back)])
    assert engines.chains("marian") == ["en-xx+xx-en"]
    trip = engines.batch("marian")
    assert trip(["old", "new", "lost", "wild"], "en-xx+xx-en") == ["aged", "new", None, None]


def test_what_is_missing_is_said(checkpoint: Path, tmp_path: Path) -> None:
    assert "--marian OUT,BACK" in (missing("marian", tmp_path) or "")
    hint = missing("marian", tmp_path, marian=[(checkpoint, tmp_path)])
    assert hint == f"marian needs whole models: {tmp_path} has no config.json"
    assert missing("marian", tmp_path, marian=[(checkpoint, checkpoint)]) is None
    with pytest.raises(ModelError, match=r"has no config\.json; a Marian model has"):
        marian.translator(tmp_path)


def test_a_folder_that_holds_something_else(tmp_path: Path, checkpoint: Path) -> None:
    for name in ("config.json", "source.spm", "target.spm"):
        shutil.copy(checkpoint / name, tmp_path / name)
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelError, match="holds no Marian model"):
        marian.translator(tmp_path)
