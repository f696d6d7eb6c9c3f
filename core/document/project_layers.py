"""Layers in a project: their JSON, and the masks of those that have one, uint8 (K, 256, 256) in the layers' order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt

from rhytid.core.document.limits import MAX_LAYERS
from rhytid.core.document.project_json import decode, encode, expect_keys
from rhytid.core.lines.layer import MASK_SIDE, StrokeLayer

UInt8 = npt.NDArray[np.uint8]

_NAMES = tuple(field.name for field in fields(StrokeLayer) if field.name != "mask")


def layers_to_json(layers: Sequence[StrokeLayer]) -> tuple[list[dict[str, Any]], UInt8 | None]:
    """The plain values of layers, and their masks; None where no layer has one."""
    hints = get_type_hints(StrokeLayer)
    plain = [
        {name: encode(hints[name], getattr(layer, name)) for name in _NAMES} | {"masked": layer.mask is not None}
        for layer in layers
    ]
    masks = [layer.mask for layer in layers if layer.mask is not None]
    return plain, np.stack(masks) if masks else None


def layers_from_json(values: Any, masks: UInt8 | None) -> tuple[StrokeLayer, ...]:
    """The layers that `layers_to_json` wrote.

    Raises
    ------
    ValueError
        A value is missing, unknown or of the wrong type, or there are other masks than the layers say.
    """
    if not isinstance(values, list) or len(values) > MAX_LAYERS:
        raise ValueError(f"layers: must be a list of at most {MAX_LAYERS}")
    hints = get_type_hints(StrokeLayer)
    left = [] if masks is None else list(masks)
    layers = []
    for number, value in enumerate(values):
        where = f"layers[{number}]"
        expect_keys(value, (*_NAMES, "masked"), where)
        plain = {name: decode(hints[name], value[name], f"{where}.{name}") for name in _NAMES}
        mask = None
        if decode(bool, value["masked"], f"{where}.masked"):
            if not left or left[0].shape != (MASK_SIDE, MASK_SIDE):
                raise ValueError(f"{where}: its mask is missing")
            mask = left.pop(0)
        layers.append(StrokeLayer(mask=mask, **plain))
    if left:
        raise ValueError(f"layers: {len(left)} masks belong to no layer")
    return tuple(layers)
