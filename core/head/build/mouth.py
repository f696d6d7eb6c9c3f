"""Teeth, gums, tongue and the bag behind the lips, made from a dental arch; the jaw moves the lower ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.head.build.pieces import Piece, affine_motion, fan, move, rigid_motion, strip
from rhytid.core.head.head import Part
from rhytid.core.head.model import HeadModel

Float64 = npt.NDArray[np.float64]

_LOWER_TOOTH_MM = 1.0


@dataclass(frozen=True)
class Arch:
    """One jaw: outer outline as a superellipse in the xz plane, and the teeth along one half.

    Lengths in mm; widths, depths and crown heights are those of adult teeth (Wheeler's Dental Anatomy),
    rounded.
    """

    half_width: float
    depth: float
    z_back: float
    widths: tuple[float, ...]
    thickness: tuple[float, ...]
    crown: tuple[float, ...]
    edge_y: tuple[float, ...]
    gum_y: float
    up: float


UPPER = Arch(
    30.5, 55.3, 52.0,
    (8.6, 6.8, 7.6, 7.0, 6.8, 10.2, 9.6), (6.6, 6.2, 7.6, 8.6, 8.8, 10.4, 10.2),
    (10.6, 9.4, 10.2, 8.6, 8.0, 7.4, 7.0), (-34.6, -34.0, -34.4, -33.2, -32.8, -32.2, -31.8),
    -9.0, -1.0,
)  # fmt: skip
LOWER = Arch(
    28.0, 52.4, 52.0,
    (5.4, 6.0, 6.9, 7.0, 7.1, 10.8, 10.2), (5.8, 6.0, 7.4, 7.8, 8.2, 10.0, 9.8),
    (8.8, 9.2, 10.0, 8.6, 8.0, 7.4, 7.0), (-35.2, -35.2, -34.8, -34.4, -34.0, -32.6, -32.2),
    -58.0, 1.0,
)  # fmt: skip
_ARCH_EXPONENT = 2.5
_CROSS = 12


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


def arch_point(arch: Arch, s: Float64, inset: Float64 | float) -> tuple[Float64, Float64]:
    """Points (n, 2) in x, z at signed arc length s (mm from the middle, left positive) and outward normals (n, 2)."""
    angle = np.linspace(0, np.pi / 2, 400)
    x = arch.half_width * np.sin(angle) ** (2 / _ARCH_EXPONENT)
    z = arch.z_back + arch.depth * np.cos(angle) ** (2 / _ARCH_EXPONENT)
    along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    a = np.abs(s)
    point = np.stack([np.interp(a, along, x), np.interp(a, along, z)], axis=-1)
    step = 1.2
    before = np.stack([np.interp(np.maximum(a - step, 0), along, x), np.interp(np.maximum(a - step, 0), along, z)], -1)
    after = np.stack([np.interp(a + step, along, x), np.interp(a + step, along, z)], axis=-1)
    tangent = after - before
    tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True)
    normal = np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)
    point = point - normal * np.asarray(inset)[..., None]
    flip = np.where(s < 0, -1.0, 1.0)
    point[..., 0] *= flip
    normal[..., 0] *= flip
    return point, normal


def teeth(arch: Arch) -> tuple[Float64, npt.NDArray[np.int64], Float64]:
    """All teeth of a jaw: vertices, faces, and texture coordinates within 0..1 x 0..0.2."""
    vertices, faces, uv = [], [], []
    start, count = 0.0, 0
    for number, width in enumerate(arch.widths):
        middle = start + width / 2
        start += width
        for side in (1.0, -1.0):
            v, f, t = _tooth(arch, number, side * middle, width)
            slot = number + (7 if side < 0 else 0)
            faces.append(np.where(f >= 0, f + count, f))
            vertices.append(v)
            uv.append((t * 0.9 + 0.05) * [1 / 14, 0.2] + [slot / 14, 0.0])
            count += len(v)
    return np.concatenate(vertices), np.concatenate(faces), np.concatenate(uv)


def _tooth(arch: Arch, number: int, s: float, width: float) -> tuple[Float64, npt.NDArray[np.int64], Float64]:
    thick, crown, edge = arch.thickness[number], arch.crown[number], arch.edge_y[number]
    point, normal = arch_point(arch, np.array([s]), thick / 2)
    point, normal = point[0], normal[0]
    tangent = np.array([normal[1], -normal[0]])
    molar = np.clip((number - 2) / 2.0, 0, 1)
    height = np.array([-0.45, -0.12, 0.15, 0.45, 0.75, 0.92, 1.0])
    grown = np.clip(height, 0, 1)
    wide = np.interp(height, [-0.45, 0, 0.3, 0.75, 0.92, 1], [0.55, 0.76, 0.92, 0.985, 0.94, 0.80])
    slim = np.interp(grown, [0, 0.3, 0.7, 0.92, 1], [0.9, 1.0, 0.62, 0.4, 0.26])
    broad = np.interp(grown, [0, 0.3, 0.75, 0.92, 1], [0.9, 1.0, 0.97, 0.86, 0.66])
    deep = (1 - molar) * slim + molar * broad
    if number == 2:  # The canine comes to a point.
        wide[-2:] *= [0.7, 0.3]
    around = np.arange(_CROSS) / _CROSS * 2 * np.pi
    power = 0.62
    cx = np.sign(np.cos(around)) * np.abs(np.cos(around)) ** power
    cz = np.sign(np.sin(around)) * np.abs(np.sin(around)) ** power
    rows = []
    for k, h in enumerate(height):
        # A front tooth's face leans back little and its inner side runs to the edge.
        lean = (1 - molar) * thick * 0.5 * (1 - deep[k]) * 0.75
        across = tangent[None] * (cx * wide[k] * width * 0.5)[:, None]
        into = normal[None] * (cz * deep[k] * thick * 0.5 + lean)[:, None]
        xz = point + across + into
        y = edge - arch.up * crown * (1 - h)
        rows.append(np.stack([xz[:, 0], np.full(_CROSS, y), xz[:, 1]], axis=1))
    tip_lean = (1 - molar) * thick * 0.5 * (1 - deep[-1]) * 0.75
    tip_xz = point + normal * tip_lean
    tip = [tip_xz[0], edge + arch.up * (0.35 if number == 2 else 0.12 - 0.8 * molar), tip_xz[1]]
    vertices = np.concatenate([*rows, [tip]])
    grid = np.arange(len(height) * _CROSS).reshape(len(height), _CROSS)
    faces = np.concatenate([strip(grid, closed=True), fan(grid[-1], len(vertices) - 1)])
    faces = _facing_out(vertices, faces, np.array([point[0], edge - arch.up * crown / 2, point[1]]))
    u = np.tile(np.abs(np.arange(_CROSS) / _CROSS * 2 - 1), (len(height), 1))
    uv = np.stack([u.ravel(), np.repeat((height + 0.45) / 1.6, _CROSS)], axis=1)
    return vertices, faces, np.concatenate([uv, [[0.5, 1.0]]])


def gums(arch: Arch) -> tuple[Float64, npt.NDArray[np.int64], Float64]:
    """Ridge that the teeth stand in: vertices, faces, texture coordinates within 0..1 x 0..0.12."""
    ends = np.cumsum(arch.widths)
    s = np.linspace(-ends[-1] - 2, ends[-1] + 2, 113)
    middles = ends - np.array(arch.widths) / 2
    thick = np.interp(np.abs(s), middles, arch.thickness)
    neck = np.interp(np.abs(s), middles, np.array(arch.edge_y) - arch.up * np.array(arch.crown))
    # Between two teeth the gum rises to a papilla.
    number = np.clip(np.searchsorted(ends, np.abs(s)), 0, len(ends) - 1)
    within = (np.abs(s) - (ends - arch.widths)[number]) / np.array(arch.widths)[number]
    papilla = np.clip(np.abs(2 * within - 1), 0, 1) ** 3 * 1.7
    rows = []
    for outward, height in ((0.9, None), (1.25, 0.45), (1.12, 0.8), (0.98, 0.95), (0.55, 1.0)):
        rows.append((outward, height))
    profile = rows + [(-o, h) for o, h in reversed(rows)]
    grid = []
    for outward, height in profile:
        point, _ = arch_point(arch, s, thick / 2 - outward * (thick / 2 + 0.5))
        margin = neck + arch.up * (papilla + 0.3)
        y = np.full(len(s), arch.gum_y) if height is None else (1 - height) * arch.gum_y + height * margin
        grid.append(np.stack([point[:, 0], y, point[:, 1]], axis=1))
    vertices = np.concatenate(grid)
    faces = strip(np.arange(len(vertices)).reshape(len(profile), len(s)), closed=False)
    outer = vertices[faces[len(s) // 2]]
    if np.cross(outer[2] - outer[0], outer[3] - outer[1])[2] < 0:
        faces = faces[:, ::-1]
    u, v = np.linspace(0, 1, len(s)), np.linspace(0, 0.12, len(profile))
    uv = np.stack([np.tile(u, len(profile)), np.repeat(v, len(s))], axis=1)
    return vertices, faces, uv


def tongue() -> tuple[Float64, npt.NDArray[np.int64], Float64]:
    """A flat, slightly grooved ellipsoid behind the lower teeth; texture within 0..0.48 x 0..0.4."""
    rings, sectors = 12, 20
    polar = np.linspace(0, np.pi, rings + 2)[1:-1]
    around = np.arange(sectors) / sectors * 2 * np.pi
    angle, azimuth = np.meshgrid(polar, around, indexing="ij")
    local = np.stack(
        [np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth), np.cos(angle)], axis=-1
    ).reshape(-1, 3)
    local = np.concatenate([local, [[0, 0, 1], [0, 0, -1]]])
    vertices = local * [18.0, 8.0, 24.0]
    groove = np.exp(-((vertices[:, 0] / 3.0) ** 2)) * (local[:, 1] > 0) * np.clip(1 - local[:, 2] ** 2, 0, 1)
    vertices[:, 1] -= 1.3 * groove + 0.004 * (vertices[:, 2] - 4) ** 2
    vertices += [0, -46.5, 73.5]
    grid = np.arange(rings * sectors).reshape(rings, sectors)
    faces = np.concatenate(
        [strip(grid[:, ::-1], closed=True), fan(grid[0], rings * sectors), fan(grid[-1, ::-1], rings * sectors + 1)]
    )
    u = np.concatenate([np.abs(np.tile(np.arange(sectors), rings) / sectors * 2 - 1), [0.5, 0.5]])
    v = np.concatenate([np.repeat(polar / np.pi, sectors), [0, 1]])
    return vertices, _facing_out(vertices, faces, vertices.mean(axis=0)), np.stack([0.47 * u, 0.4 * v], axis=1)


def tongue_out(vertices: Float64) -> Float64:
    """Offsets of tongueOut: the tip slides forward over the lower lip, the root stays."""
    share = np.clip((vertices[:, 2] - 56.0) / 38.0, 0, 1) ** 1.5
    return np.stack([-0.15 * vertices[:, 0] * share, -2.0 * share + 4.0 * share * (1 - share), 34.0 * share], axis=1)


def bag(loop: npt.NDArray[np.int64], corner: int, skin: Float64, modes: Float64, shapes: Float64, jaws: Jaws) -> Piece:
    """Lining from the lips' innermost loop to the throat.

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
        (28.0, 23.5, -33.5, 77.0, 1 / 120, 0.0, 0.9),
        (24.0, 20.0, -34.0, 62.0, 1 / 300, 0.0, 0.65),
        (14.0, 11.0, -35.0, 53.0, 0.0, 0.0, 0.4),
    )
    rows, lip_share, jaw_share = [], [], []
    lower = np.clip(-np.sin(angle) * 1.5, 0, 1)
    for width, height, y, z, bend, with_lip, with_jaw in plan:
        x = side * width * np.cos(angle)
        rows.append(np.stack([x, y + height * np.sin(angle), z - bend * x**2], axis=1))
        lip_share.append(np.full(n, with_lip))
        jaw_share.append(with_jaw * (0.5 - 0.5 * np.cos(np.pi * lower)))
    rows[0] = 0.45 * lip + 0.55 * rows[0]
    vertices = np.concatenate([*rows, [[0, -35.5, 51.0]]])
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
    uv = np.concatenate([np.stack([u, np.full(n, 0.62 + 0.06 * k)], axis=1) for k in range(len(plan))])
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


def _facing_out(vertices: Float64, faces: npt.NDArray[np.int64], inside: Float64) -> npt.NDArray[np.int64]:
    """Faces of a convex-ish piece turned so that they look away from a point inside."""
    corner = vertices[faces[:, :3]]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    if ((corner.mean(axis=1) - inside) * normal).sum() > 0:
        return faces
    turned = faces[:, ::-1].copy()
    triangle = faces[:, 3] < 0
    turned[triangle] = faces[triangle][:, [2, 1, 0, 3]]
    return turned
