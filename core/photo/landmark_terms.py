"""What the landmarks of one photo say about camera, identity and expression: residuals and how they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.photo.camera import FACING, PhotoCamera
from rhytid.core.photo.controls import EXPRESSION_FROM_CONTROLS, N_CONTROLS
from rhytid.core.photo.detector_error import DetectorError, picture_axes, view_terms
from rhytid.core.photo.embedding import FITTED, N_FITTED, Places
from rhytid.core.photo.landmarks import Landmarks

Float64 = npt.NDArray[np.float64]

N_POSE = 7  # rotation, translation, log of the focal length
_FIRST_DISTANCE_MM = 1000.0
_PIN_MM = 0.05
_ROBUST = 9.0
_MOST_TURN = 0.3
_SMALL_TURN = 1e-4


@dataclass(frozen=True, eq=False)
class ViewState:
    """Where the unknowns of one photo stand.

    Attributes
    ----------
    camera : PhotoCamera
    controls : float64 (47,)
    modes : float64 (K,)
        How the detector erred, in standard deviations.
    light : float64 (9,) or (0,)
        Spherical harmonics of the light, where shading is fitted.
    shade_modes : float64 (S,) or (0,)
        What shading leaves out, in standard deviations.
    """

    camera: PhotoCamera
    controls: Float64
    modes: Float64
    light: Float64 = field(default_factory=lambda: np.zeros(0))
    shade_modes: Float64 = field(default_factory=lambda: np.zeros(0))

    @property
    def expression(self) -> Float64:
        """ARKit weights, (52,)."""
        weights: Float64 = self.controls @ EXPRESSION_FROM_CONTROLS
        return weights

    def moved(self, step: Float64) -> ViewState:
        """After a step of (7 + 47 + K + 9 + S,): turn about the head's origin, shift, log focal length, the rest."""
        turn = step[:3] * min(1.0, _MOST_TURN / max(float(np.linalg.norm(step[:3])), 1e-12))
        camera = replace(
            self.camera,
            rotation=cv2.Rodrigues(turn)[0] @ self.camera.rotation,
            translation=self.camera.translation + step[3:6],
            focal_px=self.camera.focal_px * float(np.exp(np.clip(step[6], -0.5, 0.5))),
        )
        lengths = [N_POSE, N_CONTROLS, self.modes.size, self.light.size]
        _, controls, modes, light, shade_modes = np.split(step, np.cumsum(lengths))
        return ViewState(
            camera,
            self.controls + controls,
            self.modes + modes,
            self.light + light,
            self.shade_modes + shade_modes,
        )


class LandmarkTerms:
    """The landmarks and pins of one photo, ready to be compared with a head.

    Parameters
    ----------
    landmarks : Landmarks
    head : Head
    places : Places
        Where the head has the landmarks, then the pins.
    pins : (P, 2)
        Pixels of the pins.
    error : DetectorError
        `by_identity` may have fewer modes than the head: the detector follows the others wholly.
    """

    def __init__(
        self, landmarks: Landmarks, head: Head, places: Places, pins: npt.NDArray[np.floating], error: DetectorError
    ) -> None:
        n, n_pins = N_FITTED, len(pins)
        chosen = list(FITTED)
        self.target = np.concatenate([landmarks.points[chosen], np.reshape(pins, (-1, 2))]).astype(np.float64)
        self.sigma_mm = np.concatenate([error.sigma, np.full(n_pins, _PIN_MM)])
        has = places.barycentric[:n].sum(axis=1) > 0.5
        self.trust = np.concatenate([landmarks.weights[chosen] * has, np.ones(n_pins)])
        self.is_pin = np.arange(n + n_pins) >= n
        self.base = places.of(head.neutral)
        controls = np.tensordot(EXPRESSION_FROM_CONTROLS, places.of(head.expression), 1)
        # (M, 3, I + 47): how each point moves with identity and expression.
        self.basis = np.ascontiguousarray(np.concatenate([places.of(head.identity), controls]).transpose(1, 2, 0))
        by_identity = np.zeros((head.n_identity, n, 2))
        by_identity[: len(error.by_identity)] = error.by_identity
        by_control = np.tensordot(EXPRESSION_FROM_CONTROLS, error.by_expression, 1)
        adds = np.concatenate([by_identity, by_control, error.modes]).transpose(1, 2, 0)
        self.adds = np.concatenate([adds, np.zeros((n_pins, *adds.shape[1:]))])
        self.by_view = np.concatenate([error.by_view, np.zeros((len(error.by_view), n_pins, 2))], axis=1)
        self.n_modes = len(error.modes)

    def points(self, identity: Float64, state: ViewState) -> Float64:
        """Points of the head, mm, (M, 3)."""
        moved: Float64 = self.base + self.basis @ np.concatenate([identity, state.controls])
        return moved

    def explained(self, identity: Float64, state: ViewState) -> Float64:
        """What the detector adds to where the points are seen, px, (M, 2)."""
        px_per_mm = state.camera.focal_px / state.camera.to_camera(self.base)[:, 2].mean()
        return px_per_mm * self._added(self._added_by_person(identity, state), state.camera)

    def _added_by_person(self, identity: Float64, state: ViewState) -> Float64:
        added: Float64 = self.adds @ np.concatenate([identity, state.controls, state.modes])
        return added

    def _added(self, by_person: Float64, camera: PhotoCamera) -> Float64:
        """Errors of the detector under a view, mm along the axes of the picture, (M, 2)."""
        by_view = np.tensordot(view_terms(camera), self.by_view, 1)
        added: Float64 = (by_view + by_person) @ picture_axes(camera).T
        return added

    def _added_by_turn(self, by_person: Float64, camera: PhotoCamera) -> Float64:
        """How they change as the head turns, mm per radian, (M, 2, 3): the detector follows a turn to a share only."""
        here = self._added(by_person, camera)
        turned = [
            self._added(by_person, replace(camera, rotation=cv2.Rodrigues(turn)[0] @ camera.rotation))
            for turn in _SMALL_TURN * np.eye(3)
        ]
        return (np.stack(turned, axis=-1) - here[..., None]) / _SMALL_TURN

    def normal_equations(self, identity: Float64, state: ViewState) -> tuple[Float64, Float64]:
        """J'WJ and J'Wr over identity and the unknowns of the photo, (I + 7 + 47 + K) in this order."""
        camera = state.camera
        turned = self.points(identity, state) @ camera.rotation.T
        seen = turned + camera.translation
        depth = seen[:, 2]
        px_per_mm = camera.focal_px / depth.mean()
        by_person = self._added_by_person(identity, state)
        predicted = camera.pixels(seen) + px_per_mm * self._added(by_person, camera)
        sigma_px = self.sigma_mm * px_per_mm
        residual = (predicted - self.target) / sigma_px[:, None]
        robust = 1 / (1 + np.einsum("ij,ij->i", residual, residual) / _ROBUST)
        weight = np.sqrt(np.where(self.is_pin, 1.0, robust) * self.trust) / sigma_px

        n, n_identity = len(seen), len(identity)
        by_point = np.zeros((n, 2, 3))
        by_point[:, 0, 0] = by_point[:, 1, 1] = camera.focal_px / depth
        by_point[:, :, 2] = -camera.focal_px * seen[:, :2] / depth[:, None] ** 2
        n_shape = self.basis.shape[2]
        jacobian = np.empty((n, 2, n_shape + N_POSE + self.n_modes))
        place = slice(n_identity, n_identity + N_POSE)
        by_turn = np.zeros((n, 3, 3))
        x, y, z = turned.T
        by_turn[:, 0, 1], by_turn[:, 0, 2], by_turn[:, 1, 2] = z, -y, x
        by_turn -= by_turn.transpose(0, 2, 1)
        added_by_turn = px_per_mm * self._added_by_turn(by_person, camera)
        by_focal = (predicted - camera.centre)[:, :, None]
        jacobian[:, :, place] = np.concatenate([by_point @ by_turn + added_by_turn, by_point, by_focal], axis=2)
        by_shape = (by_point @ camera.rotation) @ self.basis
        by_error = (px_per_mm * picture_axes(camera)) @ self.adds
        by_shape += by_error[:, :, :n_shape]
        jacobian[:, :, :n_identity] = by_shape[:, :, :n_identity]
        jacobian[:, :, n_identity + N_POSE : n_shape + N_POSE] = by_shape[:, :, n_identity:]
        jacobian[:, :, n_shape + N_POSE :] = by_error[:, :, n_shape:]
        jacobian *= weight[:, None, None]
        rows = jacobian.reshape(2 * n, -1)
        pull = ((predicted - self.target) * weight[:, None]).reshape(-1)
        return rows.T @ rows, rows.T @ pull

    def first_state(self, size: tuple[int, int], focal_px: float | None) -> ViewState:
        """A camera that sees the mean face about where the landmarks are: scaled orthography by least squares."""
        used = np.flatnonzero(~self.is_pin & (self.trust > 0))
        middle = self.base[used].mean(axis=0)
        weights, *_ = np.linalg.lstsq(
            np.column_stack([self.base[used] - middle, np.ones(len(used))]), self.target[used], rcond=None
        )
        left, scale, right = np.linalg.svd(weights[:3].T, full_matrices=False)
        across = left @ right
        rotation = np.stack([*across, np.cross(across[0], across[1])])
        if rotation[2, 2] > 0:  # the back of the head: take the landmarks as seen from the front
            rotation = FACING
        px_per_mm = float(np.sqrt(np.prod(scale)))
        focal = px_per_mm * _FIRST_DISTANCE_MM if focal_px is None else focal_px
        centre = np.asarray(size, np.float64) / 2
        depth = focal / px_per_mm
        offset = (weights[3] - centre) / px_per_mm
        camera = PhotoCamera(rotation, np.array([*offset, depth]) - rotation @ middle, focal, centre, size)
        return ViewState(camera, np.zeros(N_CONTROLS), np.zeros(self.n_modes))


def joined(places: Sequence[Places]) -> Places:
    """Points one behind the other."""
    return Places(
        np.concatenate([part.corners for part in places]), np.concatenate([part.barycentric for part in places])
    )
