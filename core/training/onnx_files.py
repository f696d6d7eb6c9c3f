"""Networks as ONNX files: weights stored as float16 and cast back when loaded, arithmetic in float32."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
_SMALLEST_HALVED = 64  # numbers; shapes, scales and biases stay as they are
_LARGEST_HALF = 65504.0


def write_onnx(
    network: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    path: Path,
    free_axes: Mapping[str, Mapping[int, str]] | None = None,
) -> None:
    """Write `network` for fixed shapes but for `free_axes` (name of an input or output -> axis -> name).

    Parameters
    ----------
    inputs : mapping
        Example tensors by the names of the network's arguments, in their order.
    outputs : sequence of str
        Names of what it gives.
    """
    was_training = network.training
    network.eval()
    with warnings.catch_warnings(), torch.no_grad():
        # The newer exporter needs another package and writes the same graph for these plain networks.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: dict(axes) for name, axes in (free_axes or {}).items()},
            opset_version=OPSET,
            dynamo=False,
        )
    network.train(was_training)
    halve_weights(path)


def halve_weights(path: Path) -> None:
    """Store the float32 weights of an ONNX file as float16 with a Cast; a file done already stays as it is.

    Raises
    ------
    ValueError
        A weight that is not finite or too large for float16.
    """
    model = onnx.load(str(path), load_external_data=False)
    kept, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _SMALLEST_HALVED:
            kept.append(tensor)
            continue
        if not np.abs(values).max() <= _LARGEST_HALF:
            raise ValueError(f"{path}: {tensor.name} is not finite or too large for float16")
        kept.append(numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half"))
        casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
    if not casts:
        return
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
