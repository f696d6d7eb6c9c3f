"""The fit once more, by the brightness of the skin as well as by the landmarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.cancelled import Cancelled
from rhytid.core.head.head import Head
from rhytid.core.photo.detector_error import DetectorError, detector_error
from rhytid.core.photo.fit import HeadFit, Person, PhotoLandmarks, Pin, check_photos, head_fit, photo_terms, state_of
from rhytid.core.photo.joint_step import PhotoTerms, joint_step
from rhytid.core.photo.locks import UNLOCKED, Locks
from rhytid.core.photo.observation import Observation
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.shading_terms import ShadingError, ShadingTerms, shading_error

Float64 = npt.NDArray[np.float64]
_ROUNDS = 8
_LOOKS_AT = (0, 3)  # rounds in which it is found out anew what the camera sees
_STILL = 2e-3


@dataclass(frozen=True, eq=False)
class SeenPhoto:
    """One of several photos for a common refinement: what was observed, its fit so far, and its pins."""

    observation: Observation
    fit: HeadFit
    pins: tuple[Pin, ...] = ()


def refine(
    observation: Observation,
    fit: HeadFit,
    head: Head,
    rasteriser: Rasteriser,
    *,
    pins: Sequence[Pin] = (),
    locks: Locks = UNLOCKED,
    cancel: Callable[[], bool] = lambda: False,
) -> HeadFit:
    """Improve the fit of one photo.

    Parameters
    ----------
    observation : Observation
    fit : HeadFit
        Of the landmarks.
    head : Head
    rasteriser : Rasteriser
    pins, locks
        As in `fit_landmarks`.
    cancel : callable
        Asked before each round; where it is true, `Cancelled` is raised.

    Raises
    ------
    ValueError
        As `fit_landmarks`.
    Cancelled
    """
    return refine_several([SeenPhoto(observation, fit, tuple(pins))], head, rasteriser, locks=locks, cancel=cancel)[0]


def refine_several(
    photos: Sequence[SeenPhoto],
    head: Head,
    rasteriser: Rasteriser,
    *,
    locks: Locks = UNLOCKED,
    cancel: Callable[[], bool] = lambda: False,
    errors: tuple[DetectorError, ShadingError] | None = None,
) -> list[HeadFit]:
    """Improve the fits of photos of one person together; all as in `refine`."""
    given = [
        PhotoLandmarks(p.observation.landmarks, p.observation.size, p.observation.focal_px, p.pins) for p in photos
    ]
    check_photos(given, head, locks, [photo.fit for photo in photos])
    of_detector, of_shading = errors or (detector_error(), shading_error())
    terms: list[PhotoTerms] = []
    shadings: list[ShadingTerms] = []
    states = []
    person = Person.known(head, photos[0].fit)
    identity = person.weights
    for photo, landmarks in zip(photos, given, strict=True):
        seen = photo.observation
        skin = seen.masks.skin * (1 - seen.masks.hair) * (1 - seen.masks.occluder)
        shading = ShadingTerms(seen.linear, skin, photo.fit.camera, person.wide, of_shading)
        shadings.append(shading)
        terms.append(replace(photo_terms(landmarks, person, of_detector), shading=shading))
        states.append(replace(state_of(photo.fit, seen.focal_px, of_detector), shade_modes=np.zeros(shading.n_modes)))
    for number in range(_ROUNDS):
        if cancel():
            raise Cancelled
        if number in _LOOKS_AT:
            for k, term in enumerate(terms):
                shape = head_fit(term.landmarks, identity, states[k], person).vertices(head)
                shadings[k].look(identity, states[k], shape, rasteriser)
                if states[k].light.size == 0:
                    states[k] = replace(states[k], light=shadings[k].first_light(identity, states[k]))
        identity, states, change = joint_step(terms, identity, states, locks)
        if change < _STILL and number > _LOOKS_AT[-1]:
            break
    return [head_fit(term.landmarks, identity, state, person) for term, state in zip(terms, states, strict=True)]
