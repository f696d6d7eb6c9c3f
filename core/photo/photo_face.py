"""From photos of a person to the person's face, in stages that each can be shown.

Find the face; fit head, camera and expression; tell light and skin colour apart; read the relief and its lines. Several
photos of one person share identity and skin; the first gives expression, light and relief of the face that comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head
from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.photo.albedo import Albedo, albedo
from rhytid.core.photo.dense_fit import SeenPhoto, refine_several
from rhytid.core.photo.face_finder import FaceFinder, FoundFace
from rhytid.core.photo.fit import HeadFit, PhotoLandmarks, Pin, fit_several
from rhytid.core.photo.image import Photo
from rhytid.core.photo.layer import MAX_PHOTOS, PhotoLayer
from rhytid.core.photo.light import PhotoLight, light_and_color
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.observation import Observation, observe
from rhytid.core.photo.rasteriser import NumpyRasteriser, Rasteriser
from rhytid.core.photo.registration import EDGES
from rhytid.core.photo.relief import PhotoRelief, ReliefReader, photo_relief, without_wrinkle_shading
from rhytid.core.photo.surroundings import AROUND_SIDE, surroundings
from rhytid.core.photo.unwrap import Unwrapped, unwrap

Float32 = npt.NDArray[np.float32]

FIRST_SIDE, SIDE = 512, 1024
"""Texels of the chart that is shown first, and of the one that stays."""


class Stage(str, Enum):
    """How far a photo has been read; the value is what is going on."""

    FITTED = "Fitting the head"
    LIT = "Telling light and skin apart"
    REFINED = "Refining the head by its shading"
    READ = "Reading the skin's relief"


@dataclass(frozen=True, eq=False)
class PhotoFace:
    """What has been found so far.

    Attributes
    ----------
    stage : Stage
        The last one that is done.
    observation : Observation
        Of the first photo.
    layer : PhotoLayer
        Its light is None before `Stage.LIT`.
    albedo : Albedo or None
        None before `Stage.LIT`.
    relief : PhotoRelief or None
        None before `Stage.READ`.
    others : tuple of PhotoLayer
        What was found of the photos after the first.
    around : float32 (S, S, 3) or None
        Linear colour of the skin outside the chart, see `core.photo.surroundings`; None before `Stage.READ`.
    """

    stage: Stage
    observation: Observation
    layer: PhotoLayer
    albedo: Albedo | None = None
    relief: PhotoRelief | None = None
    others: tuple[PhotoLayer, ...] = ()
    around: Float32 | None = None


class PhotoTools:
    """All that reading photos needs: opened once, at first use, for any number of photos of one thread.

    Parameters
    ----------
    head : Head
        With the identity modes of the head that comes with the program.
    rasteriser : Rasteriser, optional
        By default the one that needs no OpenGL.

    Raises
    ------
    ValueError
        The head is another than that of the program.
    """

    def __init__(self, head: Head, rasteriser: Rasteriser | None = None) -> None:
        self.head = head
        self.rasteriser: Rasteriser = NumpyRasteriser() if rasteriser is None else rasteriser
        self._rasters: dict[int, ChartRaster] = {}

    @cached_property
    def finder(self) -> FaceFinder:
        """Raises `core.photo.face_models.FaceModelsMissing`."""
        return FaceFinder.load()

    @cached_property
    def relief_reader(self) -> ReliefReader:
        """Raises `core.learned.weights.WeightsError`."""
        return ReliefReader.load()

    @cached_property
    def enlarger(self) -> SuperResolution:
        """Raises `core.learned.weights.WeightsError`."""
        return SuperResolution.load()

    def raster(self, side: int) -> ChartRaster:
        """The head's chart at a resolution."""
        if side not in self._rasters:
            self._rasters[side] = ChartRaster(self.head, side)
        return self._rasters[side]

    @cached_property
    def around(self) -> ChartRaster:
        """The plane around the chart."""
        return ChartRaster(self.head, AROUND_SIDE, AROUND_FIRST, AROUND_SPAN)


def read_photos(
    photos: Sequence[Photo],
    tools: PhotoTools,
    *,
    faces: Sequence[FoundFace | None] | None = None,
    locks: Locks | None = None,
    before: Sequence[PhotoLayer] = (),
    control: Control | None = None,
) -> Iterator[PhotoFace]:
    """Read photos of one person, giving what is found after each stage.

    Parameters
    ----------
    photos : sequence of Photo
        The first one gives expression, light and relief.
    tools : PhotoTools
    faces : sequence of FoundFace or None, optional
        Which face of each photo is meant; by default the best.
    locks : Locks, optional
        What stays as `before` has it.
    before : sequence of PhotoLayer, optional
        What was found of each photo before, and its pins.
    control : Control, optional
        Asked between the steps.

    Raises
    ------
    ValueError
        No photo or too many, no face in one of them (`NoFace`), or too little skin to tell the light.
    core.photo.face_models.FaceModelsMissing, core.learned.weights.WeightsError
        The networks are not there.
    core.detail.engine.Cancelled
        `control` said so.
    """
    if not photos:
        raise ValueError("there is no photo to read")
    if len(photos) > MAX_PHOTOS:
        raise ValueError(f"{len(photos)} photos are too many of one person; choose up to {MAX_PHOTOS}")
    watch = Control() if control is None else control
    chosen = faces if faces is not None else [None] * len(photos)
    locked = Locks() if locks is None else locks
    watch(0.0)
    seen = [observe(photo, tools.finder, face) for photo, face in zip(photos, chosen, strict=True)]
    watch(0.15)
    pins = [layer.pins for layer in before] or [()] * len(photos)
    fits = _fitted(seen, tools.head, pins, locked, before)
    numbers = [layer.number for layer in before] or range(len(photos))
    layers = [
        PhotoLayer(
            photo.name, photo.data, photo.digest, fit, None, held, locked, number, edges=one.landmarks.points[[*EDGES]]
        )
        for photo, one, fit, held, number in zip(photos, seen, fits, pins, numbers, strict=True)
    ]
    found = PhotoFace(Stage.FITTED, seen[0], layers[0], others=tuple(layers[1:]))
    yield found
    watch(0.25)
    charts = _unwrapped(seen, fits, tools, tools.raster(FIRST_SIDE))
    watch(0.4)
    lights, color = _lit(charts, locked, before)
    layers = [replace(layer, light=light) for layer, light in zip(layers, lights, strict=True)]
    skin = albedo(charts, lights, color)
    found = replace(found, stage=Stage.LIT, layer=layers[0], others=tuple(layers[1:]), albedo=skin)
    yield found
    watch(0.45)
    fits = _refined(seen, fits, tools, pins, locked, watch)
    layers = [replace(layer, fit=fit) for layer, fit in zip(layers, fits, strict=True)]
    found = replace(found, stage=Stage.REFINED, layer=layers[0], others=tuple(layers[1:]))
    yield found
    watch(0.6)
    charts = _unwrapped(seen, fits, tools, tools.raster(SIDE))
    watch(0.7)
    lights, color = _lit(charts, locked, before)
    layers = [replace(layer, light=light) for layer, light in zip(layers, lights, strict=True)]
    skin = albedo(charts, lights, color)
    relief = photo_relief(charts[0], lights[0], tools.relief_reader, tools.enlarger)
    watch(0.9)
    plain = without_wrinkle_shading(skin, relief, lights[0], charts[0])
    around = surroundings(plain, _unwrapped(seen, fits, tools, tools.around), lights)
    yield replace(
        found, stage=Stage.READ, layer=layers[0], others=tuple(layers[1:]), albedo=plain, relief=relief, around=around
    )
    watch(1.0)


def _fitted(
    seen: Sequence[Observation],
    head: Head,
    pins: Sequence[tuple[Pin, ...]],
    locks: Locks,
    before: Sequence[PhotoLayer],
) -> list[HeadFit]:
    wanted = [
        PhotoLandmarks(one.landmarks, one.size, one.focal_px, held) for one, held in zip(seen, pins, strict=True)
    ]
    if not before:
        return fit_several(wanted, head)
    return fit_several(wanted, head, locks=locks, starts=[layer.fit for layer in before])


def _lit(
    charts: Sequence[Unwrapped], locks: Locks, before: Sequence[PhotoLayer]
) -> tuple[tuple[PhotoLight, ...], Float32]:
    lights, color = light_and_color(charts)
    known = [layer.light for layer in before] if locks.light and before else [None] * len(lights)
    return tuple(old or new for old, new in zip(known, lights, strict=True)), color


def _refined(
    seen: Sequence[Observation],
    fits: Sequence[HeadFit],
    tools: PhotoTools,
    pins: Sequence[tuple[Pin, ...]],
    locks: Locks,
    watch: Control,
) -> list[HeadFit]:
    def ask() -> bool:
        watch(0.5)  # raises where the work is not wanted any more
        return False

    photos = [SeenPhoto(one, fit, held) for one, fit, held in zip(seen, fits, pins, strict=True)]
    # Lips and lids are where the landmarks say: shading there is paint, teeth and lashes.
    return refine_several(photos, tools.head, tools.rasteriser, locks=replace(locks, expression=True), cancel=ask)


def _unwrapped(
    seen: Sequence[Observation], fits: Sequence[HeadFit], tools: PhotoTools, raster: ChartRaster
) -> list[Unwrapped]:
    return [
        unwrap(one.linear, one.masks, fit.vertices(tools.head), fit.camera, raster, tools.rasteriser)
        for one, fit in zip(seen, fits, strict=True)
    ]
