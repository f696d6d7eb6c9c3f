"""A head, a camera and an expression that put the landmarks where the photo has them.

Analysis by synthesis with Gauss-Newton: identity modes, expression weights within 0..1, gaze, a perspective camera
and how the detector erred are found together, with priors. Several photos of one person share the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.head.person_offsets import moved
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.controls import controls_of
from rhytid.core.photo.detector_error import DetectorError, detector_error
from rhytid.core.photo.embedding import FITTED, N_FITTED, Places, landmark_places
from rhytid.core.photo.first_guess import first_guess
from rhytid.core.photo.joint_step import NOTHING, PhotoTerms, joint_step
from rhytid.core.photo.landmark_terms import LandmarkTerms, ViewState, joined
from rhytid.core.photo.landmarks import Landmarks
from rhytid.core.photo.locks import UNLOCKED, Locks
from rhytid.core.photo.offset_fields import offsets_of, weights_of, with_fields

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

_ROUNDS, _ROUNDS_FROM_START = 12, 3
_STILL = 2e-3


@dataclass(frozen=True)
class Pin:
    """A point of the head that the user holds at a pixel.

    Attributes
    ----------
    triangle : int
        Index into `Head.triangles`.
    barycentric : tuple of 3 floats
        Weights of its corners.
    pixel : (x, y)
        px.
    """

    triangle: int
    barycentric: tuple[float, float, float]
    pixel: tuple[float, float]


@dataclass(frozen=True, eq=False)
class HeadFit:
    """The head of a photo.

    Attributes
    ----------
    identity : float32 (I,)
        In standard deviations.
    expression : float32 (52,)
        ARKit weights 0..1.
    camera : PhotoCamera
    offsets : float32 (n, 3) or None
        What the identity has beyond its modes, mm, as `core.head.person_offsets` reads it.
    error_percent : float
        Mean distance of the landmarks from where they are expected, in % of that between the outer corners of the eyes.
    """

    identity: Float32
    expression: Float32
    camera: PhotoCamera
    offsets: Float32 | None
    error_percent: float

    def vertices(self, head: Head) -> Float32:
        """The head as it is in the photo, float32 (V, 3), mm in head space."""
        return moved(head.shape(self.identity, self.expression), self.offsets, head)

    def neutral(self, head: Head) -> Float32:
        """The person without expression, float32 (V, 3)."""
        return moved(head.shape(self.identity, np.zeros_like(self.expression)), self.offsets, head)


def fit_landmarks(
    landmarks: Landmarks,
    size: tuple[int, int],
    head: Head,
    *,
    focal_px: float | None = None,
    pins: Sequence[Pin] = (),
    locks: Locks = UNLOCKED,
    start: HeadFit | None = None,
) -> HeadFit:
    """Fit one photo.

    Parameters
    ----------
    landmarks : Landmarks
    size : (width, height)
        Of the photo, px.
    head : Head
    focal_px : float, optional
        As the camera told it; estimated otherwise.
    pins : sequence of Pin
        Points that the user has put in place; they count for more than all landmarks near them.
    locks : Locks
        Locked parts are those of `start`.
    start : HeadFit, optional
        A former fit of the same photo: fewer rounds are enough from there. Its offsets stay unless there are pins.

    Raises
    ------
    ValueError
        Landmarks or pins that are not finite, a pin off the head, a lock without `start`, or a `start` of another head.
    """
    photo = PhotoLandmarks(landmarks, size, focal_px, tuple(pins))
    starts = None if start is None else [start]
    return fit_several([photo], head, locks=locks, starts=starts)[0]


@dataclass(frozen=True)
class PhotoLandmarks:
    """What one of several photos gives to their common fit; see `fit_landmarks`."""

    landmarks: Landmarks
    size: tuple[int, int]
    focal_px: float | None = None
    pins: tuple[Pin, ...] = ()


def fit_several(
    photos: Sequence[PhotoLandmarks],
    head: Head,
    *,
    locks: Locks = UNLOCKED,
    starts: Sequence[HeadFit] | None = None,
    error: DetectorError | None = None,
) -> list[HeadFit]:
    """Fit photos of one person: one identity, a camera and an expression for each.

    Parameters
    ----------
    photos : sequence of PhotoLandmarks
        At least one.
    starts : sequence of HeadFit, optional
        Former fits, one for each photo; the first gives the identity.
    error : DetectorError, optional
        How the detector errs; the errors that come with the program by default.

    Raises
    ------
    ValueError
        As `fit_landmarks`.
    """
    check_photos(photos, head, locks, starts)
    known = detector_error() if error is None else error
    person = Person.known(head, None if starts is None else starts[0])
    terms = [photo_terms(photo, person, known) for photo in photos]
    identity = person.weights
    # Landmarks alone do not tell what a face has beyond its modes from how the detector errs.
    held = NOTHING if any(photo.pins for photo in photos) else person.fields
    if starts is None:
        states = [t.landmarks.first_state(p.size, p.focal_px) for t, p in zip(terms, photos, strict=True)]
    else:
        states = [state_of(start, p.focal_px, known) for start, p in zip(starts, photos, strict=True)]
    for _ in range(_ROUNDS if starts is None else _ROUNDS_FROM_START):
        identity, states, change = joint_step(terms, identity, states, locks, held)
        if change < _STILL:
            break
    return [head_fit(t.landmarks, identity, state, person) for t, state in zip(terms, states, strict=True)]


@dataclass(frozen=True, eq=False)
class Person:
    """Whose head is fitted.

    Attributes
    ----------
    head : Head
    wide : Head
        The same with fields of offsets behind its modes.
    weights : float64 (I + 40,)
        Of both, where the fit begins.
    rest : float32 (V, 3) or None
        Offsets of a former fit that are no fields: they stay, in mm.
    """

    head: Head
    wide: Head
    weights: Float64
    rest: Float32 | None

    @classmethod
    def known(cls, head: Head, start: HeadFit | None) -> Person:
        """As a former fit has it, or the mean face."""
        wide = with_fields(head)
        weights = np.zeros(wide.n_identity)
        rest = None
        if start is not None:
            weights[: head.n_identity] = start.identity
            if start.offsets is not None:
                offsets = moved(np.zeros_like(head.neutral), start.offsets, head)
                weights[head.n_identity :] = weights_of(offsets, head)
                rest = offsets - offsets_of(weights, head)
        return cls(head, wide, weights, rest)

    @property
    def fields(self) -> slice:
        """Those of the weights that are of fields."""
        return slice(self.head.n_identity, None)

    def offsets(self, weights: Float64) -> Float32 | None:
        """What weights have beyond the modes, (V, 3)."""
        if self.rest is None and not weights[self.fields].any():
            return None
        offsets = offsets_of(weights, self.head)
        return offsets if self.rest is None else offsets + self.rest


def photo_terms(photo: PhotoLandmarks, person: Person, error: DetectorError) -> PhotoTerms:
    """What one photo gives to a fit."""
    head = person.head
    corners = [head.triangles[pin.triangle] for pin in photo.pins]
    pinned = Places(
        np.array(corners, np.int32).reshape(-1, 3), np.array([p.barycentric for p in photo.pins]).reshape(-1, 3)
    )
    places = joined([landmark_places(head), pinned])
    if len(error.by_identity) != head.n_identity:  # measured with other modes
        error = replace(error, by_identity=error.by_identity[:0])
    term = LandmarkTerms(photo.landmarks, person.wide, places, np.array([pin.pixel for pin in photo.pins]), error)
    n = N_FITTED
    seen = term.first_state(photo.size, None).camera
    guess = first_guess(term.target[:n], term.trust[:n], term.base[:n], seen, head.n_identity)
    if person.rest is not None:
        term.base = term.base + places.of(person.rest)
    return PhotoTerms(term, photo.focal_px is not None, guess)


def state_of(start: HeadFit, focal_px: float | None, error: DetectorError) -> ViewState:
    """Unknowns of a photo as a former fit has them."""
    camera = start.camera if focal_px is None else replace(start.camera, focal_px=focal_px)
    return ViewState(camera, controls_of(start.expression), np.zeros(len(error.modes)))


def head_fit(term: LandmarkTerms, weights: Float64, state: ViewState, person: Person) -> HeadFit:
    """The fit as others see it."""
    expected = state.camera.project(term.points(weights, state)) + term.explained(weights, state)
    off = np.linalg.norm(expected - term.target, axis=1)[:N_FITTED]
    trusted = term.trust[:N_FITTED] > 0
    row = {number: k for k, number in enumerate(FITTED)}
    between = float(np.linalg.norm(term.target[row[33]] - term.target[row[263]]))
    return HeadFit(
        weights[: person.head.n_identity].astype(np.float32),
        np.clip(state.expression, 0, 1).astype(np.float32),
        state.camera,
        person.offsets(weights),
        float(100 * off[trusted].mean() / max(between, 1e-6)),
    )


def check_photos(photos: Sequence[PhotoLandmarks], head: Head, locks: Locks, starts: Sequence[HeadFit] | None) -> None:
    """Refuse what no fit can be made from; raises ValueError."""
    if not photos or (starts is not None and len(starts) != len(photos)):
        raise ValueError("a fit needs a photo, and a start for each photo or none at all")
    if starts is None and (locks.identity or locks.expression):
        raise ValueError("what is locked stays as in a former fit, and there is none")
    for start in starts or ():
        if start.identity.shape != (head.n_identity,):
            raise ValueError(f"the former fit has {start.identity.size} identity modes, the head {head.n_identity}")
    for photo in photos:
        points = photo.landmarks.points
        if not np.isfinite(points).all() or np.ptp(points, axis=0).min() < 4:
            raise ValueError("the landmarks are no face: they are not finite, or lie in one place")
        if min(photo.size) < 1:
            raise ValueError(f"a photo of {photo.size[0]} x {photo.size[1]} pixels shows nothing")
        if photo.focal_px is not None and not 0 < photo.focal_px < np.inf:
            raise ValueError(f"a focal length is above 0 px, got {photo.focal_px}")
        for pin in photo.pins:
            if not 0 <= pin.triangle < len(head.triangles):
                raise ValueError(f"a pin names triangle {pin.triangle}, and the head has {len(head.triangles)}")
            if not np.isfinite([*pin.barycentric, *pin.pixel]).all():
                raise ValueError("a pin has a place that is no finite number")
