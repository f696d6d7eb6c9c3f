"""Scores of edits in photos, on pictures of people of whom everything is known, against renders of the edited people.

Head, camera, skin and relief are the true ones; the light is read out of the photo. So the figures are those of the
drawing into the photo, and not of what was found before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
from rhytid.core.photo.sitting import random_sitting
from rhytid.core.photo.skin_levels import ShownSkin
from rhytid.core.photo.unwrap import unwrap
from rhytid.gui.render.fragments import GLRasteriser
from rhytid.gui.render.photo_people import Portrait, portrait

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Figures = dict[str, dict[str, float]]

_SIDE = 512
_OLD, _YOUNG = 62.0, 20.0
_ERASED_BELOW = 0.45  # of the chart, where lines are erased: the forehead and round the eyes
_CHANGED = 4  # steps of 256 by which pixels of the true pictures differ where an edit shows
_EXPRESSION_SHARE = 0.7


@dataclass(frozen=True, eq=False)
class PhotoWithTruth:
    """A photo of somebody who does not exist, ready for edits.

    Attributes
    ----------
    truth : Portrait
    original : ShownSkin
    edits : EditedPhoto
    """

    truth: Portrait
    original: ShownSkin
    edits: EditedPhoto

    def score(self, edited: ShownSkin, head: Any, ctx: Any) -> tuple[float, float]:
        """Decibels where the edit shows: of the edited photo, and of the photo as it was."""
        before, true = (
            self.truth.shown(head, ctx, one.vertices, one.displacement, one.albedo).astype(np.float64)
            for one in (self.original, edited)
        )
        where = np.abs(true - before).max(axis=2) > _CHANGED
        found = self.edits.picture(edited)
        return decibels(found, true, where), decibels(self.truth.pixels, true, where)


def decibels(found: UInt8, true: npt.NDArray[np.floating], where: npt.NDArray[np.bool_]) -> float:
    """Peak signal to noise of pixels."""
    return float(10 * np.log10(255**2 / (np.square(found[where].astype(np.float64) - true[where]).mean() + 1e-9)))


def photo_with_truth(tools: Any, seed: int, ctx: Any) -> PhotoWithTruth:
    """The photo of a seed, its light read as the program reads it."""
    head, relief = tools.head, wrinkles(tools.head, seed, _OLD)
    truth = portrait(head, seed, ctx, frontal=seed % 2 == 0, side_lit=seed % 3 == 2, relief=relief)
    fit = HeadFit(truth.sitting.identity, truth.sitting.expression, truth.camera, None, 0.0)
    linear = linear_from_srgb(truth.pixels / 255).astype(np.float32)
    masks = masks_of(truth.pixels, landmarks_of(fit, head))
    rasteriser = GLRasteriser(ctx)
    try:
        chart = unwrap(linear, masks, truth.posed, truth.camera, tools.raster(_SIDE), rasteriser)
        (light,), _ = light_and_color([chart])
        original = ShownSkin(truth.posed, relief, truth.albedo)
        scene = PhotoScene(truth.pixels, masks, truth.camera, light, (0.0, 0.0, 0.0))
        return PhotoWithTruth(truth, original, EditedPhoto(scene, original, tools.raster(_SIDE), tools.rasteriser))
    finally:
        rasteriser.release()


def wrinkles(head: Any, seed: int, age: float) -> Float32:
    """Relief of the procedural engine at an age, float32 (512, 512) mm."""
    state = DocumentState(age=age, settings=EngineSettings(seed=seed))
    return DetailMaker(default_engines()).maps(state, head, _SIDE).displacement


def in_photo_figures(tools: Any, ctx: Any, n_people: int) -> Figures:
    """Rows of the table."""
    same, moved, touched = [], [], 0
    for seed in range(n_people):
        photo = photo_with_truth(tools, seed, ctx)
        for edited in (without_lines(photo, tools.head, seed), younger(photo, tools.head, seed)):
            same.append(photo.score(edited, tools.head, ctx))
        moved.append(photo.score(with_expression(photo, tools.head, seed), tools.head, ctx))
        touched += unedited_changed(photo, tools, seed)
    if not same:
        return {}
    return {
        "in the photo, lines and age, dB": _row(same),
        "in the photo, expression, dB": _row(moved),
        "in the photo, unedited pixels changed": {"found": float(touched)},
    }


def _row(scores: list[tuple[float, float]]) -> dict[str, float]:
    found, kept = np.median(np.array(scores), axis=0)
    return {"found": float(found), "baseline": float(kept)}


def without_lines(photo: PhotoWithTruth, head: Any, seed: int) -> ShownSkin:
    """Lines of the upper face are gone."""
    relief = photo.original.displacement.copy()
    rows = int(_ERASED_BELOW * _SIDE)
    relief[:rows] = wrinkles(head, seed, _YOUNG)[:rows]
    return ShownSkin(photo.original.vertices, relief, photo.original.albedo)


def younger(photo: PhotoWithTruth, head: Any, seed: int) -> ShownSkin:
    """Relief and colour of a young person."""
    side = len(photo.original.albedo)
    now, then = (linear_from_srgb(procedural_albedo(side, seed, age) / 255) for age in (_YOUNG, _OLD))
    aged = linear_from_srgb(photo.original.albedo / 255) * now / np.maximum(then, 1e-3)
    albedo = np.round(srgb_from_linear(aged) * 255).astype(np.uint8)
    return ShownSkin(photo.original.vertices, wrinkles(head, seed, _YOUNG), albedo)


def with_expression(photo: PhotoWithTruth, head: Any, seed: int) -> ShownSkin:
    """The expression of another sitting."""
    sitting = photo.truth.sitting
    other = random_sitting(head, np.random.default_rng([seed, 0x5111E])).expression
    weights = sitting.expression + (other - sitting.expression) * np.float32(_EXPRESSION_SHARE)
    vertices = head.shape(sitting.identity, weights)
    return ShownSkin(vertices, photo.original.displacement, photo.original.albedo)


def unedited_changed(photo: PhotoWithTruth, tools: Any, seed: int) -> int:
    """How many pixels have changed that show no skin with an erased line, nor skin beside it."""
    edited = without_lines(photo, tools.head, seed)
    found, camera = photo.edits.picture(edited), photo.truth.camera
    chart = np.full((len(tools.head.neutral), 2), 2.0, np.float32)
    chart[: tools.head.n_skin] = tools.head.chart
    seen = tools.rasteriser.surface(
        camera.to_camera(photo.truth.posed), tools.head.triangles, chart, camera.focal_px, camera.centre, camera.size
    )
    # The gradient of the last row that changes reaches one texel on, and so does reading between texels.
    edited_skin = (seen.triangle >= 0) & (seen.values[..., 1] * _SIDE < int(_ERASED_BELOW * _SIDE) + 2)
    return int(((found != photo.truth.pixels).any(axis=2) & ~edited_skin).sum())
