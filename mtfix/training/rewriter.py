"""Train the rewriter: marked sentences in, a self-describing run folder out.

Encoder-decoder checkpoints (T5, BART, Marian) read the marked sentence and write the answer; causal
ones (Llama and the like) continue the marked sentence with it. The loss is on the answer only.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from mtfix.errors import ConfigError
from mtfix.rewriter.prompt import Markers, PromptEncoder
from mtfix.training.config import RewriterConfig, Source
from mtfix.training.infill import Encoded, encode, read_marked
from mtfix.training.loop import Batches, Run
from mtfix.training.shipped import load_rewriter, totals

# marker tokens that a base without spare special tokens gets added to its vocabulary
_ADDED = {"open": "<mtfix:open>", "close": "<mtfix:close>", "answer": "<mtfix:answer>", "next": "<mtfix:next>"}


def train(config: RewriterConfig, folder: Path) -> Path:
    """Train (or go on training) in `folder`; returns the folder of the finished torch model."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    model, tokenizer, markers = load_base(config.base, config.markers)
    encoder = PromptEncoder(
        tokenizer.backend_tokenizer,
        markers,
        encoder_decoder=model.config.is_encoder_decoder,
        max_tokens=config.max_tokens,
    )
    before: dict[str, Any] = {}
    if config.go_on_from:
        before = load_rewriter(model, Path(config.go_on_from))
    else:
        separate_markers(model, encoder, config.marker_like, config.seed)
    # on short sequences plain products are faster than the fused kernel, most of all backwards
    model.set_attn_implementation("eager")
    freeze(model, config.train_layers)
    examples = load_examples(encoder, config.train, config)
    dev = load_examples(encoder, config.dev, config)
    run = Run(folder, model, config.schedule)
    batches = Batches([len(e.prompt) + len(e.answer) for e in examples], config.batch_tokens, config.seed)

    def loss_function(chosen: list[Encoded]) -> tuple[Tensor, dict[str, float]]:
        loss = answer_loss(model, chosen, encoder.end)
        return loss, {"perplexity": float(torch.exp(loss.detach()))}

    def batch(step: int) -> list[Encoded]:
        return [examples[i] for i in batches(step)]

    run.train(batch, loss_function, lambda: evaluate(model, dev, encoder.end))
    model.eval()
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    summary = {
        "kind": "rewriter", "base": config.base, "markers": markers.to_dict(), "steps": run.step,
        "minutes": round(run.seconds / 60, 1), "examples": len(examples), "before": totals(before),
        "max_tokens": config.max_tokens,
        "encoder_decoder": model.config.is_encoder_decoder, "dev": evaluate(model, dev, encoder.end),
    }  # fmt: skip
    (folder / "training.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return folder


def load_base(base: str, wanted: dict[str, str]) -> tuple[Any, Any, Markers]:
    """Model, tokenizer and markers of a local folder, a GGUF file or a hub name.

    Markers that the vocabulary lacks are added to it.
    """
    folder, extra = (str(Path(base).parent), {"gguf_file": Path(base).name}) if base.endswith(".gguf") else (base, {})
    try:
        settings = AutoConfig.from_pretrained(folder, **extra)
        kind = AutoModelForSeq2SeqLM if settings.is_encoder_decoder else AutoModelForCausalLM
        model = kind.from_pretrained(folder, dtype=torch.float32, **extra)
        tokenizer = AutoTokenizer.from_pretrained(folder, **extra)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot load the base model {base}: {str(error).splitlines()[0]}") from error
    if extra:  # a model read from GGUF refuses to be saved; the same weights in a plain model don't
        weights = model.state_dict()
        plain = {k: v for k, v in model.config.to_dict().items() if k != "quantization_config"}
        model = type(model)(type(model.config)(**plain))
        model.load_state_dict(weights)
        model.tie_weights()
    defaults = {"start": "", "end": tokenizer.eos_token, **_ADDED}
    try:
        chosen = Markers(**{**defaults, **wanted})
    except TypeError as error:
        raise ConfigError(f"markers: {error}; known are {', '.join(defaults)}") from error
    new = [t for t in chosen.to_dict().values() if t and t not in tokenizer.get_vocab()]
    if new:
        tokenizer.add_special_tokens({"additional_special_tokens": new})
        model.resize_token_embeddings(len(tokenizer))
    return model, tokenizer, chosen


@torch.no_grad()
def separate_markers(model: Any, encoder: PromptEncoder, like: Mapping[str, str], seed: int) -> None:
    """Give markers vectors that a model can tell apart: those of similar text, each with noise of its own.

    Spare tokens of a pretrained vocabulary tend to share one untrained vector (cosine 1.00 between all of
    SmolLM2's); frozen, they could be told apart neither as input nor as output.
    """
    weights = model.get_input_embeddings().weight
    generator = torch.Generator().manual_seed(seed)
    for name, text in like.items():
        known = encoder.tokenizer.token_to_id(text)
        ids = [known] if known is not None else encoder.tokenizer.encode(text, add_special_tokens=False).ids
        source = weights[ids].mean(dim=0)
        noise = torch.randn(source.shape, generator=generator)
        row = encoder.tokenizer.token_to_id(getattr(encoder.markers, name))
        weights[row] = source + 0.5 * source.norm() * noise / noise.norm()


def freeze(model: Any, train_layers: int) -> None:
    """Train only the top `train_layers` layers and the last norm of a causal model (0: everything)."""
    if not train_layers:
        return
    if model.config.is_encoder_decoder:
        raise ConfigError("train_layers works for causal models; leave it 0 for encoder-decoder ones")
    model.requires_grad_(False)
    for layer in model.base_model.layers[-train_layers:]:
        layer.requires_grad_(True)
    model.base_model.norm.requires_grad_(True)


def load_examples(encoder: PromptEncoder, sources: Sequence[Source], config: RewriterConfig) -> list[Encoded]:
    """Encoded sentences of all sources; a weight of 2 gives every row twice with different spans marked."""
    rng = random.Random(config.seed)
    examples: list[Encoded] = []
    for source in sources:
        path = Path(source.path)
        if not path.exists():
            raise ConfigError(f"training data {path} is missing: build it first (see docs/training.md)")
        found: list[Encoded] = []
        for _ in range(max(1, round(source.weight))):
            for marked in read_marked(path, rng, config.keep_share):
                example = encode(encoder, marked)
                if example and len(example.prompt) + len(example.answer) <= config.max_tokens:
                    found.append(example)
        rng.shuffle(found)
        share = source.weight if source.weight < 1 else 1.0
        examples += found[: source.limit or round(share * len(found))]
    return examples


def answer_loss(model: Any, chosen: Sequence[Encoded], padding: int) -> Tensor:
    """Mean cross-entropy of the answers' tokens; logits are computed only there."""
    if model.config.is_encoder_decoder:
        source = _padded([e.prompt for e in chosen], model.config.pad_token_id or 0)
        mask = _padded([[1] * len(e.prompt) for e in chosen], 0)
        labels = _padded([e.answer for e in chosen], -100)
        loss: Tensor = model(input_ids=source, attention_mask=mask, labels=labels).loss
        return loss
    ids = _padded([e.prompt + e.answer for e in chosen], padding)
    mask = _padded([[1] * (len(e.prompt) + len(e.answer)) for e in chosen], 0)
    gold = _padded([[-100] * len(e.prompt) + e.answer for e in chosen], -100)[:, 1:]
    states = model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state[:, :-1]
    places = gold != -100
    logits = model.get_output_embeddings()(states[places])
    return nn.functional.cross_entropy(logits.float(), gold[places])


def _padded(rows: Sequence[list[int]], value: int) -> Tensor:
    result = torch.full((len(rows), max(map(len, rows))), value)
    for i, row in enumerate(rows):
        result[i, : len(row)] = torch.tensor(row)
    return result


@torch.no_grad()
def evaluate(model: Any, examples: Sequence[Encoded], padding: int, batch: int = 16) -> dict[str, float]:
    """Mean loss per answer token on dev."""
    total, count = 0.0, 0
    for start in range(0, len(examples), batch):
        chosen = examples[start : start + batch]
        tokens = sum(len(e.answer) for e in chosen)
        total += answer_loss(model, chosen, padding).item() * tokens
        count += tokens
    return {"dev_loss": round(total / max(1, count), 4)}
