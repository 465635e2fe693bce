"""Writes onnx-node-tests.jsonl beside this file: the ONNX project's own operator tests, as far as the profile has them.

Not part of the build: the file is committed. To make it again:

    pip install onnx==1.23.1
    python libs/donnx/vectors/generate.py

The test cases are part of ONNX, Copyright (c) ONNX Project Contributors, licensed under Apache-2.0.
"""

import base64
import json
from pathlib import Path

import numpy as np
from onnx import AttributeProto
from onnx.backend.test.case.node import collect_testcases

OPERATORS = set(
    """MatMulInteger ConvInteger QLinearMatMul QLinearConv QuantizeLinear DequantizeLinear Cast Add Sub Mul Div Round Floor
    Ceil Max Min Clip Relu Where ReduceSum ReduceSumSquare ReduceMax ArgMax GatherElements Gather Reshape Transpose Split
    Slice Concat Expand Squeeze Unsqueeze Identity Pad MaxPool""".split()
)
DATATYPES = {"float32": "FP32", "uint8": "UINT8", "int8": "INT8", "int32": "INT32", "int64": "INT64", "bool": "BOOL"}
MAX_BYTES = 8_192
MAX_OPSET = 21


def tensor(array):
    data = np.ascontiguousarray(array)
    return {
        "datatype": DATATYPES[str(data.dtype)],
        "dims": list(data.shape),
        "data": base64.b64encode(data.tobytes()).decode(),
    }


def attribute(proto):
    if proto.type == AttributeProto.STRING:
        return proto.s.decode()
    if proto.type == AttributeProto.INTS:
        return list(proto.ints)
    return proto.i if proto.type == AttributeProto.INT else proto.f


def suits(arrays):
    return all(
        isinstance(array, (np.ndarray, np.generic))
        and str(array.dtype) in DATATYPES
        and array.size > 0
        and bool(np.isfinite(array).all())
        for array in arrays
    ) and sum(array.nbytes for array in arrays) <= MAX_BYTES


def vector(case):
    (node,) = case.model.graph.node
    inputs, outputs = case.data_sets[0]
    opset = next(entry.version for entry in case.model.opset_import if entry.domain == "")
    return {
        "name": case.name.removeprefix("test_"),
        "opset": min(opset, MAX_OPSET),
        "operator": node.op_type,
        # Inputs left out are "", and the data has none for them.
        "inputs": list(node.input),
        "outputs": len(node.output),
        "attributes": {proto.name: attribute(proto) for proto in node.attribute},
        "operands": [tensor(array) for array in inputs],
        "results": [tensor(array) for array in outputs],
    }


def main():
    vectors = []
    for case in collect_testcases(None):
        nodes = case.model.graph.node
        if len(nodes) != 1 or nodes[0].op_type not in OPERATORS or nodes[0].domain not in ("", "ai.onnx"):
            continue
        inputs, outputs = case.data_sets[0]
        if suits([*inputs, *outputs]):
            vectors.append(vector(case))
    vectors.sort(key=lambda entry: entry["name"])
    lines = (json.dumps(entry, separators=(",", ":")) + "\n" for entry in vectors)
    (Path(__file__).parent / "onnx-node-tests.jsonl").write_text("".join(lines))
    print(len(vectors))


if __name__ == "__main__":
    main()
