"""Batches of lit faces with what the closed form makes of their light; each face is made once and kept."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.photo.albedo_prior import albedo_prior
from rhytid.core.photo.light import smooth_lights
from rhytid.core.photo.light_features import light_features, remainder
from rhytid.core.photo.light_view import SOLVED_AT, View, view_of
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.synthesis.lit_face import LitFace, lit_face

Float32 = npt.NDArray[np.float32]
Float16 = npt.NDArray[np.float16]

_SEED = 1_000_000
_FEWEST = 300.0  # texels that have to be seen of a face
_KEPT = 4000


class LitFaces:
    """A number of random faces, see `core.training.trainer.Source`.

    A batch has ``features`` (B, 19, 128, 128), ``remainder``, ``albedo`` and ``prior`` (B, 3, 128, 128): what the light
    leaves over, the true colour over that which the closed form found, and the latter over its mean, all in logarithm;
    and ``weight`` (B, 128, 128).

    Parameters
    ----------
    first, count : int
        Numbers of the faces.
    """

    def __init__(self, first: int, count: int) -> None:
        self._first, self._count = first, count

    @property
    def n_groups(self) -> int:
        """How many faces."""
        return self._count

    def refresh(self) -> int:
        """There are no more."""
        return 0

    def batch(self, n_pairs: int, rng: np.random.Generator) -> dict[str, Float32]:
        """``2 n_pairs`` faces, mirrored at random."""
        numbers = self._first + rng.integers(self._count, size=2 * n_pairs)
        samples = [_mirrored(lit_sample(int(number))) if rng.random() < 0.5 else lit_sample(int(number))
                   for number in numbers]  # fmt: skip
        return {name: np.stack([sample[name] for sample in samples]).astype(np.float32) for name in samples[0]}


@lru_cache(maxsize=_KEPT)
def lit_sample(number: int) -> dict[str, Float16]:
    """What `LitFaces` stacks, of one face."""
    rng = np.random.default_rng([_SEED, number])
    face = lit_face(rng)
    while float(face.weight.sum()) < _FEWEST * 4:
        face = lit_face(rng)
    return {name: value.astype(np.float16) for name, value in sample_of(face).items()}


def sample_of(face: LitFace) -> dict[str, Float32]:
    """See `lit_sample`."""
    prior = albedo_prior()
    view = view_of(unwrapped(face))
    (light,), color = smooth_lights([view], prior)
    shading = light.shading(view.normal)
    left_over = remainder(view, color, shading)
    small = cv2.resize(np.log(np.maximum(face.albedo, 1e-3)), (SOLVED_AT, SOLVED_AT), interpolation=cv2.INTER_AREA)
    albedo = small - np.log(color)
    return {
        "features": light_features(view, color, shading, prior),
        "remainder": left_over.transpose(2, 0, 1),
        "albedo": (albedo + _gain(left_over - albedo, view)).transpose(2, 0, 1),
        "prior": (np.log(color) - np.log(color).mean(axis=(0, 1))).transpose(2, 0, 1),
        "weight": view.weight,
    }


def unwrapped(face: LitFace) -> Unwrapped:
    """A lit face as `core.photo.unwrap` would give it."""
    nowhere = np.zeros((*face.weight.shape, 2), np.float32)
    return Unwrapped(face.rgb, face.weight, face.skin, face.normal, face.position, nowhere, 1.0)


def _gain(error: Float32, view: View) -> Float32:
    """How much brighter the photo is as a whole, which nobody can tell, (3,)."""
    return np.median(error[view.weight > 0.5], axis=0).astype(np.float32)


def _mirrored(sample: dict[str, Float16]) -> dict[str, Float16]:
    mirrored = {name: value[..., ::-1] for name, value in sample.items()}
    features = mirrored["features"].copy()
    features[9] *= -1  # x of the normals
    # The two halves are told as "here" and "there", not as right and left.
    return mirrored | {"features": features}
