"""Opening heads: the default head, our own format, ICT-FaceKit models, GLB and VRM."""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rhytid.core.files.reading import FileRefused, open_file
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Float32, Head, Part, split_faces
from rhytid.core.head.store import checked_head, read_head
from rhytid.core.resources import resource

if TYPE_CHECKING:
    from rhytid.core.head.model import HeadModel

DEFAULT_HEAD = resource("head", "default.npz")
_OWN_SUFFIXES = (".npz", ".safetensors")
_GLTF_SUFFIXES = (".glb", ".vrm")
_MAX_FILE_BYTES = 1 << 30
_OPENED = (
    "heads are opened from .glb and .vrm with shape keys, from the folder of an ICT-FaceKit model, and from Rhytid's "
    ".npz and .safetensors"
)


@lru_cache(maxsize=1)
def default_head() -> Head:
    """The head that comes with the program, read once."""
    return read_head(DEFAULT_HEAD)


def load_head(path: str | os.PathLike[str]) -> Head:
    """Open a head; the one way to a head that a person, a command line or a project names.

    Parameters
    ----------
    path : path
        Our own .npz or .safetensors, a GLB or VRM with shape keys, an ICT-FaceKit .npz, a folder that holds one or the
        model's OBJ files, or an OBJ of such a folder.

    Returns
    -------
    Head
        Upright and in mm; `Head.notes` says what was done to make it so.

    Raises
    ------
    HeadFileError
        Damaged, of another kind, no regular file, or too large; the message names the file and what to do.
    FileNotFoundError
        There is nothing at `path`.
    OSError
        It cannot be read.
    """
    # What they need of scipy takes half a second to import, and the default head needs none of it.
    from rhytid.core.head.gltf import read_gltf
    from rhytid.core.head.ict import NEUTRAL_OBJ, is_ict, neutral_obj, read_ict

    path = Path(path)
    if not _is_folder(path):
        suffix = path.suffix.lower()
        if suffix in _GLTF_SUFFIXES:
            return _registered(read_gltf(path, default_head()), path, path.stem)
        if suffix == ".obj":
            if neutral_obj(path.parent) is None:
                raise HeadFileError(
                    f"{path}: one mesh is no head, it has no expressions; choose the folder of an ICT-FaceKit model "
                    f"({NEUTRAL_OBJ} and a mesh for each shape), or a GLB with shape keys"
                )
            path = path.parent
        elif suffix not in _OWN_SUFFIXES:
            raise HeadFileError(f"{path}: {_OPENED}; export it as GLB with its shape keys")
    if is_ict(path):
        name = f"ICT-FaceKit ({path.name if path.is_dir() else path.parent.name})"
        return _registered(read_ict(path, default_head()), path, name)
    if path.is_dir():
        raise HeadFileError(f"{path}: no head in this folder; choose one with {NEUTRAL_OBJ}, or a .glb or .npz")
    return read_head(path)


def _is_folder(path: Path) -> bool:
    """Whether it is a folder; what is neither folder nor regular file is refused before anything is read."""
    if "\0" in str(path):
        raise HeadFileError(f"{str(path)!r}: a file's name holds no NUL; choose another head")
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            return True
        open_file(path, _MAX_FILE_BYTES, "choose another head").close()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: there is no such file or folder; choose another head") from None
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    return False


def _registered(model: HeadModel, path: Path, name: str) -> Head:
    from rhytid.core.head.carry import carried
    from rhytid.core.head.register import register

    if not model.measured:
        raise HeadFileError(
            f"{path}: no expression shape with an ARKit name; name them jawOpen, mouthSmile_L and so on "
            "(an OBJ of each beside the neutral mesh, or the shape keys of a GLB)"
        )
    triangles, _ = split_faces(model.faces[model.parts == Part.SKIN])
    registration = register(model.neutral[: model.n_skin], triangles, model.landmarks, default_head())
    return checked_head(
        path,
        model.notes,
        name=name[:80],
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
        ageing=carried(registration.ageing, model.neutral, model.faces, model.parts, model.n_skin),
        ageing_names=default_head().ageing_names,
        other_parts=model.other_parts,
        materials=model.materials,
        face_material=model.face_material,
    )


def _eye_centers(model: HeadModel) -> Float32:
    centers = np.zeros((2, 3), np.float32)
    for row, part in enumerate((Part.EYE_LEFT, Part.EYE_RIGHT)):
        faces = model.faces[model.parts == part]
        if len(faces):
            eyeball = model.neutral[np.unique(faces[faces >= 0])]
            centers[row] = (eyeball.min(axis=0) + eyeball.max(axis=0)) / 2
    return centers
