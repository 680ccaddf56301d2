"""Training settings: small YAML files, checked field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_origin, get_type_hints

import yaml

from mtfix.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast: at least one of steps and minutes (of training time) must be set."""

    learning_rate: float
    steps: int = 0
    minutes: float = 0
    warmup: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0
    log_every: int = 50
    evaluate_every: int = 1000
    checkpoint_minutes: float = 4
    # cpu or cuda: where the model is trained
    device: str = "cpu"
    # five to ten times as fast on graphics cards and processors with AMX or the like; slower on those without
    bfloat16: bool = False

    def __post_init__(self) -> None:
        if not self.steps and not self.minutes:
            raise ConfigError("a schedule needs steps or minutes")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One part of the training mixture: a data file and how often each of its rows is seen per epoch.

    task: which of the detector's outputs learns from it ("": all of them). reference: take the corrected
    text of each row in place of the damaged one: for the detector a sentence in which nothing is wrong, for
    the rewriter plain text to go on with, so that it stays a language model.
    """

    path: str
    weight: float = 1.0
    limit: int = 0
    task: str = ""
    reference: bool = False


@dataclass(frozen=True, kw_only=True)
class DetectorConfig:
    base: str
    output: str
    train: list[Source]
    dev: list[Source]
    schedule: Schedule
    # kinds of damage that are told apart: each has outputs of its own over the shared encoder
    tasks: list[str] = field(default_factory=lambda: ["damage"])
    # a folder of shipped models: their detector's weights take the place of the base's
    go_on_from: str = ""
    # so large a part of what is saved are the weights gone on from (`mtfix.training.shipped.blend`)
    share_of_start: float = 0.0
    # the folder of a finished run: for half of the loss its probabilities take the place of the labels (distillation)
    teacher: str = ""
    train_embeddings: bool = True
    head_size: int = 128
    gap_weight: float = 0.5
    # for how many words each word of a repair counts that is judged: of the words beside it nothing is learnt
    judged_weight: float = 8.0
    batch_tokens: int = 1600
    seed: int = 1
    threads: int = 2
    # processes that encode the examples before training
    processes: int = 1


@dataclass(frozen=True, kw_only=True)
class RewriterConfig:
    base: str
    output: str
    train: list[Source]
    dev: list[Source]
    schedule: Schedule
    # a folder of shipped models: their rewriter's weights take the place of the base's
    go_on_from: str = ""
    train_layers: int = 0
    keep_share: float = 0.15
    batch_tokens: int = 1600
    max_tokens: int = 160
    seed: int = 1
    threads: int = 2
    # processes that encode the examples before training
    processes: int = 1
    markers: dict[str, str] = field(default_factory=dict)
    # text that each marker's vector starts from: spare tokens of a base often share one untrained vector
    marker_like: dict[str, str] = field(default_factory=dict)


def load_config(kind: type[T], path: Path, overrides: Sequence[str] = ()) -> T:
    """Read a YAML file into `kind`; `overrides` are `key=value` or `schedule.steps=10`.

    Raises ConfigError naming the file and the key that is missing, unknown or of the wrong type.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the training settings {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}".replace("\n", " ")) from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path} must hold a mapping of settings")
    for override in overrides:
        _override(values, override)
    return _build(kind, values, str(path))


def _override(values: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals:
        raise ConfigError(f"a setting is changed with key=value, not {override!r}")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"the value of {override!r} is not valid YAML") from error
    target = values
    *parents, last = key.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
        if not isinstance(target, dict):
            raise ConfigError(f"{override!r}: {parent} has no settings of its own")
    target[last] = value


def _build(kind: type[T], values: Any, where: str) -> T:
    if not isinstance(values, dict):
        raise ConfigError(f"{where} must hold mappings of settings, not {values!r}")
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(map(str, set(values) - known))
    if unknown:
        raise ConfigError(f"{where}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    built = {name: _convert(hints[name], value, f"{where}: {name}") for name, value in values.items()}
    try:
        return kind(**built)
    except (TypeError, ConfigError) as error:
        raise ConfigError(f"{where}: {str(error).split(') ')[-1]}") from error


def _convert(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value, where)
    if hint == list[Source]:
        if not isinstance(value, list):
            raise ConfigError(f"{where} must be a list")
        return [_build(Source, {"path": v} if isinstance(v, str) else v, where) for v in value]
    if hint is float and isinstance(value, (int, float, str)):
        try:
            return float(value)  # YAML reads 2e-4 as a string
        except ValueError:
            raise ConfigError(f"{where} must be a number, not {value!r}") from None
    if hint is str and value is None:
        return ""  # `key:` and `key=` say that there is nothing
    plain = get_origin(hint) or hint
    if not isinstance(value, plain) or (plain is int and isinstance(value, bool)):
        raise ConfigError(f"{where} must be of type {plain.__name__}, not {value!r}")
    return value
