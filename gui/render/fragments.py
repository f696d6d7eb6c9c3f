"""Which triangle each pixel of a photograph shows, drawn with OpenGL: the faster of the two rasterisers."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.photo.rasteriser import NEAR_MM, Fragments, Surface, fragments_of
from rhytid.gui.render.shader_source import build_program

Int32 = npt.NDArray[np.int32]
Float32 = npt.NDArray[np.float32]
_CHANNELS = 8  # of two pictures; the last one is the triangle


class GLRasteriser:
    """`core.photo.rasteriser.Rasteriser` on a context, which is current whenever it is used.

    The card says which triangle a pixel shows; where on it follows from the ray through the pixel's centre.
    """

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = build_program(ctx, "fragments.vert", "fragments.frag")
        self._valued = build_program(ctx, "surface.vert", "surface.frag")

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

    def surface(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        values: Float32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Surface:
        """As `Rasteriser.surface`."""
        width, height = size
        shown = _in_front(vertices_cam, triangles)
        triangle = np.full((height, width), -1, np.int32)
        if not shown.size:
            return Surface(triangle, np.zeros((height, width, values.shape[1]), np.float32))
        attributes = np.zeros((len(values), _CHANNELS - 1), np.float32)
        attributes[:, : values.shape[1]] = values
        ctx = self._ctx
        self._look(self._valued, vertices_cam[triangles[shown].ravel(), 2], focal_px, centre, size)
        positions = ctx.buffer(np.ascontiguousarray(vertices_cam, np.float32).tobytes())
        carried = ctx.buffer(attributes.tobytes())
        index = ctx.buffer(np.ascontiguousarray(triangles[shown], np.int32).tobytes())
        places = [(positions, "3f", "in_position"), (carried, "4f 3f", "in_first", "in_second")]
        array = ctx.vertex_array(self._valued, places, index_buffer=index)
        pictures = [ctx.renderbuffer(size, 4, dtype="f4") for _ in range(2)]
        depth = ctx.depth_renderbuffer(size)
        target = ctx.framebuffer(pictures, depth)
        try:
            self._draw(array, target)
            first, second = (
                np.frombuffer(target.read(components=4, attachment=k, alignment=4, dtype="f4"), np.float32)
                for k in range(2)
            )
        finally:
            for picture in pictures:
                picture.release()
            for made in (target, depth, array, index, carried, positions):
                made.release()
        both = np.concatenate([first.reshape(height, width, 4), second.reshape(height, width, 4)], axis=2)
        number = both[..., -1].astype(np.int32)
        there = number > 0
        triangle[there] = shown[number[there] - 1]
        return Surface(triangle, both[..., : values.shape[1]])

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
        self._look(self._program, vertices_cam[triangles.ravel(), 2], focal_px, centre, size)
        positions = ctx.buffer(np.ascontiguousarray(vertices_cam, np.float32).tobytes())
        index = ctx.buffer(np.ascontiguousarray(triangles, np.int32).tobytes())
        array = ctx.vertex_array(self._program, [(positions, "3f", "in_position")], index_buffer=index)
        numbers = ctx.renderbuffer(size, 1, dtype="i4")
        depth = ctx.depth_renderbuffer(size)
        target = ctx.framebuffer([numbers], depth)
        try:
            self._draw(array, target)
            # Row 0 of the buffer is OpenGL's lowest; the shader draws the picture upside down.
            data = target.read(components=1, alignment=4, dtype="i4")
        finally:
            for made in (target, depth, numbers, array, index, positions):
                made.release()
        return np.frombuffer(data, np.int32).reshape(size[1], size[0])

    @staticmethod
    def _look(
        program: moderngl.Program,
        depth_mm: npt.NDArray[np.floating],
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> None:
        """Give a program the camera."""
        program["u_focal_px"] = focal_px
        program["u_centre_px"] = tuple(float(c) for c in centre)
        program["u_picture_px"] = tuple(float(side) for side in size)
        program["u_depth_mm"] = (float(depth_mm.min()) * 0.9, float(depth_mm.max()) * 1.1)

    def _draw(self, array: moderngl.VertexArray, target: moderngl.Framebuffer) -> None:
        target.use()
        target.clear()
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func, self._ctx.front_face = "<", "ccw"
        array.render(moderngl.TRIANGLES)

    def release(self) -> None:
        self._program.release()
        self._valued.release()


def _in_front(vertices_cam: npt.NDArray[np.floating], triangles: Int32) -> npt.NDArray[np.intp]:
    return np.flatnonzero((vertices_cam[:, 2] > NEAR_MM)[triangles].all(axis=1))
