"""A stand-in for what finds faces and reads photos, whose photo is a picture of the program's own head."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.document.state import Camera
from rhytid.core.head.load import default_head
from rhytid.core.lines.stroke import Stroke
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.embedding import FITTED, landmark_places
from rhytid.core.photo.face_finder import FoundFace
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.image import Photo
from rhytid.core.photo.landmarks import N_POINTS, Landmarks
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.observation import Observation
from rhytid.core.photo.photo_face import PhotoFace, Stage
from rhytid.core.photo.relief import PhotoRelief
from rhytid.core.photo.square import Square
from rhytid.core.photo.tiles import skin_map
from rhytid.core.read_only import read_only
from rhytid.gui.render.camera import position_mm
from rhytid.gui.render.offscreen import render_image

SIZE = (240, 320)
CAMERA = Camera(yaw_deg=9.0, pitch_deg=-4.0, distance_mm=700.0, target_mm=(0.0, -10.0, 40.0))
SKIN = (0.32, 0.16, 0.09)
ALBEDO = Albedo(read_only(np.full((64, 64, 3), SKIN, np.float32)), read_only(np.ones((64, 64), np.float32)))


def photo_camera(camera: Camera = CAMERA, size: tuple[int, int] = SIZE) -> PhotoCamera:
    """The camera of a picture that the program drew."""
    rotation = view_rotation(camera.yaw_deg, camera.pitch_deg)
    focal_px = size[1] / 2 / np.tan(np.radians(camera.fov_deg) / 2)
    return PhotoCamera(rotation, -rotation @ position_mm(camera), focal_px, np.array(size) / 2, size)


def smile() -> np.ndarray:
    """What the head in the photo does."""
    expression = np.zeros(N_EXPRESSION, np.float32)
    for name in ("mouthSmileLeft", "mouthSmileRight"):
        expression[ARKIT_INDEX[name]] = 0.8
    return expression


def portrait() -> bytes:
    """The photo as a PNG file."""
    head = default_head()
    vertices = head.shape(np.zeros(head.n_identity, np.float32), smile())
    pixels = render_image(head, vertices, camera=CAMERA, size=SIZE, samples=1)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@cache
def stand_in_map() -> np.ndarray:
    """The map of `ALBEDO`, which each stage of each photo here has."""
    return read_only(skin_map(ALBEDO))


def true_fit() -> HeadFit:
    """Head and camera that the photo was drawn with."""
    return HeadFit(np.zeros(default_head().n_identity, np.float32), smile(), photo_camera(), None, 0.4)


def true_landmarks() -> Landmarks:
    """Where the landmarks of that head are in the photo."""
    head, fit = default_head(), true_fit()
    points = np.zeros((N_POINTS, 2), np.float32)
    points[list(FITTED)] = fit.camera.project(landmark_places(head).of(fit.vertices(head)))
    return Landmarks(points, np.ones(N_POINTS, np.float32), 1.0)


class Finder:
    """Finds `n_faces` side by side, all of them the one."""

    def __init__(self, n_faces: int = 1) -> None:
        self.n_faces = n_faces

    def find(self, pixels: np.ndarray) -> tuple[FoundFace, ...]:
        height, width = pixels.shape[:2]
        side = width / self.n_faces
        return tuple(
            FoundFace((side * k, 0.0, side, float(height)), (0.0, 0.0), (1.0, 0.0), 0.9, Square(0.0, 0.0, side, 0.0))
            for k in range(self.n_faces)
        )

    def landmarks(self, _pixels: np.ndarray, _face: FoundFace) -> Landmarks:
        return true_landmarks()


class Reader:
    """Reads photos stage by stage, as `core.photo.photo_face.read_photos` does; `gate` holds it before the last.

    Attributes
    ----------
    error : Exception or None
        Raised in place of the last stage.
    faces : list
        The faces that were asked for, of each call.
    """

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.faces: list[object] = []
        self.locks: list[Locks | None] = []

    def __call__(self, photos, tools, *, faces, locks=None, before=(), control) -> Iterator[PhotoFace]:  # type: ignore[no-untyped-def]
        self.faces.append(list(faces))
        self.locks.append(locks)
        photo: Photo = photos[0]
        control(0.1)
        height, width = photo.pixels.shape[:2]
        nothing = np.zeros((height, width), np.float32)
        linear = photo.pixels.astype(np.float32) / 255
        seen = Observation(photo.pixels, linear, true_landmarks(), Masks(nothing, nothing, nothing), None)
        fit = before[0].fit if before else true_fit()
        held = [known.pins for known in before] or [()] * len(photos)
        numbers = [known.number for known in before] or range(len(photos))
        layer, *others = (
            PhotoLayer(one.name, one.data, one.digest, fit, None, pins, locks or Locks(), number)
            for one, pins, number in zip(photos, held, numbers, strict=True)
        )
        found = PhotoFace(Stage.FITTED, seen, layer, others=tuple(others))
        yield found
        control(0.4)
        sh9 = np.zeros((9, 3), np.float32)
        sh9[0], sh9[3] = (0.8, 0.9, 1.0), (0.3, 0.3, 0.3)
        light = PhotoLight(read_only(sh9), read_only(np.tile(sh9, (MAP_SIDE, MAP_SIDE, 1, 1))))
        found = replace(found, stage=Stage.LIT, layer=replace(layer, light=light), albedo=ALBEDO)
        yield found
        found = replace(found, stage=Stage.REFINED)
        yield found
        while not self.gate.wait(0.01):
            control(0.5)
        if self.error is not None:
            raise self.error
        relief = np.zeros((128, 128), np.float32)
        relief[40] = -0.2
        points = np.array([[0.3, 0.32], [0.5, 0.32], [0.7, 0.32]])
        line = Stroke("of-photo", points, np.ones(3, np.float32), depth_mm=0.2, from_source=True)
        yield replace(found, stage=Stage.READ, relief=PhotoRelief(relief, (line,), np.ones_like(relief)))
        control(1.0)
