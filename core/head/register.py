"""Chart of another head: its skin laid onto the default head's, which has one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.head.head import Float32, Head
from core.head.ict import IctModel
from core.head.surface import Surface

Float64 = npt.NDArray[np.float64]


def chart_by_registration(model: IctModel, reference: Head) -> tuple[Float32, Float32]:
    """Chart coordinates (n_skin, 2) and detail weights (n_skin,) for a model, taken from a reference head."""
    skin = model.neutral[: model.n_skin].astype(np.float64)
    scale, rotation, shift = similarity(skin[model.landmarks], reference.neutral[reference.landmarks])
    moved = scale * skin @ rotation.T + shift
    surface = Surface(reference.neutral[: reference.n_skin], reference.skin_triangles)
    where = surface.nearest(moved)
    chart = surface.at(where, reference.chart)
    detail_weight = surface.at(where, reference.detail_weight)
    return chart.astype(np.float32), detail_weight.astype(np.float32)


def similarity(
    source: npt.NDArray[np.floating], target: npt.NDArray[np.floating]
) -> tuple[float, Float64, Float64]:
    """Scale, rotation (3, 3) and shift (3,) with `target ~ scale * source @ rotation.T + shift` (Umeyama 1991)."""
    mean_s, mean_t = source.mean(axis=0), target.mean(axis=0)
    s, t = source - mean_s, target - mean_t
    u, singular, vt = np.linalg.svd(t.T @ s)
    sign = np.ones(3)
    sign[2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign) @ vt
    scale = float((singular * sign).sum() / np.maximum((s**2).sum(), 1e-30))
    return scale, rotation, mean_t - scale * rotation @ mean_s
