"""One function that yields the settings in force: defaults, then file, environment and flags, each over the last."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtfix.settings.keys import Config, Key, build, keys
from mtfix.settings.sources import checked, find_file, from_environment, from_file

DEFAULT = "default"
KEYS: dict[str, Key] = {key.name: key for key in keys()}


@dataclass(frozen=True, slots=True)
class Effective:
    """`file`: the settings file that was read. `origins`: by key, `default`, the file, the variable or the flag."""

    config: Config
    origins: dict[str, str]
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says: values by key, and which settings file to read.

    file: this one instead of the closest. isolated: none at all.
    """

    flags: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = None
    isolated: bool = False

    def config(self, paths: Iterable[Path] = ()) -> Config:
        """The settings in force for the documents at `paths`. Raises ConfigError."""
        return effective(self, paths).config


def effective(
    given: Given | None = None,
    paths: Iterable[Path] = (),
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
) -> Effective:
    """The settings in force for the documents at `paths`, and where each comes from.

    The settings file is the closest one in the folder that holds all `paths` or above it; where there is none,
    and without `paths`, the closest to `home`, the working folder if not given. Raises ConfigError for an unknown
    key (with what may have been meant), a value of the wrong kind or outside its range, and a file that cannot be
    read.
    """
    given = given or Given()
    file = None if given.isolated else given.file or _variable(environ) or _closest(list(paths), home or Path.cwd())
    base = file.parent if file is not None else home
    values: dict[str, Any] = {name: key.default for name, key in KEYS.items()}
    if base is not None:  # files of the project lie beside its settings
        values |= {key.name: checked(key, key.default, DEFAULT, base) for key in KEYS.values() if _is_file(key)}
    origins = dict.fromkeys(values, DEFAULT)
    layers = [(from_file(file, KEYS) if file is not None else {}, str(file))]
    layers += [({name: value}, KEYS[name].variable) for name, value in from_environment(environ, KEYS).items()]
    layers += [({name: _of_flag(name, value)}, _flag(name)) for name, value in given.flags.items()]
    for layer, origin in layers:
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    config: Config = build(values)
    return Effective(config, origins, file)


def _is_file(key: Key) -> bool:
    return key.kind in ("path", "paths") and key.default is not None


def _of_flag(name: str, value: Any) -> Any:
    return checked(KEYS[name], value, _flag(name))


def _flag(name: str) -> str:
    return KEYS[name].flag or name


def _variable(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("MTFIX_CONFIG")
    return Path(named) if named else None


def _closest(paths: list[Path], here: Path) -> Path | None:
    if paths:
        try:
            common = Path(os.path.commonpath([os.path.abspath(path) for path in paths]))
        except ValueError:  # on several drives
            common = here
        found = find_file(common if common.is_dir() else common.parent)
        if found is not None:
            return found
    return find_file(here)
