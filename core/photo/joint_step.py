"""One step of Gauss-Newton over all photos of a person: one identity, everything else for each photo, with priors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.photo.bounded_step import bounded_step
from rhytid.core.photo.controls import USUAL_STRENGTH
from rhytid.core.photo.first_guess import Guess
from rhytid.core.photo.landmark_terms import N_POSE, LandmarkTerms, ViewState
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.shading_terms import ShadingTerms

Float64 = npt.NDArray[np.float64]

IDENTITY_SD = 1.0
MOST_SD = 3.0
DISTANCE_MM, DISTANCE_SD = 1000.0, 0.2  # of a portrait's camera, and the spread of its logarithm
_MOST_MODES_SD = 4.0
_SPREAD_OF_CONTROLS = 0.5
_LEAST_FOCAL = 0.65  # of the longer side: 24 mm on film; wider lenses take no portraits
_MOST_FOCAL = 40.0


NOTHING = slice(0, 0)


@dataclass(frozen=True, eq=False)
class PhotoTerms:
    """What one photo says.

    Attributes
    ----------
    landmarks : LandmarkTerms
    focal_is_known : bool
    guess : Guess or None
        What is expected of identity and expression.
    shading : ShadingTerms or None
        None to go by the landmarks alone.
    """

    landmarks: LandmarkTerms
    focal_is_known: bool
    guess: Guess | None = None
    shading: ShadingTerms | None = None


def joint_step(
    photos: Sequence[PhotoTerms],
    identity: Float64,
    states: Sequence[ViewState],
    locks: Locks,
    held: slice = NOTHING,
) -> tuple[Float64, list[ViewState], float]:
    """Identity and states after the step, and the largest change of a weight in it; `held` modes stay."""
    n_identity = len(identity)
    lengths = [
        N_POSE + state.controls.size + state.modes.size + state.light.size + state.shade_modes.size for state in states
    ]
    ends = n_identity + np.cumsum(lengths)
    system = _System(int(ends[-1]))
    shared = np.arange(n_identity)
    system.believe(shared, identity, IDENTITY_SD, MOST_SD)
    if locks.identity:
        system.fix(shared)
    system.fix(shared[held])
    for photo, state, end, length in zip(photos, states, ends, lengths, strict=True):
        own = np.arange(end - length, end)
        _add(system, shared, own, photo, state, identity, locks)
        if photo.guess is not None:
            _expect(system, shared, own, photo.guess, state, identity, len(photos))
    step = system.step()
    moved = [state.moved(step[end - n : end]) for state, end, n in zip(states, ends, lengths, strict=True)]
    weights = np.isfinite(system.low)
    return identity + step[shared], moved, float(np.abs(step[weights]).max(initial=0.0))


def _add(
    system: _System,
    shared: npt.NDArray[np.intp],
    own: npt.NDArray[np.intp],
    photo: PhotoTerms,
    state: ViewState,
    identity: Float64,
    locks: Locks,
) -> None:
    """What one photo says, and what is believed of it beforehand."""
    lengths = [N_POSE, state.controls.size, state.modes.size, state.light.size]
    pose, controls, modes, light, shade_modes = np.split(own, np.cumsum(lengths))
    system.add(np.concatenate([shared, pose, controls, modes]), *photo.landmarks.normal_equations(identity, state))
    if photo.shading is not None:
        where = np.concatenate([shared, pose, controls, light, shade_modes])
        system.add(where, *photo.shading.normal_equations(identity, state))
    system.believe(modes, state.modes, 1.0, _MOST_MODES_SD)
    system.believe(shade_modes, state.shade_modes, 1.0, _MOST_MODES_SD)
    system.believe(controls, state.controls, _SPREAD_OF_CONTROLS, 1.0)
    system.low[controls] = 0.0
    # Most weights are 0: a weight costs as soon as it is above.
    system.gradient[controls] += 1 / USUAL_STRENGTH
    if locks.expression:
        system.fix(controls)
    camera = state.camera
    depth = float(camera.translation[2])
    system.normal[pose[5], pose[5]] += 1 / (DISTANCE_SD * depth) ** 2
    system.gradient[pose[5]] += np.log(depth / DISTANCE_MM) / (DISTANCE_SD**2 * depth)
    system.normal[pose, pose] *= 1 + 1e-6
    system.normal[light, light] += 1e-3  # where no skin is seen, the light stays as it is
    system.value[pose[6]] = np.log(camera.focal_px)
    longer = max(camera.size)
    system.low[pose[6]], system.high[pose[6]] = np.log([_LEAST_FOCAL * longer, _MOST_FOCAL * longer])
    if photo.focal_is_known:
        system.fix(pose[6:])


def _expect(
    system: _System,
    shared: npt.NDArray[np.intp],
    own: npt.NDArray[np.intp],
    guess: Guess,
    state: ViewState,
    identity: Float64,
    n_photos: int,
) -> None:
    """What is expected of identity and expression. Guesses at one person err alike, and count as one together."""
    n_modes = len(guess.mean) - state.controls.size
    share = np.ones(len(guess.mean))
    share[:n_modes] = n_photos**-0.5
    precision = guess.precision * np.outer(share, share)
    where = np.concatenate([shared[:n_modes], own[N_POSE : N_POSE + state.controls.size]])
    system.add(where, precision, precision @ (np.concatenate([identity[:n_modes], state.controls]) - guess.mean))


class _System:
    """Normal equations with bounds."""

    def __init__(self, n: int) -> None:
        self.normal, self.gradient, self.value = np.zeros((n, n)), np.zeros(n), np.zeros(n)
        self.low, self.high = np.full(n, -np.inf), np.full(n, np.inf)

    def add(self, where: npt.NDArray[np.intp], normal: Float64, gradient: Float64) -> None:
        self.normal[np.ix_(where, where)] += normal
        self.gradient[where] += gradient

    def believe(self, where: npt.NDArray[np.intp], value: Float64, sd: float, most: float) -> None:
        """Values that are 0 with a standard deviation a priori, and within -most..most."""
        self.value[where], self.low[where], self.high[where] = value, -most, most
        self.normal[where, where] += 1 / sd**2
        self.gradient[where] += value / sd**2

    def fix(self, where: npt.NDArray[np.intp]) -> None:
        self.low[where] = self.high[where] = self.value[where]

    def step(self) -> Float64:
        """The step from the values, which may lie outside their bounds, to better ones inside."""
        value = np.clip(self.value, self.low, self.high)
        return value - self.value + bounded_step(self.normal, self.gradient, value, self.low, self.high)
