"""FLAME heads: the published pickle, or an .npz with the same arrays.

Vertices are in metres, Y up, facing +Z. The first of the shape directions are identity, in standard deviations; the
last are an expression basis of principal components, which have no names and are left alone. The jaw turns about a
joint (Li et al., "Learning a model of facial shape and expression from 4D scans", 2017), which gives the shapes of the
jaw as the model itself makes them. The model's licence is for research: nothing of it comes with the program.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.files.pickled_arrays import read_pickled_arrays
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.arrays import MAX_FILE_BYTES, Arrays, read_npz
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part
from rhytid.core.head.model import HeadModel, RawModel, assemble
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES
from rhytid.core.head.upright import Stance

Float64 = npt.NDArray[np.float64]

TEMPLATE = "v_template"
_N_IDENTITY = 100
# Of the model's 400 directions 300 are identity; trimmed files keep about that share.
_IDENTITY_SHARE = 0.75
_JAW, _EYES, _N_JOINTS = 2, (3, 4), 5
_TABLE = {
    "v_template": ("f", ("V", 3)),
    "f": ("iu", ("F", 3)),
    "shapedirs": ("f", ("V", 3, "B")),
    "posedirs": ("f", ("V", 3, "P")),
    "J_regressor": ("f", ("J", "V")),
    "weights": ("f", ("V", "J")),
}
_LIMITS = {"V": MAX_VERTICES, "F": MAX_FACES, "B": 1000, "P": 600, "J": 80}
# Axis about which the jaw turns for a shape, as the model's axes lie.
_JAW_SHAPES = {"jawOpen": (1, 0, 0), "jawLeft": (0, 1, 0), "jawRight": (0, -1, 0)}
_WIDEST_RAD = 0.7


def read_flame(path: Path, reference: Head) -> HeadModel:
    """Read a FLAME model.

    Parameters
    ----------
    path : Path
        .pkl, which is read as data and never run, or .npz.
    reference : Head
        A head beside which this one is turned upright and scaled; the jaw opens as far as its own.

    Raises
    ------
    HeadFileError
        Arrays missing, damaged, of another model, or too large.
    OSError
        The file cannot be read.
    """
    arrays = _pickled(path) if path.suffix.lower() == ".pkl" else read_npz(path, _TABLE, _LIMITS)
    template = arrays["v_template"].astype(np.float64)
    if arrays["weights"].shape[1] != _N_JOINTS or arrays["posedirs"].shape[2] != 9 * (_N_JOINTS - 1):
        raise HeadFileError(
            f"{path}: {arrays['weights'].shape[1]} joints, a head of FLAME has {_N_JOINTS}; choose its model instead "
            "of a body's"
        )
    for name in _TABLE:
        if not np.isfinite(arrays[name]).all():
            raise HeadFileError(f"{path}: {name} has values that are not finite numbers; download the model again")
    triangles = arrays["f"].astype(np.int64)
    faces = np.concatenate([triangles, np.full((len(triangles), 1), -1)], axis=1)
    skin = np.zeros(len(faces), np.uint8)
    raw = RawModel(path, template, faces, np.where(faces < 0, -1, 0), np.zeros((1, 2)), skin)
    raw = replace(raw, parts=_parts(template, triangles, arrays["weights"]))
    raw, standing = raw.stood(reference)
    directions = arrays["shapedirs"]
    n_modes = min(_N_IDENTITY, int(directions.shape[2] * _IDENTITY_SHARE))
    identity = standing.offsets(np.moveaxis(directions[:, :, :n_modes], 2, 0).astype(np.float32))
    return assemble(raw, standing, _jaw_shapes(template, arrays, standing, reference), identity)


def _pickled(path: Path) -> Arrays:
    try:
        arrays = read_pickled_arrays(path, MAX_FILE_BYTES, tuple(_TABLE))
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    known: dict[str, int] = {}
    for name, (kind, sides) in _TABLE.items():
        if name not in arrays:
            raise HeadFileError(f"{path}: {name} is missing; this is no FLAME model: choose its .pkl or .npz")
        shape = arrays[name].shape
        fits = len(shape) == len(sides) and arrays[name].dtype.kind in kind
        for side, found in zip(sides, shape, strict=False):
            expected = known.setdefault(side, found) if isinstance(side, str) else side
            fits = fits and found == expected <= _LIMITS.get(str(side), found)
        if not fits:
            raise HeadFileError(f"{path}: {name} {shape} is none of FLAME's; download the model again")
    return arrays


def _parts(template: Float64, triangles: npt.NDArray[np.int64], weights: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Skin and eyeballs, which are what turns with the joints of the eyes alone."""
    parts = np.zeros(len(triangles), np.uint8)
    inside = triangles.max(initial=0) < len(template) and triangles.min(initial=0) >= 0
    for joint in _EYES if inside else ():
        is_eye = (weights[:, joint] > 0.5)[triangles].all(axis=1)
        if is_eye.any():
            x = template[np.unique(triangles[is_eye]), 0].mean()
            parts[is_eye] = Part.EYE_LEFT if x > template[:, 0].mean() else Part.EYE_RIGHT
    return parts


def _jaw_shapes(
    template: Float64, arrays: Arrays, standing: Stance, reference: Head
) -> dict[str, npt.NDArray[np.floating]]:
    """Offsets (V, 3) in cm of the shapes that the joint of the jaw makes, as far as the reference's go."""
    joint = arrays["J_regressor"][_JAW].astype(np.float64) @ template
    weight = arrays["weights"][:, _JAW].astype(np.float64)
    arm_cm = standing.offsets((weight[:, None] > 0.5) * (template - joint))
    shapes: dict[str, npt.NDArray[np.floating]] = {}
    for name, axis in _JAW_SHAPES.items():
        # How far from the axis the jaw ends.
        reach_cm = float(np.linalg.norm(arm_cm - arm_cm @ np.outer(axis, axis), axis=1).max())
        wanted_cm = float(np.linalg.norm(reference.expression[ARKIT_INDEX[name]].astype(np.float64), axis=1).max()) / 10
        angle = 2 * np.arcsin(min(wanted_cm / max(2 * reach_cm, 1e-9), np.sin(_WIDEST_RAD / 2)))
        turn = Rotation.from_rotvec(angle * np.array(axis)).as_matrix()
        corrective = arrays["posedirs"][:, :, 9 * (_JAW - 1) : 9 * _JAW] @ (turn - np.eye(3)).ravel()
        shaped = template + corrective
        shapes[name] = standing.offsets(corrective + weight[:, None] * ((shaped - joint) @ turn.T + joint - shaped))
    return shapes
