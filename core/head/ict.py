"""ICT-FaceKit heads: the public FaceXModel folder of OBJ files, or an .npz with the same content.

Vertices are in units of about 1 cm, Y up, facing +Z. Vertices 0..11247 are the skin of face, head and neck;
the eye and mouth sockets follow, then gums, tongue, teeth, eyeballs and small meshes for film and lashes,
which are dropped. Li et al., "Learning Formation of Physically-Based Face Attributes", 2020; MIT licence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.head.head import Part
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES, HeadFileError, read_npz

MM_PER_UNIT = 10.0
N_VERTICES = 26719
N_SKIN = 11248
NPZ_NAME = "ict_facekit_light.npz"
NEUTRAL_OBJ = "generic_neutral_mesh.obj"
_MAX_OBJ_BYTES = 64 << 20
_MAX_IDENTITY = 100

# Vertices of the 68 iBUG landmarks in the model's topology (its own vertex_indices.json), the subject's
# right first.
LANDMARKS = (
    1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088, 3443, 268,
    493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075, 1147, 4269,
    3360, 1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708, 5695, 2081, 0, 4275,
    6200, 6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533, 6216, 6207, 6470, 5517, 5966,
)  # fmt: skip

_DROPPED = 255
_PART_OF_MATERIAL = {
    "M_Face": Part.SKIN,
    "M_BackHead": Part.SKIN,
    "M_GumsTongue": Part.MOUTH,
    "M_Teeth": Part.TEETH,
    "M_ScleraLeft": Part.EYE_LEFT,
    "M_IrisLeft": Part.EYE_LEFT,
    "M_ScleraRight": Part.EYE_RIGHT,
    "M_IrisRight": Part.EYE_RIGHT,
}


@dataclass(frozen=True, eq=False)
class IctModel:
    """An ICT-FaceKit model in mm, without the meshes that a head does not need.

    Attributes
    ----------
    neutral : float32 (V, 3)
    faces, face_uv : int32 (F, 4)
    uv : float32 (U, 2)
    parts : uint8 (F,)
    identity : float16 (I, V, 3)
    expression : float16 (52, V, 3), ARKit order
    landmarks : int32 (68,) or None
        None for a mesh that is not ICT's own.
    n_skin : int
        Skin vertices, which come first.
    """

    neutral: npt.NDArray[np.float32]
    faces: npt.NDArray[np.int32]
    face_uv: npt.NDArray[np.int32]
    uv: npt.NDArray[np.float32]
    parts: npt.NDArray[np.uint8]
    identity: npt.NDArray[np.float16]
    expression: npt.NDArray[np.float16]
    landmarks: npt.NDArray[np.int32] | None
    n_skin: int


def is_ict(path: Path) -> bool:
    """Whether a folder or file looks like an ICT-FaceKit model."""
    if path.is_dir():
        return (path / NPZ_NAME).is_file() or (path / NEUTRAL_OBJ).is_file()
    return path.name == NPZ_NAME


def read_ict(path: Path) -> IctModel:
    """Read a folder or .npz.

    Raises
    ------
    HeadFileError
        Files missing, damaged, of another topology, or too large.
    """
    if path.is_dir() and not (path / NPZ_NAME).is_file():
        return _read_obj_folder(path)
    file = path / NPZ_NAME if path.is_dir() else path
    return ict_from_arrays(read_npz(file), file)


def ict_from_arrays(arrays: dict[str, npt.NDArray[Any]], file: Path) -> IctModel:
    """Model from the arrays of an ICT .npz (cm)."""
    wanted = (
        "neutral",
        "quads",
        "quads_uv",
        "uv",
        "quad_material",
        "material_names",
        "identity",
        "expression",
    )
    for key in (*wanted, "expression_names"):
        if key not in arrays:
            raise HeadFileError(f"{file}: {key} is missing; take the whole ICT-FaceKit export")
    shapes = dict(zip(arrays["expression_names"].tolist(), arrays["expression"], strict=False))
    return _assemble(
        file,
        arrays["neutral"],
        arrays["quads"],
        arrays["quads_uv"],
        arrays["uv"],
        arrays["material_names"][np.minimum(arrays["quad_material"], len(arrays["material_names"]) - 1)],
        arrays["identity"],
        shapes,
    )


def _assemble(
    file: Path,
    neutral: npt.NDArray[Any],
    faces: npt.NDArray[Any],
    face_uv: npt.NDArray[Any],
    uv: npt.NDArray[Any],
    materials: npt.NDArray[Any],
    identity: npt.NDArray[Any],
    shapes: dict[str, npt.NDArray[Any]],
) -> IctModel:
    n = len(neutral)
    if len(faces) == 0:
        raise HeadFileError(f"{file}: the mesh has no faces; export it with its polygons")
    if neutral.ndim != 2 or neutral.shape[1] != 3 or not 3 <= n <= MAX_VERTICES:
        raise HeadFileError(f"{file}: vertices {neutral.shape} are no head; take an unchanged model")
    if not np.isfinite(neutral).all():
        raise HeadFileError(f"{file}: a vertex has coordinates that are not finite numbers; take the file again")
    if faces.ndim != 2 or faces.shape[1] != 4 or face_uv.shape != faces.shape or len(faces) > MAX_FACES:
        raise HeadFileError(f"{file}: faces {faces.shape}, texture corners {face_uv.shape}; take the file again")
    if len(materials) != len(faces):
        raise HeadFileError(f"{file}: {len(materials)} materials for {len(faces)} faces; take the file again")
    if faces.max() >= n or faces.min() < -1 or (faces[:, :3] < 0).any():
        raise HeadFileError(f"{file}: a face names a vertex that is not there; take an unchanged model")
    if uv.ndim != 2 or uv.shape[1] != 2 or len(uv) > 4 * MAX_VERTICES:
        raise HeadFileError(f"{file}: texture coordinates {uv.shape} are not (U, 2); take the file again")
    if identity.ndim != 3 or identity.shape[1:] != (n, 3):
        raise HeadFileError(f"{file}: identity modes {identity.shape} do not fit the mesh; take the whole export")
    parts = np.array([int(_PART_OF_MATERIAL.get(str(name), _DROPPED)) for name in materials], np.uint8)
    is_standard = n == N_VERTICES
    if is_standard:
        # Sockets share the material of the back of the head but are lining, not skin.
        parts[(parts == Part.SKIN) & (faces.max(axis=1) >= N_SKIN)] = Part.MOUTH
    is_skin = parts == Part.SKIN
    if not is_skin.any():
        raise HeadFileError(f"{file}: no face has the material M_Face; export the materials (usemtl) too")
    kept = parts != _DROPPED
    faces, face_uv, parts = faces[kept].astype(np.int32), face_uv[kept].astype(np.int32), parts[kept]
    skin = np.unique(faces[parts == Part.SKIN])
    skin = skin[skin >= 0]
    used = np.concatenate([skin, np.setdiff1d(np.unique(faces[faces >= 0]), skin)])
    renumber = np.full(n + 1, -1, np.int32)
    renumber[used] = np.arange(len(used))
    order = np.argsort(parts != Part.SKIN, kind="stable")
    return IctModel(
        neutral=(neutral[used] * MM_PER_UNIT).astype(np.float32),
        faces=renumber[faces][order],
        face_uv=face_uv[order],
        uv=uv.astype(np.float32),
        parts=parts[order],
        identity=_to_mm(identity[:_MAX_IDENTITY][:, used], file),
        expression=_to_mm(_arkit_shapes(shapes, n, file)[:, used], file),
        landmarks=renumber[list(LANDMARKS)] if is_standard else None,
        n_skin=len(skin),
    )


def _to_mm(offsets: npt.NDArray[Any], file: Path) -> npt.NDArray[np.float16]:
    scaled = offsets.astype(np.float32) * np.float32(MM_PER_UNIT)
    if not np.isfinite(scaled).all() or (scaled.size and np.abs(scaled).max() > 1000):
        raise HeadFileError(f"{file}: a shape moves vertices by more than a metre or by no number; take it again")
    return scaled.astype(np.float16)


def _arkit_shapes(shapes: dict[str, npt.NDArray[Any]], n: int, file: Path) -> npt.NDArray[np.float32]:
    """The 52 shapes in ARKit order: ICT's sides are named _L and _R, and two that ARKit has whole are split."""
    result = np.zeros((len(ARKIT_NAMES), n, 3), np.float32)
    found = 0
    for index, name in enumerate(ARKIT_NAMES):
        ict_name = name.replace("Left", "_L").replace("Right", "_R") if name[:3] != "jaw" else name
        if name in ("mouthLeft", "mouthRight"):
            ict_name = name
        for candidate in (ict_name, name, f"{name}_L", f"{name}_R"):
            offsets = shapes.get(candidate)
            if offsets is None:
                continue
            if offsets.shape != (n, 3):
                raise HeadFileError(
                    f"{file}: shape {candidate} is {offsets.shape}, not ({n}, 3); take all files of one version"
                )
            result[index] += offsets
            found += 1
            if not candidate.startswith(f"{name}_"):
                break
    if not found:
        raise HeadFileError(f"{file}: no expression shape with an ARKit name; put browDown_L.obj and so on beside it")
    return result


def _read_obj_folder(folder: Path) -> IctModel:
    neutral_file = folder / NEUTRAL_OBJ
    neutral, faces, face_uv, uv, materials = _read_obj(neutral_file)
    modes: list[npt.NDArray[np.float16]] = []
    shapes: dict[str, npt.NDArray[np.float16]] = {}
    for file in sorted(folder.glob("*.obj")):
        if file.name == NEUTRAL_OBJ:
            continue
        is_mode = file.stem.startswith("identity") and file.stem[8:].isdigit()
        if is_mode and len(modes) >= _MAX_IDENTITY:
            continue
        vertices = _read_obj_vertices(file)
        if vertices.shape != neutral.shape:
            raise HeadFileError(
                f"{file}: {len(vertices)} vertices, {NEUTRAL_OBJ} has {len(neutral)}; take all files of one version"
            )
        if is_mode:
            modes.append((vertices - neutral).astype(np.float16))
        else:
            shapes[file.stem] = (vertices - neutral).astype(np.float16)
    identity = np.stack(modes) if modes else np.zeros((0, *neutral.shape), np.float16)
    return _assemble(neutral_file, neutral, faces, face_uv, uv, materials, identity, shapes)


def _obj_text(file: Path) -> str:
    if not file.is_file():
        raise HeadFileError(f"{file}: not there; open the folder that holds {NEUTRAL_OBJ}")
    if file.stat().st_size > _MAX_OBJ_BYTES:
        raise HeadFileError(f"{file}: larger than {_MAX_OBJ_BYTES >> 20} MB; this is no ICT-FaceKit mesh")
    return file.read_text(encoding="utf-8", errors="replace")


def _numbers(lines: list[str], n_columns: int, file: Path) -> npt.NDArray[np.float64]:
    try:
        table = np.array([line.split()[1 : n_columns + 1] for line in lines], np.float64)
        if table.size and not np.isfinite(table).all():
            raise ValueError("values that are not finite")
        return table.reshape(-1, n_columns)
    except ValueError as error:
        raise HeadFileError(f"{file}: damaged coordinates ({error}); take the file again") from error


def _read_obj_vertices(file: Path) -> npt.NDArray[np.float64]:
    return _numbers([line for line in _obj_text(file).splitlines() if line.startswith("v ")], 3, file)


def _read_obj(
    file: Path,
) -> tuple[
    npt.NDArray[np.float64],
    npt.NDArray[np.int64],
    npt.NDArray[np.int64],
    npt.NDArray[np.float64],
    npt.NDArray[Any],
]:
    """Vertices, faces, texture corners, texture coordinates and the material of each face."""
    vertex_lines, uv_lines, faces, face_uv, materials = [], [], [], [], []
    material = ""
    for line in _obj_text(file).splitlines():
        if line.startswith("v "):
            vertex_lines.append(line)
        elif line.startswith("vt "):
            uv_lines.append(line)
        elif line.startswith("usemtl "):
            material = line[7:].strip()
        elif line.startswith("f "):
            corners = [corner.split("/") for corner in line.split()[1:]]
            if len(corners) not in (3, 4):
                raise HeadFileError(f"{file}: a face with {len(corners)} corners; export triangles and quads only")
            try:
                pad = [-1] * (4 - len(corners))
                faces.append([int(corner[0]) - 1 for corner in corners] + pad)
                face_uv.append([int(corner[1]) - 1 if len(corner) > 1 and corner[1] else 0 for corner in corners] + pad)
            except ValueError as error:
                raise HeadFileError(f"{file}: damaged face '{line[:60]}'; take the file again") from error
            materials.append(material)
    uv = _numbers(uv_lines, 2, file) if uv_lines else np.zeros((1, 2))
    return (
        _numbers(vertex_lines, 3, file),
        np.array(faces, np.int64).reshape(-1, 4),
        np.array(face_uv, np.int64).reshape(-1, 4),
        uv,
        np.array(materials),
    )
