"""Two small parts beside a head: a coat with a picture, and lashes that blink."""

from __future__ import annotations

import cv2
import numpy as np

from rhytid.core.head.material import Material
from rhytid.core.head.other_parts import OtherPart

COAT, LASHES = "coat", "lashes"


def picture(rgb: tuple[int, int, int], side: int = 8) -> bytes:
    """PNG of one colour."""
    return cv2.imencode(".png", np.full((side, side, 3), rgb[::-1], np.uint8))[1].tobytes()


def small_parts() -> tuple[OtherPart, ...]:
    """A square of cloth below, 100 mm wide, and a triangle before the face."""
    blue = picture((30, 60, 220))
    gltf = '{"name":"cloth","pbrMetallicRoughness":{"baseColorTexture":{"index":0},"metallicFactor":0}}'
    cloth = Material("cloth", (1.0, 1.0, 1.0, 1.0), 0.9, is_two_sided=True, picture=0, pictures=(blue,), gltf=gltf)
    corners = np.array([[-50, -90, 20], [50, -90, 20], [50, -40, 20], [-50, -40, 20]], np.float32)
    up = np.zeros((4, 3), np.float32)
    up[:, 2] = 1
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    coat = OtherPart(COAT, corners, up, triangles, uv, cloth, offsets=np.zeros((0, 4, 3), np.float16))
    black = Material("lash", (0.02, 0.01, 0.01, 0.8), alpha="BLEND", is_two_sided=True)
    offsets = np.full((1, 3, 3), -2.0, np.float16)
    triangle = np.array([[10, 20, 60], [20, 20, 60], [15, 26, 64]], np.float32)
    lash = OtherPart(
        LASHES, triangle, up[:3].copy(), np.array([[0, 1, 2]], np.int32), uv[:3].copy(), black, ("eyeBlinkLeft",),
        offsets,
    )  # fmt: skip
    return coat, lash
