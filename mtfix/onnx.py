"""Graphs for ONNX Runtime whose matrices stay int8: what they are built of, and what runs them.

Every row of activations is quantised with a scale of its own, as CTranslate2 does, so that no row's outcome depends on
the others. ONNX Runtime packs the weights once, when a graph is loaded, and is fast from a few rows on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mtfix.variables import Variables

MICROSOFT = "com.microsoft"
OPSETS = (("", 18), (MICROSOFT, 1))
INLINE = 1000  # bytes; larger weights are handed over beside the graph

Array = NDArray[Any]
Quantized = tuple[str, str]  # uint8 rows around 128, and their scales


class Graph:
    """Nodes in the order in which they run; values are known by name."""

    def __init__(self) -> None:
        from onnx import helper

        self._helper = helper
        self._nodes: list[Any] = []
        self.weights: dict[str, Array] = {}
        self._packed: set[str] = set()
        self.constant("rows", np.array([1]))
        self.constant("all", np.array([-1]))
        self.constant("one", np.array(1, np.float32))
        self.constant("step", np.array(1 / 127, np.float32))
        self.constant("middle", np.array(128, np.uint8))
        self.constant("middles", np.array([128], np.uint8))
        # where products of bytes would overflow, weights are stored without sign: slower, and right
        self._unsigned = saturates()

    def constant(self, name: str, values: Array) -> str:
        self.weights[name] = np.ascontiguousarray(values)
        return name

    def add(self, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", **attributes: Any) -> str:
        """A node; its (first) output."""
        names = outputs or (f"v{len(self._nodes)}",)
        self._nodes.append(self._helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0]

    def quantized(self, x: str) -> Quantized:
        """Rows (r, n) of float as bytes, each scaled by its greatest absolute value."""
        top = self.add("ReduceMax", [self.add("Abs", [x]), "rows"], keepdims=1)
        scale = self.add("Mul", [top, "step"])
        flat = self.add("Reshape", [scale, "all"])
        middles = self.add("Expand", ["middles", self.add("Shape", [flat])])
        return self.add("QuantizeLinear", [x, flat, middles], axis=0), scale

    def linear(self, x: Quantized, variables: Variables, name: str) -> str:
        """(r, outputs): the rows times the matrix of a CTranslate2 layer without bias."""
        if f"{name}/w" not in self._packed:
            self._packed.add(f"{name}/w")
            weight = variables[f"{name}/weight"].T
            self.constant(f"{name}/w", (weight.view(np.uint8) ^ 128) if self._unsigned else weight)
            self.constant(f"{name}/s", 1 / variables[f"{name}/weight_scale"])
        rows, scale = x
        zero = ["middle"] if self._unsigned else []
        inputs = [rows, f"{name}/w", "one", f"{name}/s", "middle", *zero]
        return self.add("Mul", [self.add("MatMulIntegerToFloat", inputs, domain=MICROSOFT), scale])

    def session(self, inputs: Mapping[str, tuple[str, Sequence[Any]]], outputs: Mapping[str, str]) -> Any:
        """Loads the graph; a run takes one core. inputs: type ("FLOAT", "INT64") and shape of each; outputs: types."""
        import onnxruntime

        onnxruntime.set_default_logger_severity(3)  # errors: what it thinks of the machine's devices is not for users
        helper = self._helper
        small = [helper.make_tensor(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape, a.tobytes(), raw=True)
                 for n, a in self.weights.items() if a.nbytes <= INLINE]  # fmt: skip
        beside = {name: values for name, values in self.weights.items() if values.nbytes > INLINE}
        # what is not packed may be read from where it lies: a copy, so that the model's file need not stay in memory
        kept = {name: values.copy() for name, values in beside.items() if name not in self._packed}
        beside |= kept
        graph = helper.make_graph(
            self._nodes, "graph",
            [_known(name, *what) for name, what in inputs.items()],
            [_known(name, kind, None) for name, kind in outputs.items()],
            [*small, *(_elsewhere(name, values) for name, values in beside.items())],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*o) for o in OPSETS], ir_version=9)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # it plans for shapes that come again; those of texts do not
        options.add_external_initializers(list(beside), [value(values) for values in beside.values()])
        session: Any = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        session.kept = kept
        return session


def value(array: Array) -> Any:
    """An array as ONNX Runtime takes it, without a copy."""
    import onnxruntime

    return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))


@cache
def saturates() -> bool:
    """Whether this processor adds pairs of products of bytes up in 16 bits, as those without VNNI do."""
    import onnxruntime
    from onnx import TensorProto, helper

    size = 64
    most = np.full((size, size), 127, np.int8)
    weight = helper.make_tensor("w", TensorProto.INT8, most.shape, most.tobytes(), raw=True)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])], "probe",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [size, size])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, None)], [weight],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": np.full((size, size), 255, np.uint8)})
    return bool((found != 255 * 127 * size).any())


def _known(name: str, kind: str, shape: Sequence[Any] | None) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, getattr(TensorProto, kind), shape)


def _elsewhere(name: str, values: Array) -> Any:
    from onnx import TensorProto, helper

    tensor = TensorProto(name=name, data_type=helper.np_dtype_to_tensor_dtype(values.dtype), dims=values.shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights")
    return tensor
