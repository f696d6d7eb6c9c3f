"""People of three tones and three ages, close, against kept pictures: eyes, mouth, skin.

Kept and made anew as those of `test_golden_pictures`. The tolerances are those of skin: melanin that is off
by a twentieth of its slider, or skin that is too matt, is found; two tests prove that.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import moderngl
import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.ageing import SHAPE_AGE, part_shares
from rhytid.core.head.load import default_head
from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.complexion import TONES, Complexion, iris_color
from rhytid.core.maps.complexion_map import complexion_map
from rhytid.core.maps.skin_layers import SkinLayers
from rhytid.gui.render.occlusion import OcclusionBake
from rhytid.gui.render.offscreen import OffscreenRenderer

FOLDER = Path(__file__).resolve().parents[1] / "golden"
SIZE = (200, 150)
SIDE = 512
SHIFT_TOLERANCE = 0.6  # of 255, of a channel's mean: another driver is grainy elsewhere, but not brighter
MEAN_TOLERANCE = 1.2
PATCH_TOLERANCE = 1.5  # of the means of 9 x 9 pixels, but for the 2 % that differ most
TONED = dict(zip(("lightest", "medium", "darkest"), (TONES[0], TONES[4], TONES[-1]), strict=True))
VIEWS = {
    "eyes": Camera(yaw_deg=14.0, target_mm=(0.0, 38.0, 95.0), distance_mm=270.0),
    "mouth": Camera(yaw_deg=-18.0, target_mm=(0.0, -38.0, 95.0), distance_mm=170.0),
    "skin": Camera(yaw_deg=48.0, target_mm=(32.0, -4.0, 82.0), distance_mm=190.0),
}
LIGHTS = {"skin": Lighting(environment_intensity=0.6, key_intensity=4.0, key_yaw_deg=-28.0, key_pitch_deg=30.0)}
"""From the other side than the camera: skin mirrors it."""
WHOLE = Camera(yaw_deg=28.0, distance_mm=480.0)
AGES = (20.0, 50.0, 78.0)
Draw = Callable[..., np.ndarray]


@pytest.fixture(scope="module")
def relief() -> np.ndarray:
    """Pores and a few lines, mm."""
    noise = np.random.default_rng(2).standard_normal((SIDE, SIDE)).astype(np.float32)
    pores = cv2.GaussianBlur(noise, (0, 0), 1.2) - cv2.GaussianBlur(noise, (0, 0), 3)
    t = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    lines = sum(np.exp(-(((t - row) / 0.004) ** 2)) for row in (0.07, 0.11, 0.48, 0.6))
    return np.asarray(0.03 * pores - 0.1 * np.asarray(lines)[:, None], np.float32)


@pytest.fixture(scope="module")
def draw(ctx: moderngl.Context, relief: np.ndarray) -> Iterator[Draw]:
    """Draws a person; one renderer for all, whose shape is the same for all tones."""
    head, layers = default_head(), SkinLayers.of(3, SIDE)
    rays = OcclusionBake.__init__.__defaults__
    OcclusionBake.__init__.__defaults__ = (4,)  # type: ignore[misc]
    pictures = OffscreenRenderer(ctx, head, SIZE)
    smile = expression_array({"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4, "jawOpen": 0.15})

    def picture(complexion: Complexion, view: str = "", age: float = SHAPE_AGE, gloss: float = 1.0) -> np.ndarray:
        colors: SkinColors = complexion_map(complexion, age, layers)
        if gloss != 1:
            colors = colors._replace(gloss=np.round(procedural_gloss(SIDE) * gloss).astype(np.uint8))
        shape = head.shape((), smile, part_shares(age))
        return pictures.picture(
            shape, relief, VIEWS.get(view, WHOLE), LIGHTS.get(view), samples=2, albedo=colors,
            iris=iris_color(complexion), scale_bar=False,
        )  # fmt: skip

    picture(Complexion())  # makes what stays until the last picture
    yield picture
    pictures.release()
    OcclusionBake.__init__.__defaults__ = rays


def person(tone: str) -> Complexion:
    _, melanin, warmth, blood, yellow = TONED[tone]
    return Complexion(melanin=melanin, warmth=warmth, blood=blood, yellow=yellow)


CASES: dict[str, Callable[[Draw], np.ndarray]] = {
    **{f"{view}_{tone}": partial(lambda tone, view, draw: draw(person(tone), view), tone, view)
       for tone in TONED for view in VIEWS},
    **{f"person_{age:.0f}": partial(lambda age, draw: draw(Complexion(), age=age), age) for age in AGES},
}  # fmt: skip


def kept(name: str) -> np.ndarray:
    read = cv2.imread(str(FOLDER / f"{name}.png"))
    assert read is not None, f"{name}.png is missing: run with RHYTID_UPDATE_GOLDEN=1"
    return read[..., ::-1].astype(int)


def differs(image: np.ndarray, wanted: np.ndarray) -> str:
    """What is different between two pictures; "" for nothing."""
    difference = (image.astype(int) - wanted).astype(np.float32)
    shift, mean = np.abs(difference.mean(axis=(0, 1))).max(), np.abs(difference).mean()
    patch = np.percentile(np.abs(cv2.blur(difference, (9, 9))), 98)
    found = f"mean {mean:.2f}, shift {shift:.2f}, patches {patch:.2f}"
    alike = shift <= SHIFT_TOLERANCE and mean <= MEAN_TOLERANCE and patch <= PATCH_TOLERANCE
    return "" if alike else found


@pytest.mark.parametrize("name", list(CASES))
def test_a_person_is_as_kept(name: str, draw: Draw, tmp_path: Path) -> None:
    image = CASES[name](draw)
    if os.environ.get("RHYTID_UPDATE_GOLDEN"):
        cv2.imwrite(str(FOLDER / f"{name}.png"), image[..., ::-1])
    wanted = kept(name)
    if found := differs(image, wanted):
        beside = np.clip(128 + 8 * (image.astype(int) - wanted), 0, 255)
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.hstack([wanted, image, beside]).astype(np.uint8)[..., ::-1])
        pytest.fail(f"{name}: {found}; see {tmp_path / name}.png")


@pytest.mark.parametrize("tone", list(TONED))
def test_melanin_that_is_off_by_a_twentieth_is_found(tone: str, draw: Draw) -> None:
    right = person(tone)
    wrong = replace(right, melanin=right.melanin + (0.05 if right.melanin < 0.5 else -0.05))
    assert differs(draw(wrong, "skin"), kept(f"skin_{tone}"))


@pytest.mark.parametrize("tone", list(TONED))
def test_skin_that_is_too_matt_is_found(tone: str, draw: Draw) -> None:
    assert differs(draw(person(tone), "skin", gloss=0.6), kept(f"skin_{tone}"))
