"""Puts the default head together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.head.ageing import AGED_PARTS
from rhytid.core.head.build import eye_flesh, eyes, layout, mouth
from rhytid.core.head.build.ageing import age_shapes
from rhytid.core.head.build.lids import refine_lids
from rhytid.core.head.build.lips import close_lips
from rhytid.core.head.build.pieces import Piece
from rhytid.core.head.build.repair import unfold
from rhytid.core.head.build.source import Source, make_source
from rhytid.core.head.build.template import Template, make_template
from rhytid.core.head.carry import carried
from rhytid.core.head.head import Head, Part, split_faces
from rhytid.core.head.ict import read_ict
from rhytid.core.head.store import checked_head

Float64 = npt.NDArray[np.float64]

INTERPUPILLARY_MM = 63.0
N_IDENTITY = 40
# Offsets below this are rounding of the source's float16 and are dropped.
_LEAST_MOTION_MM = 0.004
_TILE = {Part.EYE_LEFT: 2, Part.EYE_RIGHT: 2, Part.TEETH: 3, Part.MOUTH: 3}


def build_head(ict: Path, landmark_targets: Float64, out: Path, kept: Head | None = None) -> Head:
    """The default head.

    Parameters
    ----------
    ict : Path
        ICT-FaceKit model, folder or .npz.
    landmark_targets : float (68, 2)
        Chart coordinates of the 68 landmarks, nan for those outside the chart.
    out : Path
        Names the head in messages.
    kept : Head, optional
        Has the same skin; its chart stays to the last bit, which solving anew on another machine does not grant.
    """
    model = read_ict(ict)
    if model.landmarks is None:
        raise ValueError(f"{ict}: not ICT-FaceKit's own topology; the default head is built from the unchanged model")
    model = replace(model, identity=model.identity[:N_IDENTITY])
    source = make_source(model)
    template = make_template(source)
    parted = _symmetric_positions(template.rows @ source.cage, template)
    skin = close_lips(template, parted)
    modes = _carried(template, model.identity, model.n_skin)
    shapes = _carried(template, model.expression, model.n_skin)
    triangles, _ = split_faces(template.faces.astype(np.int32))
    refine_lids(template, skin, shapes)
    unfold(skin, triangles, shapes)
    landmarks = layout.find_landmarks(template, parted, source.cage[model.landmarks])
    if kept is None:
        chart = layout.make_chart(template, skin, triangles, landmarks, landmark_targets)
        uv, face_uv = layout.skin_atlas(template, skin, chart)
        weight = layout.detail_weight(template, chart)
    else:
        chart, weight, uv, face_uv = _layout_of(kept, template)
    pieces, centres = _pieces(source, template, skin, modes, shapes)
    return _joined(out, template, skin, modes, shapes, chart, weight, uv, face_uv, landmarks, pieces, centres)


def _layout_of(head: Head, template: Template) -> tuple[Float64, Float64, Float64, npt.NDArray[np.int64]]:
    """Chart, detail weight, texture coordinates and their corners of a head's skin."""
    of_skin = head.parts == Part.SKIN
    if not np.array_equal(head.faces[of_skin], template.faces):
        raise ValueError(f"the head {head.name!r} has another skin; leave its chart out")
    face_uv = head.face_uv[of_skin].astype(np.int64)
    uv = head.uv[: face_uv.max() + 1].astype(np.float64)
    return head.chart.astype(np.float64), head.detail_weight.astype(np.float64), uv, face_uv


def _carried(template: Template, offsets: npt.NDArray[np.float16], n_skin: int) -> Float64:
    return np.stack([template.rows @ shape[:n_skin].astype(np.float64) for shape in offsets])


def _symmetric_positions(vertices: Float64, template: Template) -> Float64:
    return 0.5 * (vertices + vertices[template.mirror] * [-1, 1, 1])


def _pieces(
    source: Source, template: Template, skin: Float64, modes: Float64, shapes: Float64
) -> tuple[list[Piece], Float64]:
    model = source.model
    pieces, centres = [], []
    lids = template.lid_rings
    for part, grid, side in ((Part.EYE_LEFT, lids[:, ::-1], 1.0), (Part.EYE_RIGHT, template.mirror[lids], -1.0)):
        ball, centre = eyes.eyeball(model, part)
        pieces += [ball, *eye_flesh.flesh(grid, side, skin, modes, shapes, ball, centre)]
        centres.append(centre)
    half = template.lip_rings[-1]
    lips = np.concatenate([half, template.mirror[half[1:-1]][::-1]])
    corner = int(skin[half, 0].argmax())
    pieces += mouth.pieces(lips, corner, skin, modes, shapes, mouth.Jaws.of(model))
    return pieces, np.array(centres)


def _joined(
    out: Path,
    template: Template,
    skin: Float64,
    modes: Float64,
    shapes: Float64,
    chart: Float64,
    weight: Float64,
    uv: Float64,
    face_uv: npt.NDArray[np.int64],
    landmarks: npt.NDArray[np.int32],
    pieces: list[Piece],
    centres: Float64,
) -> Head:
    vertices, faces, parts = [skin], [template.faces], [np.full(len(template.faces), Part.SKIN)]
    uvs, face_uvs, identity, expression = [uv], [face_uv], [modes], [shapes]
    n_vertices, n_uv = len(skin), len(uv)
    for piece in pieces:
        of_skin = piece.faces < -1
        faces.append(np.where(of_skin, -2 - piece.faces, np.where(piece.faces < 0, -1, piece.faces + n_vertices)))
        slot = np.full(len(skin), -1)
        slot[piece.skin_vertices] = n_uv + len(piece.uv) + np.arange(len(piece.skin_vertices))
        own = np.where(piece.faces < 0, -1, piece.faces + n_uv)
        face_uvs.append(np.where(of_skin, slot[np.where(of_skin, -2 - piece.faces, 0)], own))
        uvs.append(np.concatenate([piece.uv, piece.skin_uv]) + np.array([_TILE[piece.part], 0]))
        vertices.append(piece.vertices)
        parts.append(np.full(len(piece.faces), piece.part))
        identity.append(piece.identity)
        expression.append(piece.expression)
        n_vertices += len(piece.vertices)
        n_uv += len(piece.uv) + len(piece.skin_uv)
    scale = INTERPUPILLARY_MM / np.linalg.norm(centres[0] - centres[1])
    all_shapes = scale * np.concatenate(expression, axis=1)
    all_shapes[np.linalg.norm(all_shapes, axis=2) < _LEAST_MOTION_MM] = 0
    neutral, of_part = (scale * np.concatenate(vertices)).astype(np.float32), np.concatenate(parts).astype(np.uint8)
    all_faces = np.concatenate(faces).astype(np.int32)
    ageing = age_shapes(scale * skin, template.faces.astype(np.int32), scale * centres)
    return checked_head(
        out,
        name="default",
        neutral=neutral,
        faces=all_faces,
        parts=of_part,
        n_skin=len(skin),
        chart=chart.astype(np.float32),
        detail_weight=weight.astype(np.float16).astype(np.float32),
        uv=np.concatenate(uvs).astype(np.float32),
        face_uv=np.concatenate(face_uvs).astype(np.int32),
        identity=(scale * np.concatenate(identity, axis=1)).astype(np.float16),
        expression=all_shapes.astype(np.float16),
        landmarks=landmarks,
        eye_centers=(scale * centres).astype(np.float32),
        ageing=carried(ageing, neutral, all_faces, of_part, len(skin)),
        ageing_names=AGED_PARTS,
    )
