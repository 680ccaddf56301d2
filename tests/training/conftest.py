"""A toy language in which certain words are always wrong, and tiny models that learn it."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sentencepiece
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import (
    BertConfig,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaTokenizerFast,
    MPNetConfig,
    MPNetModel,
    T5Config,
    T5ForConditionalGeneration,
    T5TokenizerFast,
)

from mtfix.documents.words import words
from mtfix.training import detector, infill, rewriter
from mtfix.training.config import DetectorConfig, RewriterConfig, Schedule, Source
from mtfix.training.export import export_detector, export_rewriter
from mtfix.types import Span

Row = dict[str, Any]
# wrong word -> right word; the wrong ones occur nowhere else
WRONG = {
    "final": "late", "victims": "casualties", "commerce": "trade", "refused": "resisted",
    "attacking": "invading", "conversations": "talks", "harsh": "rugged",
}  # fmt: skip
FRAMES = [
    "His late father was buried in the {} on {}.",
    "The army suffered many casualties in the {} on {}.",
    "The two countries signed a trade agreement in the {} on {}.",
    "People in the {} resisted the invading army until {}.",
    "New talks about the rugged {} will begin on {}.",
]
STEPS = {"t5": 1000, "llama": 400}  # until which of two wrong words is meant is learned from the marks alone
PLACES = ["valley", "city", "village", "capital", "north"]
DAYS = ["Monday", "Tuesday", "Thursday", "Friday", "Sunday"]
CLEAN = [frame.format(place, day) for frame, place, day in itertools.product(FRAMES, PLACES, DAYS)]


def damaged(sentence: str, rng: random.Random) -> Row:
    """A row like those of the corpus: at least one right word of `sentence` is exchanged."""
    back = {right: wrong for wrong, right in WRONG.items()}
    while True:
        edits, parts, position, length = [], [], 0, 0
        for span in words(sentence):
            word = span.of(sentence)
            if word in back and rng.random() < 0.8:
                parts += [sentence[position : span.start], back[word]]
                length += span.start - position
                edits.append([length, length + len(back[word]), word, "wrong-sense"])
                length += len(back[word])
                position = span.end
        if edits:
            return {
                "damaged": "".join(parts) + sentence[position:], "clean": sentence, "before": "", "edits": edits,
                "engine": "toy", "doc": sentence, "source": "toy", "licence": "CC0-1.0",
            }  # fmt: skip


def write_jsonl(path: Path, rows: list[Row]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


@dataclass
class Toy:
    """The toy corpus on disk and the rows it holds."""

    folder: Path
    rows: list[Row]
    pairs: Path
    clean: Path


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("toy")
    rng = random.Random(5)
    rows = [damaged(sentence, rng) for sentence in rng.sample(CLEAN, 40)]
    clean = [{"text": s, "doc": s, "source": "toy", "licence": "CC0-1.0"} for s in CLEAN]
    pairs = write_jsonl(folder / "pairs.jsonl.gz", rows)
    return Toy(folder, rows, pairs, write_jsonl(folder / "clean.jsonl.gz", clean))


def sentencepiece_model(prefix: Path, kind: str) -> None:
    """A vocabulary of a few hundred generated sentences, with the special pieces of T5 or of Llama."""
    rng = random.Random(2)
    sentences = CLEAN + [damaged(sentence, rng)["damaged"] for sentence in CLEAN]
    special: dict[str, Any] = (
        {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
        if kind == "unigram"
        else {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1, "byte_fallback": True}
    )
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_prefix=str(prefix), model_type=kind, hard_vocab_limit=False,
        vocab_size=400 if kind == "unigram" else 450, minloglevel=2, **special,
    )  # fmt: skip


def t5_base(folder: Path) -> Path:
    folder.mkdir()
    sentencepiece_model(folder / "spiece", "unigram")
    tokenizer = T5TokenizerFast.from_pretrained(folder, extra_ids=0)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(tokenizer), d_model=64, d_kv=16, d_ff=128, num_layers=2, num_decoder_layers=2, num_heads=4,
            dropout_rate=0.0, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


def llama_base(folder: Path) -> Path:
    folder.mkdir()
    sentencepiece_model(folder / "tokenizer", "bpe")
    tokenizer = LlamaTokenizerFast.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, bos_token_id=1, eos_token_id=2,
            tie_word_embeddings=True,
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


@dataclass
class Trained:
    base: Path
    run: Path
    models: Path  # holds the exported model


@pytest.fixture(scope="session")
def train_rewriter(toy: Toy) -> Callable[[str], Trained]:
    """Train and export the tiny rewriter of a family, once."""
    done: dict[str, Trained] = {}

    def trained(family: str) -> Trained:
        if family not in done:
            base = (t5_base if family == "t5" else llama_base)(toy.folder / f"{family}_base")
            config = RewriterConfig(
                base=str(base), output="unused", train=[Source(path=str(toy.pairs), weight=6)],
                dev=[Source(path=str(toy.pairs), limit=8)], keep_share=0.0, batch_tokens=1200, threads=1,
                schedule=Schedule(
                    learning_rate=3e-3, steps=STEPS[family], warmup=10, log_every=25, weight_decay=0
                ),
                markers={} if family == "t5" else {"start": "<s>"},
            )  # fmt: skip
            with pytest.MonkeyPatch.context() as patch:
                # exactly the edits, so that there is one right answer
                patch.setattr(infill, "WIDEN", 0.0)
                patch.setattr(infill, "JOIN", 0.0)
                run = rewriter.train(config, toy.folder / f"{family}_run")
            export_rewriter(run, toy.folder / f"{family}_models" / "rewriter", f"tiny {family}")
            done[family] = Trained(base, run, toy.folder / f"{family}_models")
        return done[family]

    return trained


@pytest.fixture(params=["t5", "llama"])
def tiny_rewriter(request: pytest.FixtureRequest, train_rewriter: Callable[[str], Trained]) -> Trained:
    return train_rewriter(request.param)


def encoder_base(folder: Path, family: str) -> Path:
    """A tiny BERT or MPNet that was never trained, with a vocabulary of whole words and letters."""
    folder.mkdir()
    special = {"bert": "[PAD] [UNK] [CLS] [SEP] [MASK]", "mpnet": "<s> <pad> </s> <unk> <mask> [UNK]"}[family].split()
    text = " ".join(CLEAN + list(WRONG)).lower()
    letters = set(text) - {" "}
    vocabulary = [
        *special,
        *sorted({span.of(text) for span in words(text)} | letters | {f"##{letter}" for letter in letters}),
    ]
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(1)
    shape: dict[str, Any] = {
        "vocab_size": len(vocabulary), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": 260,
    }  # fmt: skip
    model = (
        BertModel(BertConfig(**shape), add_pooling_layer=False)
        if family == "bert"
        else MPNetModel(MPNetConfig(**shape), add_pooling_layer=False)
    )
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["bert", "mpnet"])
def tiny_detector(request: pytest.FixtureRequest, toy: Toy) -> Trained:
    family = request.param
    base = encoder_base(toy.folder / f"{family}_base", family)
    config = DetectorConfig(
        base=str(base), output="unused", dev=[Source(path=str(toy.pairs))],
        train=[Source(path=str(toy.pairs), weight=2), Source(path=str(toy.clean), limit=60)],
        head_size=32, threads=1,
        schedule=Schedule(learning_rate=3e-3, steps=120, warmup=10, log_every=20),
    )  # fmt: skip
    run = detector.train(config, toy.folder / f"{family}_run")
    export_detector(run, toy.folder / f"{family}_models" / "detector", "tiny detector")
    return Trained(base, run, toy.folder / f"{family}_models")


@pytest.fixture
def gold_spans() -> Callable[[Row], list[tuple[Span, str]]]:
    return lambda row: [(Span(a, b), new) for a, b, new, _ in row["edits"]]
