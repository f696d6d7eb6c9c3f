"""Body, hair, lashes and clothes out of a GLB: meshes that are no part of the head."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.material import Material
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.head.shapes import MAX_MOVE_MM, arkit_shapes, cut_apart
from rhytid.core.head.upright import MM_PER_CM, Stance

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
_FILM = re.compile("occlusion|tear|lacrimal|cornea|shadow")


@dataclass(frozen=True, eq=False)
class OtherMesh:
    """A primitive in the scene, in the file's own unit and axes.

    Attributes
    ----------
    positions : float64 (N, 3)
    normals : float64 (N, 3) or None
    triangles : int64 (T, 3)
    uv : float64 (N, 2), origin bottom left
    shapes : mapping of the file's name to float64 (N, 3)
    """

    name: str
    positions: Float64
    normals: Float64 | None
    triangles: npt.NDArray[np.int64]
    uv: Float64
    material: Material
    shapes: Mapping[str, Float64]


def other_parts(
    meshes: Sequence[OtherMesh], standing: Stance, path: Path, mirrored: bool
) -> tuple[tuple[OtherPart, ...], tuple[str, ...]]:
    """Parts beside a head that stands so, and what to tell of those that are left out.

    Parameters
    ----------
    meshes : sequence of OtherMesh
    standing : Stance
        Of the head.
    path : Path
    mirrored : bool
        The head was mirrored back, left and right having changed places.
    """
    parts, notes = [], []
    for mesh in meshes:
        try:
            parts.append(_part(mesh, standing, path, mirrored))
        except HeadFileError as error:
            notes.append(f"{mesh.name} is left out: {error}")
    return tuple(parts), tuple(notes)


def _part(mesh: OtherMesh, standing: Stance, path: Path, mirrored: bool) -> OtherPart:
    used, index = np.unique(mesh.triangles, return_inverse=True)
    triangles: Int32 = index.reshape(-1, 3).astype(np.int32)
    side = np.array([-1.0 if mirrored else 1.0, 1.0, 1.0])
    vertices = (standing.points(mesh.positions[used]) * MM_PER_CM * side).astype(np.float32)
    if not len(triangles) or not np.isfinite(vertices).all():
        raise HeadFileError("it has no triangles, or vertices too far away")
    normals = vertex_normals(vertices, triangles)
    # Where the whole file was mirrored its triangles showed their backs, and its normals may lie either way.
    if mesh.normals is not None and not mirrored:
        given = mesh.normals[used] if standing.turn is None else mesh.normals[used] @ standing.turn.T
        length = np.linalg.norm(given, axis=1, keepdims=True)
        normals = np.where(length > 0.5, given / np.maximum(length, 1e-9), normals).astype(np.float32)
    moves = {name: standing.offsets(offsets[used]) * MM_PER_CM * side for name, offsets in mesh.shapes.items()}
    names: tuple[str, ...] = ()
    offsets = np.zeros((0, len(used), 3), np.float16)
    if moves:
        if not all(np.abs(moved).max(initial=0) <= MAX_MOVE_MM for moved in moves.values()):
            raise HeadFileError(f"a shape moves it by more than {MAX_MOVE_MM:.0f} mm")
        dense, both = arkit_shapes(moves, len(used), path)
        for sides, whole in both.items():
            for name, half in zip(sides, cut_apart(whole, vertices, 1), strict=True):
                if name:
                    dense[ARKIT_INDEX[name]] = half
        moving = np.flatnonzero(dense.reshape(len(dense), -1).any(axis=1))
        names = tuple(ARKIT_NAMES[k] for k in moving)
        offsets = dense[moving].astype(np.float16)
    is_film = bool(_FILM.search(f"{mesh.material.name} {mesh.name}".lower()))
    uv = mesh.uv[used].astype(np.float32)
    return OtherPart(mesh.name, vertices, normals, triangles, uv, mesh.material, names, offsets, is_film)
