"""Ambient visibility per vertex: the cosine-weighted part of the surroundings that it sees.

Depth maps from directions spread over the sphere (spherical Fibonacci), one look-up per vertex and direction.
The work is cut into steps, so that it fits between frames while the artist rests.
"""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.gui.render.gl_state import blend_sum
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.shader_source import build_program, set_uniforms
from rhytid.gui.render.shadow import ShadowMap

Float32 = npt.NDArray[np.float32]
N_DIRECTIONS = 48
MAP_SIZE = 256
OFFSET_MM = 1.6  # start of the rays above the surface, about a texel of the depth map
TABLE_WIDTH = 256


def sphere_directions(n: int) -> npt.NDArray[np.float64]:
    """Evenly spread unit vectors, (n, 3), in an order in which every prefix is spread as well."""
    i = np.arange(n) + 0.5
    y = 1 - 2 * i / n
    angle = np.pi * (1 + np.sqrt(5)) * i
    radius = np.sqrt(1 - y * y)
    directions = np.stack([radius * np.cos(angle), y, radius * np.sin(angle)], axis=1)
    # Farthest first: the next direction is the one that lies farthest from all before it.
    order, nearest = [0], directions @ directions[0]
    while len(order) < n:
        nearest[order[-1]] = np.inf
        order.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, directions @ directions[order[-1]])
    return directions[order]


class OcclusionBake:
    """Computes the visibility of the mesh's present shape in steps."""

    def __init__(self, ctx: moderngl.Context, mesh: MeshBuffers, n_directions: int = N_DIRECTIONS) -> None:
        self._ctx = ctx
        self._mesh = mesh
        self._directions = sphere_directions(n_directions)
        self._map = ShadowMap(ctx, mesh, MAP_SIZE)
        self._n = len(mesh.vertices)
        self._table_size = TABLE_WIDTH, -(-self._n // TABLE_WIDTH)
        self._table = ctx.texture(self._table_size, 2, dtype="f4")
        self._framebuffer = ctx.framebuffer([self._table])
        self._program = build_program(ctx, "occlusion_points.vert", "occlusion_points.frag")
        self._array = mesh.point_array(self._program)
        self._next = 0

    def restart(self) -> None:
        """Begin again, for another shape."""
        self._next = 0

    @property
    def done(self) -> bool:
        return self._next >= len(self._directions)

    def step(self, n_directions: int = 4) -> Float32 | None:
        """Trace some directions; the visibility (V,) in 0..1 after the last, else None."""
        if self._next == 0:
            self._framebuffer.clear(0.0, 0.0)
        for direction in self._directions[self._next : self._next + n_directions]:
            self._map.draw(direction)
            self._framebuffer.use()
            self._ctx.enable_only(moderngl.BLEND | moderngl.PROGRAM_POINT_SIZE)
            blend_sum(self._ctx)
            self._map.depth.use(0)
            set_uniforms(self._program, {
                "u_clip_from_head": np.ascontiguousarray(self._map.clip_from_head.T, np.float32).tobytes(),
                "u_shadow": 0,
                "u_direction": tuple(direction),
                "u_offset_mm": OFFSET_MM,
                "u_table_size": self._table_size,
            })  # fmt: skip
            self._array.render(moderngl.POINTS, vertices=self._n)
        self._next += n_directions
        if not self.done:
            return None
        sums = np.frombuffer(self._framebuffer.read(components=2, dtype="f4"), np.float32).reshape(-1, 2)[: self._n]
        return np.where(sums[:, 1] > 0, sums[:, 0] / np.maximum(sums[:, 1], 1e-6), 1.0).astype(np.float32)

    def estimate(self, n_directions: int = 8) -> Float32:
        """A coarse visibility (V,) at once, from the first of the directions; the bake begins again."""
        everything, self._directions = self._directions, self._directions[:n_directions]
        self._next = 0
        visibility = self.step(n_directions)
        self._directions = everything
        self._next = 0
        assert visibility is not None
        return visibility

    def release(self) -> None:
        for resource in (self._map, self._framebuffer, self._table, self._array, self._program):
            resource.release()
