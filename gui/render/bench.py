"""How long the renderer's steps take here: what an artist waits for while drawing and orbiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import moderngl
import numpy as np

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.head import Head
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

Timings = dict[str, list[float]]
SIZE = (1280, 800)


def measure(ctx: moderngl.Context, head: Head, repeats: int = 15, size_px: tuple[int, int] = SIZE) -> Timings:
    """Milliseconds of each step, `repeats` values each, after a warm-up.

    Keys
    ----
    frame
        A whole frame while orbiting, at full resolution: geometry buffer, light and shading.
    gbuffer, light, shade
        Its parts.
    present
        Copying the picture into the window.
    shade_320px
        Re-shading a rectangle of 320 x 320 pixels.
    stroke_to_surface
        Upload of a dirty window of 64 x 64 texels, re-shading what it covers and presenting.
    upload_1024, upload_64_window
        Displacement map to GPU, with gradient and mip levels.
    reshape
        Normals, tangents and upload of a new shape.
    pick
        Chart coordinate under one pixel.
    """
    renderer = FaceRenderer(ctx, head)
    target = ctx.framebuffer([ctx.texture(size_px, 4)])
    rng = np.random.default_rng(0)
    maps = [rng.normal(0, 0.05, (1024, 1024)).astype(np.float32) for _ in range(2)]
    timings: Timings = {}
    window = Rect(480, 540, 544, 604)

    def draw(camera: Camera) -> None:
        renderer.render(target, size_px, camera, Lighting(), ViewMode.DETAILED)

    try:
        renderer.quality.budget_ms = float("inf")
        renderer.set_displacement(maps[0])
        for i in range(repeats + 3):
            renderer.profile = i % 2 == 1
            draw(replace(Camera(), yaw_deg=0.5 * (i + 1)))
            if i >= 3:
                for key, value in renderer.last_timings_ms.items():
                    if renderer.profile or key == "frame":
                        timings.setdefault(key, []).append(value)
        renderer.profile = False
        draw(Camera())
        for i in range(repeats):
            timings.setdefault("upload_1024", []).append(
                _elapsed_ms(lambda i=i: (renderer.set_displacement(maps[(i + 1) % 2], Rect.whole(1024)), ctx.finish()))
            )
        draw(Camera())
        for i in range(repeats):
            edited = maps[0].copy()
            edited[window.slices] -= 0.01 * (i + 1)
            timings.setdefault("upload_64_window", []).append(
                _elapsed_ms(lambda edited=edited: renderer.set_displacement(edited, window))
            )
            draw(Camera())
            edited = edited.copy()
            edited[window.slices] -= 0.005
            timings.setdefault("stroke_to_surface", []).append(
                _elapsed_ms(lambda edited=edited: (renderer.set_displacement(edited, window), draw(Camera())))
            )
            timings.setdefault("shade_320px", []).append(_elapsed_ms(lambda: renderer.reshade(_middle(size_px))))
            timings.setdefault("pick", []).append(_elapsed_ms(lambda: renderer.pick(size_px[0] / 2, size_px[1] / 2)))
            moved = head.neutral + np.float32(0.001 * (i + 1))
            timings.setdefault("reshape", []).append(_elapsed_ms(lambda moved=moved: renderer.set_shape(moved)))
            draw(Camera())
    finally:
        target.color_attachments[0].release()
        target.release()
        renderer.release()
    return timings


def _middle(size_px: tuple[int, int], side: int = 320) -> Rect:
    x0, y0 = (size_px[0] - side) // 2, (size_px[1] - side) // 2
    return Rect(x0, y0, x0 + side, y0 + side)


def _elapsed_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3
