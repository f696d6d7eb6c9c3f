"""Body, hair and clothes of a head's file over the shaded picture: plain light, the file's colours, no detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.head.material import BLEND, MASK
from rhytid.core.head.material_picture import texels
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.gui.render.gl_state import blend_over
from rhytid.gui.render.shader_source import build_program, set_uniforms
from rhytid.gui.render.skin_texture import color_texture

Float32 = npt.NDArray[np.float32]
_PICTURE_UNIT = 6
_PICTURE_PX = 2048  # a side at most
_ROUGHEST = 0.15  # what is smoother mirrors a room, which is not drawn here
_WHITE = np.full((1, 1, 4), 255, np.uint8)


@dataclass
class _Drawn:
    part: OtherPart
    buffer: moderngl.Buffer
    index: moderngl.Buffer
    array: moderngl.VertexArray
    picture: moderngl.Texture
    shape: Float32 | None = None


class OtherPartsPass:
    """Draws what a head's file holds beside the head, with the depth of the head, which it joins.

    Buffers and pictures are made at the first drawing.

    Attributes
    ----------
    is_shown : bool
        The artist wants to see them.
    """

    def __init__(self, ctx: moderngl.Context, head: Head) -> None:
        self._ctx = ctx
        self._parts = [(k, part) for k, part in enumerate(head.other_parts) if not part.is_film]
        self._shapes: tuple[Float32, ...] | None = None
        self._program: moderngl.Program | None = None
        self._drawn: list[_Drawn] = []
        self._textures: dict[bytes, moderngl.Texture] = {}
        self._version = 0
        self.is_shown = True

    def show(self, shapes: Sequence[Float32]) -> None:
        """Show the head's parts in these shapes, each float32 (V, 3) in mm."""
        last = self._shapes or ()
        if len(last) != len(shapes) or any(a is not b for a, b in zip(last, shapes, strict=True)):
            self._shapes = tuple(shapes)
            self._version += 1

    def key(self, is_lit: bool) -> int:
        """A number that changes with what is drawn; 0 where nothing is."""
        return self._version if is_lit and self.is_shown and self._parts and self._shapes else 0

    def draw(self, target: moderngl.Framebuffer, uniforms: dict[str, object]) -> None:
        """Draw into `target`: display colour, with the depth of the head."""
        if not self.key(True):
            return
        self._prepare()
        assert self._program is not None
        target.depth_mask = True
        target.use()
        blend_over(self._ctx)
        for drawn in self._drawn:
            material = drawn.part.material
            see_through = material.alpha == BLEND
            if see_through:
                target.depth_mask = False
                target.use()
            self._ctx.enable_only(moderngl.DEPTH_TEST | (moderngl.BLEND if see_through else 0))
            self._ctx.depth_func = "<="
            if not material.is_two_sided:
                self._ctx.enable(moderngl.CULL_FACE)
                self._ctx.cull_face = "back"
            drawn.picture.use(_PICTURE_UNIT)
            own = {
                "u_picture": _PICTURE_UNIT,
                "u_color": material.color,
                "u_cutoff": material.cutoff if material.alpha == MASK else -1.0,
                "u_opaque": 0.0 if see_through else 1.0,
                "u_roughness": max(material.roughness, _ROUGHEST),
            }
            set_uniforms(self._program, {**uniforms, **own})
            drawn.array.render(moderngl.TRIANGLES)
        target.depth_mask = False
        target.use()

    def _prepare(self) -> None:
        """Bring buffers to the present shapes."""
        assert self._shapes is not None
        if self._program is None:
            self._program = build_program(self._ctx, "other.vert", "other.frag")
            self._drawn = [self._made(self._program, part) for _, part in self._parts]
            # See-through parts last: they need what lies behind them.
            self._drawn.sort(key=lambda drawn: drawn.part.material.alpha == BLEND)
        shape_of = {id(part): self._shapes[k] for k, part in self._parts}
        for drawn in self._drawn:
            part, shape = drawn.part, shape_of[id(drawn.part)]
            if shape is drawn.shape:
                continue
            drawn.shape = shape
            normals = part.normals if shape is part.vertices else vertex_normals(shape, part.triangles)
            down = np.stack([part.uv[:, 0], 1 - part.uv[:, 1]], axis=1)
            drawn.buffer.write(np.concatenate([shape, normals, down], axis=1).astype(np.float32))

    def _made(self, program: moderngl.Program, part: OtherPart) -> _Drawn:
        data = part.material.base_picture
        if data not in self._textures:
            picture = texels(data, _PICTURE_PX)
            self._textures[data] = color_texture(self._ctx, _WHITE if picture is None else picture)
            self._textures[data].repeat_x = self._textures[data].repeat_y = True
        buffer = self._ctx.buffer(reserve=len(part.vertices) * 32, dynamic=True)
        index = self._ctx.buffer(part.triangles.tobytes())
        layout = [(buffer, "3f 3f 2f", "in_position", "in_normal", "in_uv")]
        return _Drawn(part, buffer, index, self._ctx.vertex_array(program, layout, index), self._textures[data])

    def release(self) -> None:
        """Give back everything on the GPU."""
        for drawn in self._drawn:
            for resource in (drawn.array, drawn.buffer, drawn.index):
                resource.release()
        for texture in self._textures.values():
            texture.release()
        if self._program is not None:
            self._program.release()
        self._program, self._drawn, self._textures = None, [], {}
