"""The face that is found in photos: what a document takes of it, and a whole new document.

Used by the window, by the command and by `Face.from_photo`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.document.commands import SetAge, SetExpressionWeights, TakePhoto
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.maps.srgb import srgb_bytes
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.image import Photo, read_photo
from rhytid.core.photo.photo_face import PhotoFace, PhotoTools, read_photos
from rhytid.core.photo.relief import PhotoRelief
from rhytid.core.photo.tiles import iris_color, skin_map
from rhytid.core.read_only import read_only


def taken(face: PhotoFace, age: float) -> TakePhoto:
    """The edit that makes a document's face that of a photo.

    Parameters
    ----------
    face : PhotoFace
        As far as it is known; what is not known yet, or locked, the document keeps.
    age : float
        Years of the person in the photo.
    """
    locks = face.layer.locks
    return TakePhoto(
        face.layer,
        None if face.albedo is None or locks.albedo else albedo_map(face, face.albedo, age),
        None if face.relief is None or locks.detail else source_of(face.relief, face, age),
        face.others,
    )


def albedo_map(face: PhotoFace, albedo: Albedo, age: float) -> AlbedoMap:
    """A photo's skin colour as the document keeps it, and that of the irises."""
    seen, light = face.observation, face.layer.light
    iris = None if light is None else iris_color(seen.linear, seen.landmarks, light)
    around = None if face.around is None else srgb_bytes(face.around)
    return AlbedoMap.of(skin_map(albedo, face.around), age, iris, around, albedo.darkening)


def source_of(relief: PhotoRelief, face: PhotoFace, age: float) -> SourceDetail:
    """A photo's relief as the document's source detail, captured in the photo's expression."""
    displacement = read_only(np.ascontiguousarray(relief.displacement, np.float32))
    expression = tuple(float(weight) for weight in face.layer.fit.expression)
    return SourceDetail(
        displacement, expression, float(age), face.layer.name, relief.lines, displacement_digest(displacement)
    )


def face_of_photos(
    state: DocumentState,
    paths: Sequence[str | os.PathLike[str]],
    tools: PhotoTools,
    *,
    age: float,
    focal_mm: float | None = None,
    expression_photo: str | os.PathLike[str] | None = None,
    control: Control | None = None,
) -> tuple[DocumentState, PhotoFace]:
    """A document with the face of photos of one person.

    Parameters
    ----------
    state : DocumentState
        What the document was before.
    paths : sequence of path
        Photos; the first gives light and relief.
    tools : PhotoTools
    age : float
        Years of the person in the photos.
    focal_mm : float, optional
        Focal length of the photos' camera on film of 36 x 24 mm, where it is known better than they tell.
    expression_photo : path, optional
        Another photo of the person, whose expression the face wears.
    control : Control, optional

    Raises
    ------
    ValueError, OSError
        As `core.photo.image.read_photo` and `core.photo.photo_face.read_photos`; the message names the photo.
    """
    files = [*paths, *([] if expression_photo is None else [expression_photo])]
    photos = [_with_focal(read_photo(path), focal_mm) for path in files]
    *_, found = read_photos(photos, tools, control=control)
    new = SetAge(age).apply(taken(found, age).apply(state))
    if expression_photo is not None:
        worn = zip(ARKIT_NAMES, map(float, found.others[-1].fit.expression), strict=True)
        new = SetExpressionWeights(tuple(worn)).apply(new)
    return new, found


def _with_focal(photo: Photo, focal_mm: float | None) -> Photo:
    return photo if focal_mm is None else replace(photo, focal_35mm=focal_mm)
