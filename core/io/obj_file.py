"""Wavefront OBJ with MTL: quads kept, UDIM texture coordinates, normals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from rhytid.core.files.obj import ObjLimits, read_obj_mesh
from rhytid.core.files.reading import FileRefused
from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.placing import Placing
from rhytid.core.maps.srgb import srgb_from_linear

_ROWS_AT_ONCE = 1 << 15
_IN_MM = Placing()
MAX_FILE_BYTES = 4 << 30
_LIMITS = ObjLimits(MAX_FILE_BYTES, 200_000_000, 50_000_000, 100_000_000)
_SKIN = (0.81, 0.64, 0.57)
_COLORS = {"face": _SKIN, "head": _SKIN, "teeth": (0.81, 0.75, 0.67), "mouth": (0.58, 0.32, 0.30)}


def plain_name(name: str) -> str:
    """`name` as it may stand in an OBJ or MTL: letters of any alphabet, digits, ``_``, ``.`` and ``-``.

    Many readers end a name at a space, take ``#`` for a comment, ``\\`` for a continued line and a first ``-`` for
    an option. Every other character becomes ``_``.
    """
    return re.sub(r"^-|[^\w.-]", "_", name)


def write_obj(
    path: Path | str, mesh: MeshData, textures: Mapping[str, str] | None = None, comment: str = "",
    colors: Mapping[str, tuple[float, float, float]] | None = None, roughness: Mapping[str, str] | None = None,
    placing: Placing = _IN_MM, library: str = "",
) -> list[Path]:  # fmt: skip
    """Write an OBJ and its MTL; gives what was written. The MTL has the `plain_name` of the OBJ, which names it.

    Parameters
    ----------
    mesh : MeshData
        In mm, Y up.
    textures : mapping of material name to file name, optional
        ``map_Kd`` of that material, relative to the MTL; each must be a `plain_name`.
    comment : str
        One line at the head of the file.
    colors : mapping of material name to 3 floats, optional
        Linear colour of that material.
    roughness : mapping of material name to file name, optional
        ``map_Pr`` of that material, as `textures`.
    placing : Placing
        Unit and up axis of the file.
    library : str
        An MTL that is there already, which the OBJ names instead of one of its own.

    Raises
    ------
    ValueError
        A texture's name is not plain.
    """
    path = Path(path)
    note = " ".join(comment.replace("\\", "/").split())
    for texture in (*(textures or {}).values(), *(roughness or {}).values()):
        if texture != plain_name(texture):
            raise ValueError(f"{texture}: an OBJ cannot name this file; call it {plain_name(texture)}")
    material_path = path.with_name(library or plain_name(f"{path.stem}.mtl"))
    if not library:
        with replacing(material_path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
            shown = {name: _encoded(color) for name, color in (colors or {}).items()}
            stream.write(_mtl(mesh.material_names, textures or {}, {**_COLORS, **shown}, roughness or {}))
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        if note:
            stream.write(f"# {note}\n")
        stream.write(f"# {placing.words}\nmtllib {material_path.name}\n")
        row = " ".join([f"%.{placing.decimals}f"] * 3)
        _write_rows(stream, f"v {row}\n", placing.points(mesh.vertices))
        if mesh.uv is not None:
            _write_rows(stream, "vt %.6f %.6f\n", mesh.uv)
        if mesh.normals is not None:
            _write_rows(stream, "vn %.4f %.4f %.4f\n", placing.directions(mesh.normals))
        for material, name in enumerate(mesh.material_names):
            _write_faces(stream, mesh, mesh.material == material, name)
    return [path] if library else [path, material_path]


def _write_faces(stream: TextIO, mesh: MeshData, chosen: npt.NDArray[np.bool_], name: str) -> None:
    if not chosen.any():
        return
    stream.write(f"g {plain_name(name)}\nusemtl {plain_name(name)}\n")
    corner = "%d" if mesh.face_uv is None else "%d/%d"
    if mesh.normals is not None:
        corner += "//%d" if mesh.face_uv is None else "/%d"
    for n_corners in (4, 3):
        row = "f " + " ".join([corner] * n_corners) + "\n"
        of_size = np.flatnonzero(chosen & ((mesh.faces[:, 3] >= 0) == (n_corners == 4)))
        for start in range(0, len(of_size), _ROWS_AT_ONCE):
            part = of_size[start : start + _ROWS_AT_ONCE]
            faces = mesh.faces[part, :n_corners] + 1
            columns = [faces]
            if mesh.face_uv is not None:
                columns.append(mesh.face_uv[part, :n_corners] + 1)
            if mesh.normals is not None:
                columns.append(faces)
            _write_rows(stream, row, np.stack(columns, axis=2).reshape(len(part), -1))


def _write_rows(stream: TextIO, row: str, values: npt.NDArray[np.generic]) -> None:
    for start in range(0, len(values), _ROWS_AT_ONCE):
        part = values[start : start + _ROWS_AT_ONCE]
        # One formatting call for thousands of rows is several times as fast as one per row.
        stream.write((row * len(part)) % tuple(part.ravel().tolist()))


def _encoded(color: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = (round(float(value), 4) for value in srgb_from_linear(color))
    return red, green, blue


def _mtl(
    names: tuple[str, ...], textures: Mapping[str, str], colors: Mapping[str, tuple[float, float, float]],
    roughness: Mapping[str, str],
) -> str:  # fmt: skip
    lines = []
    for name in names:
        red, green, blue = colors.get(name, (0.85, 0.85, 0.85))
        lines += [f"newmtl {plain_name(name)}", f"Kd {red} {green} {blue}", "Ks 0.04 0.04 0.04", "Ns 40", "illum 2"]
        if name in textures:
            lines.append(f"map_Kd {textures[name]}")
        if name in roughness:
            lines += ["Pr 1", f"map_Pr {roughness[name]}"]
        lines.append("")
    return "\n".join(lines)


def read_obj(path: Path | str) -> MeshData:
    """Read an OBJ: vertices, texture coordinates, normals per vertex, triangles and quads, materials.

    Larger polygons become fans of triangles. Lines, curves and groups are skipped.

    Raises
    ------
    MeshError
        No faces, or what `core.files.obj` refuses.
    """
    try:
        obj = read_obj_mesh(path, _LIMITS)
    except FileRefused as error:
        raise MeshError(str(error)) from error
    if not len(obj.vertices):
        raise MeshError(f"{path}: no vertices; is this an OBJ mesh?")
    if not len(obj.n_corners):
        raise MeshError(f"{path}: the OBJ has no faces; export it with polygons")
    with np.errstate(over="ignore"):
        vertices = obj.vertices.astype(np.float32)
    if not np.isfinite(vertices).all():
        raise MeshError(f"{path}: vertex coordinates are too large; export the mesh again")
    corners, face = obj.quads()
    faces = corners[..., 0].astype(np.int32)
    stated = corners[faces >= 0] >= 0
    has_uv, has_normals = bool(stated[:, 1].all()), bool(stated[:, 2].all())
    used, material = np.unique(obj.material[face], return_inverse=True)
    normals = None
    if has_normals:
        normals = np.zeros_like(vertices)
        normals[faces[faces >= 0]] = obj.normals[corners[..., 2][faces >= 0]]
    return MeshData(
        vertices=vertices,
        faces=faces,
        normals=normals,
        uv=obj.uv.astype(np.float32) if has_uv else None,
        face_uv=corners[..., 1].astype(np.int32) if has_uv else None,
        material=material.astype(np.int32),
        material_names=tuple(obj.material_names[number] or "default" for number in used),
    )
