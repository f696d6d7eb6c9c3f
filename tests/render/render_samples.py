"""Small heads and maps with known geometry."""

from __future__ import annotations

import moderngl
import numpy as np

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.head import Head, Part
from rhytid.core.maps.field import Field
from rhytid.gui.render.view_mode import ViewMode

SIDE_MM = 160.0
CAMERA = Camera(target_mm=(0.0, 0.0, 0.0), distance_mm=500.0, fov_deg=22.0)
SIZE = (320, 240)


def sheet(bend_mm: float, n: int = 33, eye: bool = False) -> Head:
    """A square sheet of skin that faces +Z, bent backwards at its sides; the chart covers it exactly."""
    t = np.linspace(0.0, 1.0, n, dtype=np.float32)
    x, y = np.meshgrid(t, t)
    position = np.stack([(x - 0.5) * SIDE_MM, (0.5 - y) * SIDE_MM, -bend_mm * (2 * x - 1) ** 2], axis=-1)
    index = np.arange(n * n).reshape(n, n)
    corners = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.stack([c.ravel() for c in corners], axis=1).astype(np.int32)
    chart = np.stack([x, y], axis=-1).reshape(-1, 2)
    border = np.minimum(np.minimum(chart, 1 - chart).min(axis=1) / 0.1, 1.0)
    vertices = position.reshape(-1, 3).astype(np.float32)
    return Head(
        name="sheet",
        digest="sheet",
        neutral=vertices,
        faces=faces,
        parts=np.full(len(faces), Part.SKIN, np.uint8),
        n_skin=len(vertices),
        chart=chart.astype(np.float32),
        detail_weight=border.astype(np.float32),
        uv=chart.astype(np.float32),
        face_uv=faces,
        identity=np.zeros((0, len(vertices), 3), np.float16),
        expression=np.zeros((N_EXPRESSION, len(vertices), 3), np.float16),
        landmarks=np.zeros(68, np.int32),
    )


def bump_map(resolution: int, height_mm: float = 5.0, radius: float = 0.12) -> np.ndarray:
    """A Gaussian bump in the middle of the chart."""
    t = (np.arange(resolution) + 0.5) / resolution - 0.5
    r2 = t[:, None] ** 2 + t[None] ** 2
    return (height_mm * np.exp(-r2 / radius**2)).astype(np.float32)


class Picture:
    """A framebuffer and what was last drawn into it."""

    def __init__(self, ctx: moderngl.Context, size: tuple[int, int] = SIZE) -> None:
        self.size = size
        self._color = ctx.texture(size, 4)
        self.framebuffer = ctx.framebuffer([self._color])

    def draw(self, renderer, camera=CAMERA, lighting=None, mode=ViewMode.DETAILED, **options) -> np.ndarray:
        renderer.render(self.framebuffer, self.size, camera, lighting or Lighting(), mode, **options)
        return self.read()

    def read(self) -> np.ndarray:
        """int16 (H, W, 3), row 0 on top."""
        data = np.frombuffer(self.framebuffer.read(components=3, alignment=1), np.uint8)
        return data.reshape(self.size[1], self.size[0], 3)[::-1].astype(np.int16)

    def release(self) -> None:
        self.framebuffer.release()
        self._color.release()


def maps_of(displacement: np.ndarray) -> DetailMaps:
    """Maps of a displacement without lines."""
    side = len(displacement)
    blank = np.ones((side, side), np.float32)
    return DetailMaps(Field.of(displacement), np.zeros((side, side), bool), Field.of(blank))
