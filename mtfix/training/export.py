"""From a finished torch run to the folder that ships: CTranslate2 int8, tokenizer, head, settings."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ctranslate2
import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from mtfix.judge import choice, confidence, ranking
from mtfix.models import write_model
from mtfix.training.detector_model import Detector
from mtfix.training.encoder_spec import position_types, save_encoder
from mtfix.training.shipped import blend, load_rewriter

JUDGES_REPAIRS = "repair"  # the last task of a detector that has it; its output tells of no other damage
# placeholders until calibration on development data sets them
_THRESHOLDS = {name: {"word": 0.5, "gap": 0.5, "ask": 0.5} for name in ("conservative", "balanced", "aggressive")}
_APPLY = {"conservative": 0.8, "balanced": 0.6, "aggressive": 0.4}


def export_detector(run: Path, target: Path, name: str) -> None:
    """Write the model folder of a detector run; thresholds and calibration are left neutral."""
    model = Detector.from_run(run)
    files = {f"encoder/{key}": data for key, data in _encoder(model, run / "tokenizer.json").items()}
    files["head.safetensors"] = (run / "head.safetensors").read_bytes()
    files["tokenizer.json"] = _compact(run / "tokenizer.json")
    training = json.loads((run / "training.json").read_text(encoding="utf-8"))
    tasks = sum(task != JUDGES_REPAIRS for task in training["tasks"])
    neutral = [*[0.0] * tasks, 1.0, 0.0]
    settings: dict[str, Any] = {
        "name": name, "training": training, "calibration": {"word": neutral, "gap": neutral},
        "thresholds": _THRESHOLDS, "position_types": position_types(model.encoder),
    }  # fmt: skip
    _write(target, "detector", settings, files)


def export_rewriter(run: Path, target: Path, name: str, start: Path | None = None) -> None:
    """Write the model folder of a rewriter run, causal or encoder-decoder; what the judge weighs is left neutral.

    start: the folder of shipped models that the run of a causal model went on from. What is written then is the mean of
    both models' weights (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Raises as load_rewriter.
    """
    training = json.loads((run / "training.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        model = _mean(run / "model", start, Path(folder) / "mean") if start else run / "model"
        files = {f"model/{key}": data for key, data in _converted(model).items()}
    files["tokenizer.json"] = _compact(run / "model" / "tokenizer.json")
    settings: dict[str, Any] = {
        "name": name, "training": training, "markers": training["markers"],
        "encoder_decoder": training["encoder_decoder"], "max_tokens": 256,
        "ranking": _only(ranking.SEEN, ranking.FEATURES, {0: 1.0, ranking.BEYOND: -1.0}),
        "choice": {"among": _only(choice.SEEN, choice.FEATURES, {0: 1.0}), "any": [0.0] * choice.ANY},
        "confidence": _only(confidence.SEEN, confidence.FEATURES, {1: 1.0}), "apply": _APPLY,
    }  # fmt: skip
    _write(target, "rewriter", settings, files)


def _mean(model: Path, start: Path, folder: Path) -> Path:
    """A copy in `folder` of a transformers model, with the mean of its weights and those of the rewriter in `start`."""
    mean = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    blend(mean, load_rewriter, start, 0.5)
    shutil.copytree(model, folder)
    mean.save_pretrained(folder)
    return folder


def _compact(path: Path) -> bytes:
    """The same JSON without white space: a third of a tokenizer's."""
    return json.dumps(json.loads(path.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()


def _only(seen: int, count: int, weights: Mapping[int, float]) -> list[float]:
    """Weights of those of the features `seen` that count, also where words look exchanged; 0 for all others."""
    return [weights.get(i % seen, 0.0) if i < 2 * seen else 0.0 for i in range(count)]


def _encoder(model: Detector, tokenizer: Path) -> dict[str, bytes]:
    known = Tokenizer.from_file(str(tokenizer)).get_vocab()
    with tempfile.TemporaryDirectory() as folder:
        save_encoder(model.encoder, model.casing.weight, sorted(known, key=known.__getitem__), "[UNK]", Path(folder))
        return _contents(Path(folder))


def _converted(model: Path) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        TransformersConverter(str(model), low_cpu_mem_usage=False).convert(str(output), quantization="int8")
        return _contents(output)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def _write(target: Path, kind: str, settings: dict[str, Any], files: dict[str, bytes]) -> None:
    settings["runtime"] = f"ctranslate2 {ctranslate2.__version__}, int8"
    write_model(target, kind, settings, files)
