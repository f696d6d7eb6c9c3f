"""Commands on the photo that a face was made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands.base import Command, refusing
from rhytid.core.document.commands.source import ImportSource
from rhytid.core.document.limits import IDENTITY_LIMIT, check_albedo, check_photo
from rhytid.core.document.state import DocumentState
from rhytid.core.files.text import shown
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.layer import PhotoLayer


@dataclass(frozen=True)
class TakePhoto(Command):
    """Become the face of a photo: its head, expression, skin colour, light and detail, in one step.

    Attributes
    ----------
    photo : PhotoLayer
    albedo : AlbedoMap or None
        None leaves the document's skin colour.
    source : SourceDetail or None
        The photo's relief with its lines; None leaves the document's detail.
    """

    photo: PhotoLayer
    albedo: AlbedoMap | None = None
    source: SourceDetail | None = None

    @property
    def label(self) -> str:
        return f"Face from {shown(self.photo.name)}"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            check_photo(self.photo)
            if self.albedo is not None:
                check_albedo(self.albedo)
        new = _wearing(replace(state, photo=self.photo), self.photo.fit)
        if self.photo.light is not None:
            new = replace(new, lighting=replace(new.lighting, environment=PHOTO_LIGHT, environment_yaw_deg=0.0))
        if self.albedo is not None:
            new = replace(new, albedo=self.albedo)
        return new if self.source is None else ImportSource(self.source).apply(new)


@dataclass(frozen=True)
class RefitPhoto(Command):
    """The photo with another fit, other pins or locks; head and expression follow.

    Attributes
    ----------
    photo : PhotoLayer
    """

    label = "Fit photo"

    photo: PhotoLayer

    def apply(self, state: DocumentState) -> DocumentState:
        if self.photo is state.photo:
            return state
        with refusing():
            check_photo(self.photo)
        return _wearing(replace(state, photo=self.photo), self.photo.fit)


@dataclass(frozen=True)
class RemovePhoto(Command):
    """Take the photo away, and its skin colour with it; head, expression and detail stay."""

    label = "Remove photo"

    def apply(self, state: DocumentState) -> DocumentState:
        if state.photo is None:
            return state
        lighting = state.lighting
        if lighting.environment == PHOTO_LIGHT:
            lighting = replace(lighting, environment=type(lighting)().environment)
        return replace(state, photo=None, albedo=None, lighting=lighting)


PHOTO_LIGHT = "photo"
"""Name of the environment that is the photo's own light."""


def _wearing(state: DocumentState, fit: HeadFit) -> DocumentState:
    identity = tuple(float(value) for value in np.clip(fit.identity, -IDENTITY_LIMIT, IDENTITY_LIMIT))
    return replace(
        state, identity=identity, expression=tuple(float(value) for value in fit.expression), action_units=()
    )
