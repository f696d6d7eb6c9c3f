"""The default head bent to a scan: its topology, its expressions, the scan's form without its detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from rhytid.core.detail.engine import Control
from rhytid.core.head.fit.skin_fit import fit_skin
from rhytid.core.head.head import Float32, Head, Int32, Part
from rhytid.core.head.store import checked_head
from rhytid.core.head.upright import stance
from rhytid.core.scan.scan_mesh import ScanMesh
from rhytid.core.scan.thinning import thinned

Float64 = npt.NDArray[np.float64]

_POINTS = 40_000
_MM_PER_CM = 10.0
_NEIGHBOURS = 12
_EYES = (Part.EYE_LEFT, Part.EYE_RIGHT)


@dataclass(frozen=True, eq=False)
class ScanBase:
    """A scan beside its base.

    Attributes
    ----------
    head : Head
        The default head's topology; its neutral is the scan's form.
    vertices : float32 (V, 3)
        Of the scan, where the head stands, mm.
    triangles : int32 (T, 3)
        Of the scan, counter-clockwise from outside.
    is_inside_out : bool
        They were clockwise in the scan, and have their corners in the opposite order.
    notes : tuple of str
        What was done to the scan.
    """

    head: Head
    vertices: Float32
    triangles: Int32
    is_inside_out: bool
    notes: tuple[str, ...]


def base_of(scan: ScanMesh, reference: Head, name: str, control: Control) -> ScanBase:
    """Bend a head to a scan.

    Raises
    ------
    core.head.upright.NoFaceError
        It shows no face.
    core.detail.engine.Cancelled
    """
    points, triangles = thinned(scan.vertices, scan.triangles, _POINTS)
    control(0.1)
    standing = stance(points, triangles, reference)
    control(0.4)
    all_triangles = scan.triangles
    if standing.is_inside_out:
        triangles, all_triangles = triangles[:, ::-1], all_triangles[:, ::-1]
    assert standing.start is not None  # `stance` finds one or raises
    report: Callable[[float], None] = control.part(0.4, 0.95)
    upright = _MM_PER_CM * np.asarray(standing.points(points), np.float64)
    fit = fit_skin(upright, np.ascontiguousarray(triangles), standing.start, reference, progress=report)
    whole = fit.growth * reference.shape(fit.weights, np.zeros(len(reference.expression))).astype(np.float64)
    n = reference.n_skin
    # The fit stands where the scan does; the base stands where heads do.
    shift = np.median(whole[:n] - fit.skin, axis=0)
    neutral = _with_inside(reference, whole, fit.skin + shift)
    wide = _MM_PER_CM * np.asarray(standing.points(scan.vertices.astype(np.float64)))
    vertices = (fit.from_target(wide) + shift).astype(np.float32)
    content = {field.name: getattr(reference, field.name) for field in fields(Head)}
    content |= {"name": name, "neutral": neutral.astype(np.float32), "eye_centers": _eye_centers(reference, neutral)}
    for own in ("digest", "notes"):
        del content[own]
    control(1.0)
    made = checked_head(Path(name), **content)
    turned = bool(standing.is_inside_out)
    return ScanBase(made, vertices, np.ascontiguousarray(all_triangles), turned, standing.notes)


def _with_inside(reference: Head, whole: Float64, skin: Float64) -> Float64:
    """All vertices: what is behind the skin goes along with the skin before it, eyeballs as a whole."""
    n = len(skin)
    moved = whole.copy()
    moved[:n] = skin
    offsets = skin - whole[:n]
    tree = cKDTree(whole[:n])
    distance, nearest = tree.query(whole[n:], k=_NEIGHBOURS)
    weights = 1 / (distance + 1.0)
    weights /= weights.sum(axis=1, keepdims=True)
    moved[n:] += np.einsum("nk,nkc->nc", weights, offsets[nearest])
    for part in _EYES:
        own = _vertices(reference, part)
        moved[own] = whole[own] + (moved[own] - whole[own]).mean(axis=0)
    return moved


def _eye_centers(reference: Head, neutral: Float64) -> Float32:
    centers = reference.eye_centers.copy()
    for row, part in enumerate(_EYES):
        own = _vertices(reference, part)
        centers[row] += (neutral[own] - reference.neutral[own]).mean(axis=0)
    return centers.astype(np.float32)


def _vertices(head: Head, part: Part) -> npt.NDArray[np.intp]:
    found = np.unique(head.faces[head.parts == part])
    return found[found >= max(head.n_skin, 0)].astype(np.intp)
