"""What identity modes leave between a reference and a skin, as a smooth field of offsets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from rhytid.core.head.fit.modes import NO_PINS, Pins
from rhytid.core.head.fit.target import Target
from rhytid.core.head.head import Int32
from rhytid.core.head.normals import vertex_normals

Float64 = npt.NDArray[np.float64]

# Step by step the field bends more sharply, over about so many mm, and believes in points that are so near.
_BENDS_MM = (16.0, 12.0, 9.0, 7.0, 5.0, 4.0, 3.0)
_REACH_MM = (8.0, 6.0, 5.0, 4.0, 3.0, 3.0, 2.5)
_ALONG = 0.02
_PIN = 30.0  # weight of a pin beside that of a mm^2 of skin


def free_fit(target: Target, skin: Float64, triangles: Int32, pins: Pins = NO_PINS, bends_mm: float = 3.0) -> Float64:
    """Draw a skin that lies near a target onto it.

    The offsets have the least bending energy (thin plates: Laplacian squared) among those that reach the target;
    step by step they may bend more sharply (optimal step non-rigid ICP, Amberg et al. 2007).

    Parameters
    ----------
    target : Target
    skin : float64 (n, 3)
        mm, in the target's frame.
    triangles : int32 (T, 3)
    pins : Pins
    bends_mm : float
        The sharpest bend at the end: what is finer stays between skin and target.

    Returns
    -------
    float64 (n, 3)
    """
    stiffness, area = laplacian(skin, triangles)
    bending = stiffness @ sparse.diags(1 / area) @ stiffness
    moved = skin
    pinned = np.zeros(len(skin))
    np.add.at(pinned, pins.vertices, _PIN)
    wanted = np.zeros_like(skin)
    wanted[pins.vertices] = pins.points
    for bend_mm, reach_mm in zip(_BENDS_MM, _REACH_MM, strict=True):
        bend_mm = max(bend_mm, bends_mm)
        normals = vertex_normals(moved.astype(np.float32), triangles).astype(np.float64)
        found = target.nearest(moved, normals, reach_mm)
        gap = found.points - moved
        across = np.einsum("nk,nk->n", gap, found.normals)[:, None] * found.normals
        goal = moved - skin + across + _ALONG * (gap - across)
        goal[pins.vertices] = wanted[pins.vertices] - skin[pins.vertices]
        weights = area * found.weights + pinned
        weights[pins.vertices] = pinned[pins.vertices]
        system = sparse.diags(weights + 1e-6 * area) + bend_mm**4 * bending
        offsets = factors(system).solve(weights[:, None] * goal)
        moved = skin + offsets
    return moved


def factors(system: sparse.spmatrix) -> SuperLU:
    """Factors of a symmetric system with a positive diagonal, several times faster than of any other."""
    return splu(sparse.csc_matrix(system), "MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})


def laplacian(points: Float64, triangles: Int32) -> tuple[sparse.csr_matrix, Float64]:
    """Stiffness (n, n) with cotangents not below zero, and area per vertex (n,) in mm^2 (Meyer et al. 2003)."""
    n = len(points)
    corner = points[triangles]
    rows, columns, weights = [], [], []
    for k in range(3):
        a, b, c = corner[:, k], corner[:, (k + 1) % 3], corner[:, (k + 2) % 3]
        one, other = b - a, c - a
        sine = np.linalg.norm(np.cross(one, other), axis=1)
        cotangent = np.einsum("ij,ij->i", one, other) / np.maximum(sine, 1e-9)
        rows.append(triangles[:, (k + 1) % 3])
        columns.append(triangles[:, (k + 2) % 3])
        weights.append(np.clip(cotangent / 2, 0.02, 5.0))
    row, column, weight = np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)
    half = sparse.csr_matrix((weight, (row, column)), (n, n))
    both = half + half.T
    stiffness = sparse.diags(np.asarray(both.sum(axis=1)).ravel()) - both
    double = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    area = np.bincount(triangles.ravel(), np.repeat(double / 6, 3), minlength=n)
    return sparse.csr_matrix(stiffness), np.maximum(area, 1e-3)
