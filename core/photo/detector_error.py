"""How far the detector's landmarks lie from where the head has them, as measured on pictures of which all is known.

The errors are large, systematic and correlated: taken for independent they make a fit worse than the mean face. So
they are part of the model (PCA of residuals as nuisance unknowns): to where the camera sees a landmark comes what the
detector was seen to add under that view, for that person and expression, and a few principal modes of what remains.

Errors are in mm of the picture plane (x right, y down) at the head's distance, in axes that turn with the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.arrays import read_npz
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.embedding import N_FITTED
from rhytid.core.photo.landmarks import LIDS, LIPS, N_MESH
from rhytid.core.resources import resource

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

ERROR_FILE = resource("photo", "detector_error.npz")
N_MODES = 24
N_VIEW = 6
_SHARPEST_DEG = 45.0  # beyond, the view counts as this one: nothing farther was measured
_MOST_MM = 12.0
# Beliefs of the ridge regression: what remains, and how much an error may change with the view.
_NOISE_MM, _DOUBT_OF_VIEW_MM = 1.2, 3.0
# Edges of lids and lips and the pupils: on photos the detector finds them where people see them. A painted head without
# lashes misleads it there, so that nothing measured on one is taken over.
_EDGES = [*LIDS, *LIPS, N_MESH, N_MESH + 1]
_EDGE_MM, _PUPIL_MM = 2.0, 1.0  # of edges many lie close together
_UNSEEN = 1.2  # the modes leave so much more of pictures that they were not made from
_COMMON_MM = 1.0  # of every landmark of the mesh: neighbours err alike, and are no independent witnesses


@dataclass(frozen=True, eq=False)
class DetectorError:
    """The errors of the detector.

    Attributes
    ----------
    by_view : float64 (6, N, 2)
        Error per polynomial of the view, `view_terms`.
    by_identity : float64 (I, N, 2)
        Per standard deviation of each identity mode.
    by_expression : float64 (52, N, 2)
        Per unit of each expression weight.
    modes : float64 (K, N, 2)
        Principal modes of the rest at one standard deviation.
    sigma : float64 (N,)
        Standard deviation of what then remains, mm per axis.
    """

    by_view: Float64
    by_identity: Float64
    by_expression: Float64
    modes: Float64
    sigma: Float64


def view_terms(camera: PhotoCamera) -> Float64:
    """Polynomials of yaw and pitch, (6,)."""
    yaw, pitch = np.clip(camera.yaw_pitch_deg, -_SHARPEST_DEG, _SHARPEST_DEG) / 20.0
    return np.array([1.0, yaw, pitch, yaw * yaw, yaw * pitch, pitch * pitch])


def picture_axes(camera: PhotoCamera) -> Float64:
    """Turns errors from the axes of the head into those of the picture, (2, 2)."""
    across, up = camera.rotation[:2, 1]
    length = max(float(np.hypot(across, up)), 1e-9)
    sine, cosine = across / length, -up / length
    return np.array([[cosine, -sine], [sine, cosine]])


@lru_cache(maxsize=1)
def detector_error() -> DetectorError:
    """The errors that come with the program.

    Raises
    ------
    HeadFileError
        The resource is missing or damaged; install the program again.
    """
    n: tuple[int | str, ...] = (N_FITTED, 2)
    table = {
        "by_view": ("f2", (N_VIEW, *n)), "by_identity": ("f2", ("I", *n)), "by_expression": ("f2", (52, *n)),
        "modes": ("f2", (N_MODES, *n)), "sigma": ("f2", (N_FITTED,)),
    }  # fmt: skip
    arrays = read_npz(ERROR_FILE, table, {"I": 256})
    return DetectorError(**{name: values.astype(np.float64) for name, values in arrays.items()})


def measured_error(
    errors: Float64, views: Float64, side: Float64, shape: Float64, doubt_mm: Float64, n_identity: int
) -> DetectorError:
    """Fit the model.

    Parameters
    ----------
    errors : (S, N, 2)
        Of S pictures, in mm.
    views : (S, 6)
        `view_terms` of each.
    side : (S,)
        1 for a picture as it is, -1 for its mirror image: the detector has a side of its own.
    shape : (S, I + 52)
        Identity and expression.
    doubt_mm : (I + 52,)
        How much an error may change per unit of each, a priori.
    n_identity : int
        I.
    """
    n = len(errors)
    centred = errors - np.median(errors, axis=1, keepdims=True)
    flat = np.clip(centred, -_MOST_MM, _MOST_MM).reshape(n, -1)
    known = np.concatenate([views, side[:, None], shape], axis=1)
    doubt = np.concatenate([np.full(N_VIEW + 1, _DOUBT_OF_VIEW_MM), doubt_mm])
    normal = known.T @ known + np.diag((_NOISE_MM / doubt) ** 2)
    slopes = np.linalg.solve(normal, known.T @ flat)
    # What is left of each picture by the slopes that all others give: its own part in them explains by chance.
    own_part = np.einsum("sk,ks->s", known, np.linalg.solve(normal, known.T))
    rest = (flat - known @ slopes) / (1 - own_part)[:, None]
    left, strength, right = np.linalg.svd(rest, full_matrices=False)
    k = min(N_MODES, n)
    modes = np.zeros((N_MODES, errors.shape[1], 2))
    modes[:k] = (strength[:k, None] / np.sqrt(n) * right[:k]).reshape(k, -1, 2)
    remaining = (rest - (left[:, :k] * strength[:k]) @ right[:k]).reshape(errors.shape)
    sigma = _UNSEEN * np.sqrt((remaining**2).mean(axis=(0, 2)))
    sigma[:N_MESH] = np.hypot(sigma[:N_MESH], _COMMON_MM)
    slopes = slopes.reshape(-1, *errors.shape[1:])
    by_view, (of_side,), by_identity, by_expression = np.split(slopes, np.cumsum([N_VIEW, 1, n_identity]))
    by_view[0] += of_side
    for part in (by_view, by_identity, by_expression, modes):
        part[:, _EDGES] = 0
    sigma[_EDGES], sigma[N_MESH:] = _EDGE_MM, _PUPIL_MM
    return DetectorError(by_view, by_identity, by_expression, modes, sigma)
