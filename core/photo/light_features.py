"""What the network that refines light and skin colour sees of a photo after the closed form has had its say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.photo.albedo_prior import AlbedoPrior
from rhytid.core.photo.light_view import SOLVED_AT, View

Float32 = npt.NDArray[np.float32]

N_LIGHT_FEATURES = 19
_RANGE = 2.0


def light_features(view: View, color: Float32, shading: Float32, prior: AlbedoPrior) -> Float32:
    """The network's input, float32 (19, 128, 128).

    What the light leaves over and that of the other half of the face, in logarithm; the skin's colour over its mean;
    the brightness of the shading; how well skin is seen here and on the other half, and what share is skin; normals;
    where every face is dark; the place in the chart.

    Parameters
    ----------
    view : View
    color, shading : float32 (128, 128, 3)
        See `core.photo.light.smooth_lights`.
    prior : AlbedoPrior
    """
    left_over = remainder(view, color, shading) * (view.weight[..., None] > 0)
    tone = np.log(color) - np.log(color).mean(axis=(0, 1))
    place = (np.arange(SOLVED_AT, dtype=np.float32) + 0.5) / SOLVED_AT * 2 - 1
    down, aside = np.meshgrid(place, np.abs(place), indexing="ij")
    single = [
        np.log(shading).mean(axis=2), view.weight, view.weight[:, ::-1], view.bare, prior.dark_features(SOLVED_AT),
        down, aside,
    ]  # fmt: skip
    parts = [left_over, left_over[:, ::-1], tone, view.normal, *(part[..., None] for part in single)]
    return np.ascontiguousarray(np.concatenate(parts, axis=2).transpose(2, 0, 1), np.float32)


def remainder(view: View, color: Float32, shading: Float32) -> Float32:
    """Logarithm of what a photo shows over what skin of `color` under `shading` would look like, (128, 128, 3)."""
    return np.clip(np.log(view.rgb) - np.log(color) - np.log(shading), -_RANGE, _RANGE).astype(np.float32)
