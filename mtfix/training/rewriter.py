"""Train the rewriter: damaged and clean sentences in, a self-describing run folder out.

Encoder-decoder checkpoints (T5, BART, Marian) read a sentence with a question and write the answer; causal
ones (Llama and the like) continue the question with it, and read a sentence once for all its questions, none of
which sees another. The loss is on the answers only.
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
from mtfix.training.loop import Batches, Run, encoded, moved, padded
from mtfix.training.shipped import load_rewriter, totals

CHUNK = 2000  # rows that a process encodes at a time
MULTIPLE = 8  # of tokens that rows are padded to
# marker tokens that a base without spare special tokens gets added to its vocabulary
_ADDED = {"open": "<mtfix:open>", "close": "<mtfix:close>", "answer": "<mtfix:answer>", "ask": "<mtfix:ask>"}


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
    batches = Batches(list(map(len, examples)), config.batch_tokens, config.seed)

    def loss_function(chosen: list[Encoded]) -> tuple[Tensor, dict[str, Tensor]]:
        losses, right = answer_loss(model, chosen, encoder.end)
        loss = losses.mean()
        return loss, {"perplexity": torch.exp(loss.detach()), "right": right.float().mean()}

    def batch(step: int) -> list[Encoded]:
        return [examples[i] for i in batches(step)]

    found = run.train(batch, loss_function, lambda: evaluate(model, dev, encoder.end))
    model.eval()
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    summary = {
        "kind": "rewriter", "base": config.base, "markers": markers.to_dict(), "device": run.device, "steps": run.step,
        "minutes": round(run.seconds / 60, 1), "examples": len(examples), "before": totals(before),
        "max_tokens": config.max_tokens,
        "encoder_decoder": model.config.is_encoder_decoder, "dev": found,
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
    """Encoded sentences of all sources; a weight of 2 gives every row twice with different questions."""
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
            found += encode(encoder, marked) if marked else []
        else:
            example = continuation(encoder, row["text"])
            found += [example] if example and len(example) <= config.max_tokens else []
    return found


def answer_loss(model: Any, chosen: Sequence[Encoded], padding: int) -> tuple[Tensor, Tensor]:
    """Cross-entropy (nats) of every token of the answers, and which tokens are a model's likeliest (bool), in order.

    Logits are computed only there.
    """
    pairs = model.config.is_encoder_decoder
    logits, gold = _of_pairs(model, chosen) if pairs else _of_branches(model, chosen, padding)
    return nn.functional.cross_entropy(logits.float(), gold, reduction="none"), logits.argmax(dim=1) == gold


def _of_pairs(model: Any, chosen: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
    """Logits (answer tokens, vocabulary) and right tokens; every example has one question."""
    prompts = [e.passage + question for e in chosen for question, _ in e.questions]
    source, mask = padded(prompts, model.config.pad_token_id or 0), padded([[1] * len(p) for p in prompts], 0)
    labels = padded([answer for e in chosen for _, answer in e.questions], -100).to(model.device)
    logits = model(
        input_ids=source.to(model.device), attention_mask=mask.to(model.device),
        # not the labels themselves: the model would compute the loss a second time
        decoder_input_ids=model.prepare_decoder_input_ids_from_labels(labels),
    ).logits  # fmt: skip
    wanted = labels != -100
    return logits[wanted], labels[wanted]


def _of_branches(model: Any, chosen: Sequence[Encoded], padding: int) -> tuple[Tensor, Tensor]:
    """As _of_pairs; the questions about a passage are branches of it: all go on from its end, and see only it."""
    device = model.device
    rows = [_branched(example) for example in chosen]
    # padding is a branch of its own, at the end, without a loss
    ids, positions, branches, gold = (
        padded([row[k] for row in rows], value, MULTIPLE) for k, value in enumerate((padding, 0, -1, -100))
    )
    seen = moved(branches, device)
    visible = (seen[:, None, :] == 0) | (seen[:, None, :] == seen[:, :, None])
    visible &= torch.ones(visible.shape[1:], dtype=torch.bool, device=device).tril()
    mask = torch.zeros(visible.shape, device=device).masked_fill(~visible, torch.finfo(torch.float32).min)
    states = model.base_model(
        input_ids=moved(ids, device), position_ids=moved(positions, device), attention_mask=mask[:, None],
        use_cache=False,
    ).last_hidden_state  # fmt: skip
    # every token foretells the next one of its own row
    gold = gold[:, 1:].flatten()
    places = (gold != -100).nonzero().squeeze(1)
    logits = model.get_output_embeddings()(states[:, :-1].flatten(0, 1)[moved(places, device)])
    return logits, moved(gold[places], device)


def _branched(example: Encoded) -> tuple[list[int], list[int], list[int], list[int]]:
    """Ids, positions, branches (0: the passage) and right tokens (-100: none) of an example in one row."""
    start = len(example.passage)
    ids, positions = list(example.passage), list(range(start))
    branches, gold = [0] * start, [-100] * start
    for number, (question, answer) in enumerate(example.questions, 1):
        length = len(question) + len(answer)
        ids += question + answer
        positions += range(start, start + length)
        branches += [number] * length
        gold += [-100] * len(question) + answer
    return ids, positions, branches, gold


@torch.no_grad()
def evaluate(model: Any, examples: Sequence[Encoded], padding: int, batch: int = 16) -> dict[str, float]:
    """On dev: mean loss per answer token (nats), share of answers that are the likeliest token by token."""
    losses: list[float] = []
    right: list[bool] = []
    for start in range(0, len(examples), batch):
        chosen = examples[start : start + batch]
        loss, hits = answer_loss(model, chosen, padding)
        losses += loss.tolist()
        lengths = [len(answer) for e in chosen for _, answer in e.questions]
        right += [bool(part.all()) for part in torch.split(hits, lengths)]
    return {
        "dev_loss": round(sum(losses) / max(1, len(losses)), 4), "dev_exact": round(sum(right) / max(1, len(right)), 4)
    }  # fmt: skip
