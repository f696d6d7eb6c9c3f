"""The two dental arches: their outline, and the sizes and places of the teeth along it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

_EXPONENT = 2.5
_CONTACT_MM = 1.7  # from the outline inwards
CENTRAL, LATERAL, CANINE, PREMOLAR, SECOND_PREMOLAR, MOLAR, SECOND_MOLAR = range(7)


@dataclass(frozen=True)
class Arch:
    """One jaw: outer outline as a superellipse in the xz plane, and the teeth along one half.

    Lengths in mm of the source model; widths, depths and crown heights are those of adult teeth (Nelson, Wheeler's
    Dental Anatomy, 9th edition, table 1.1), rounded.

    Attributes
    ----------
    half_width, depth, z_back : float
        Of the outline: half its width, its depth, and where it is widest.
    widths, thickness, crown : tuple of 7 float
        From the middle to the second molar: along the arch, across it, and height of the crown.
    edge_y : tuple of 7 float
        Height of the edge or of the cusps.
    papilla : float
        How far the gum rises between two front teeth.
    gum_y : float
        Where the gum turns into lip and cheek.
    up : float
        +1 where crowns grow upwards, -1 where they hang.
    """

    half_width: float
    depth: float
    z_back: float
    widths: tuple[float, ...]
    thickness: tuple[float, ...]
    crown: tuple[float, ...]
    edge_y: tuple[float, ...]
    papilla: float
    gum_y: float
    up: float

    @cached_property
    def ends(self) -> Float64:
        """Where each tooth of a half ends, as arc length from the middle, (7,)."""
        return np.cumsum(self.widths)

    @cached_property
    def middles(self) -> Float64:
        """Where each tooth of a half has its middle, (7,)."""
        return self.ends - np.array(self.widths) / 2

    @cached_property
    def neck_y(self) -> Float64:
        """Height of the necks of a half's teeth, (7,)."""
        return np.array(self.edge_y) - self.up * np.array(self.crown)

    @cached_property
    def _half(self) -> tuple[Float64, Float64, Float64]:
        """Outline (n, 2) in x, z from the middle to the left, its outward normals, and the arc length at each point."""
        angle = np.linspace(0, np.pi / 2, 400)
        x = self.half_width * np.sin(angle) ** (2 / _EXPONENT)
        z = self.z_back + self.depth * np.cos(angle) ** (2 / _EXPONENT)
        outline = np.stack([x, z], axis=1)
        across_the_middle = np.concatenate([outline[:0:-1] * [-1, 1], outline])
        tangent = np.gradient(across_the_middle, axis=0)[len(outline) - 1 :]
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
        touching = outline - _CONTACT_MM * normal
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(touching, axis=0), axis=1))])
        return outline, normal, along

    def point(self, s: Float64, inset: Float64 | float) -> tuple[Float64, Float64]:
        """Points (n, 2) in x, z at signed arc length s (left positive), and the outward normals there (n, 2).

        Lengths are those along the line on which neighbouring teeth touch, a little inside the outline.
        """
        outline, normals, along = self._half
        a = np.abs(s)
        point = np.stack([np.interp(a, along, outline[:, k]) for k in (0, 1)], axis=-1)
        normal = np.stack([np.interp(a, along, normals[:, k]) for k in (0, 1)], axis=-1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        side = np.stack([np.where(s < 0, -1.0, 1.0), np.ones(len(s))], axis=-1)
        return (point - normal * np.asarray(inset)[..., None]) * side, normal * side


# The upper front teeth end 3 mm below the line where the lips meet, 2 mm below the lower ones and before them.
UPPER = Arch(
    30.5, 55.3, 52.0,
    (8.5, 6.6, 7.6, 7.0, 6.8, 10.2, 9.6), (7.0, 6.2, 7.8, 8.8, 8.8, 10.6, 10.4),
    (10.4, 9.0, 9.6, 8.4, 7.8, 7.2, 6.8), (-36.7, -36.1, -36.0, -34.9, -34.6, -34.5, -34.1),
    3.9, -19.0, -1.0,
)  # fmt: skip
LOWER = Arch(
    28.0, 52.0, 52.0,
    (5.3, 5.9, 6.9, 7.0, 7.1, 10.8, 10.2), (5.8, 6.0, 7.4, 7.8, 8.2, 10.0, 9.8),
    (8.8, 9.2, 9.8, 8.6, 8.0, 7.4, 7.0), (-34.7, -34.8, -34.7, -35.0, -35.0, -34.9, -34.5),
    3.2, -58.0, 1.0,
)  # fmt: skip
