"""Real spherical harmonics up to the second order, as polynomials of a direction.

In head space (X the subject's left, Y up, Z forward), without the basis' constants: 1; y, z, x; x y, y z, 3 z^2 - 1,
x z, x^2 - y^2. Light that comes from everywhere shades a matt surface as ``harmonics(normal) @ coefficients`` with nine
coefficients per colour (Ramamoorthi and Hanrahan 2001, "An Efficient Representation for Irradiance Environment Maps").
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

N_HARMONICS = 9
BASIS = np.array([0.282095, *[0.488603] * 3, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
"""Constants that make the polynomials orthonormal on the sphere."""
DIFFUSE = np.array([1.0, *[2 / 3] * 3, *[1 / 4] * 5])
"""What a matt surface lets through of radiance: the clamped cosine's coefficients divided by pi."""


def harmonics(directions: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """The nine polynomials (..., 9) of unit directions (..., 3), in their precision."""
    return np.stack(harmonic_planes(np.moveaxis(directions, -1, 0)), axis=-1)


def harmonic_planes(directions: npt.NDArray[np.floating]) -> list[npt.NDArray[np.floating]]:
    """The nine polynomials, each (...), of unit directions (3, ...)."""
    x, y, z = directions
    return [np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y]


def harmonics_gradient(
    directions: npt.NDArray[np.floating], coefficients: npt.NDArray[np.floating]
) -> npt.NDArray[np.floating]:
    """How ``harmonics(d) @ coefficients`` changes with d, (..., 3).

    Parameters
    ----------
    directions : (..., 3)
    coefficients : (9,) or (..., 9)
        Of one colour; may differ from place to place.
    """
    x, y, z = directions[..., 0], directions[..., 1], directions[..., 2]
    of = [coefficients[..., k] for k in range(N_HARMONICS)]
    by_x = of[3] + of[4] * y + of[7] * z + 2 * of[8] * x
    by_y = of[1] + of[4] * x + of[5] * z - 2 * of[8] * y
    by_z = of[2] + of[5] * y + 6 * of[6] * z + of[7] * x
    return np.stack([by_x, by_y, by_z], axis=-1)
