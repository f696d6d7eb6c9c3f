"""How relief tilts the skin's normals in head space, and with them the shading of a picture.

With P(x, y) the smooth skin over the chart and d the displacement, the displaced skin's normal is N - grad d, where
grad d = d_x g^x + d_y g^y and g^x, g^y are the contravariant tangents: g^x . P_x = 1, g^x . P_y = 0. Lengths along the
chart are in texels of a map of 256, whatever the size of the map.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
_LEAST_AREA = 0.02  # mm^4 per texel^4: where the chart is beyond the skin it has no area
_LONGEST = 4.0  # texels per mm; the chart is nowhere that dense on the face


def contravariant_tangents(position: Float32) -> Float32:
    """Gradients of the chart's axes on the skin.

    Parameters
    ----------
    position : float32 (H, H, 3)
        Smooth skin in mm; beyond the skin constant or continued.

    Returns
    -------
    float32 (H, H, 2, 3)
        g^x and g^y in texels of 256 per mm, no longer than 4.
    """
    scale = np.float32(len(position) / SIDE)
    return contravariant(np.gradient(position, axis=1) * scale, np.gradient(position, axis=0) * scale)


def contravariant(along_x: Float32, along_y: Float32) -> Float32:
    """The same, (..., 2, 3), where the skin's derivatives along the chart (..., 3) are known, mm per texel of 256."""
    e, f, g = (_dot(along_x, along_x), _dot(along_x, along_y), _dot(along_y, along_y))
    area = np.maximum(e * g - f * f, np.float32(_LEAST_AREA))
    both = [(g * along_x - f * along_y) / area, (e * along_y - f * along_x) / area]
    tangents = np.asarray(np.stack(both, axis=-2), np.float32)
    length = np.sqrt(_dot(tangents, tangents))
    result: Float32 = tangents * np.minimum(1, np.float32(_LONGEST) / np.maximum(length, np.float32(1e-6)))
    return result


def relief_normals(normals: Float32, tangents: Float32, displacement: Float32) -> Float32:
    """Unit normals of skin with relief.

    Parameters
    ----------
    normals : float32 (H, H, 3)
        Of the smooth skin.
    tangents : float32 (H, H, 2, 3)
        Of `contravariant_tangents`.
    displacement : float32 (H, H)
        mm.
    """
    scale = np.float32(len(displacement) / SIDE)
    along_x = np.gradient(displacement, axis=1) * scale
    along_y = np.gradient(displacement, axis=0) * scale
    tilted = normals - along_x[..., None] * tangents[:, :, 0] - along_y[..., None] * tangents[:, :, 1]
    result: Float32 = tilted / np.maximum(np.sqrt(_dot(tilted, tilted)), np.float32(1e-6))
    return result


def _dot(a: Float32, b: Float32) -> Float32:
    # A sum over three numbers is several times slower.
    product: Float32 = np.einsum("...i,...i->...", a, b)[..., None]
    return product
