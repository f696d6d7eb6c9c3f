"""Hair over the shaded picture: a pass of its own that tests against the head's depth; its shadow on the skin first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.hair.settings import Hair
from rhytid.core.hair.strands import N_POINTS, ribbon_triangles
from rhytid.core.head.head import Head
from rhytid.gui.render.gl_state import blend_over
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.shader_source import build_program, set_uniforms

if TYPE_CHECKING:
    from rhytid.core.hair.wig import Wig, Worn

Float32 = npt.NDArray[np.float32]
_TABLE_WIDTH = 1024
_POINTS_UNIT, _STRANDS_UNIT = 6, 7
MOVING_STRANDS = 3000
"""Most that are drawn while something moves: brows and lashes, and what else there is room for."""


class StrandPass:
    """Draws what a head wears of its hair.

    Positions are computed when the mesh has moved, indices when other hair is worn.

    Attributes
    ----------
    moving : bool
        Draw at most `MOVING_STRANDS`.
    """

    def __init__(self, ctx: moderngl.Context, head: Head, mesh: MeshBuffers) -> None:
        self._ctx = ctx
        self._head = head
        self._mesh = mesh
        self._program: moderngl.Program | None = None
        self._wig: tuple[int, Wig] | None = None
        self._asked: tuple[Hair, int, float] | None = None
        self._worn: Worn | None = None
        self._index: moderngl.Buffer | None = None
        self._array: moderngl.VertexArray | None = None
        self._points: moderngl.Texture | None = None
        self._strands: moderngl.Texture | None = None
        self._placed: object = None
        self.moving = False

    def wear(self, hair: Hair | None, seed: int, age: float) -> bool:
        """Wear this hair of a person at an age in years; None for none. Returns whether it differs from the last."""
        asked = None if hair is None else (hair, seed, age)
        if asked == self._asked:
            return False
        self._asked = asked
        if hair is None:
            self._worn = None
        else:
            from rhytid.core.hair.wig import Wig  # the first picture of all does without

            if self._wig is None or self._wig[0] != seed:
                self._wig = seed, Wig(self._head, seed)
            self._worn = self._wig[1].worn(hair, age)
        self._release_buffers()
        return True

    def __len__(self) -> int:
        return 0 if self._worn is None else len(self._worn.strands)

    def draw(self, target: moderngl.Framebuffer, uniforms: dict[str, object]) -> None:
        """Draw into `target`: display colour, with the depth of the head."""
        if not len(self):
            return
        if self._program is None:
            self._program = build_program(self._ctx, "strand.vert", "strand.frag")
        self._place()
        assert self._array is not None
        assert self._points is not None
        assert self._strands is not None
        target.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST | moderngl.BLEND)
        self._ctx.depth_func = "<"
        blend_over(self._ctx)
        self._points.use(_POINTS_UNIT)
        self._strands.use(_STRANDS_UNIT)
        tables = {"u_points": _POINTS_UNIT, "u_strands": _STRANDS_UNIT, "u_points_per_strand": N_POINTS}
        n_drawn = min(len(self), MOVING_STRANDS) if self.moving else len(self)
        for shadow in (1.0, 0.0):
            set_uniforms(self._program, {**uniforms, **tables, "u_as_shadow": shadow})
            self._array.render(moderngl.TRIANGLES, vertices=n_drawn * 6 * (N_POINTS - 1))

    def _place(self) -> None:
        """Bring points and skin's values to the present shape."""
        assert self._worn is not None
        mesh, strands = self._mesh, self._worn.strands
        if self._array is None:
            assert self._program is not None
            self._index = self._ctx.buffer(ribbon_triangles(len(strands)).tobytes())
            self._array = self._ctx.vertex_array(self._program, [], index_buffer=self._index)
            self._points = self._table(N_POINTS * len(strands))
            self._strands = self._table(2 * len(strands))
        shape = mesh.vertices, mesh.visibility
        if isinstance(self._placed, tuple) and all(a is b for a, b in zip(self._placed, shape, strict=True)):
            return
        self._placed = shape
        points = strands.positions(mesh.vertices)
        _write(self._points, np.concatenate([points, strands.width_mm[..., None]], axis=2).reshape(-1, 4))
        visibility = np.einsum("nj,nj->n", strands.weights, mesh.visibility[strands.root])
        skin = np.zeros((len(strands), 2, 4), np.float32)
        skin[:, 0, :3], skin[:, 0, 3] = self._worn.colors, visibility
        skin[:, 1, :3] = strands.normals(mesh.vertices)
        _write(self._strands, skin.reshape(-1, 4))

    def _table(self, n: int) -> moderngl.Texture:
        table = self._ctx.texture((_TABLE_WIDTH, -(-n // _TABLE_WIDTH)), 4, dtype="f4")
        table.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return table

    def _release_buffers(self) -> None:
        for resource in (self._array, self._index, self._points, self._strands):
            if resource is not None:
                resource.release()
        self._array = self._index = self._points = self._strands = self._placed = None

    def release(self) -> None:
        self._release_buffers()
        if self._program is not None:
            self._program.release()
        self._program = None


def _write(table: moderngl.Texture | None, texels: Float32) -> None:
    assert table is not None
    filled = np.zeros((table.size[0] * table.size[1], 4), np.float32)
    filled[: len(texels)] = texels
    table.write(filled)
