"""The variables of a CTranslate2 model file, for runtimes other than CTranslate2's own.

`model.bin`, binary version 6 (`ctranslate2/specs/model_spec.py` writes it): int8 rows with one scale each, which they
were multiplied by.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtfix.errors import ModelError

Variables = dict[str, NDArray[Any]]

_TYPES = [np.float32, np.int8, np.int16, np.int32, np.float16]
_VERSION = 6


def variables_of(data: bytes) -> Variables:
    """All variables, as stored and without a copy; those that are equal are stored once, with the other's name.

    Raises ModelError for a file of another version.
    """
    reader = _Reader(data)
    if (version := reader.number("I")) != _VERSION:
        raise ModelError(f"the model has binary version {version}, and {_VERSION} is known: export it anew")
    reader.string()
    reader.number("I")
    found = {}
    for _ in range(reader.number("I")):
        name = reader.string()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind = _TYPES[reader.number("B")]
        found[name] = np.frombuffer(reader.take(reader.number("I")), kind).reshape(shape)
    for _ in range(reader.number("I")):
        alias, name = reader.string(), reader.string()
        found[alias] = found[name]
    return found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.position = memoryview(data), 0

    def take(self, size: int) -> memoryview:
        self.position += size
        return self.data[self.position - size : self.position]

    def number(self, kind: str) -> int:
        return int(struct.unpack("=" + kind, self.take(struct.calcsize("=" + kind)))[0])

    def string(self) -> str:
        return bytes(self.take(self.number("H"))[:-1]).decode()
