"""Random edits of photographed people who do not exist, drawn into their photos, beside renders of the edited people.

The photo's light is read out of it, and in half of the people relief and colour are known no better than a photo gives
them: what is wrong with ratio images in use is wrong with these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, linked_name
from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import default_engines
from rhytid.core.face.in_photo import landmarks_of
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.photo.edited_photo import EditedPhoto, PhotoScene
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.light import light_and_color
from rhytid.core.photo.masks import masks_of
from rhytid.core.photo.photo_face import PhotoTools
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.render_buffers import RenderFrame, albedo_sized
from rhytid.core.photo.sitting import random_sitting
from rhytid.core.photo.skin_levels import ShownSkin
from rhytid.core.photo.unwrap import unwrap
from rhytid.core.synthesis import synthesise
from rhytid.core.training.photo_render_records import RenderRecord
from rhytid.gui.render.photo_people import Portrait, portrait

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

SIDE = 512
"""Texels a side of relief and of ratios."""
_STREAM = 0xD37
_YOUNGEST, _OLDEST, _LEAST_YEARS = 18.0, 68.0, 12.0
_NOISE_CELLS = 24
_SHAPES = (
    "jawOpen", "mouthSmileLeft", "mouthFrownLeft", "mouthFunnel", "mouthPucker", "mouthUpperUpLeft",
    "mouthLowerDownLeft", "mouthStretchLeft", "browInnerUp", "browDownLeft", "browOuterUpLeft", "eyeBlinkLeft",
    "eyeSquintLeft", "eyeWideLeft", "cheekSquintLeft", "noseSneerLeft", "cheekPuff", "jawLeft",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class TrueEdit:
    """An edited person.

    Attributes
    ----------
    kind : str
        "lines", "age", "expression", "shape", "both" or "fake".
    skin : ShownSkin
    """

    kind: str
    skin: ShownSkin


class EditedPerson:
    """A person of whom everything is known, and the edits of the photo.

    Parameters
    ----------
    tools : PhotoTools
    seed : int
    ctx : moderngl.Context
        Current.
    """

    def __init__(self, tools: PhotoTools, seed: int, ctx: moderngl.Context) -> None:
        self._tools, self._seed, self._ctx = tools, seed, ctx
        self._rng = rng = np.random.default_rng([_STREAM, seed])
        self._synthetic = bool(rng.random() < 0.5)
        self._age = float(rng.uniform(_YOUNGEST, _OLDEST))
        self._expression = random_sitting(tools.head, np.random.default_rng([_STREAM, seed, 1])).expression
        self._relief = self._relief_at(self._age, self._expression)
        self.truth: Portrait = portrait(
            tools.head, seed, ctx, frontal=bool(rng.random() < 0.5), side_lit=bool(rng.random() < 0.33),
            relief=self._relief, expression=self._expression,
        )  # fmt: skip
        self.original = ShownSkin(self.truth.posed, self._relief, self.truth.albedo)
        self._flaws = Flaws(rng) if rng.random() < 0.5 else None

    def edits(self) -> Iterator[TrueEdit]:
        """One of each kind, and one more that is fake."""
        rng = self._rng
        posed, relief, albedo = self.original.vertices, self._relief, self.original.albedo
        other_age = self._other_age()
        aged = self._relief_at(other_age, self._expression)
        where = _somewhere(rng)
        yield TrueEdit("lines", ShownSkin(posed, relief + where * (aged - relief), albedo))
        yield TrueEdit("age", ShownSkin(posed, aged, self._aged_color(other_age)))
        for kind in ("expression", "shape", "both"):
            expression = self._shape() if kind == "shape" else self._other_expression()
            vertices = self._tools.head.shape(self.truth.sitting.identity, expression)
            if kind == "both":
                made = ShownSkin(vertices, self._relief_at(other_age, expression), self._aged_color(other_age))
            else:
                creased = rng.random() < 0.5
                made = ShownSkin(vertices, self._relief_at(self._age, expression) if creased else relief, albedo)
            yield TrueEdit(kind, made)
        yield TrueEdit("fake", ShownSkin(posed, relief + fake_strokes(rng), albedo))
        stranger = synthesise(self._seed + 1, _OLDEST, np.zeros_like(self._expression), SIDE).displacement
        yield TrueEdit("fake", ShownSkin(posed, relief + np.float32(rng.uniform(0.4, 1)) * stranger, albedo))

    def records(self, rasteriser: Rasteriser) -> Iterator[RenderRecord]:
        """The edits as the rendering network learns from them."""
        known = self._known(self.original)
        clean = self._true_picture(self.original)
        scene = self._scene(rasteriser)
        scenes = scene, replace(scene, pixels=clean)
        photo, without_noise = (EditedPhoto(one, known, self._tools.raster(SIDE), rasteriser) for one in scenes)
        frame = RenderFrame(photo, rasteriser)
        for edit in self.edits():
            shown = self._known(edit.skin)
            buffers = frame.buffers(shown, photo.drawn(shown))
            true = frame.cut(self._true_picture(edit.skin))
            lacking = (true - frame.cut(without_noise.picture(shown))) / np.float32(255)
            yield RenderRecord(buffers, np.asarray(lacking, np.float32), edit.kind == "fake")

    def albedo(self) -> UInt8:
        """The skin's colour as it is known, uint8 (128, 128, 3)."""
        return albedo_sized(self._known(self.original).albedo)

    def _scene(self, rasteriser: Rasteriser) -> PhotoScene:
        tools, truth = self._tools, self.truth
        fit = HeadFit(truth.sitting.identity, truth.sitting.expression, truth.camera, None, 0.0)
        linear = linear_from_srgb(truth.pixels / 255).astype(np.float32)
        masks = masks_of(truth.pixels, landmarks_of(fit, tools.head))
        chart = unwrap(linear, masks, truth.posed, truth.camera, tools.raster(SIDE), rasteriser)
        (light,), _ = light_and_color([chart])
        return PhotoScene(truth.pixels, masks, truth.camera, light, (0.0, 0.0, 0.0))

    def _true_picture(self, skin: ShownSkin) -> UInt8:
        return self.truth.shown(self._tools.head, self._ctx, skin.vertices, skin.displacement, skin.albedo)

    def _known(self, skin: ShownSkin) -> ShownSkin:
        if self._flaws is None:
            return skin
        return replace(skin, displacement=self._flaws.relief(skin.displacement), albedo=self._flaws.color(skin.albedo))

    def _relief_at(self, age: float, expression: Float32) -> Float32:
        if self._synthetic:
            return synthesise(self._seed, age, expression, SIDE, scan=False).displacement
        worn = tuple(float(weight) for weight in expression)
        state = DocumentState(age=age, expression=worn, settings=EngineSettings(seed=self._seed))
        return DetailMaker(default_engines()).maps(state, self._tools.head, SIDE).displacement

    def _other_age(self) -> float:
        while abs((age := float(self._rng.uniform(_YOUNGEST, _OLDEST))) - self._age) < _LEAST_YEARS:
            pass
        return age

    def _aged_color(self, age: float) -> UInt8:
        now, then = (linear_from_srgb(procedural_albedo(len(self.truth.albedo), self._seed, years) / 255)
                     for years in (age, self._age))  # fmt: skip
        return _srgb(linear_from_srgb(self.truth.albedo / 255) * now / np.maximum(then, 1e-3))

    def _other_expression(self) -> Float32:
        other = random_sitting(self._tools.head, self._rng).expression
        share = np.float32(self._rng.uniform(0.3, 1))
        return np.asarray(self._expression + (other - self._expression) * share, np.float32)

    def _shape(self) -> Float32:
        """One or two shapes more than there were."""
        expression = self._expression.copy()
        for name in self._rng.choice(_SHAPES, int(self._rng.integers(1, 3)), replace=False):
            weight = np.float32(self._rng.uniform(0.3, 1))
            for one in {str(name), linked_name(str(name)) or str(name)}:
                expression[ARKIT_INDEX[one]] = max(expression[ARKIT_INDEX[one]], weight)
        return expression


class Flaws:
    """What is wrong with relief and colour that were read out of a photo: too smooth, too weak, and uneven."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._blur = rng.uniform(0.3, 1.6)
        self._gain = np.float32(rng.uniform(0.6, 1.1))
        self._bumps = np.float32(rng.uniform(0.005, 0.03)) * _noise(rng, _NOISE_CELLS)
        self._color_blur = rng.uniform(0.3, 2.0)
        bright = rng.uniform(0.03, 0.12) * _noise(rng, 5)[..., None]
        self._tone = np.exp(bright + rng.uniform(0.0, 0.04) * np.stack([_noise(rng, 5) for _ in range(3)], axis=-1))

    def relief(self, displacement: Float32) -> Float32:
        """Displacement (512, 512) as a photo gives it."""
        return np.asarray(cv2.GaussianBlur(displacement, (0, 0), self._blur) * self._gain + self._bumps, np.float32)

    def color(self, albedo: UInt8) -> UInt8:
        """Skin colour as a photo gives it."""
        linear = cv2.GaussianBlur(linear_from_srgb(albedo / 255), (0, 0), self._color_blur)
        return _srgb(linear * cv2.resize(self._tone, albedo.shape[:2], interpolation=cv2.INTER_LINEAR))


def fake_strokes(rng: np.random.Generator) -> Float32:
    """A few random furrows with raised edges, displacement (512, 512) in mm."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(int(rng.integers(3, 12))):
        start, angle = rng.uniform(0.15, 0.85, 2) * SIDE, rng.uniform(0, np.pi)
        length, bend = rng.uniform(0.05, 0.25) * SIDE, rng.normal(0, 1.0)
        along = np.linspace(0, 1, 32)
        turned = angle + bend * along
        points = start + np.cumsum(np.stack([np.cos(turned), np.sin(turned)], 1), axis=0) * length / len(along)
        apart = np.full((SIDE, SIDE), 255, np.uint8)
        cv2.polylines(apart, [np.round(points * 16).astype(np.int32)], False, 0, 1, cv2.LINE_8, 4)
        distance = cv2.distanceTransform(apart, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        ends = np.minimum(*(np.hypot(*(np.mgrid[:SIDE, :SIDE][::-1] - points[k][:, None, None])) for k in (0, -1)))
        t = distance / rng.uniform(1.2, 4.0)
        profile = (1 - t * t / 2) * np.exp(-t * t / 2) * np.clip(ends / (0.3 * length) + 0.2, 0, 1)
        total -= np.float32(rng.choice([1, 1, 1, -0.5]) * rng.uniform(0.05, 0.5)) * profile.astype(np.float32)
    return total


def _somewhere(rng: np.random.Generator) -> Float32:
    """A part of the chart with soft edges, or all of it, 0..1 (512, 512)."""
    if rng.random() < 0.2:
        return np.ones((SIDE, SIDE), np.float32)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    (cx, cy), (rx, ry) = rng.uniform(0.25, 0.75, 2), rng.uniform(0.12, 0.35, 2)
    inside = np.clip(3 * (1 - np.hypot((x - cx) / rx, (y - cy) / ry)), 0, 1)
    return inside.astype(np.float32)


def _noise(rng: np.random.Generator, cells: int) -> Float32:
    field = rng.standard_normal((cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(field, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.float32)


def _srgb(linear: npt.NDArray[np.floating]) -> UInt8:
    return np.asarray(np.round(srgb_from_linear(np.clip(linear, 0, 1)) * 255), np.uint8)
