"""A wrinkle pack played by its own GLSL, over the chart: what an engine would show, as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.pack.options import GLSL_NAME
from rhytid.core.pack.playing import PackFiles, read_pack

Float32 = npt.NDArray[np.float32]
_VERTEX = """#version 410 core
void main() {
    vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
    gl_Position = vec4(corner, 0.0, 1.0);
}
"""
_FRAGMENT = """#version 410 core
{glsl}
uniform vec2 u_size_px;
layout(location = 0) out vec4 o_normal;
layout(location = 1) out vec4 o_color;
void main() {{
    vec3 normal, color;
    wrinkles(gl_FragCoord.xy / u_size_px, normal, color);
    o_normal = vec4(normal, 1.0);
    o_color = vec4(color, 1.0);
}}
"""


class PackPlayer:
    """Plays the pack of a folder.

    Parameters
    ----------
    ctx : moderngl.Context
        Current.
    folder : Path

    Raises
    ------
    core.files.reading.FileRefused
        A file of the pack is damaged.
    OSError
        One cannot be opened.
    """

    def __init__(self, ctx: moderngl.Context, folder: Path) -> None:
        self.files = read_pack(folder)
        glsl = (folder / GLSL_NAME).read_text("utf-8")
        self._ctx = ctx
        self._program = ctx.program(_VERTEX, _FRAGMENT.format(glsl=glsl))
        self._array = ctx.vertex_array(self._program, [])
        self._textures = {name: self._texture(texels) for name, texels in _samplers(self.files).items()}
        side = self.files.side
        self._targets = [ctx.texture((side, side), 4, dtype="f4") for _ in range(2)]
        self._framebuffer = ctx.framebuffer(self._targets)

    def play(self, expression: npt.ArrayLike) -> tuple[Float32, Float32]:
        """Unit normals in tangent space, y up, and linear colour, float32 (S, S, 3) each, for ARKit weights (52,)."""
        side = self.files.side
        self._ctx.enable_only(0)
        self._framebuffer.use()
        self._framebuffer.viewport = (0, 0, side, side)
        for unit, (name, texture) in enumerate(self._textures.items()):
            if name in self._program:
                texture.use(unit)
                self._program[name] = unit
        activations = self.files.drivers.activations(expression).astype(np.float32)
        uniform = self._program["u_activation"]
        assert isinstance(uniform, moderngl.Uniform)
        uniform.write(np.ascontiguousarray(activations).tobytes())
        self._program["u_size_px"] = (float(side), float(side))
        self._array.render(moderngl.TRIANGLES, vertices=3)
        normals, colors = (
            np.frombuffer(target.read(), np.float32).reshape(side, side, 4)[..., :3].copy() for target in self._targets
        )
        return normals, colors

    def release(self) -> None:
        """Give everything on the GPU back."""
        resources: list[Any] = [self._framebuffer, *self._targets, *self._textures.values(), self._array, self._program]
        for resource in resources:
            resource.release()

    def _texture(self, texels: npt.NDArray[np.generic]) -> moderngl.Texture:
        kind = "f1" if texels.dtype == np.uint8 else "nu2"
        texture = self._ctx.texture(texels.shape[1::-1], texels.shape[2], np.ascontiguousarray(texels).tobytes(),
                                    alignment=1, dtype=kind)  # fmt: skip
        texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        texture.repeat_x = texture.repeat_y = False
        return texture


def _samplers(files: PackFiles) -> dict[str, npt.NDArray[np.generic]]:
    """Texels by the names in `wrinkles.glsl`; rows go down the chart, as the pass that reads them."""
    named: dict[str, npt.NDArray[np.generic]] = {"u_normal": files.normals[0]}
    named |= {f"u_wm{number}": texels for number, texels in enumerate(files.normals[1:], 1)}
    if files.colors:
        named["u_color"] = files.colors[0]
        named |= {f"u_cm{number}": texels for number, texels in enumerate(files.colors[1:], 1)}
    return named | {f"u_masks_{number}": texels for number, texels in enumerate(files.masks, 1)}
