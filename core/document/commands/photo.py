"""Commands on the photo that a face was made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands.base import Command, refusing
from rhytid.core.document.commands.face import SetAge
from rhytid.core.document.commands.source import ImportSource
from rhytid.core.document.limits import IDENTITY_LIMIT, check_albedo, check_photos
from rhytid.core.document.state import DocumentState, Lighting
from rhytid.core.files.text import shown
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.photo.layer import PhotoLayer

if TYPE_CHECKING:
    from rhytid.core.photo.fit import HeadFit


@dataclass(frozen=True)
class TakePhoto(Command):
    """Become the face of a photo: its head, expression, skin colour, light and detail, in one step.

    The photo's light takes the place of all lamps when it is first found; the artist's own light stays when the same
    photo is read again.

    Attributes
    ----------
    photo : PhotoLayer
    albedo : AlbedoMap or None
        None leaves the document's skin colour.
    source : SourceDetail or None
        The photo's relief with its lines; None leaves the document's detail.
    others : tuple of PhotoLayer
        The person's other photos.
    """

    photo: PhotoLayer
    albedo: AlbedoMap | None = None
    source: SourceDetail | None = None
    others: tuple[PhotoLayer, ...] = ()

    @property
    def label(self) -> str:
        return f"Face from {shown(self.photo.name)}"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            check_photos(self.photo, self.others)
            if self.albedo is not None:
                check_albedo(self.albedo)
        new = _wearing(replace(state, photo=self.photo, other_photos=self.others), self.photo.fit)
        if self.photo.light is not None and not _lit_by(state, self.photo):
            new = replace(new, lighting=Lighting(PHOTO_LIGHT, key_intensity=0.0, exposure=state.lighting.exposure))
        if self.albedo is not None:
            new = replace(new, albedo=self.albedo)
        return new if self.source is None else ImportSource(self.source).apply(new)


@dataclass(frozen=True)
class RefitPhoto(Command):
    """The photo with another fit, other pins or locks; head and expression follow, and the head in other photos.

    Attributes
    ----------
    photo : PhotoLayer
    """

    label = "Fit photo"

    photo: PhotoLayer

    def apply(self, state: DocumentState) -> DocumentState:
        if self.photo is state.photo:
            return state
        fit = self.photo.fit
        others = tuple(
            replace(other, fit=replace(other.fit, identity=fit.identity, offsets=fit.offsets), locks=self.photo.locks)
            for other in state.other_photos
        )
        with refusing():
            check_photos(self.photo, others)
        return _wearing(replace(state, photo=self.photo, other_photos=others), fit)


@dataclass(frozen=True)
class ChoosePhoto(Command):
    """Look at another photo of the person: the face takes its expression and its light.

    Attributes
    ----------
    number : int
        Of the photo.
    """

    label = "Choose photo"

    number: int

    def apply(self, state: DocumentState) -> DocumentState:
        chosen = next((other for other in state.other_photos if other.number == self.number), None)
        if chosen is None or state.photo is None:
            return state
        others = tuple(one for one in state.photos if one is not chosen)
        return _wearing(replace(state, photo=chosen, other_photos=others), chosen.fit)


@dataclass(frozen=True)
class RemovePhoto(Command):
    """Take the photo away, and with the last one the skin colour; head, expression and detail stay.

    The first of the person's other photos takes its place.
    """

    label = "Remove photo"

    def apply(self, state: DocumentState) -> DocumentState:
        if state.photo is None:
            return state
        if state.other_photos:
            return replace(state, photo=state.other_photos[0], other_photos=state.other_photos[1:])
        lighting = state.lighting
        if lighting.environment == PHOTO_LIGHT:
            lighting = Lighting(exposure=lighting.exposure)
        return replace(state, photo=None, albedo=None, lighting=lighting)


@dataclass(frozen=True)
class SetPhotoAge(Command):
    """Say how old the person in the photo is; the face, its skin colour and the photo's relief become that old.

    Attributes
    ----------
    age : float
        Years, 16..80.
    """

    label = "Age in the photo"

    age: float

    def apply(self, state: DocumentState) -> DocumentState:
        new = SetAge(self.age).apply(state)
        if state.photo is None:
            return new
        if new.albedo is not None and new.albedo.age != new.age:
            new = replace(new, albedo=replace(new.albedo, age=new.age))
        source = new.source
        if source is not None and source.name in {photo.name for photo in state.photos} and source.age != new.age:
            new = replace(new, source=replace(source, age=new.age))
        return new


PHOTO_LIGHT = "photo"
"""Name of the environment that is the photo's own light."""


def _lit_by(state: DocumentState, photo: PhotoLayer) -> bool:
    """Whether the light of this photo has been found before."""
    return state.photo is not None and state.photo.light is not None and state.photo.digest == photo.digest


def _wearing(state: DocumentState, fit: HeadFit) -> DocumentState:
    identity = tuple(float(value) for value in np.clip(fit.identity, -IDENTITY_LIMIT, IDENTITY_LIMIT))
    return replace(
        state, identity=identity, expression=tuple(float(value) for value in fit.expression), action_units=()
    )
