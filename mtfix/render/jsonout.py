"""The documented JSON: one array for a run, or one object on each line."""

from __future__ import annotations

import json
from typing import Any

from mtfix.types import SCHEMA_VERSION

ARRAY_START = f'{{"schema": {SCHEMA_VERSION}, "documents": ['
ARRAY_END = "\n]}\n"


def array_item(name: str, result: dict[str, Any], *, first: bool) -> str:
    """The next element between ARRAY_START and ARRAY_END, so that documents can be written as they come."""
    return f"{'' if first else ','}\n{json.dumps({'name': name, **result}, ensure_ascii=False)}"


def json_line(result: dict[str, Any], name: str | None = None) -> str:
    """One object on a line of its own; `name` goes last, and stays away where lines speak for themselves."""
    return json.dumps(result if name is None else {**result, "name": name}, ensure_ascii=False) + "\n"
