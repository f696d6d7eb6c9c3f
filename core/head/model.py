"""A head of another program on its way to becoming a `Head`: checked, upright, in millimetres, skin first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.body import body_faces, body_parts
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.fit.skin_fit import Similarity
from rhytid.core.head.head import Float16, Float32, Head, Int16, Int32, Part, split_faces
from rhytid.core.head.material import Material
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.head.register import similarity
from rhytid.core.head.shape_names import shape_meaning
from rhytid.core.head.shapes import (
    MAX_MOVE_MM,
    arkit_shapes,
    check_move,
    check_stands,
    cut_apart,
    left_moves_left,
)
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES
from rhytid.core.head.upright import MM_PER_CM, UPRIGHT_CM, NoFaceError, Stance, stance

DROPPED, BODY = 255, 254
"""Beside `Part`: what a head does not need, and what of the face's own mesh lies below the neck."""


@dataclass(frozen=True, eq=False)
class HeadModel:
    """A model in mm, without the meshes that a head does not need.

    Attributes
    ----------
    neutral : float32 (V, 3)
    faces, face_uv : int32 (F, 4)
    uv : float32 (U, 2)
    parts : uint8 (F,)
    identity : float16 (I, V, 3)
    expression : float16 (52, V, 3), ARKit order
    landmarks : int32 (68,) or None
        None for a mesh whose topology is not known.
    n_skin : int
        Skin vertices, which come first.
    notes : tuple of str
        What was done to the file's content that its author should know.
    measured : tuple of str
        ARKit names of the shapes that the file has, possibly none.
    is_mirrored : bool
        Left and right had changed places in the file.
    face_material : int16 (F,) or (0,)
    materials : tuple of Material
    other_parts : tuple of OtherPart
        As `Head` has them.
    start : (scale, rotation, shift), optional
        Lays `neutral` near the reference that it was set upright beside, where that is known.
    """

    neutral: Float32
    faces: Int32
    face_uv: Int32
    uv: Float32
    parts: npt.NDArray[np.uint8]
    identity: Float16
    expression: Float16
    landmarks: Int32 | None
    n_skin: int
    notes: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    is_mirrored: bool = False
    face_material: Int16 = field(default_factory=lambda: np.zeros(0, np.int16))
    materials: tuple[Material, ...] = ()
    other_parts: tuple[OtherPart, ...] = ()
    start: Similarity | None = None


@dataclass(frozen=True, eq=False)
class RawModel:
    """What a file holds, in its own unit and axes.

    Attributes
    ----------
    file : Path
        Named in messages.
    neutral : float (V, 3)
    faces, face_uv : int (F, 4)
        -1 at the end of triangles.
    uv : float (U, 2)
    parts : uint8 (F,)
        `Part`, `DROPPED` or `BODY`.
    landmarks : tuple of int, or None
        Vertices of the 68 iBUG landmarks, for a topology that is known.
    face_material : int16 (F,) or (0,)
        Number of each face's material; none where materials are not kept.
    notes : tuple of str
        What was noticed while its parts were told apart.
    materials : tuple of Material
        What `face_material` counts.
    """

    file: Path
    neutral: npt.NDArray[Any]
    faces: npt.NDArray[Any]
    face_uv: npt.NDArray[Any]
    uv: npt.NDArray[Any]
    parts: npt.NDArray[np.uint8]
    landmarks: tuple[int, ...] | None = None
    face_material: Int16 = field(default_factory=lambda: np.zeros(0, np.int16))
    notes: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()

    def __post_init__(self) -> None:
        file, n = self.file, len(self.neutral)
        if len(self.faces) == 0:
            raise HeadFileError(f"{file}: the mesh has no faces; export it with its polygons")
        if self.neutral.ndim != 2 or self.neutral.shape[1] != 3 or not 3 <= n <= MAX_VERTICES:
            raise HeadFileError(f"{file}: vertices {self.neutral.shape} are no head; take an unchanged model")
        if not np.isfinite(self.neutral).all():
            raise HeadFileError(f"{file}: a vertex has coordinates that are not finite numbers; take the file again")
        faces, face_uv = self.faces, self.face_uv
        if faces.ndim != 2 or faces.shape[1] != 4 or face_uv.shape != faces.shape or len(faces) > MAX_FACES:
            raise HeadFileError(f"{file}: faces {faces.shape}, texture corners {face_uv.shape}; take the file again")
        if faces.max() >= n or faces.min() < -1 or (faces[:, :3] < 0).any():
            raise HeadFileError(f"{file}: a face names a vertex that is not there; take an unchanged model")
        if self.uv.ndim != 2 or self.uv.shape[1] != 2 or len(self.uv) > 4 * MAX_VERTICES:
            raise HeadFileError(f"{file}: texture coordinates {self.uv.shape} are not (U, 2); take the file again")
        if not (self.parts == Part.SKIN).any():
            raise HeadFileError(f"{file}: no face has the material M_Face; export the materials (usemtl) too")

    @property
    def skin_triangles(self) -> Int32:
        """The skin, int32 (T, 3)."""
        return split_faces(self.faces[self.parts == Part.SKIN].astype(np.int32))[0]

    def stood(self, reference: Head | None) -> tuple[RawModel, Stance]:
        """The model with its body told apart, and how its skin stands beside a head that is known.

        Without one it stands upright in cm and has no body.
        """
        if reference is None:
            return self, UPRIGHT_CM
        try:
            standing = stance(self.neutral, self.skin_triangles, reference)
        except NoFaceError as error:
            raise HeadFileError(f"{self.file}: {error}") from error
        assert standing.start is not None
        skin = np.flatnonzero(self.parts == Part.SKIN)
        below = skin[body_faces(standing.points(self.neutral) * MM_PER_CM, self.faces[skin], standing.start)]
        if not len(below):
            return self, standing
        parts = self.parts.copy()
        parts[below] = BODY
        notes = (*self.notes, f"the body below the neck is kept beside the head, {len(below)} faces")
        return replace(self, parts=parts, notes=notes), standing


def assemble(
    raw: RawModel,
    standing: Stance,
    shapes: Mapping[str, npt.NDArray[np.floating]],
    identity: npt.NDArray[np.floating] | None = None,
    named: Callable[[str], str] | None = None,
    notes: tuple[str, ...] = (),
) -> HeadModel:
    """Put a model together.

    Parameters
    ----------
    raw : RawModel
    standing : Stance
        Of `raw`.
    shapes : mapping of str to float (V, 3)
        Expression shapes in cm under the names of the file, already turned.
    identity : float (I, V, 3), optional
        Modes, as `shapes`.
    named : callable, optional
        What messages call a shape; file and name by default.
    notes : tuple of str
        What was noticed so far.

    Raises
    ------
    HeadFileError
        Shapes of another mesh, or damaged.
    """
    file, n = raw.file, len(raw.neutral)
    if identity is None:
        identity = np.zeros((0, n, 3), np.float16)
    named = named or (lambda name: f"{file}: {name}")
    if identity.ndim != 3 or identity.shape[1:] != (n, 3):
        raise HeadFileError(f"{file}: identity modes {identity.shape} do not fit the mesh; take the whole export")
    expression, both = arkit_shapes(shapes, n, file)
    points = standing.points(raw.neutral) * MM_PER_CM
    triangles = raw.skin_triangles
    for name, offsets in shapes.items():
        if shape_meaning(name) and offsets.shape == points.shape:
            moves_mm = offsets.astype(np.float32) * MM_PER_CM
            check_move(points, moves_mm, triangles, named(name))
            check_stands(moves_mm, triangles, named(name))
    for number, mode in enumerate(identity):
        check_move(points, mode.astype(np.float32) * MM_PER_CM, triangles, f"{file}: identity mode {number}")
    on_skin = np.unique(triangles)
    is_mirrored = left_moves_left(points[on_skin], expression[:, on_skin]) is False
    for (left, right), offsets in both.items():
        halves = cut_apart(offsets, points, -1 if is_mirrored and standing.is_inside_out else 1)
        for name, half in zip((left, right), halves, strict=True):
            if name:
                expression[ARKIT_INDEX[name]] = half
    measured = tuple(name for name, offsets in zip(ARKIT_NAMES, expression, strict=True) if offsets.any())
    if len(measured) < len(ARKIT_NAMES):
        missing = [name for name in ARKIT_NAMES if name not in measured]
        notes += (f"without {len(missing)} of the 52 shapes: {', '.join(missing[:4])}{' ...' * (len(missing) > 4)}",)
    if both:
        cut = next(iter(both))[0] or next(iter(both))[1]
        notes += (f"{cut.removesuffix('Left').removesuffix('Right')} and so on cut into left and right",)
    kept = raw.parts < BODY
    faces, face_uv = raw.faces[kept].astype(np.int32), raw.face_uv[kept].astype(np.int32)
    parts = raw.parts[kept]
    skin = np.unique(faces[parts == Part.SKIN])
    skin = skin[skin >= 0]
    used = np.concatenate([skin, np.setdiff1d(np.unique(faces[faces >= 0]), skin)])
    renumber = np.full(n + 1, -1, np.int32)
    renumber[used] = np.arange(len(used))
    order = np.argsort(parts != Part.SKIN, kind="stable")
    neutral = points[used].astype(np.float32)
    faces, face_uv = renumber[faces][order], face_uv[order]
    modes, moves = _to_mm(identity[:, used], file), _to_mm(expression[:, used], file)
    landmarks = None if raw.landmarks is None else renumber[list(raw.landmarks)]
    start = standing.start
    beside = _body(raw, points, expression, standing.is_inside_out, is_mirrored)
    if standing.is_inside_out and is_mirrored:
        start = None
        neutral, modes, moves = (_mirrored(values) for values in (neutral, modes, moves))
        notes += ("mirrored back, left and right had changed places",)
    elif standing.is_inside_out:
        faces, face_uv = _turned_over(faces), _turned_over(face_uv)
        notes += ("faces turned over, they showed their back",)
    elif is_mirrored:
        # Landmarks of the known topology have changed sides with the mesh.
        landmarks = None
        notes += ("shapes of the left move the right: is the mesh mirrored?",)
    return HeadModel(
        neutral=neutral,
        faces=faces,
        face_uv=face_uv,
        uv=raw.uv.astype(np.float32),
        parts=parts[order],
        identity=modes,
        expression=moves,
        landmarks=landmarks,
        n_skin=len(skin),
        notes=standing.notes + raw.notes + notes,
        measured=measured,
        is_mirrored=standing.is_inside_out and is_mirrored,
        face_material=raw.face_material[kept][order] if len(raw.face_material) else raw.face_material,
        materials=raw.materials,
        other_parts=beside,
        start=start,
    )


def _body(
    raw: RawModel, points_mm: npt.NDArray[Any], expression: npt.NDArray[np.float32], inside_out: bool, mirrored: bool
) -> tuple[OtherPart, ...]:
    """What the head's own mesh has below the neck; mirrored or turned over as the head is."""
    of_body = raw.parts == BODY
    if not of_body.any():
        return ()
    whole = raw.faces[of_body | (raw.parts == Part.SKIN)].astype(np.int32)
    faces, face_uv = raw.faces[of_body].astype(np.int32), raw.face_uv[of_body].astype(np.int32)
    moves = _to_mm(expression, raw.file)
    if inside_out and mirrored:
        points_mm, moves = _mirrored(points_mm), _mirrored(moves)
    elif inside_out:
        whole, faces, face_uv = _turned_over(whole), _turned_over(faces), _turned_over(face_uv)
    normals = vertex_normals(points_mm.astype(np.float32), split_faces(whole)[0])
    material = raw.face_material[of_body] if len(raw.face_material) else raw.face_material
    return body_parts(points_mm, normals, faces, face_uv, raw.uv, moves, material, raw.materials)


def registered_model(head: Head, reference: Head) -> HeadModel:
    """The model that a head was registered from, to be registered anew: without the shapes that were made for it."""
    measured = tuple(name for name in ARKIT_NAMES if name not in head.made_shapes)
    expression = head.expression.copy()
    expression[[ARKIT_INDEX[name] for name in head.made_shapes]] = 0
    known = reference.neutral[reference.landmarks].astype(np.float64)
    return HeadModel(
        neutral=head.neutral, faces=head.faces, face_uv=head.face_uv, uv=head.uv, parts=head.parts,
        identity=head.identity, expression=expression, landmarks=None, n_skin=head.n_skin, measured=measured,
        face_material=head.face_material, materials=head.materials, other_parts=head.other_parts,
        start=similarity(head.neutral[head.landmarks].astype(np.float64), known),
    )  # fmt: skip


def _mirrored(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values * np.array([-1, 1, 1], values.dtype)


def _turned_over(faces: Int32) -> Int32:
    """The same faces from behind: their corners the other way round, -1 still at the end of triangles."""
    turned = faces[:, [0, 3, 2, 1]]
    triangle = faces[:, 3] < 0
    turned[triangle] = faces[triangle][:, [0, 2, 1, 3]]
    return turned


def _to_mm(offsets: npt.NDArray[Any], file: Path) -> Float16:
    scaled = offsets.astype(np.float32) * np.float32(MM_PER_CM)
    if not np.isfinite(scaled).all() or (scaled.size and np.abs(scaled).max() > 10 * MAX_MOVE_MM):
        raise HeadFileError(f"{file}: a shape moves vertices by more than a face is large; take it again")
    return scaled.astype(np.float16)
