"""Model folders: where they are, whether they are whole, and what they hold.

A model folder explains itself: `model.json` names its kind, its settings and every file with size and
sha256; a big file may be stored in shards (`model.bin.0`, `model.bin.1`, …) that are joined in memory. Names of
big files end in the beginning of their checksum, so that a folder that was updated by halves mixes no versions.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from mtfix.errors import ConfigError, ModelError

MANIFEST = "model.json"
FORMAT = 1
KINDS = ("detector", "rewriter")
BIG = 10_000_000  # bytes

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class ModelFolder:
    """A checked model: `manifest` is its model.json, `files` maps names to contents, shards joined."""

    path: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    digest: str

    def inside(self, prefix: str) -> dict[str, bytes]:
        """The files whose names start with `prefix`, without it."""
        return {name.removeprefix(prefix): data for name, data in self.files.items() if name.startswith(prefix)}


def usable_device(name: str) -> str:
    """Cpu or cuda, for these names and "auto". ConfigError for others, and for cuda without a graphics card."""
    if name not in ("cpu", "cuda", "auto"):
        raise ConfigError(f"unknown device {name!r}: choose cpu, cuda or auto.")
    if name == "cpu":
        return name
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        return "cuda"
    if name == "cuda":
        raise ConfigError("no graphics card can be used here (CUDA finds none); choose the device cpu or auto.")
    return "cpu"


def usable_cores() -> int:
    """The cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers(device: str, threads: int) -> int:
    """How many batches a model works on at once, each on one core; a graphics card takes one. threads: 0 means all."""
    return 1 if device != "cpu" else threads or usable_cores()


def by_index(batches: Sequence[list[int]], work: Callable[[list[int]], Sequence[T]], workers: int) -> dict[int, T]:
    """The result for every index in the batches; so many batches at once."""
    return dict(zip(chain(*batches), chain(*each(batches, work, workers)), strict=True))


def each(items: Sequence[S], work: Callable[[S], T], workers: int) -> list[T]:
    """The result for every item; so many items at once."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))


def default_folder() -> Path:
    """$MTFIX_MODELS, else the models inside the installed package, else those of the source tree."""
    chosen = os.environ.get("MTFIX_MODELS")
    if chosen:
        return Path(chosen)
    package = Path(__file__).parent
    installed = package / "_models"
    return installed if installed.is_dir() else package.parent / "models"


def open_model(folder: Path, kind: str) -> ModelFolder:
    """Read and check the model of a kind. Raises ModelError when anything is missing or differs."""
    path = folder / kind
    manifest = _manifest(path, kind)
    files: dict[str, bytes] = {}
    digest = hashlib.sha256()
    try:
        settings = json.dumps(manifest["settings"], sort_keys=True)
        parts = {
            name: [(path / part["name"], part["sha256"]) for part in entry["parts"]]
            for name, entry in manifest["files"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path / MANIFEST} is incomplete: reinstall mtfix or restore the file") from error
    for name in sorted(parts):
        data = b"".join(_part(*part) for part in parts[name])
        digest.update(name.encode() + hashlib.sha256(data).digest())
        files[name] = data
    digest.update(settings.encode())
    return ModelFolder(path, manifest, files, digest.hexdigest())


def _manifest(path: Path, kind: str) -> dict[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"no {kind} model at {path}: name a folder that holds one with --models, or reinstall mtfix"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {path / MANIFEST}: {error}; reinstall mtfix or restore the file") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or manifest.get("kind") != kind:
        raise ModelError(f"{path / MANIFEST} does not describe a {kind} of format {FORMAT}")
    return manifest


def _part(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read the model file {path}: {error.strerror}; reinstall mtfix") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(f"the model file {path} is damaged (its checksum differs): reinstall mtfix or restore it")
    return data


def write_model(
    path: Path, kind: str, settings: dict[str, Any], files: Mapping[str, bytes], shard: int = 90_000_000
) -> None:
    """Write a model folder; files larger than `shard` bytes are stored in parts.

    Files of a model that was there before go; what isn't the model's own (its card) stays.
    """
    if (path / MANIFEST).exists():
        for entry in _manifest(path, kind)["files"].values():
            for part in entry["parts"]:
                (path / part["name"]).unlink(missing_ok=True)
    entries: dict[str, Any] = {}
    for name, data in files.items():
        pieces = [data[i : i + shard] for i in range(0, len(data), shard)] or [b""]
        parts = []
        for index, piece in enumerate(pieces):
            digest = hashlib.sha256(piece).hexdigest()
            part = name if len(pieces) == 1 else f"{name}.{index}"
            part += f".{digest[:8]}" if len(data) > BIG else ""
            (path / part).parent.mkdir(parents=True, exist_ok=True)
            (path / part).write_bytes(piece)
            parts.append({"name": part, "sha256": digest, "size": len(piece)})
        entries[name] = {"parts": parts}
    manifest = {"format": FORMAT, "kind": kind, "settings": settings, "files": entries}
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def update_settings(path: Path, **settings: Any) -> None:
    """Change settings (thresholds, calibration) of a written model without touching its files."""
    manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    manifest["settings"].update(settings)
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def describe(folder: Path | None = None) -> list[dict[str, Any]]:
    """One row per kind: name, kind, path, size_mb, sha256 (prefix), verified, and the error if there is one."""
    folder = folder or default_folder()
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        row: dict[str, Any] = {"name": kind, "kind": kind, "path": str(folder / kind)}
        try:
            model = open_model(folder, kind)
        except ModelError as error:
            row |= {"verified": False, "error": str(error), "size_mb": None, "sha256": None}
        else:
            size = sum(len(data) for data in model.files.values())
            row |= {"name": model.manifest["settings"].get("name", kind), "verified": True,
                    "size_mb": round(size / 1e6, 1), "sha256": model.digest[:12]}  # fmt: skip
        rows.append(row)
    return rows
