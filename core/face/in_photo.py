"""A document's edits in the photograph that its face was made from."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.commands import SetAge, TakePhoto
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.resolve import ResolvedPose, resolve_pose
from rhytid.core.face.skin_color import skin_color
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.edited_photo import EditedPhoto, PhotoScene
from rhytid.core.photo.embedding import FITTED, landmark_places
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.image import photo_of
from rhytid.core.photo.landmarks import LEFT_IRIS, N_MESH, N_POINTS, RIGHT_IRIS, Landmarks
from rhytid.core.photo.masks import masks_of
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.registration import Registration
from rhytid.core.photo.rendered_photo import PhotoRenderer, RenderedPhoto, render_network
from rhytid.core.photo.skin_levels import ShownSkin
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

FINE = 1024
"""Texels a side at which the edits of a picture that is kept are computed."""
_COLOR_PX = 1024
_FEWEST_LOG2 = 6


class NoPhotoError(ValueError):
    """The document was not made from a photo whose light is known; the message says what to do."""


def original_state(state: DocumentState) -> DocumentState:
    """The document as it was when the photo had been read: the photo's expression and age, no edits.

    Raises
    ------
    NoPhotoError
    """
    photo = state.photo
    if photo is None:
        raise NoPhotoError("this face was not made from a photo; make one with File > New from Photo")
    if photo.light is None:
        raise NoPhotoError(f"{photo.name}: its light has not been read yet; refine the photo first")
    settings = EngineSettings(name=state.settings.name, seed=state.settings.seed)
    plain = DocumentState(head=state.head, settings=settings)
    taken = TakePhoto(photo, state.albedo, state.source).apply(plain)
    known = state.source or state.albedo
    return SetAge(state.age if known is None else known.age).apply(taken)


class PhotoEdits:
    """Draws documents into their photos; what a photo needs once is kept for the next picture of it.

    Parameters
    ----------
    maker : DetailMaker
    rasteriser : Rasteriser
    longest_px : int, optional
        Of a smaller picture; as large as the photo by default.
    side : int
        Texels a side at which ratios are computed.
    """

    def __init__(
        self, maker: DetailMaker, rasteriser: Rasteriser, *, longest_px: int | None = None, side: int = FINE
    ) -> None:
        self._maker = maker
        self._rasteriser = rasteriser
        self._longest_px = longest_px
        self._side = side
        self._kept: tuple[tuple[object, ...], EditedPhoto] | None = None
        self._rendered: RenderedPhoto | None = None  # of the one that is kept

    def picture(
        self,
        state: DocumentState,
        head: Head,
        pose: ResolvedPose | None = None,
        displacement: Float32 | None = None,
        color: UInt8 | None = None,
        renderer: PhotoRenderer = PhotoRenderer.RATIO,
    ) -> UInt8:
        """The photo with the document's edits, uint8 (H, W, 3) sRGB.

        Parameters
        ----------
        pose, displacement, color : optional
            Of the state, where they are known already; displacement and skin colour of any resolution.
        renderer : PhotoRenderer

        Raises
        ------
        NoPhotoError
        PhotoError
            The photo in the document is damaged.
        core.learned.weights.WeightsError
            There is no rendering network, or it is damaged.
        """
        shown = shown_skin(state, head, self._maker, self._side, pose, displacement, color)
        photo = self._prepared(state, head)
        if renderer is PhotoRenderer.RATIO:
            return photo.picture(shown)
        if self._rendered is None:
            self._rendered = RenderedPhoto(photo, self._rasteriser, render_network())
        return self._rendered.picture(shown)

    def _prepared(self, state: DocumentState, head: Head) -> EditedPhoto:
        settings = state.settings
        key = (head.digest, state.photo, state.source, state.albedo, settings.name, settings.seed)
        if self._kept is None or any(a is not b and a != b for a, b in zip(self._kept[0], key, strict=True)):
            made = edited_photo(
                state, head, self._maker, self._rasteriser, longest_px=self._longest_px, side=self._side
            )
            self._kept, self._rendered = (key, made), None
        return self._kept[1]


def edited_photo(
    state: DocumentState,
    head: Head,
    maker: DetailMaker,
    rasteriser: Rasteriser,
    *,
    longest_px: int | None = None,
    side: int = FINE,
) -> EditedPhoto:
    """The photo of a document, ready to have edits drawn into it.

    Parameters
    ----------
    longest_px : int, optional
        Of a smaller picture; as large as the photo by default.
    side : int
        Texels a side at which ratios are computed at most.

    Raises
    ------
    NoPhotoError
    PhotoError
        The photo in the document is damaged.
    """
    original = original_state(state)
    layer = original.photo
    assert layer is not None
    assert layer.light is not None
    pixels = photo_of(layer.data, layer.name).pixels
    scale = min((longest_px or max(pixels.shape)) / max(pixels.shape[:2]), 1.0)
    camera = layer.fit.camera.scaled(scale) if scale < 1 else layer.fit.camera
    if scale < 1:
        pixels = np.asarray(cv2.resize(pixels, camera.size, interpolation=cv2.INTER_AREA), np.uint8)
    masks = masks_of(pixels, landmarks_of(replace(layer.fit, camera=camera), head))
    darkening = (0.0, 0.0, 0.0) if original.albedo is None else original.albedo.darkening
    iris = None if original.albedo is None else original.albedo.iris
    registration = None
    if layer.edges is not None:
        registration = Registration(layer.fit.vertices(head), camera, layer.edges * scale, head, layer.pins)
    scene = PhotoScene(pixels, masks, camera, layer.light, darkening, iris, registration)
    raster = ChartRaster(head, min(side, _texels_shown(camera, layer.fit, head)))
    return EditedPhoto(scene, shown_skin(original, head, maker, side), raster, rasteriser)


def _texels_shown(camera: PhotoCamera, fit: HeadFit, head: Head) -> int:
    """Texels a side, a power of two, of which each is about a pixel: what is finer would come out as specks."""
    points = camera.project(fit.vertices(head)[head.landmarks])
    px = float(np.linalg.norm(np.ptp(points, axis=0)) / np.linalg.norm(np.ptp(head.chart[head.landmarks], axis=0)))
    return 1 << max(round(math.log2(max(px, 1.0))), _FEWEST_LOG2)


def shown_skin(
    state: DocumentState,
    head: Head,
    maker: DetailMaker,
    resolution: int,
    pose: ResolvedPose | None = None,
    displacement: Float32 | None = None,
    color: UInt8 | None = None,
) -> ShownSkin:
    """The head of a document as it is shown, for `EditedPhoto.picture`.

    Parameters
    ----------
    pose, displacement, color : optional
        Where they are known already; displacement and skin colour of any resolution.
    """
    posed = resolve_pose(state, head) if pose is None else pose
    if displacement is None:
        displacement = maker.maps(state, head, resolution, posed).displacement
    shown = skin_color(state, _COLOR_PX, maker.engines.cache) if color is None else color
    return ShownSkin(posed.vertices, displacement, shown)


def landmarks_of(fit: HeadFit, head: Head) -> Landmarks:
    """Where a fitted head has its landmarks in the photo: masks need no finder."""
    placed = fit.camera.project(landmark_places(head).of(fit.vertices(head)))
    points = np.empty((N_POINTS, 2), np.float32)
    points[list(FITTED)] = placed
    for iris, row in ((RIGHT_IRIS, N_MESH), (LEFT_IRIS, N_MESH + 1)):
        points[list(iris)] = placed[row]
    return Landmarks(read_only(points), read_only(np.ones(N_POINTS, np.float32)), 1.0)
