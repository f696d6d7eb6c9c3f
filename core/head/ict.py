"""ICT-FaceKit heads: the public FaceXModel folder of OBJ files, or an .npz with the same content.

Vertices are in units of about 1 cm, Y up, facing +Z, unless another program wrote them anew; `upright` says. Vertices
0..11247 are the skin of face, head and neck; the eye and mouth sockets follow, then gums, tongue, teeth, eyeballs and
small meshes for film and lashes, which are dropped. Li et al., "Learning Formation of Physically-Based Face
Attributes", 2020; MIT licence.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.obj import ObjLimits, read_obj_mesh, read_obj_vertices
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.arrays import read_npz
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Float16, Head, Part
from rhytid.core.head.model import HeadModel, RawModel, assemble
from rhytid.core.head.part_names import part_of_material, part_of_words
from rhytid.core.head.shape_names import shape_meaning
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES
from rhytid.core.head.upright import Stance

N_VERTICES = 26719
N_SKIN = 11248
NPZ_NAME = "ict_facekit_light.npz"
NEUTRAL_OBJ = "generic_neutral_mesh.obj"
MAX_SHAPES = 200
_OBJ_LIMITS = ObjLimits(64 << 20, 4_000_000, MAX_VERTICES, MAX_FACES)
_MAX_IDENTITY = 100
# More than the model has; a folder of a million files is not read to its end.
_MAX_ENTRIES = 2000
# The shape of a file of offsets spans less of space than a head does, and is not like one.
_SPAN_OF_OFFSETS = 0.5
_LIKE_A_HEAD = 0.9

# Vertices of the 68 iBUG landmarks in the model's topology (its own vertex_indices.json), the subject's
# right first.
LANDMARKS = (
    1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443, 268,
    493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075, 1147, 4269,
    3360, 1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708, 5695, 2081, 0, 4275,
    6200, 6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
)  # fmt: skip


def neutral_obj(folder: Path) -> Path | None:
    """The neutral mesh of a model's folder, whatever the case of its name.

    Raises
    ------
    HeadFileError
        The folder holds far more files than a model.
    OSError
        The folder cannot be read.
    """
    return next((file for file in obj_files(folder) if file.name.lower() == NEUTRAL_OBJ), None)


def is_ict(path: Path) -> bool:
    """Whether a folder or file looks like an ICT-FaceKit model; raises as `neutral_obj`."""
    if path.is_dir():
        return (path / NPZ_NAME).is_file() or neutral_obj(path) is not None
    return path.name == NPZ_NAME


def read_ict(path: Path, reference: Head | None = None) -> HeadModel:
    """Read a folder or .npz.

    Parameters
    ----------
    path : Path
    reference : Head, optional
        A head beside which the model is turned upright and scaled to mm; without one it is taken as the model is
        published.

    Raises
    ------
    HeadFileError
        Files missing, damaged, of another topology, no face, or too large.
    """
    if path.is_dir() and not (path / NPZ_NAME).is_file():
        neutral_file = neutral_obj(path)
        if neutral_file is None:
            raise HeadFileError(f"{path}: {NEUTRAL_OBJ} is not there; choose the folder that holds it")
        return read_obj_folder(path, neutral_file, reference)
    return _read_npz(path / NPZ_NAME if path.is_dir() else path, reference)


_ARRAYS = {
    "neutral": ("f", ("V", 3)),
    "quads": ("i", ("F", 4)),
    "quads_uv": ("i", ("F", 4)),
    "uv": ("f", ("U", 2)),
    "quad_material": ("iu", ("F",)),
    "material_names": ("U", ("K",)),
    "identity": ("f", ("I", "V", 3)),
    "expression": ("f", ("E", "V", 3)),
    "expression_names": ("U", ("E",)),
}
_LIMITS = {"V": MAX_VERTICES, "F": MAX_FACES, "U": 4 * MAX_VERTICES, "K": 256, "I": 400, "E": MAX_SHAPES}


def _read_npz(file: Path, reference: Head | None) -> HeadModel:
    arrays = read_npz(file, _ARRAYS, _LIMITS)
    names = arrays["material_names"]
    if not len(names):
        raise HeadFileError(f"{file}: material_names is empty; take the whole ICT-FaceKit export")
    part = np.array([part_of_material(str(name)) for name in names], np.uint8)
    raw = _raw(
        file,
        arrays["neutral"],
        arrays["quads"],
        arrays["quads_uv"],
        arrays["uv"],
        part[np.clip(arrays["quad_material"], 0, len(names) - 1)],
    )
    raw, standing = raw.stood(reference)
    shapes = dict(zip(arrays["expression_names"].tolist(), standing.offsets(arrays["expression"]), strict=True))
    identity = standing.offsets(arrays["identity"][:_MAX_IDENTITY])
    return assemble(raw, standing, shapes, identity)


def _raw(
    file: Path,
    neutral: npt.NDArray[Any],
    faces: npt.NDArray[Any],
    face_uv: npt.NDArray[Any],
    uv: npt.NDArray[Any],
    parts: npt.NDArray[np.uint8],
) -> RawModel:
    is_standard = len(neutral) == N_VERTICES
    if is_standard and len(faces):
        # Sockets share the material of the back of the head but are lining, not skin.
        parts[(parts == Part.SKIN) & (faces.max(axis=1) >= N_SKIN)] = Part.MOUTH
    return RawModel(file, neutral, faces, face_uv, uv, parts, LANDMARKS if is_standard else None)


def _own_name(stem: str) -> str | None:
    return stem if shape_meaning(stem) else None


def read_obj_folder(
    folder: Path,
    neutral_file: Path,
    reference: Head | None,
    shape_of: Callable[[str], str | None] = _own_name,
    completed: Callable[[RawModel, Stance], RawModel] | None = None,
) -> HeadModel:
    """Read a neutral mesh and the shapes beside it, an OBJ each.

    Parameters
    ----------
    folder, neutral_file : Path
    reference : Head, optional
        As in `read_ict`.
    shape_of : callable
        Name of the shape in a file, by the file's name without its end; None for a file that is none.
    completed : callable, optional
        Tells parts that materials do not, once it is known how the head stands. Without it the materials have to be
        those of an ICT-FaceKit model.
    """
    raw = _raw_of_obj(neutral_file, completed is not None)
    raw, standing = raw.stood(reference)
    if completed is not None:
        raw = completed(raw, standing)
    span = np.ptp(raw.neutral, axis=0).max()
    modes: list[Float16] = []
    shapes: dict[str, Float16] = {}
    file_of: dict[str, Path] = {}
    of_offsets, strangers = [], []
    for file in obj_files(folder):
        is_mode = file.stem.lower().startswith("identity") and file.stem[8:].isdigit()
        shape = shape_of(file.stem)
        if file == neutral_file or (is_mode and len(modes) >= _MAX_IDENTITY):
            continue
        if shape is None and not is_mode:
            strangers.append(file.name)
            continue
        if len(shapes) >= MAX_SHAPES:
            raise HeadFileError(f"{folder}: more than {MAX_SHAPES} shapes; leave those with ARKit's names")
        vertices = obj_vertices(file)
        if vertices.shape != raw.neutral.shape:
            raise HeadFileError(
                f"{file}: {len(vertices)} vertices, {neutral_file.name} has {len(raw.neutral)}; take all files of one "
                "version"
            )
        if np.ptp(vertices, axis=0).max() < _SPAN_OF_OFFSETS * span:
            if _likeness(vertices, raw.neutral) > _LIKE_A_HEAD:
                raise HeadFileError(
                    f"{file}: the head is much smaller than in {neutral_file.name}: another unit? Export all shapes in "
                    "one unit"
                )
            of_offsets.append(file.name)
            offsets = standing.offsets(vertices)
        else:
            offsets = standing.offsets(vertices - raw.neutral)
        # As coarse as the model's .npz holds them.
        with np.errstate(over="ignore"):
            coarse = offsets.astype(np.float16)
        if is_mode:
            modes.append(coarse)
        else:
            name = shape or file.stem
            shapes[name], file_of[name] = coarse, file
    identity = np.stack(modes) if modes else np.zeros((0, *raw.neutral.shape), np.float16)
    notes: tuple[str, ...] = (f"{of_offsets[0]} and so on hold offsets instead of positions",) if of_offsets else ()
    if strangers:
        notes += (f"left aside, for its name is no shape of ARKit's: {_listed(strangers)}",)
    return assemble(raw, standing, shapes, identity, lambda name: str(file_of[name]), notes)


def _likeness(vertices: npt.NDArray[np.float64], neutral: npt.NDArray[np.floating]) -> float:
    """Correlation of two sets of points (V, 3) about their means, 1 where one is the other made larger or smaller."""
    one, other = vertices - vertices.mean(axis=0), neutral - neutral.mean(axis=0)
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float((one * other).sum()) / size if size else 0.0


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + " ..." * (len(names) > 4)


def obj_files(folder: Path) -> list[Path]:
    """OBJ files of a folder in the order of their names, hidden ones (a Mac's `._x.obj`) left out."""
    found = []
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= _MAX_ENTRIES:
                raise HeadFileError(f"{folder}: more than {_MAX_ENTRIES} files; choose the folder of the model alone")
            if entry.name.lower().endswith(".obj") and not entry.name.startswith("."):
                found.append(folder / entry.name)
    return sorted(found)


def obj_vertices(file: Path) -> npt.NDArray[np.float64]:
    """Vertices (V, 3) of an OBJ in the file's unit; raises as `read_ict`."""
    try:
        return read_obj_vertices(file, _OBJ_LIMITS)
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    except FileNotFoundError:
        raise HeadFileError(f"{file}: a link to a file that is not there; take it away or mend it") from None


def _raw_of_obj(file: Path, has_any_names: bool) -> RawModel:
    try:
        obj = read_obj_mesh(file, _OBJ_LIMITS)
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    corners, face = obj.quads()
    faces, face_uv = corners[..., 0], corners[..., 1].copy()
    # Faces without texture coordinates share the first.
    face_uv[(face_uv < 0) & (faces >= 0)] = 0
    part = np.array([part_of_material(name) for name in obj.material_names], np.uint8)
    if has_any_names and not (part[obj.material] == Part.SKIN).any():
        told = [part_of_words(name) for name in obj.material_names]
        part = np.array([Part.SKIN if found is None else found for found in told], np.uint8)
    uv = obj.uv if len(obj.uv) else np.zeros((1, 2))
    return _raw(file, obj.vertices, faces, face_uv, uv, part[obj.material[face]])
