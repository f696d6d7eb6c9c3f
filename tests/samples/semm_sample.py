"""A small model of random weights with the shipped layout, for the tests of what is made of a model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

WIDTH = 6


def write_semm(folder: Path, seed: int = 0) -> Path:
    """Writes semm.json, .safetensors and .onnx into `folder`."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(_tensors(rng), folder / "semm.safetensors")
    onnx.save(_refiner(rng), folder / "semm_refiner.onnx")
    onnx.save(_painter(rng), folder / "semm_painter.onnx")
    names = ("semm.safetensors", "semm_refiner.onnx", "semm_painter.onnx")
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    described = {"format": "rhytid-weights", "version": 1, "model": "semm", "files": files}
    described |= {"config": {}, "training": {"data": "random"}, "scores": {}}
    (folder / "semm.json").write_text(json.dumps(described))
    return folder


def _tensors(rng):
    def noise(scale, *shape):
        return (scale * rng.normal(size=shape)).astype(np.float16)

    corner = np.clip(np.arange(8) * 32 - 8, 0, 256 - 48)
    origin = np.stack(np.meshgrid(corner, corner, indexing="ij"), axis=-1).reshape(64, 2).astype(np.int32)
    style_mean = np.concatenate([np.full(1024, -3.0), np.full(256, 0.3)]).astype(np.float16)
    expression = noise(0.05, 52, 576)
    expression[:, 512:] = noise(0.8, 52, 64)
    return {
        "structure.origin": origin,
        "structure.mean_x": noise(0.05, 256, 256),
        "structure.mean_y": noise(0.05, 128, 128),
        "structure.analysis_x": noise(0.02, 64, 8, 48, 48),
        "structure.analysis_y": noise(0.02, 64, 8, 24, 24),
        "structure.mix": np.eye(512, dtype=np.float16),
        "structure.synthesis_x": noise(0.02, 64, 8, 48, 48),
        "structure.synthesis_y": noise(0.02, 64, 8, 24, 24),
        "style.mean": style_mean,
        "style.analysis": noise(0.02, 64, 1280),
        "style.synthesis": noise(0.15, 1024, 64),
        "transform.expression": expression,
        "transform.age": noise(0.1, 576),
        "prior.mean": noise(0.1, 576),
        "prior.factor": np.eye(576, dtype=np.float16) * np.float16(0.5),
        "prior.age": np.array([25.0], np.float32),
    }


def _refiner(rng):
    graph = _Graph(rng)
    graph.add("SpaceToDepth", ["x_lin"], "x_stem", blocksize=4)
    graph.add("SpaceToDepth", ["y_lin"], "y_stem", blocksize=2)
    graph.constant("scales", np.array([1, 1, 4, 4], np.float32))
    graph.add("Resize", ["log_energy", "", "scales"], "energy", mode="linear")
    graph.add("Concat", ["x_stem", "y_stem", "energy"], "stem", axis=1)
    graph.conv("stem", "hidden", 24, WIDTH, 0.1)
    graph.add("Relu", ["hidden"], "active")
    graph.conv("active", "out", WIDTH, 48, 0.3)
    graph.add("DepthToSpace", ["out"], "maps", blocksize=4, mode="CRD")
    graph.add("Split", ["maps"], ["x_base", "y_raw", "relief_hat"], axis=1, num_outputs=3)
    graph.add("Sigmoid", ["y_raw"], "y_hat")
    sides = {"x_lin": (1, 1, 256, 256), "y_lin": (1, 1, 128, 128), "log_energy": (1, 4, 16, 16)}
    return graph.model(sides, {name: (1, 1, 256, 256) for name in ("x_base", "y_hat", "relief_hat")})


def _painter(rng):
    graph = _Graph(rng)
    graph.add("SpaceToDepth", ["condition"], "stem", blocksize=2)
    graph.conv("stem", "one", 32, WIDTH, 0.1)
    graph.add("Relu", ["one"], "active")
    graph.conv("active", "two", WIDTH, WIDTH, 0.2)
    graph.add("Relu", ["two"], "active_two")
    graph.conv("active_two", "three", WIDTH, 4, 0.2)
    graph.add("DepthToSpace", ["three"], "n", blocksize=2, mode="CRD")
    graph.constant("parts", np.array([1, 2, 1, 4], np.int64))
    graph.add("Split", ["condition", "parts"], ["relief", "fields", "base", "energy"], axis=1)
    graph.add("Add", ["relief", "base"], "stamped")
    graph.add("Add", ["stamped", "n"], "x")
    return graph.model({"condition": (1, 8, "H", "W")}, {"x": (1, 1, "H", "W")})


class _Graph:
    def __init__(self, rng):
        self._rng, self._nodes, self._constants = rng, [], []

    def add(self, kind, inputs, outputs, **attributes):
        outputs = [outputs] if isinstance(outputs, str) else outputs
        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))

    def constant(self, name, values):
        self._constants.append(numpy_helper.from_array(values, name))

    def conv(self, source, target, n_in, n_out, scale):
        weights = self._rng.normal(size=(n_out, n_in, 3, 3)) * scale / np.sqrt(n_in)
        self.constant(f"{target}.weight", weights.astype(np.float32))
        self.constant(f"{target}.bias", (0.05 * self._rng.normal(size=n_out)).astype(np.float32))
        self.add("Conv", [source, f"{target}.weight", f"{target}.bias"], target, kernel_shape=[3, 3], pads=[1] * 4)

    def model(self, inputs, outputs):
        def info(sides):
            return [helper.make_tensor_value_info(name, TensorProto.FLOAT, side) for name, side in sides.items()]

        graph = helper.make_graph(self._nodes, "sample", info(inputs), info(outputs), self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
