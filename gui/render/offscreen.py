"""Pictures without a window or a display: for the command line, thumbnails and tests."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.hair.settings import Hair
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.complexion_map import usual_colors
from rhytid.core.maps.tooth_color import Enamel
from rhytid.gui.render.colormaps import diverging, draw_scale_bar
from rhytid.gui.render.opengl_help import opengl_help
from rhytid.gui.render.renderer import ALBEDO_RESOLUTION, FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

UInt8 = npt.NDArray[np.uint8]
MAX_SIDE_PX = 8192
MAX_SAMPLES = 64
FINE_ALBEDO_FROM_PX = 700


class NoOpenGLError(RuntimeError):
    """There is no usable OpenGL 4.1; the message says what to install."""


def create_context() -> moderngl.Context:
    """A standalone OpenGL 4.1 context: EGL on Linux (needs no display), the system's own elsewhere.

    Raises
    ------
    NoOpenGLError
    """
    reasons = []
    backends = ("egl", None) if sys.platform.startswith("linux") else (None,)
    for backend in backends:
        try:
            settings: dict[str, Any] = {} if backend is None else {"backend": backend}
            ctx = moderngl.create_context(standalone=True, require=410, **settings)
        except Exception as error:  # moderngl and glcontext raise bare Exception and ImportError alike
            reasons.append(f"{backend or 'default'}: {error}")
            continue
        return ctx
    raise NoOpenGLError(opengl_help("; ".join(reasons)))


@contextlib.contextmanager
def standalone_context() -> Iterator[moderngl.Context]:
    """A context of `create_context` for a block; afterwards the thread has the context again that it had before.

    A context that EGL still holds current keeps Qt from making its own current in the same thread.
    """
    egl = _egl()
    before = _current(egl)
    ctx = create_context()
    try:
        yield ctx
    finally:
        ctx.release()
        if egl is not None and before is not None:
            egl.eglMakeCurrent(*before)
        elif egl is not None:
            egl.eglReleaseThread()


def _egl() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        egl = ctypes.CDLL("libEGL.so.1")
    except OSError:
        return None
    for name in ("eglGetCurrentContext", "eglGetCurrentDisplay", "eglGetCurrentSurface"):
        getattr(egl, name).restype = ctypes.c_void_p
    egl.eglMakeCurrent.argtypes = [ctypes.c_void_p] * 4
    return egl


def _current(egl: ctypes.CDLL | None) -> tuple[int | None, ...] | None:
    """Display, draw and read surface and context that EGL has current in this thread; None if there is none."""
    if egl is None or not egl.eglGetCurrentContext():
        return None
    draw, read = egl.eglGetCurrentSurface(0x3059), egl.eglGetCurrentSurface(0x305A)  # EGL_DRAW, EGL_READ
    return egl.eglGetCurrentDisplay(), draw, read, egl.eglGetCurrentContext()


def render_image(
    head: Head,
    vertices: npt.NDArray[np.float32] | None = None,
    maps: DetailMaps | npt.NDArray[np.float32] | None = None,
    camera: Camera | None = None,
    lighting: Lighting | None = None,
    view_mode: ViewMode = ViewMode.DETAILED,
    size: tuple[int, int] = (1280, 960),
    samples: int = 8,
    *,
    tension: npt.NDArray[np.float32] | None = None,
    albedo: UInt8 | SkinColors | None = None,
    iris: tuple[float, float, float] | None = None,
    enamel: Enamel | None = None,
    photo_light: npt.NDArray[np.float32] | None = None,
    hair: tuple[Hair, int, float] | None = None,
    others: Sequence[npt.NDArray[np.float32]] = (),
    scale_bar: bool = True,
    ctx: moderngl.Context | None = None,
) -> UInt8:
    """Render one picture.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3), optional
        mm; the neutral shape by default.
    maps : DetailMaps or float32 (H, H), optional
        Displacement in mm; none by default.
    camera : Camera, optional
    lighting : Lighting, optional
    view_mode : ViewMode
    size : (width, height)
        Pixels, each 1..8192.
    samples : int
        Samples per pixel, 1..64.
    tension : float32 (R, R), optional
        Chart map for the tension view.
    albedo : uint8 (R, R, 3) or SkinColors, optional
        sRGB skin colour in the chart, whose border is that of the rest, or of all skin; the procedural one by default.
    iris : tuple of 3 floats, optional
        Linear colour of both irises; brown by default.
    enamel : Enamel, optional
        What the teeth are like; of the usual shade at thirty by default.
    photo_light : float32 (9, 3), optional
        What the environment "photo" is, as `core.photo.light.PhotoLight.sh9` has it.
    hair : (Hair, seed, age in years), optional
        None by default.
    others : sequence of float32 (V, 3), optional
        Shapes of the head's `other_parts`, which are not drawn by default.
    scale_bar : bool
        Draw the scale into false colour views.
    ctx : moderngl.Context, optional
        A context to use, current; one is made and released otherwise.

    Returns
    -------
    uint8 (height, width, 3)
        sRGB, row 0 on top.

    Raises
    ------
    NoOpenGLError
        No OpenGL 4.1 here.
    ValueError
        Size or samples out of range.
    """
    width, height = size
    if not (1 <= width <= MAX_SIDE_PX and 1 <= height <= MAX_SIDE_PX):
        raise ValueError(f"the picture's size must be 1..{MAX_SIDE_PX} pixels a side, got {width}x{height}")
    if not 1 <= samples <= MAX_SAMPLES:
        raise ValueError(f"samples must be 1..{MAX_SAMPLES}, got {samples}")
    with standalone_context() if ctx is None else contextlib.nullcontext(ctx) as context:
        pictures = OffscreenRenderer(context, head, size)
        try:
            return pictures.picture(
                vertices, maps, camera, lighting, view_mode, samples,
                tension=tension, albedo=albedo, iris=iris, enamel=enamel, photo_light=photo_light, hair=hair,
                others=others, scale_bar=scale_bar,
            )  # fmt: skip
        finally:
            pictures.release()


class OffscreenRenderer:
    """Pictures of one head and one size, one after the other; each is as `render_image` makes it.

    Parameters
    ----------
    ctx : moderngl.Context
        Current.
    head : Head
    size : (width, height)
        Pixels.
    """

    def __init__(self, ctx: moderngl.Context, head: Head, size: tuple[int, int]) -> None:
        self._size = size
        self._head = head
        self._renderer = FaceRenderer(ctx, head)
        self._color = ctx.texture(size, 4)
        self._framebuffer = ctx.framebuffer([self._color])

    def picture(
        self,
        vertices: npt.NDArray[np.float32] | None = None,
        maps: DetailMaps | npt.NDArray[np.float32] | None = None,
        camera: Camera | None = None,
        lighting: Lighting | None = None,
        view_mode: ViewMode = ViewMode.DETAILED,
        samples: int = 8,
        *,
        tension: npt.NDArray[np.float32] | None = None,
        albedo: UInt8 | SkinColors | None = None,
        iris: tuple[float, float, float] | None = None,
        enamel: Enamel | None = None,
        photo_light: npt.NDArray[np.float32] | None = None,
        hair: tuple[Hair, int, float] | None = None,
        others: Sequence[npt.NDArray[np.float32]] = (),
        scale_bar: bool = True,
    ) -> UInt8:
        """One picture; all as of `render_image`, but a tension or colour that is not given is that of the last one."""
        renderer = self._renderer
        renderer.set_shape(self._head.neutral if vertices is None else vertices)
        renderer.set_displacement(maps.displacement if isinstance(maps, DetailMaps) else maps)
        if tension is not None:
            renderer.set_tension(tension)
        if albedo is None and max(self._size) > FINE_ALBEDO_FROM_PX:
            albedo = usual_colors(2 * ALBEDO_RESOLUTION)
        if albedo is not None:
            renderer.set_albedo(albedo)
        renderer.set_iris(iris, enamel)
        renderer.set_photo_light(photo_light)
        renderer.set_hair(*(hair or (None,)))
        renderer.others.show(others)
        renderer.update_displacement_range()
        renderer.rest_samples = samples
        while True:
            renderer.render(
                self._framebuffer, self._size, camera or Camera(), lighting or Lighting(), view_mode, interactive=False
            )
            if not renderer.needs_refinement:
                break
        width, height = self._size
        data = self._framebuffer.read(components=3, alignment=1)
        image = np.frombuffer(data, np.uint8).reshape(height, width, 3)[::-1].copy()
        if scale_bar and view_mode is ViewMode.DISPLACEMENT:
            draw_scale_bar(image, renderer.displacement_range_mm, "mm", diverging())
        elif scale_bar and view_mode is ViewMode.TENSION:
            draw_scale_bar(image, renderer.tension_range, "", diverging())
        return image

    def release(self) -> None:
        """Give everything on the GPU back."""
        for resource in (self._framebuffer, self._color, self._renderer):
            resource.release()
