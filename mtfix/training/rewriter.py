"""Train the rewriter: marked sentences in, a self-describing run folder out.

Encoder-decoder checkpoints (T5, BART, Marian) read the marked sentence and write the answer; causal
ones (Llama and the like) continue the marked sentence with it. The loss is on the answer only.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from mtfix.corpus.rows import Row
from mtfix.errors import ConfigError
from mtfix.rewriter.prompt import Markers, PromptEncoder
from mtfix.training.config import RewriterConfig, Source
from mtfix.training.infill import Encoded, continuation, encode, mark, read_pairs
from mtfix.training.loop import Batches, Run, encoded, padded
from mtfix.training.shipped import load_rewriter, totals

CHUNK = 2000  # rows that a process encodes at a time
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
    if config.schedule.device == "cpu":
        # on short sequences plain products are faster than the fused kernel, most of all backwards
        model.set_attn_implementation("eager")
    freeze(model, config.train_layers)
    examples = load_examples(encoder, config.train, config)
    dev = load_examples(encoder, config.dev, config)
    run = Run(folder, model, config.schedule)
    batches = Batches([len(e.prompt) + len(e.answer) for e in examples], config.batch_tokens, config.seed)

    def loss_function(chosen: list[Encoded]) -> tuple[Tensor, dict[str, Tensor]]:
        loss = answer_loss(model, chosen, encoder.end)
        return loss, {"perplexity": torch.exp(loss.detach())}

    def batch(step: int) -> list[Encoded]:
        return [examples[i] for i in batches(step)]

    run.train(batch, loss_function, lambda: evaluate(model, dev, encoder.end))
    model.eval()
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    summary = {
        "kind": "rewriter", "base": config.base, "markers": markers.to_dict(), "device": run.device, "steps": run.step,
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
        _tell_apart(model, len(new))
    return model, tokenizer, chosen


@torch.no_grad()
def _tell_apart(model: Any, new: int) -> None:
    """Vectors as long as the others' for the last `new` tokens; the library's are all the same, and short."""
    weights = model.get_input_embeddings().weight
    length = weights[:-new].norm(dim=1).mean()
    noise = torch.randn(weights[-new:].shape, generator=torch.Generator().manual_seed(new))
    weights[-new:] = length * nn.functional.normalize(noise, dim=1).to(weights.dtype)


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
        rows = list(read_pairs(path, reference=source.reference))
        rng.shuffle(rows)
        rows = rows[: source.limit or None]
        whole, part = int(source.weight), source.weight % 1
        rows = rows * whole + rows[: round(part * len(rows))]
        chunk = partial(_examples, encoder, rows, config, rng.random())
        examples += encoded(chunk, -(-len(rows) // CHUNK), config.processes)
    return examples


def _examples(
    encoder: PromptEncoder, rows: Sequence[Row], config: RewriterConfig, seed: float, chunk: int
) -> list[Encoded]:
    rng = random.Random(f"{seed} {chunk}")
    found: list[Encoded] = []
    for row in rows[chunk * CHUNK : (chunk + 1) * CHUNK]:
        if "damaged" in row:
            marked = mark(row, rng, config.keep_share)
            example = marked and encode(encoder, marked)
        else:
            example = continuation(encoder, row["text"])
        if example and len(example.prompt) + len(example.answer) <= config.max_tokens:
            found.append(example)
    return found


def answer_loss(model: Any, chosen: Sequence[Encoded], padding: int) -> Tensor:
    """Mean cross-entropy of the answers' tokens; logits are computed only there."""
    device = model.device
    if model.config.is_encoder_decoder:
        source = padded([e.prompt for e in chosen], model.config.pad_token_id or 0)
        mask = padded([[1] * len(e.prompt) for e in chosen], 0)
        labels = padded([e.answer for e in chosen], -100)
        loss: Tensor = model(input_ids=source.to(device), attention_mask=mask.to(device), labels=labels.to(device)).loss
        return loss
    # padding stands at the end, where nothing that has a loss looks: no mask is needed
    ids = padded([e.prompt + e.answer for e in chosen], padding)
    gold = padded([[-100] * len(e.prompt) + e.answer for e in chosen], -100)[:, 1:].flatten()
    places = (gold != -100).nonzero().squeeze(1)
    states = model.base_model(input_ids=ids.to(device)).last_hidden_state[:, :-1]
    logits = model.get_output_embeddings()(states.flatten(0, 1)[places.to(device)])
    return nn.functional.cross_entropy(logits.float(), gold[places].to(device))


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
