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
from rhytid.core.photo.rendered_photo import RenderedPhoto, RenderNetwork
from rhytid.core.photo.sitting import random_sitting
from rhytid.core.photo.skin_levels import ShownSkin
from rhytid.core.photo.unwrap import unwrap
from rhytid.gui.render.fragments import GLRasteriser
from rhytid.gui.render.photo_edits import fake_strokes
from rhytid.gui.render.photo_people import Portrait, portrait

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]
Figures = dict[str, dict[str, float]]

RENDERERS = ("in the photo", "in the photo by network")
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
    rendered : RenderedPhoto or None
        By the network, where there is one.
    before : float64 (1024, 1024, 3)
        The photo without the camera's noise.
    """

    truth: Portrait
    original: ShownSkin
    edits: EditedPhoto
    rendered: RenderedPhoto | None
    before: Float64

    def scores(self, edited: ShownSkin, head: Any, ctx: Any) -> tuple[float, ...]:
        """Decibels where the edit shows: of the photo as it was, by ratio images, and by the network, if any."""
        true = self.true_picture(edited, head, ctx)
        where = np.abs(true - self.before).max(axis=2) > _CHANGED
        return tuple(decibels(found, true, where) for found in (self.truth.pixels, *self.pictures(edited)))

    def obedience(self, edited: ShownSkin, head: Any, ctx: Any) -> tuple[float, ...]:
        """Correlation of the change of brightness with the true one where either is: by ratio images, and network."""
        true = (self.true_picture(edited, head, ctx) - self.before).mean(axis=2)
        result = []
        for picture in self.pictures(edited):
            change = (picture.astype(np.float64) - self.truth.pixels).mean(axis=2)
            where = (change != 0) | (np.abs(true) > 1)
            result.append(float(np.corrcoef(change[where], true[where])[0, 1]))
        return tuple(result)

    def pictures(self, edited: ShownSkin) -> list[UInt8]:
        """The edit by ratio images, and by the network if there is one."""
        return [one.picture(edited) for one in (self.edits, self.rendered) if one is not None]

    def true_picture(self, skin: ShownSkin, head: Any, ctx: Any) -> Float64:
        """A render of the person."""
        return self.truth.shown(head, ctx, skin.vertices, skin.displacement, skin.albedo).astype(np.float64)


def decibels(found: UInt8, true: npt.NDArray[np.floating], where: npt.NDArray[np.bool_]) -> float:
    """Peak signal to noise of pixels."""
    return float(10 * np.log10(255**2 / (np.square(found[where].astype(np.float64) - true[where]).mean() + 1e-9)))


def photo_with_truth(tools: Any, seed: int, ctx: Any, network: RenderNetwork | None = None) -> PhotoWithTruth:
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
        edits = EditedPhoto(scene, original, tools.raster(_SIDE), tools.rasteriser)
        rendered = None if network is None else RenderedPhoto(edits, tools.rasteriser, network)
        before = truth.shown(head, ctx, original.vertices, relief, truth.albedo).astype(np.float64)
        return PhotoWithTruth(truth, original, edits, rendered, before)
    finally:
        rasteriser.release()


def wrinkles(head: Any, seed: int, age: float) -> Float32:
    """Relief of the procedural engine at an age, float32 (512, 512) mm."""
    state = DocumentState(age=age, settings=EngineSettings(seed=seed))
    return DetailMaker(default_engines()).maps(state, head, _SIDE).displacement


def in_photo_figures(
    tools: Any, ctx: Any, n_people: int, network: RenderNetwork | None = None, first: int = 0
) -> Figures:
    """Rows of the table, those of ratio images and of the network.

    Parameters
    ----------
    network : RenderNetwork, optional
        Without it there are no rows of it.
    first : int
        Seed of the first person.
    """
    same, moved, obeyed, touched = [], [], [], []
    for seed in range(first, first + n_people):
        photo = photo_with_truth(tools, seed, ctx, network)
        for edited in (without_lines(photo, tools.head, seed), younger(photo, tools.head, seed)):
            same.append(photo.scores(edited, tools.head, ctx))
        moved.append(photo.scores(with_expression(photo, tools.head, seed), tools.head, ctx))
        obeyed.append(photo.obedience(with_fake_wrinkles(photo, seed), tools.head, ctx))
        touched.append(unedited_changed(photo, tools, seed))
    figures: Figures = {}
    for k, name in enumerate(RENDERERS[: len(touched[0]) if touched else 0]):
        figures |= {
            f"{name}, lines and age, dB": _row(same, k),
            f"{name}, expression, dB": _row(moved, k),
            f"{name}, obeys the relief": {"found": float(np.median(np.array(obeyed)[:, k]))},
            f"{name}, unedited pixels changed": {"found": float(np.array(touched)[:, k].sum())},
        }
    return figures


def _row(scores: list[tuple[float, ...]], renderer: int) -> dict[str, float]:
    kept, *found = np.median(np.array(scores), axis=0)
    return {"found": float(found[renderer]), "baseline": float(kept)}


def with_fake_wrinkles(photo: PhotoWithTruth, seed: int) -> ShownSkin:
    """Wrinkles that the photo does not show (FaceDet3D eq. 14)."""
    original = photo.original
    strokes = fake_strokes(np.random.default_rng([seed, 0xFA4E]))
    return ShownSkin(original.vertices, original.displacement + strokes, original.albedo)


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


def unedited_changed(photo: PhotoWithTruth, tools: Any, seed: int) -> tuple[int, ...]:
    """How many pixels each renderer has changed that show no skin with an erased line, nor skin beside it."""
    edited = without_lines(photo, tools.head, seed)
    camera = photo.truth.camera
    chart = np.full((len(tools.head.neutral), 2), 2.0, np.float32)
    chart[: tools.head.n_skin] = tools.head.chart
    seen = tools.rasteriser.surface(
        camera.to_camera(photo.truth.posed), tools.head.triangles, chart, camera.focal_px, camera.centre, camera.size
    )
    # The gradient of the last row that changes reaches one texel on, and so does reading between texels.
    edited_skin = (seen.triangle >= 0) & (seen.values[..., 1] * _SIDE < int(_ERASED_BELOW * _SIDE) + 2)
    return tuple(
        int(((found != photo.truth.pixels).any(axis=2) & ~edited_skin).sum()) for found in photo.pictures(edited)
    )
