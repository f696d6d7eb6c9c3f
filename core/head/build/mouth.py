"""The pieces of the mouth and what moves them: the skull the upper teeth, the jaw the lower ones and the tongue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.head.build.dental_arch import LOWER, UPPER
from rhytid.core.head.build.gums import gums, palate
from rhytid.core.head.build.pieces import Piece, affine_motion, fan, move, rigid_motion, strip
from rhytid.core.head.build.teeth import teeth
from rhytid.core.head.build.tongue import tongue, tongue_out
from rhytid.core.head.head import Part
from rhytid.core.head.model import HeadModel

Float64 = npt.NDArray[np.float64]

_LOWER_TOOTH_MM = 1.0


@dataclass(frozen=True, eq=False)
class Jaws:
    """How the model moves the skull's and the jaw's teeth in every mode and shape."""

    upper_identity: list[tuple[Float64, Float64]]
    lower_identity: list[tuple[Float64, Float64]]
    lower_expression: list[tuple[Float64, Float64] | None]

    @staticmethod
    def of(model: HeadModel) -> Jaws:
        """Fit motions to ICT's teeth: affine for modes, rigid for shapes."""
        faces = model.faces[model.parts == Part.TEETH]
        teeth = np.unique(faces[faces >= 0])
        points = model.neutral[teeth].astype(np.float64)
        opened = model.expression[ARKIT_INDEX["jawOpen"]][teeth].astype(np.float64)
        lower = np.linalg.norm(opened, axis=1) > _LOWER_TOOTH_MM
        modes = model.identity[:, teeth].astype(np.float64)
        shapes = model.expression[:, teeth].astype(np.float64)
        return Jaws(
            [affine_motion(points[~lower], mode[~lower]) for mode in modes],
            [affine_motion(points[lower], mode[lower]) for mode in modes],
            [rigid_motion(points[lower], s[lower]) if np.abs(s).max() > 0.05 else None for s in shapes],
        )

    def piece(self, vertices: Float64, faces: npt.NDArray[np.int64], part: Part, uv: Float64, lower: bool) -> Piece:
        """A stiff piece of one jaw."""
        motions = self.lower_identity if lower else self.upper_identity
        expression = np.zeros((N_EXPRESSION, len(vertices), 3))
        if lower:
            for index, motion in enumerate(self.lower_expression):
                if motion is not None:
                    expression[index] = move(vertices, motion)
        return Piece.alone(vertices, faces, part, uv, np.stack([move(vertices, m) for m in motions]), expression)


def pieces(
    loop: npt.NDArray[np.int64], corner: int, skin: Float64, modes: Float64, shapes: Float64, jaws: Jaws
) -> list[Piece]:
    """Teeth, gums, palate, tongue and lining; parameters as of `lining`."""
    result = []
    for arch, lower in ((UPPER, False), (LOWER, True)):
        vertices, faces, uv = teeth(arch)
        result.append(jaws.piece(vertices, faces, Part.TEETH, uv + np.array([0, 0.2 * lower]), lower))
        vertices, faces, uv = gums(arch)
        result.append(jaws.piece(vertices, faces, Part.MOUTH, uv * [0.48, 1] + [0.01, 0.84 - 0.13 * lower], lower))
    vertices, faces, uv = palate()
    result.append(jaws.piece(vertices, faces, Part.MOUTH, uv * [0.46, 1] + [0.52, 0.42], lower=False))
    vertices, faces, uv = tongue()
    piece = jaws.piece(vertices, faces, Part.MOUTH, uv * [1, 0.5] + [0.01, 0.5], lower=True)
    piece.expression[ARKIT_INDEX["tongueOut"]] = tongue_out()
    return [*result, piece, lining(loop, corner, skin, modes, shapes, jaws)]


def lining(
    loop: npt.NDArray[np.int64], corner: int, skin: Float64, modes: Float64, shapes: Float64, jaws: Jaws
) -> Piece:
    """Inner lips and cheeks, from the lips' innermost loop to the throat.

    Parameters
    ----------
    loop : int (n,)
        Skin vertices from the upper lip's middle over the left corner and back by the right one.
    corner : int
        Position of the left corner in the loop.
    skin : float (n_skin, 3)
    modes, shapes : float (I, n_skin, 3), (52, n_skin, 3)
    """
    n = len(loop)
    half = n // 2
    position = np.arange(n)
    mirrored = np.minimum(position, n - position)
    down = np.where(mirrored <= corner, mirrored / corner, 1 + (mirrored - corner) / (half - corner))
    angle = np.pi / 2 * (1 - down)
    side = np.where(position <= half, 1.0, -1.0)
    lip = skin[loop]
    # Half width, half height, middle y, z, curvature, share of the lips' motion, share of the jaw's.
    plan = (
        (24.5, 10.0, -33.5, 99.0, 1 / 70, 0.6, 1.0),
        (28.5, 22.0, -33.5, 90.0, 1 / 75, 0.15, 1.0),
        (29.5, 25.0, -34.5, 77.0, 1 / 120, 0.0, 0.9),
        (28.0, 24.0, -36.0, 62.0, 1 / 300, 0.0, 0.65),
        (23.0, 22.0, -39.0, 50.0, 0.0, 0.0, 0.45),
        (15.0, 16.0, -45.0, 39.0, 0.0, 0.0, 0.3),
        (9.0, 9.0, -54.0, 33.0, 0.0, 0.0, 0.2),
    )
    rows, lip_share, jaw_share = [], [], []
    lower = np.clip(-np.sin(angle) * 1.5, 0, 1)
    for width, height, y, z, bend, with_lip, with_jaw in plan:
        x = side * width * np.cos(angle)
        rows.append(np.stack([x, y + height * np.sin(angle), z - bend * x**2], axis=1))
        lip_share.append(np.full(n, with_lip))
        jaw_share.append(with_jaw * (0.5 - 0.5 * np.cos(np.pi * lower)))
    rows[0] = 0.45 * lip + 0.55 * rows[0]
    vertices = np.concatenate([*rows, [[0, -60.0, 31.0]]])
    a = np.concatenate([*lip_share, [0.0]])[:, None]
    b = np.concatenate([*jaw_share, [0.15]])[:, None]
    along = np.concatenate([np.tile(loop, len(plan)), loop[:1]])

    def carried(lip_offsets: Float64, jaw: Float64, skull: Float64 | float) -> Float64:
        return a * lip_offsets[along] + (1 - a) * (b * jaw + (1 - b) * skull)

    identity = [
        carried(mode, move(vertices, low), move(vertices, up))
        for mode, low, up in zip(modes, jaws.lower_identity, jaws.upper_identity, strict=True)
    ]
    expression = [
        carried(shape, np.zeros_like(vertices) if motion is None else move(vertices, motion), 0.0)
        for shape, motion in zip(shapes, jaws.lower_expression, strict=True)
    ]
    numbers = np.arange(len(plan) * n).reshape(len(plan), n)
    rows_inwards = np.concatenate([-2 - loop[None], numbers])[:, ::-1]
    faces = np.concatenate([strip(rows_inwards, closed=True), fan(numbers[-1, ::-1], len(vertices) - 1)])
    u = 0.52 + 0.46 * position / n
    skin_uv = np.stack([u, np.full(n, 0.56)], axis=1)
    uv = np.concatenate([np.stack([u, np.full(n, 0.6 + 0.05 * k)], axis=1) for k in range(len(plan))])
    return Piece(
        vertices,
        faces,
        Part.MOUTH,
        np.concatenate([uv, [[0.75, 0.96]]]),
        np.stack(identity),
        np.stack(expression),
        loop,
        skin_uv,
    )
