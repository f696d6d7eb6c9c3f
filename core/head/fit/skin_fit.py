"""The default head laid onto a skin, and where every vertex of the skin lies on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.fit.free_field import free_fit
from rhytid.core.head.fit.modes import NO_PINS, Pins, fit_modes
from rhytid.core.head.fit.target import Target
from rhytid.core.head.head import Head, Int32
from rhytid.core.head.surface import Surface, SurfacePoints

Float64 = npt.NDArray[np.float64]
Similarity = tuple[float, Float64, Float64]

_CANDIDATES = 12


@dataclass(frozen=True, eq=False)
class SkinFit:
    """A reference laid onto a skin.

    Attributes
    ----------
    skin : float64 (m, 3)
        Skin vertices of the reference on the target, turned as the reference stands, mm of the target.
    weights : float64 (I,)
        Identity weights of the reference.
    rotation, shift : float64 (3, 3) and (3,)
        The target's points turned as the reference stands are `points @ rotation.T + shift`.
    growth : float
        How much larger the target is than the reference with these weights.
    where : SurfacePoints
        Places of the target's vertices on the reference's skin triangles; the distance is in mm and the residual.
    """

    skin: Float64
    weights: Float64
    rotation: Float64
    shift: Float64
    growth: float
    where: SurfacePoints

    def from_target(self, points: Float64) -> Float64:
        """Points (..., 3) of the target turned as the reference stands."""
        turned: Float64 = points @ self.rotation.T + self.shift
        return turned

    def to_target(self, offsets: Float64) -> Float64:
        """Offsets (..., 3) of the reference as those of the target."""
        turned: Float64 = self.growth * offsets @ self.rotation
        return turned


def fit_skin(
    points: Float64,
    triangles: Int32,
    start: Similarity,
    reference: Head,
    pins: Pins = NO_PINS,
    progress: Callable[[float], None] = lambda _share: None,
) -> SkinFit:
    """Lay a reference onto a skin.

    Parameters
    ----------
    points : float64 (n, 3)
    triangles : int32 (T, 3)
    start : (scale, rotation, shift)
        Lays the skin near the reference.
    reference : Head
    pins : Pins
        In the target's own coordinates.
    progress : callable
        Gets the share that is done, 0..1; may raise to stop.
    """
    scale, rotation, shift = start
    # Lengths stay those of the target: people differ in size, and what their skin does differs less.
    shift = shift / scale
    near = points @ rotation.T + shift
    pins = Pins(pins.vertices, pins.points @ rotation.T + shift)
    progress(0.0)
    target = Target(near, triangles)
    progress(0.1)
    found = fit_modes(target, reference, 1 / scale, pins)
    progress(0.4)
    skin = free_fit(target, found.skin, reference.skin_triangles, pins)
    progress(0.8)
    # The fit turned the reference; the target is turned back instead.
    upright = found.rotation.T
    skin = skin @ upright.T
    where = Surface(skin, reference.skin_triangles).nearest(
        target.points @ upright.T, target.normals @ upright.T, _CANDIDATES
    )
    progress(1.0)
    return SkinFit(skin, found.weights, upright @ rotation, upright @ shift, found.scale, where)
