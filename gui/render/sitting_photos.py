"""Pictures of random people of `core.photo.sitting`: the program's own head with skin, light and a camera's faults."""

from __future__ import annotations

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.head import Head, Part
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.sitting import Sitting
from rhytid.gui.render.environment import environments
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

UInt8 = npt.NDArray[np.uint8]
# Absorption of red, green and blue by melanin and by blood, relative to each other.
_MELANIN, _BLOOD = np.array([0.55, 1.0, 1.5]), np.array([0.15, 1.0, 0.8])


class PhotoRenders:
    """Takes pictures; the context is current whenever it does. Pictures of one shape in a row are cheaper."""

    def __init__(self, ctx: moderngl.Context, head: Head, size: tuple[int, int]) -> None:
        self._head = head
        self._size = size
        self._renderer = FaceRenderer(ctx, head)
        self._renderer.rest_samples = 2
        self._color = ctx.texture(size, 4)
        self._target = ctx.framebuffer([self._color])
        self._vertices: npt.NDArray[np.float32] | None = None

    def picture(self, sitting: Sitting, rng: np.random.Generator) -> UInt8:
        """One picture, uint8 (H, W, 3) sRGB, with random skin, light, background, blur and noise."""
        head, size = self._head, self._size
        vertices = head.shape(sitting.identity, sitting.expression)
        image = self._drawn(vertices, sitting, rng)
        seen = sitting.camera(size)
        cam = seen.to_camera(vertices)
        triangle = NumpyRasteriser().fragments(cam, head.triangles, seen.focal_px, seen.centre, size).triangle
        skin = (triangle >= 0) & (head.triangle_parts[triangle] == Part.SKIN)
        linear = linear_from_srgb(image / 255.0)
        tone = np.exp(-rng.uniform(-0.15, 1.2) * _MELANIN - rng.uniform(-0.15, 0.25) * _BLOOD)
        shown = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 0.7)[..., None]
        linear *= 1 + shown * (tone - 1)
        bright = np.percentile(linear[skin].mean(axis=1), 80)
        linear *= float(np.clip(0.32 / bright, 0.5, 2.5)) * rng.uniform(0.8, 1.2)
        behind = cv2.resize(rng.uniform(0, 0.5, (4, 4, 3)), size, interpolation=cv2.INTER_CUBIC)
        empty = cv2.GaussianBlur((triangle < 0).astype(np.float32), (0, 0), 0.7)[..., None]
        linear = np.clip(linear * (1 - empty) + behind * empty, 0, 1)
        blurred = cv2.GaussianBlur(linear, (0, 0), rng.uniform(0.2, 0.9))
        noisy = srgb_from_linear(blurred) + rng.normal(0, rng.uniform(0.002, 0.015), linear.shape)
        return np.clip(np.round(noisy * 255), 0, 255).astype(np.uint8)

    def _drawn(self, vertices: npt.NDArray[np.float32], sitting: Sitting, rng: np.random.Generator) -> UInt8:
        """The head under a random light."""
        names = tuple(environments())
        camera = Camera(
            sitting.yaw_deg, sitting.pitch_deg, sitting.distance_mm, sitting.target_mm, sitting.height_deg
        )  # fmt: skip
        lighting = Lighting(
            environment=names[int(rng.integers(len(names)))],
            environment_yaw_deg=float(rng.uniform(-60, 60)),
            key_yaw_deg=float(sitting.yaw_deg + rng.uniform(-60, 60)),
            key_pitch_deg=float(rng.uniform(-5, 60)),
            key_intensity=float(rng.uniform(0.2, 2.5)),
        )
        age, stubble = float(rng.uniform(18, 68)), float(max(rng.uniform(-1, 1), 0))
        renderer = self._renderer
        if self._vertices is None or not np.array_equal(vertices, self._vertices):
            renderer.set_shape(vertices)
            self._vertices = vertices
        renderer.set_albedo(procedural_albedo(512, int(rng.integers(1 << 30)), age, stubble))
        while True:
            renderer.render(self._target, self._size, camera, lighting, ViewMode.DETAILED, interactive=False)
            if not renderer.needs_refinement:
                break
        data = self._target.read(components=3, alignment=1)
        return np.frombuffer(data, np.uint8).reshape(self._size[1], self._size[0], 3)[::-1]

    def release(self) -> None:
        self._target.release()
        self._color.release()
        self._renderer.release()
