"""Opening heads: the default head, our own format, ICT-FaceKit models."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from rhytid.core.head.head import Float32, Head, Part, split_faces
from rhytid.core.head.ict import NEUTRAL_OBJ, IctModel, is_ict, read_ict
from rhytid.core.head.store import HeadFileError, checked_head, read_head
from rhytid.core.resources import resource

DEFAULT_HEAD = resource("head", "default.npz")


@lru_cache(maxsize=1)
def default_head() -> Head:
    """The head that comes with the program, read once."""
    return read_head(DEFAULT_HEAD)


def load_head(path: str | os.PathLike[str]) -> Head:
    """Open a head.

    Parameters
    ----------
    path : path
        Our own .npz or .safetensors, an ICT-FaceKit .npz, a folder that holds one or the model's OBJ files,
        or an OBJ of such a folder.

    Raises
    ------
    HeadFileError
        Damaged, of another kind, or too large; the message names the file and what to do.
    FileNotFoundError
        There is nothing at `path`.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file or folder; choose another head")
    if path.suffix.lower() == ".obj":
        if not (path.parent / NEUTRAL_OBJ).is_file():
            raise HeadFileError(
                f"{path}: one mesh is no head, it has no expressions; choose the folder of an ICT-FaceKit model "
                f"({NEUTRAL_OBJ} and a mesh for each shape), or a .npz"
            )
        path = path.parent
    if is_ict(path):
        return _head_from_ict(read_ict(path), path)
    if path.is_dir():
        raise HeadFileError(f"{path}: no head in this folder; choose one with generic_neutral_mesh.obj, or a .npz")
    return read_head(path)


def _head_from_ict(model: IctModel, path: Path) -> Head:
    triangles, _ = split_faces(model.faces[model.parts == Part.SKIN])
    from rhytid.core.head.register import register  # scipy.interpolate behind it takes half a second to import

    registration = register(model.neutral[: model.n_skin], triangles, model.landmarks, default_head())
    return checked_head(
        path,
        name=f"ICT-FaceKit ({path.name if path.is_dir() else path.parent.name})"[:80],
        neutral=model.neutral,
        faces=model.faces,
        parts=model.parts,
        n_skin=model.n_skin,
        chart=registration.chart,
        detail_weight=registration.detail_weight,
        uv=model.uv,
        face_uv=model.face_uv,
        identity=model.identity,
        expression=model.expression,
        landmarks=registration.landmarks,
        eye_centers=_eye_centers(model),
    )


def _eye_centers(model: IctModel) -> Float32:
    centers = np.zeros((2, 3), np.float32)
    for row, part in enumerate((Part.EYE_LEFT, Part.EYE_RIGHT)):
        faces = model.faces[model.parts == part]
        if len(faces):
            eyeball = model.neutral[np.unique(faces[faces >= 0])]
            centers[row] = (eyeball.min(axis=0) + eyeball.max(axis=0)) / 2
    return centers
