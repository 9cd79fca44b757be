"""Holds exported ONNX files against Python's onnx and onnxruntime.

Each model is checked by onnx.checker with full shape inference, must consist of standard operators alone, and must
give what the exported function gives (to 1e-5) at sizes that were not traced, with and without graph optimisations.

    node tools/run.mjs tools/parity/export-onnx.ts exported
    python tools/parity/export_onnx.py exported
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

DTYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}


def array(tensor):
    return np.array(tensor["values"], DTYPES[tensor["dtype"]]).reshape(tensor["shape"])


def largest_difference(path: Path, level) -> float:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    largest = 0.0
    for run in json.loads(path.with_suffix(".json").read_text()):
        inputs = {name: array(tensor) for name, tensor in run["inputs"].items()}
        names = list(run["outputs"])
        for name, actual in zip(names, session.run(names, inputs)):
            expected = array(run["outputs"][name])
            assert actual.shape == expected.shape and actual.dtype == expected.dtype, (path, name)
            largest = max(largest, float(np.abs(actual.astype(np.float64) - expected).max()))
    return largest


def check(path: Path) -> None:
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    domains = {node.domain for node in model.graph.node} | {opset.domain for opset in model.opset_import}
    assert domains == {""}, domains
    levels = onnxruntime.GraphOptimizationLevel
    differences = [largest_difference(path, level) for level in (levels.ORT_DISABLE_ALL, levels.ORT_ENABLE_ALL)]
    print(f"{path.name}: opset {model.opset_import[0].version}, {len(model.graph.node)} nodes, {max(differences):.1e}")
    assert max(differences) <= 1e-5


if __name__ == "__main__":
    models = sorted(Path(sys.argv[1]).glob("*.onnx"))
    assert models, "no models; write them with tools/parity/export-onnx.ts"
    for model in models:
        check(model)
