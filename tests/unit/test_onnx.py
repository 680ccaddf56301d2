"""Matrices of int8 on ONNX Runtime, beside numpy."""

from __future__ import annotations

import numpy as np
import pytest

from mtfix import onnx
from mtfix.onnx import Graph


def product(rows: np.ndarray, variables: dict[str, np.ndarray]) -> np.ndarray:
    graph = Graph()
    graph.add("Identity", [graph.linear(graph.quantized("x"), variables, "layer")], "y")
    session = graph.session({"x": ("FLOAT", ["r", rows.shape[1]])}, {"y": "FLOAT"})
    return session.run(["y"], {"x": rows})[0]


@pytest.fixture(scope="module")
def variables() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    weight = rng.integers(-127, 128, (96, 64), dtype=np.int8)
    return {"layer/weight": weight, "layer/weight_scale": rng.uniform(50, 500, 96).astype(np.float32)}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    rng = np.random.default_rng(2)
    # rows of very different size: each has a scale of its own
    return (rng.standard_normal((40, 64)) * 10.0 ** rng.integers(-3, 4, (40, 1))).astype(np.float32)


def test_the_product_is_that_of_rounded_rows(rows: np.ndarray, variables: dict[str, np.ndarray]) -> None:
    scale = np.abs(rows).max(axis=1, keepdims=True) / 127
    weight = variables["layer/weight"].astype(np.float64) / variables["layer/weight_scale"][:, None]
    expected = np.round(rows / scale) * scale @ weight.T
    size = np.abs(expected).max(axis=1, keepdims=True)
    assert np.abs((product(rows, variables) - expected) / size).max() < 0.01  # ties may be rounded either way
    exact = rows @ weight.T
    assert np.abs((product(rows, variables) - exact) / np.abs(exact).max(axis=1, keepdims=True)).mean() < 0.01


def test_no_row_depends_on_the_others(rows: np.ndarray, variables: dict[str, np.ndarray]) -> None:
    together = product(rows, variables)
    for i in (0, 7, 39):
        assert (product(rows[i : i + 1], variables) == together[i]).all()
    assert (product(rows[3:20], variables) == together[3:20]).all()


@pytest.mark.parametrize("saturates", [False, True])
def test_processors_that_saturate_get_the_same(
    rows: np.ndarray, variables: dict[str, np.ndarray], saturates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if onnx.saturates() and not saturates:
        pytest.skip("this processor saturates: signed weights are never used on it")
    expected = product(rows, variables)
    monkeypatch.setattr(onnx, "saturates", lambda: saturates)
    assert (product(rows, variables) == expected).all()


def test_a_session_does_without_what_it_was_made_of(rows: np.ndarray, variables: dict[str, np.ndarray]) -> None:
    expected = product(rows, variables)
    own = {name: values.copy() for name, values in variables.items()}
    graph = Graph()
    graph.constant("table", np.full((64, 96), 2, np.float32))
    graph.add("Add", [graph.linear(graph.quantized("x"), own, "layer"), graph.add("Gather", ["table", "i"])], "y")
    session = graph.session({"x": ("FLOAT", ["r", 64]), "i": ("INT64", ["r"])}, {"y": "FLOAT"})
    for values in (*own.values(), *graph.weights.values()):
        if values.nbytes > 1000:
            values[...] = 0
    (found,) = session.run(["y"], {"x": rows, "i": np.arange(len(rows))})
    assert (found == expected + 2).all()
