"""Photos of people that do not exist, of whom everything is known: head, expression, light, skin, relief, camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.sitting import Sitting, random_sitting
from rhytid.gui.render.environment import environments
from rhytid.gui.render.offscreen import render_image

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

SIDE_PX = 1024
_MELANIN, _BLOOD = np.array([0.55, 1.0, 1.5]), np.array([0.15, 1.0, 0.8])
_JPEG_QUALITY = 90


@dataclass(frozen=True, eq=False)
class Portrait:
    """One picture and its truth.

    Attributes
    ----------
    pixels : uint8 (1024, 1024, 3)
        sRGB, as a camera gives it: noise, JPEG.
    sitting : Sitting
    camera : PhotoCamera
    neutral, posed : float32 (V, 3)
    albedo : uint8 (1024, 1024, 3)
        sRGB.
    relief : float32 (D, D) or None
        mm.
    lighting : Lighting
    """

    pixels: UInt8
    sitting: Sitting
    camera: PhotoCamera
    neutral: Float32
    posed: Float32
    albedo: UInt8
    relief: Float32 | None
    lighting: Lighting

    def under(self, lighting: Lighting, albedo: UInt8, head: Head, ctx: moderngl.Context) -> UInt8:
        """The same head from the same place under another light, with a skin colour."""
        return render_image(
            head, self.posed, self.relief, _viewed(self.sitting), lighting, size=(SIDE_PX, SIDE_PX), samples=2,
            albedo=albedo, ctx=ctx,
        )  # fmt: skip

    def shown(
        self, head: Head, ctx: moderngl.Context, vertices: Float32, relief: Float32 | None, albedo: UInt8
    ) -> UInt8:
        """The photo without the camera's noise, of the head in another shape, with other relief and skin colour."""
        return render_image(
            head, vertices, relief, _viewed(self.sitting), self.lighting, size=(SIDE_PX, SIDE_PX), samples=2,
            albedo=albedo, ctx=ctx,
        )  # fmt: skip


def portrait(
    head: Head,
    seed: int,
    ctx: moderngl.Context,
    *,
    frontal: bool = False,
    side_lit: bool = False,
    relief: Float32 | None = None,
    expression: Float32 | None = None,
) -> Portrait:
    """The portrait of a seed.

    Parameters
    ----------
    head : Head
    seed : int
    ctx : moderngl.Context
        Current.
    frontal : bool
        Seen from within 8 degrees of the front.
    side_lit : bool
        By one hard lamp from the side.
    relief : float32 (D, D), optional
        Displacement in mm.
    expression : float32 (52,), optional
        Another than the seed's.
    """
    rng = np.random.default_rng([seed, 0xFACE])
    sitting = random_sitting(head, rng, frontal=frontal)
    if expression is not None:
        sitting = replace(sitting, expression=expression)
    names = tuple(environments())
    lighting = Lighting(
        environment=names[int(rng.integers(len(names)))],
        environment_intensity=0.35 if side_lit else 1.0,
        key_yaw_deg=float(rng.choice([-1, 1]) * rng.uniform(45, 70)) if side_lit else float(rng.uniform(-60, 60)),
        key_pitch_deg=float(rng.uniform(-5, 50)),
        key_intensity=float(rng.uniform(0.5, 2.5)),
    )
    stubble = float(max(rng.uniform(-1, 0.8), 0))
    linear = linear_from_srgb(
        procedural_albedo(SIDE_PX, int(rng.integers(1 << 30)), rng.uniform(18, 68), stubble) / 255
    )
    linear = linear * np.exp(-rng.uniform(-0.15, 1.2) * _MELANIN - rng.uniform(-0.15, 0.25) * _BLOOD)
    albedo = np.round(srgb_from_linear(linear) * 255).astype(np.uint8)
    neutral = head.shape(sitting.identity, np.zeros_like(sitting.expression))
    posed = head.shape(sitting.identity, sitting.expression)
    clean = render_image(
        head, posed, relief, _viewed(sitting), lighting, size=(SIDE_PX, SIDE_PX), samples=2, albedo=albedo, ctx=ctx
    )
    noisy = np.clip(clean + rng.normal(0, rng.uniform(0.5, 3.0), clean.shape), 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    pixels = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
    return Portrait(
        np.ascontiguousarray(pixels),
        sitting,
        sitting.camera((SIDE_PX, SIDE_PX)),
        neutral,
        posed,
        albedo,
        relief,
        lighting,
    )


def _viewed(sitting: Sitting) -> Camera:
    return Camera(
        sitting.yaw_deg, sitting.pitch_deg, sitting.distance_mm, sitting.target_mm, sitting.height_deg
    )  # fmt: skip
