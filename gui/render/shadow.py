"""Shadow map of the key light, redone only when the light or the shape change."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Lighting
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.shader_source import build_program, set_uniforms

Float64 = npt.NDArray[np.float64]
SIZE = 1024
BIAS_MM = 0.9


def key_direction(lighting: Lighting) -> Float64:
    """Unit vector towards the key light in head space."""
    yaw, pitch = np.radians(lighting.key_yaw_deg), np.radians(lighting.key_pitch_deg)
    return np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])


def light_view(direction: Float64, vertices: npt.NDArray[np.float32]) -> tuple[Float64, float, float]:
    """Orthographic view of all vertices along a direction.

    Returns
    -------
    (clip_from_head (4, 4), depth_per_mm, half_width_mm)
        Depth in 0..1 per mm towards the scene.
    """
    up = np.array([0.0, 1.0, 0.0]) if abs(direction[1]) < 0.95 else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, direction)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(direction, right), direction])
    local = vertices.astype(np.float64) @ rotation.T
    low, high = local.min(0), local.max(0)
    centre, half = (low + high) / 2, (high - low) / 2 + 2.0
    half[:2] = half[:2].max()
    matrix = np.eye(4)
    matrix[:3, :3] = rotation / half[:, None]
    matrix[:3, 3] = -centre / half
    matrix[2] *= -1  # nearer to the light is smaller
    matrix[3] = (0, 0, 0, 1)
    return matrix, float(0.5 / half[2]), float(half[0])


class ShadowMap:
    """Depth of the head as the key light sees it."""

    def __init__(self, ctx: moderngl.Context, mesh: MeshBuffers, size: int = SIZE) -> None:
        self._ctx = ctx
        self._mesh = mesh
        self.size = size
        self.depth = ctx.depth_texture((size, size))
        self.depth.compare_func = "<="
        self.depth.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self.depth.repeat_x = self.depth.repeat_y = False
        nearest = (moderngl.NEAREST, moderngl.NEAREST)
        self._plain = ctx.sampler(repeat_x=False, repeat_y=False, filter=nearest, compare_func="")
        self._framebuffer = ctx.framebuffer([], self.depth)
        self._program = build_program(ctx, "shadow.vert", "shadow.frag")
        self._array = mesh.full_array(self._program)
        self.clip_from_head: Float64 = np.eye(4)
        self.depth_per_mm = 1.0
        self.half_width_mm = 1.0

    def draw(self, direction: Float64) -> None:
        """Draw the present shape from a light in this direction."""
        self.clip_from_head, self.depth_per_mm, self.half_width_mm = light_view(direction, self._mesh.vertices)
        self._framebuffer.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func = "<"
        self._framebuffer.clear(depth=1.0)
        set_uniforms(self._program, {"u_clip_from_head": self.clip_from_head.T.astype("f4").tobytes()})
        # Eyes, teeth and mouth lie behind skin: they cast no shadow that it does not.
        self._array.render(moderngl.TRIANGLES, vertices=3 * self._mesh.topology.n_skin_triangles)

    def bind(self, compared: int, plain: int) -> None:
        """Use these texture units: for comparing with a depth, and for reading the depth."""
        self.depth.use(compared)
        self.depth.use(plain)
        self._plain.use(plain)

    def unbind(self, plain: int) -> None:
        """Let a unit read textures by their own settings again."""
        self._plain.clear(plain)

    def release(self) -> None:
        for resource in (self._plain, self._framebuffer, self.depth, self._array, self._program):
            resource.release()
