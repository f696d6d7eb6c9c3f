"""Quality of a head in figures: likeness to the model it was registered to, folds, chart, symmetry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_NAMES, mirrored_name
from rhytid.core.head.head import Float32, Head, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.quality import degenerate_triangles, flipped_in_chart, flipped_triangles
from rhytid.core.head.register import similarity
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]

# Regions of the chart as (x0, y0, x1, y1) on the subject's right half and the middle; mirrored ones count
# too.
REGIONS = {
    "forehead": (0.25, 0.05, 0.5, 0.18),
    "eye corners": (0.18, 0.26, 0.28, 0.38),
    "cheeks": (0.15, 0.42, 0.38, 0.6),
    "mouth": (0.3, 0.6, 0.5, 0.8),
    "chin": (0.38, 0.8, 0.5, 0.92),
}
_LEAST_MOTION_MM = 0.05
_ALIGNMENT_STEPS = 6


def head_report(head: Head, ict: Head | None = None, landmark_targets: npt.ArrayLike | None = None) -> dict[str, Any]:
    """Measure a head.

    Parameters
    ----------
    head : Head
    ict : Head, optional
        The model that it was registered to; without it only the head's own checks are made.
    landmark_targets : (68, 2), optional
        Chart coordinates where the landmarks should lie, nan for unknown ones.

    Returns
    -------
    dict
        Plain numbers, strings, lists and dicts, ready for JSON. Lengths in mm; landmark errors in texels of
        a map of 256.
    """
    report: dict[str, Any] = {
        "head": head.name,
        "digest": head.digest,
        "counts": _counts(head),
        "interpupillary_mm": round(float(np.linalg.norm(head.eye_centers[0] - head.eye_centers[1])), 3),
        "folds": _folds(head),
        "chart": chart_report(head, landmark_targets),
        "symmetry": _symmetry(head),
        "empty_expressions": [n for n, s in zip(ARKIT_NAMES, head.expression, strict=True) if not s.any()],
    }
    if ict is not None:
        report["likeness"] = _likeness(head, ict)
    return report


def read_landmark_targets(path: Path) -> Float64:
    """Chart coordinates (68, 2) from JSON ``{"landmarks": [[x, y] or null, ...]}``, nan for null."""
    listed = json.loads(path.read_text(encoding="utf-8"))["landmarks"]
    return np.array([[np.nan, np.nan] if point is None else point for point in listed], np.float64).reshape(68, 2)


def chart_report(head: Head, landmark_targets: npt.ArrayLike | None = None) -> dict[str, Any]:
    """Flips, stretch per region and landmark errors of the chart."""
    triangles = head.skin_triangles
    largest, smallest = chart_stretch(head)
    centre = head.chart[triangles].mean(axis=1)
    mirrored_x = 0.5 - np.abs(centre[:, 0] - 0.5)
    unit = np.median(np.sqrt(largest * smallest)[_within(mirrored_x, centre[:, 1], (0.15, 0.05, 0.5, 0.9))])
    stretch = {}
    for name, box in REGIONS.items():
        chosen = _within(mirrored_x, centre[:, 1], box)
        if chosen.any():
            stretch[name] = {
                "triangles": int(chosen.sum()),
                "mm_per_unit": round(float(np.median(np.sqrt(largest * smallest)[chosen])), 1),
                "anisotropy_median": round(float(np.median((largest / smallest)[chosen])), 3),
                "anisotropy_p95": round(float(np.percentile((largest / smallest)[chosen], 95)), 3),
                "area_relative_p5_p95": [
                    round(float(v), 3) for v in np.percentile((largest * smallest)[chosen] / unit**2, [5, 95])
                ],
            }
    result: dict[str, Any] = {
        "flipped_triangles": len(flipped_in_chart(head.chart, triangles)),
        "mm_per_unit": round(float(unit), 1),
        "stretch": stretch,
    }
    if landmark_targets is not None:
        targets = np.asarray(landmark_targets, np.float64)
        error = 256 * np.linalg.norm(head.chart[head.landmarks] - targets, axis=1)
        known = np.isfinite(error)
        result["landmark_error_px"] = {
            "known": int(known.sum()),
            "median": round(float(np.median(error[known])), 2),
            "max": round(float(error[known].max()), 2),
        }
    return result


def chart_stretch(head: Head) -> tuple[Float64, Float64]:
    """Largest and smallest stretch from chart to skin of each skin triangle, (T,) each, mm per unit."""
    triangles = head.skin_triangles
    flat = head.chart[triangles].astype(np.float64)
    corner = head.neutral[triangles].astype(np.float64)
    in_chart = np.stack([flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]], axis=2)
    in_space = np.stack([corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]], axis=2)
    jacobian = in_space @ np.linalg.pinv(in_chart)
    singular = np.linalg.svd(jacobian, compute_uv=False)
    return singular[:, 0], np.maximum(singular[:, 1], 1e-9)


def _within(x: Float64, y: Float64, box: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return inside


def _counts(head: Head) -> dict[str, int]:
    skin = head.parts == Part.SKIN
    return {
        "skin_vertices": head.n_skin,
        "vertices": len(head.neutral),
        "faces": len(head.faces),
        "skin_quads": int((head.faces[skin, 3] >= 0).sum()),
        "skin_triangles": int((head.faces[skin, 3] < 0).sum()),
        "identity_modes": head.n_identity,
        "expressions": len(head.expression),
    }


def _folds(head: Head) -> dict[str, Any]:
    triangles = head.skin_triangles
    found = {}
    for name, offsets in (("neutral", None), *zip(ARKIT_NAMES, head.expression, strict=True)):
        shape = head.neutral if offsets is None else head.neutral + offsets.astype(np.float32)
        flipped = len(flipped_triangles(shape, triangles))
        degenerate = len(degenerate_triangles(shape, triangles))
        if flipped or degenerate:
            found[name] = {"flipped": flipped, "degenerate": degenerate}
    return {
        "flipped": sum(f["flipped"] for f in found.values()),
        "degenerate": sum(f["degenerate"] for f in found.values()),
        "where": found,
    }


def _symmetry(head: Head) -> dict[str, Any]:
    """Whether each shape's name says the side it moves, and how far its mirror image is from its twin."""
    skin = head.neutral[: head.n_skin]
    wrong, difference = [], {}
    _, twin = cKDTree(skin).query(skin * np.array([-1, 1, 1], np.float32))
    moved = [s[: head.n_skin].astype(np.float32) for s in head.expression]
    by_name = dict(zip(ARKIT_NAMES, moved, strict=True))
    for name, offsets in by_name.items():
        other = mirrored_name(name)
        length = np.linalg.norm(offsets, axis=1)
        if not length.any():
            continue
        if name.startswith(("brow", "cheek", "eye", "mouth", "nose")) and name.endswith(("Left", "Right")):
            side = float((length * np.sign(skin[:, 0])).sum() / length.sum())
            whole = name in ("mouthLeft", "mouthRight")
            if not whole and (side > 0) != name.endswith("Left"):
                wrong.append(name)
        image = by_name[other][twin] * np.array([-1, 1, 1], np.float32)
        difference[name] = float(np.sqrt(((image - offsets) ** 2).sum() / (length**2).sum()))
    worst = max(difference, key=lambda n: difference[n]) if difference else ""
    return {
        "wrong_side": wrong,
        "neutral_median_mm": round(float(np.median(np.linalg.norm(skin[twin] * [-1, 1, 1] - skin, axis=1))), 4),
        "worst_shape": worst,
        "worst_relative_difference": round(difference.get(worst, 0.0), 3),
    }


def _likeness(head: Head, ict: Head) -> dict[str, Any]:
    """Distance and motion of the head's skin against a model's."""
    skin = head.neutral[: head.n_skin].astype(np.float64)
    model = ict.neutral[: ict.n_skin].astype(np.float64)
    scale, rotation, shift = similarity(model[ict.landmarks], skin[head.landmarks])
    normals = vertex_normals(head.neutral, head.skin_triangles)[: head.n_skin]
    face = head.detail_weight > 0
    for _ in range(_ALIGNMENT_STEPS):
        surface = Surface(scale * model @ rotation.T + shift, ict.skin_triangles)
        where = surface.nearest(skin[face], normals[face])
        on_model = surface.at(where, model)
        scale, rotation, shift = similarity(on_model, skin[face])
    surface = Surface(scale * model @ rotation.T + shift, ict.skin_triangles)
    where = surface.nearest(skin, normals)
    distance = where.distance[face]
    cosine = {}
    for name, own, theirs in zip(ARKIT_NAMES, head.expression, ict.expression, strict=True):
        wanted = surface.at(where, theirs[: ict.n_skin].astype(np.float64)) @ rotation.T
        value = _cosine(own[: head.n_skin].astype(np.float32), wanted)
        if value is not None:
            cosine[name] = round(value, 4)
    return {
        "face_distance_median_mm": round(float(np.median(distance)), 3),
        "face_distance_p95_mm": round(float(np.percentile(distance, 95)), 3),
        "expression_cosine_mean": round(float(np.mean(list(cosine.values()))), 4) if cosine else None,
        "expression_cosine": cosine,
    }


def _cosine(own: Float32, wanted: Float64) -> float | None:
    """Cosine of the angle between two displacement fields of all skin vertices; None where neither moves."""
    product = float((own * wanted).sum())
    lengths = float(np.sqrt((own.astype(np.float64) ** 2).sum() * (wanted**2).sum()))
    if np.linalg.norm(wanted, axis=1).max() < _LEAST_MOTION_MM:
        return None
    return product / lengths if lengths else 0.0
