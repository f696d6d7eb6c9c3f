"""Batches of pictures of synthetic faces, made of the records' maps while the run trains: none is seen twice."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import AXIS_X
from rhytid.core.lines.distance import TRUNCATION
from rhytid.core.maps.units import SIDE, UNIT_MM
from rhytid.core.photo.features import detail_features
from rhytid.core.synthesis.photo_shading import ChartPicture, chart_picture
from rhytid.core.synthesis.skin_paint import smooth_noise
from rhytid.core.training.records import Records

Float32 = npt.NDArray[np.float32]

_FAINTEST, _DEEPEST = 0.6, 1.5  # factors of a map's depth
_FLAT_SHARE = 0.1  # of the pictures, down to skin without relief
_LINE_PX = 1.5
_JOINED_SHARE, _SEAM_PX, _BEND_PX = 0.5, 10.0, 1.5


def picture_features(picture: ChartPicture) -> Float32:
    """What the network sees of a picture, float32 (11, 256, 256)."""
    return detail_features(picture.rgb, picture.normal, picture.position, picture.light, picture.weight)


class PictureSource:
    """Random photographs of the poses of `Records`; see `core.training.trainer.Source`.

    A batch has ``features`` (B, 11, 256, 256), ``displacement`` (B, 256, 256) in 0.1 mm, ``lines`` (B, 256, 256), 1 on
    a line and 0 from 1.5 texels on, and ``weight`` (B, 256, 256), how far a texel is seen.
    """

    def __init__(self, records: Records) -> None:
        self.records = records

    @property
    def n_groups(self) -> int:
        """Persons to draw from."""
        return self.records.n_groups

    def refresh(self) -> int:
        """Take in shards that were added."""
        return self.records.refresh()

    def batch(self, n_pairs: int, rng: np.random.Generator) -> dict[str, Float32]:
        """``2 n_pairs`` photographs."""
        poses = rng.integers(len(self.records), size=4 * n_pairs)
        read = self.records.maps(poses, ("x", "df_all"))
        maps = np.stack([read["x"], read["df_all"]], -1)
        samples = [_sample(_varied(maps[i], maps[i + 1], rng), rng) for i in range(0, len(maps), 2)]
        return {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}


def _sample(maps: Float32, rng: np.random.Generator) -> dict[str, Float32]:
    depth = rng.uniform(0, _FAINTEST) if rng.random() < _FLAT_SHARE else rng.uniform(_FAINTEST, _DEEPEST)
    x = maps[..., 0] * np.float32(depth)
    lines = np.clip(1 - maps[..., 1] * np.float32(TRUNCATION * SIDE / _LINE_PX), 0, 1)
    picture = chart_picture(x * np.float32(UNIT_MM), rng)
    return {
        "features": picture_features(picture),
        "displacement": x,
        "lines": lines * np.float32(min(depth / _FAINTEST, 1.0)),
        "weight": picture.weight,
    }


def _varied(one: Float32, other: Float32, rng: np.random.Generator) -> Float32:
    """A face out of two: relief and distance field (256, 256, 2), mirrored, joined and bent at random."""
    if rng.random() < 0.5:
        one = one[:, ::-1]
    if rng.random() < _JOINED_SHARE:
        away = (np.arange(SIDE, dtype=np.float32) + np.float32(0.5 - AXIS_X * SIDE)) / np.float32(_SEAM_PX)
        share = np.clip(0.5 + 0.5 * away, 0, 1)[None, :, None]
        one = one * share + other * (1 - share)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    bend = [np.float32(_BEND_PX) * smooth_noise(rng, 6) for _ in range(2)]
    at = (x + bend[0], y + bend[1])
    bent = cv2.remap(np.ascontiguousarray(one), *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(bent, np.float32)
