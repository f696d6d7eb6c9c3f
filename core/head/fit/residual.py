"""How well the default head lies on a head that was registered, in figures and words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rhytid.core.head.head import Head
from rhytid.core.language import tr

# Measured on people of ICT-FaceKit, with holes, noise and few triangles: at most 0.7 mm; in a wrong turn 3.6 mm.
_POOR_MM = 2.0


class Residual(NamedTuple):
    """Distance of the face from the default head laid onto it, mm: of half of its area, and of 95 %."""

    median_mm: float
    p95_mm: float


def face_residual(head: Head) -> Residual | None:
    """Residual of the skin that takes detail; None for heads that were not registered.

    By area, so that lips and lids, whose vertices are dense, count for no more than their skin.
    """
    if not len(head.residual_mm):
        return None
    triangles = head.skin_triangles
    corner = head.neutral[triangles].astype(np.float64)
    double = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    area = np.bincount(triangles.ravel(), np.repeat(double, 3), minlength=head.n_skin) * head.detail_weight
    order = head.residual_mm.argsort()
    share = area[order].cumsum()
    at = np.searchsorted(share, np.array([0.5, 0.95]) * share[-1]).clip(max=len(order) - 1)
    median, most = head.residual_mm[order[at]]
    return Residual(float(median), float(most))


def poor_fit_words(residual: Residual) -> str:
    """A warning where the face lies so far off that it may have been taken for another place of the mesh; else ""."""
    if residual.p95_mm <= _POOR_MM:
        return ""
    return (
        f"the face is found only roughly, 95 % of it to {residual.p95_mm:.1f} mm: look whether wrinkles lie where they "
        "belong; if they do not, drag its landmarks into place with Head > Fit This Head, or take its hair away"
    )


def residual_words(head: Head) -> str:
    """The residual for people; "" for heads that were not registered."""
    residual = face_residual(head)
    if residual is None:
        return ""
    return tr("registered to {0:.2f} mm (95 % of the face to {1:.2f} mm)", residual.median_mm, residual.p95_mm)
