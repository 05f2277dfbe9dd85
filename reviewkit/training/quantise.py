"""Int8 matrix products whose activations are quantised token by token.

The usual dynamic quantisation takes one scale for a whole batch, so that a text's result depends
on its neighbours (by up to 0.7 in a logit here). Here each token has its own scale: results do not
depend on the batch, and outliers cost less. Outlier channels are first moved from the activations
into the weights (SmoothQuant, Xiao et al. 2023, arXiv 2211.10438).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["channel_maxima", "quantise"]

# Without VNNI, processors add pairs of u8 x s8 products in 16 bits; 7-bit weights cannot overflow.
_WEIGHT_MAX = 63
_SMOOTHING = 0.5


def _products(graph: Any) -> dict[str, NDArray[np.float32]]:
    """Return the weights of the products that are worth quantising, by the product's output."""
    from onnx import numpy_helper

    constants = {item.name: item for item in graph.initializer}
    found = {}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in constants:
            weight = numpy_helper.to_array(constants[node.input[1]])
            if weight.ndim == 2 and min(weight.shape) >= 64:
                found[node.output[0]] = weight
    return found


def channel_maxima(
    path: Path, feeds: Sequence[Mapping[str, NDArray[Any]]]
) -> dict[str, NDArray[np.float32]]:
    """Return, for each left side of a product, the largest absolute value of each channel.

    Args:
        path: the float graph.
        feeds: inputs of a few hundred training texts.
    """
    import onnx
    import onnxruntime as ort

    model = onnx.load(str(path))
    products = _products(model.graph)
    names = list(dict.fromkeys(n.input[0] for n in model.graph.node if n.output[0] in products))
    for name in names:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, 1, None))
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    maxima: dict[str, NDArray[np.float32]] = {}
    for feed in feeds:
        for name, value in zip(names, session.run(names, dict(feed)), strict=True):
            peak = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            maxima[name] = np.maximum(maxima.get(name, peak), peak)
    return maxima


def quantise(source: Path, target: Path, maxima: Mapping[str, NDArray[np.float32]]) -> None:
    """Rewrite the float graph's products and save it.

    For a left side x (tokens, k) and a weight w (k, m): x / s is quantised per token to u8 around
    128, s * w per column to int8, and the int32 product is scaled back.
    """
    import onnx

    model = onnx.load(str(source))
    graph = model.graph
    products = _products(graph)
    weights_of: dict[str, list[NDArray[np.float32]]] = {}
    for node in graph.node:
        if node.output[0] in products:
            weights_of.setdefault(node.input[0], []).append(products[node.output[0]])
    rewriter = _Rewriter()
    nodes: list[Any] = []
    replaced = set()
    smooth: dict[str, NDArray[np.float32]] = {}
    for node in graph.node:
        if node.output[0] not in products:
            nodes.append(node)
            continue
        left, right = node.input
        if left not in smooth:
            peak = np.maximum(np.abs(np.concatenate(weights_of[left], axis=1)).max(axis=1), 1e-6)
            s = np.maximum(maxima[left], 1e-6) ** _SMOOTHING / peak ** (1 - _SMOOTHING)
            smooth[left] = (s / np.exp(np.log(s).mean())).astype(np.float32)
            nodes += rewriter.left(left, smooth[left])
        weight = products[node.output[0]] * smooth[left][:, None]
        nodes += rewriter.product(left, right, weight, node.output[0])
        replaced.add(right)
    kept = [item for item in graph.initializer if item.name not in replaced]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *rewriter.constants])
    if not any(item.domain == "com.microsoft" for item in model.opset_import):
        model.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    del model.graph.value_info[:]
    model.producer_name, model.producer_version = "reviewkit", ""
    for item in (model, model.graph):
        item.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del model.metadata_props[:]
    onnx.save(model, str(target))


class _Rewriter:
    """Makes the nodes and constants of quantised products."""

    def __init__(self) -> None:
        self.constants: list[Any] = []
        self._constant("rk_zero", np.array(128, dtype=np.uint8))
        self._constant("rk_one", np.array(1.0, dtype=np.float32))
        self._constant("rk_step", np.array(1 / 127, dtype=np.float32))
        self._constant("rk_tiny", np.array([1e-9], dtype=np.float32))
        self._constant("rk_last", np.array([-1], dtype=np.int64))
        self._constant("rk_first", np.array([0], dtype=np.int64))

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def left(self, name: str, smooth: NDArray[np.float32]) -> list[Any]:
        """Quantise a left side; several products share it."""
        from onnx.helper import make_node

        p = f"rk_{name}"
        flat = self._constant(f"{p}_flat_shape", np.array([-1, len(smooth)], dtype=np.int64))
        inverse = self._constant(f"{p}_inverse", 1 / smooth)
        return [
            make_node("Reshape", [name, flat], [f"{p}_flat"]),
            make_node("Mul", [f"{p}_flat", inverse], [f"{p}_smooth"]),
            make_node("Abs", [f"{p}_smooth"], [f"{p}_abs"]),
            make_node("ReduceMax", [f"{p}_abs", "rk_last"], [f"{p}_peak"], keepdims=1),
            make_node("Mul", [f"{p}_peak", "rk_step"], [f"{p}_step"]),
            make_node("Max", [f"{p}_step", "rk_tiny"], [f"{p}_scale"]),
            make_node("Squeeze", [f"{p}_scale", "rk_last"], [f"{p}_scales"]),
            make_node("Shape", [f"{p}_scales"], [f"{p}_count"]),
            make_node("Expand", ["rk_zero", f"{p}_count"], [f"{p}_zeros"]),
            make_node(
                "QuantizeLinear", [f"{p}_smooth", f"{p}_scales", f"{p}_zeros"], [f"{p}_u8"], axis=0
            ),
            make_node("Shape", [name], [f"{p}_shape"]),
            make_node("Slice", [f"{p}_shape", "rk_first", "rk_last"], [f"{p}_lead"]),
        ]

    def product(self, left: str, right: str, weight: NDArray[np.float32], output: str) -> list[Any]:
        """Multiply a quantised left side with one weight."""
        from onnx.helper import make_node

        p, q = f"rk_{left}", f"rk_{right}"
        scale = np.maximum(np.abs(weight).max(axis=0), 1e-12) / _WEIGHT_MAX
        values = np.clip(np.round(weight / scale), -_WEIGHT_MAX, _WEIGHT_MAX).astype(np.int8)
        self._constant(f"{q}_s8", values)
        self._constant(f"{q}_scale", scale.astype(np.float32))
        self._constant(f"{q}_width", np.array([weight.shape[1]], dtype=np.int64))
        return [
            make_node(
                "MatMulIntegerToFloat",
                [f"{p}_u8", f"{q}_s8", "rk_one", f"{q}_scale", "rk_zero"],
                [f"{q}_float"],
                domain="com.microsoft",
            ),
            make_node("Mul", [f"{q}_float", f"{p}_scale"], [f"{q}_rows"]),
            make_node("Concat", [f"{p}_lead", f"{q}_width"], [f"{q}_shape"], axis=0),
            make_node("Reshape", [f"{q}_rows", f"{q}_shape"], [output]),
        ]
