"""Thirteen regions of the face as masks in the chart, which overlap softly and together are 1 everywhere.

The chart has the same layout on every head, so the regions are places in it. A region is where its points are nearest;
how soft the border is follows from a Gaussian of the distance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Points = tuple[tuple[float, float], ...]
SOFTNESS = 0.042
"""Chart units: standard deviation of the Gaussian, about 7 mm on an adult face."""


@dataclass(frozen=True)
class Region:
    """One region.

    Attributes
    ----------
    name : str
        As files and tables name it; left and right are the subject's.
    title : str
        As a person reads it.
    points : tuple of (x, y)
        Chart coordinates.
    """

    name: str
    title: str
    points: Points


def _both(name: str, title: str, right: Points) -> tuple[Region, Region]:
    left = tuple((1 - x, y) for x, y in right)
    return Region(f"{name}_left", f"Left {title}", left), Region(f"{name}_right", f"Right {title}", right)


REGIONS: tuple[Region, ...] = (
    *_both("forehead", "forehead", ((0.37, 0.06), (0.30, 0.13), (0.22, 0.17), (0.38, 0.14))),
    Region("glabella", "Glabella", ((0.5, 0.20), (0.5, 0.11), (0.46, 0.22), (0.54, 0.22))),
    *_both("eye", "eye", ((0.28, 0.27), (0.37, 0.27), (0.22, 0.33), (0.16, 0.30), (0.28, 0.38), (0.37, 0.39))),
    Region("nose", "Nose", ((0.5, 0.29), (0.46, 0.36), (0.54, 0.36), (0.5, 0.44), (0.44, 0.48), (0.56, 0.48))),
    *_both("cheek", "cheek", ((0.20, 0.47), (0.30, 0.48), (0.37, 0.50), (0.16, 0.62), (0.24, 0.60), (0.34, 0.58))),
    *_both("mouth", "mouth corner", ((0.34, 0.68), (0.30, 0.74), (0.22, 0.74), (0.36, 0.76), (0.30, 0.84))),
    Region("lips", "Lips", ((0.5, 0.60), (0.43, 0.62), (0.57, 0.62), (0.5, 0.70), (0.42, 0.69), (0.58, 0.69))),
    Region("chin", "Chin", ((0.5, 0.79), (0.43, 0.79), (0.57, 0.79), (0.5, 0.86), (0.43, 0.86), (0.57, 0.86))),
    Region("neck", "Neck", ((0.5, 0.96), (0.4, 0.96), (0.6, 0.96), (0.3, 0.95), (0.7, 0.95))),
)
REGION_NAMES = tuple(region.name for region in REGIONS)
N_REGIONS = len(REGIONS)


def region_masks(side: int) -> Float32:
    """The masks, float32 (13, side, side), 0..1; at every texel they sum to 1."""
    at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    masks = np.empty((N_REGIONS, side, side), np.float32)
    for number, region in enumerate(REGIONS):
        squares = [np.add.outer((at - y) ** 2, (at - x) ** 2) for x, y in np.asarray(region.points, np.float32)]
        masks[number] = np.minimum.reduce(squares)
    masks -= masks.min(axis=0)
    np.exp(masks * np.float32(-0.5 / SOFTNESS**2), out=masks)
    masks /= masks.sum(axis=0)
    return masks
