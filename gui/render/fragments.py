"""Which triangle each pixel of a photograph shows, drawn with OpenGL: the faster of the two rasterisers."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.photo.rasteriser import NEAR_MM, Fragments, fragments_of
from rhytid.gui.render.shader_source import build_program

Int32 = npt.NDArray[np.int32]


class GLRasteriser:
    """`core.photo.rasteriser.Rasteriser` on a context, which is current whenever it is used.

    The card says which triangle a pixel shows; where on it follows from the ray through the pixel's centre.
    """

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = build_program(ctx, "fragments.vert", "fragments.frag")

    def fragments(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Fragments:
        """As `Rasteriser.fragments`."""
        shown = _in_front(vertices_cam, triangles)
        triangle = np.full((size[1], size[0]), -1, np.int32)
        if shown.size:
            drawn = self._drawn(vertices_cam, triangles[shown], focal_px, centre, size)
            triangle[drawn > 0] = shown[drawn[drawn > 0] - 1]
        return fragments_of(triangle, vertices_cam, triangles, focal_px, centre)

    def _drawn(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Int32:
        """Number of the triangle per pixel, counted from 1, int32 (H, W); 0 where there is none."""
        ctx = self._ctx
        depth_mm = vertices_cam[triangles.ravel(), 2]
        self._program["u_focal_px"] = focal_px
        self._program["u_centre_px"] = tuple(float(c) for c in centre)
        self._program["u_picture_px"] = tuple(float(side) for side in size)
        self._program["u_depth_mm"] = (float(depth_mm.min()) * 0.9, float(depth_mm.max()) * 1.1)
        positions = ctx.buffer(np.ascontiguousarray(vertices_cam, np.float32).tobytes())
        index = ctx.buffer(np.ascontiguousarray(triangles, np.int32).tobytes())
        array = ctx.vertex_array(self._program, [(positions, "3f", "in_position")], index_buffer=index)
        numbers = ctx.renderbuffer(size, 1, dtype="i4")
        depth = ctx.depth_renderbuffer(size)
        target = ctx.framebuffer([numbers], depth)
        try:
            target.use()
            target.clear()
            ctx.enable_only(moderngl.DEPTH_TEST)
            ctx.depth_func, ctx.front_face = "<", "ccw"
            array.render(moderngl.TRIANGLES)
            # Row 0 of the buffer is OpenGL's lowest; the shader draws the picture upside down.
            data = target.read(components=1, alignment=4, dtype="i4")
        finally:
            for made in (target, depth, numbers, array, index, positions):
                made.release()
        return np.frombuffer(data, np.int32).reshape(size[1], size[0])

    def release(self) -> None:
        self._program.release()


def _in_front(vertices_cam: npt.NDArray[np.floating], triangles: Int32) -> npt.NDArray[np.intp]:
    return np.flatnonzero((vertices_cam[:, 2] > NEAR_MM)[triangles].all(axis=1))
