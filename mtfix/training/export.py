"""From a finished torch run to the folder that ships: CTranslate2 int8, tokenizer, head, settings."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import ctranslate2
from ctranslate2.converters import TransformersConverter

from mtfix.models import write_model

# placeholders until calibration on development data sets them
_THRESHOLDS = {name: {"word": 0.5, "gap": 0.5, "ask": 0.5} for name in ("conservative", "balanced", "aggressive")}
_APPLY = {"conservative": 0.8, "balanced": 0.6, "aggressive": 0.4}


def export_detector(run: Path, target: Path, name: str) -> None:
    """Write the model folder of a detector run; thresholds and calibration are left neutral."""
    encoder = _converted(run / "encoder", run / "tokenizer.json")
    files = {f"encoder/{key}": data for key, data in encoder.items()}
    files["head.safetensors"] = (run / "head.safetensors").read_bytes()
    files["tokenizer.json"] = (run / "tokenizer.json").read_bytes()
    training = json.loads((run / "training.json").read_text(encoding="utf-8"))
    tasks = len(training["tasks"])
    neutral = [*[1 / tasks] * tasks, 0.0]
    settings: dict[str, Any] = {
        "name": name, "training": training, "calibration": {"word": neutral, "gap": neutral},
        "thresholds": _THRESHOLDS,
    }  # fmt: skip
    _write(target, "detector", settings, files)


def export_rewriter(run: Path, target: Path, name: str) -> None:
    """Write the model folder of a rewriter run, causal or encoder-decoder; confidence is left neutral."""
    training = json.loads((run / "training.json").read_text(encoding="utf-8"))
    files = {f"model/{key}": data for key, data in _converted(run / "model", None).items()}
    files["tokenizer.json"] = (run / "model" / "tokenizer.json").read_bytes()
    settings: dict[str, Any] = {
        "name": name, "training": training, "markers": training["markers"],
        "encoder_decoder": training["encoder_decoder"], "max_tokens": 256,
        "confidence": [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0], "apply": _APPLY,
    }  # fmt: skip
    _write(target, "rewriter", settings, files)


def _converted(model: Path, tokenizer: Path | None) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "source", Path(folder) / "output"
        shutil.copytree(model, source)
        if tokenizer:  # the converter reads the vocabulary from the model's folder
            _with_tokenizer(source, tokenizer)
            _with_positions(source / "config.json")
        TransformersConverter(str(source), low_cpu_mem_usage=False).convert(str(output), quantization="int8")
        return {path.name: path.read_bytes() for path in sorted(output.iterdir())}


def _with_tokenizer(folder: Path, tokenizer: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    build: Any = PreTrainedTokenizerFast
    build(
        tokenizer_file=str(tokenizer), unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip


def _with_positions(config: Path) -> None:
    """Say what transformers 5 leaves out and the converter asks for."""
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings.setdefault("position_embedding_type", "absolute")
    config.write_text(json.dumps(settings), encoding="utf-8")


def _write(target: Path, kind: str, settings: dict[str, Any], files: dict[str, bytes]) -> None:
    settings["runtime"] = f"ctranslate2 {ctranslate2.__version__}, int8"
    write_model(target, kind, settings, files)
