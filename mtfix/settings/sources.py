"""Where settings come from: the file of a project, the environment. Each value is checked with its origin at hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

from mtfix.errors import ConfigError
from mtfix.settings.keys import Key

FILE = "mtfix.toml"
_PYPROJECT = "pyproject.toml"
_PREFIX = "MTFIX_"
# what other parts of mtfix read by themselves
_OTHER_VARIABLES = frozenset({"MTFIX_CONFIG", "MTFIX_SUITES"})
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
_TYPES = {
    "text": "a string",
    "switch": "true or false",
    "whole": "a whole number",
    "number": "a number",
    "path": "a path in quotes",
    "paths": "a list of paths",
    "words": "a list of strings",
}


def find_file(start: Path) -> Path | None:
    """The closest mtfix.toml, or pyproject.toml with a table [tool.mtfix], in `start` or above; else None.

    Raises ConfigError for a pyproject.toml on the way that is not TOML.
    """
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        project = folder / _PYPROJECT
        if project.is_file() and "mtfix" in _tool(read_toml(project)):
            return project
    return None


def read_toml(path: Path) -> dict[str, Any]:
    """Raises ConfigError when the file cannot be read or is not TOML."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}.") from error


def from_file(path: Path, known: Mapping[str, Key]) -> dict[str, Any]:
    """The settings in a file by dotted key, relative paths taken from its folder. Raises ConfigError."""
    content = read_toml(path)
    if path.name == _PYPROJECT:
        content = _tool(content).get("mtfix", {})
        if not isinstance(content, dict):
            raise ConfigError(f"{path}: tool.mtfix must be a table.")
    flat = _flat(content, {key.table for key in known.values() if key.table})
    for name in flat:
        if name not in known:
            hint = _near(name, known, "; `mtfix config show` lists all keys.")
            raise ConfigError(f"{path}: unknown key {name!r}{hint}")
    return {name: checked(known[name], value, f"{path}: {name}", path.parent) for name, value in flat.items()}


def from_environment(environ: Mapping[str, str], known: Mapping[str, Key]) -> dict[str, Any]:
    """The settings in variables MTFIX_… that aren't empty. Lists of paths are written as in PATH, words with commas."""
    given = [(key, environ[key.variable]) for key in known.values() if environ.get(key.variable)]
    return {key.name: checked(key, _parsed(key, text), key.variable) for key, text in given}


def strange_variables(environ: Mapping[str, str], known: Mapping[str, Key]) -> list[str]:
    """A remark for each variable MTFIX_… that means nothing."""
    variables = {key.variable for key in known.values()} | _OTHER_VARIABLES
    return [
        f"the environment variable {name} means nothing{_near(name, variables)}"
        for name in sorted(environ)
        if name.startswith(_PREFIX) and name not in variables
    ]


def checked(key: Key, value: Any, origin: str, base: Path | None = None) -> Any:
    """`value` as the setting wants it. `base`: the folder of relative paths, None for the working folder.

    Raises ConfigError that begins with `origin`.
    """
    lists = key.kind in ("paths", "words")
    each = value if lists and isinstance(value, (list, tuple)) else [value]
    if lists != isinstance(value, (list, tuple)) or not all(_fits(key, one) for one in each):
        shown = f", not {value!r}" if isinstance(value, (str, int, float, list)) else ""
        raise ConfigError(f"{origin} must be {_TYPES[key.kind]}{shown}.")
    if key.choices and value not in key.choices:
        raise ConfigError(f"{origin} must be one of {', '.join(key.choices)}, not {value!r}{_near(value, key.choices)}")
    if key.minimum is not None and value < key.minimum:
        raise ConfigError(f"{origin} must be at least {key.minimum:g}, not {value!r}.")
    if key.kind == "path":
        return _path(value, base)
    if key.kind == "paths":
        return tuple(_path(one, base) for one in value)
    return tuple(value) if lists else value


def _fits(key: Key, value: Any) -> bool:
    if key.kind == "switch":
        return isinstance(value, bool)
    if key.kind == "whole":
        return isinstance(value, int) and not isinstance(value, bool)
    if key.kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
    if isinstance(value, Path):
        return key.kind in ("path", "paths")
    return isinstance(value, str) and value.strip() != "" and "\0" not in value


def _path(value: str | Path, base: Path | None) -> Path:
    path = Path(os.path.expanduser(value))
    return path if base is None else base / path


def _parsed(key: Key, text: str) -> Any:
    """The value that a text in the environment means; the text itself where it means none, to be refused."""
    if key.kind == "switch":
        return _SWITCHES.get(text.strip().lower(), text)
    if key.kind in ("whole", "number"):
        for number in (int, float):
            try:
                return number(text)
            except ValueError:
                continue
        return text
    if key.kind in ("paths", "words"):
        parts = text.split(os.pathsep if key.kind == "paths" else ",")
        return [part.strip() for part in parts if part.strip()]
    return text


def _tool(content: dict[str, Any]) -> dict[str, Any]:
    tool = content.get("tool", {})
    return tool if isinstance(tool, dict) else {}


def _flat(content: Mapping[str, Any], tables: set[str], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, dict) and prefix + name in tables:
            flat |= _flat(value, tables, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _near(name: str, known: Iterable[str], otherwise: str = ".") -> str:
    names = sorted(known)
    close = get_close_matches(name, names, n=3, cutoff=0.75)
    # a key without its table, or in the wrong one
    close = close or [one for one in names if one.rpartition(".")[2] == name.rpartition(".")[2]]
    return f"; did you mean {' or '.join(close)}?" if close else otherwise
