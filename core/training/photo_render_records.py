"""Records for the rendering network: edits of photographed people who do not exist, beside what is true of them.

`gui.cli.render_records` makes them; a file holds a person's edits. Pictures, shares and parts are stored as bytes, the
rest as float16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from rhytid.core.files.writing import replacing
from rhytid.core.photo.render_buffers import COARSE_PX, FINE, SIDE_PX, RenderBuffers
from rhytid.core.training.record_shards import RecordsError

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

CROP_PX = 192
_STEP = SIDE_PX // COARSE_PX
_LEVELS = 255.0
_AS_BYTES = tuple(FINE.index(name) for name in ("red", "green", "blue", "missing", "skin", "mouth", "eyes"))
_AS_HALVES = tuple(k for k in range(len(FINE)) if k not in _AS_BYTES)
_TRIES = 4  # of so many crops the one is taken that lacks most


@dataclass(frozen=True, eq=False)
class RenderRecord:
    """An edit and its truth.

    Attributes
    ----------
    buffers : RenderBuffers
    wanted : float32 (512, 512, 3)
        What the picture by ratio images lacks, sRGB 0..1; nothing of the camera's noise.
    fake : bool
        Wrinkles were drawn that the photo does not show (FaceDet3D eq. 14), and nothing else changed.
    """

    buffers: RenderBuffers
    wanted: Float32
    fake: bool


def record_path(folder: Path, seed: int) -> Path:
    """File of a person's records."""
    return folder / f"render-{seed:09d}.safetensors"


def write_records(folder: Path, seed: int, albedo: UInt8, records: Sequence[RenderRecord]) -> None:
    """Write a person's edits; `albedo` is uint8 (128, 128, 3) sRGB."""
    fine = np.stack([one.buffers.fine for one in records])
    share = np.stack([one.buffers.share for one in records])[:, None]
    places = np.stack([one.buffers.places for one in records]).transpose(0, 3, 1, 2)
    wanted = np.stack([one.wanted for one in records]).transpose(0, 3, 1, 2)
    tensors: dict[str, npt.NDArray[Any]] = {
        "bytes": np.rint(np.concatenate([fine[:, _AS_BYTES], share], axis=1) * _LEVELS).astype(np.uint8),
        "halves": np.concatenate([fine[:, _AS_HALVES], places, wanted], axis=1).astype(np.float16),
        "coarse": np.stack([one.buffers.coarse for one in records]).astype(np.float16),
        "albedo": albedo,
        "fake": np.array([one.fake for one in records], np.uint8),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(record_path(folder, seed)) as temporary:
        # Tensors are written as they lie in memory.
        temporary.write_bytes(save({name: np.ascontiguousarray(value) for name, value in tensors.items()}))


class RenderSource:
    """Edits of a folder, see `core.training.trainer.Source`.

    A batch has ``fine`` (B, 11, h, w), ``coarse`` (B, 13, h / 4, w / 4), ``places`` (B, h, w, 2), ``albedo``
    (B, 3, 128, 128) sRGB 0..1, ``wanted`` (B, 3, h, w), ``share`` (B, h, w) and ``fake`` (B,), 0 or 1.

    Parameters
    ----------
    folder : Path
    first : int
    last : int, optional
        Only the files of these places in the order of their names.
    fake : bool
        With fake wrinkles.
    """

    def __init__(self, folder: Path, first: int = 0, last: int | None = None, fake: bool = True) -> None:
        self.folder = folder
        self._range = slice(first, last)
        self._fake = fake
        self.paths: list[Path] = []
        self.refresh()

    @property
    def n_groups(self) -> int:
        """Persons to draw from."""
        return len(self.paths)

    def refresh(self) -> int:
        """Take in persons that were added."""
        self.paths = sorted(self.folder.glob("render-*.safetensors"))[self._range]
        return len(self.paths)

    def batch(self, n_pairs: int, rng: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        """``2 n_pairs`` crops of 192 px, mirrored at random."""
        if not self.paths:
            raise RecordsError(f"{self.folder}: no records; make some with: python -m rhytid.gui.cli.render_records")
        crops = [self._crop(rng) for _ in range(2 * n_pairs)]
        return {name: np.stack([crop[name] for crop in crops]) for name in crops[0]}

    def whole(self, number: int) -> dict[str, npt.NDArray[Any]]:
        """All edits of one person, as a batch."""
        with _opened(self.paths[number]) as file:
            n = len(file.get_tensor("fake"))
            parts = [_sample(file, k, slice(0, SIDE_PX), slice(0, SIDE_PX)) for k in range(n)]
        return {name: np.stack([part[name] for part in parts]) for name in parts[0]}

    def _crop(self, rng: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        with _opened(self.paths[int(rng.integers(len(self.paths)))]) as file:
            fake = file.get_tensor("fake")
            known = np.flatnonzero((fake == 0) | self._fake)
            number = int(rng.choice(known))
            corners = _STEP * rng.integers(0, (SIDE_PX - CROP_PX) // _STEP + 1, (_TRIES, 2))
            samples = (_sample(file, number, slice(y, y + CROP_PX), slice(x, x + CROP_PX)) for y, x in corners.tolist())
            sample = max(samples, key=_lacking)
        return mirrored(sample) if rng.random() < 0.5 else sample


def _opened(path: Path) -> Any:
    try:
        return safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise RecordsError(f"{path}: cannot be read ({error}); remove it and make it again") from None


def _sample(file: Any, number: int, rows: slice, columns: slice) -> dict[str, npt.NDArray[Any]]:
    one = slice(number, number + 1)
    small = [slice(side.start // _STEP, side.stop // _STEP) for side in (rows, columns)]
    stored = file.get_slice("bytes")[one, :, rows, columns][0].astype(np.float32) / np.float32(_LEVELS)
    halves = file.get_slice("halves")[one, :, rows, columns][0].astype(np.float32)
    fine = np.empty((len(FINE), *stored.shape[1:]), np.float32)
    fine[list(_AS_BYTES)], fine[list(_AS_HALVES)] = stored[:-1], halves[: len(_AS_HALVES)]
    n = len(_AS_HALVES)
    return {
        "fine": fine,
        "coarse": file.get_slice("coarse")[one, :, small[0], small[1]][0].astype(np.float32),
        "places": np.ascontiguousarray(halves[n : n + 2].transpose(1, 2, 0)),
        "albedo": file.get_tensor("albedo").astype(np.float32).transpose(2, 0, 1) / np.float32(_LEVELS),
        "wanted": halves[n + 2 :],
        "share": stored[-1],
        "fake": np.float32(file.get_tensor("fake")[number]),
    }


def _lacking(sample: dict[str, npt.NDArray[Any]]) -> float:
    return float(np.square(sample["share"] * sample["wanted"]).sum())


def mirrored(sample: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """The same edit of the mirrored person."""
    turned = {name: value[..., ::-1] for name, value in sample.items() if name not in ("places", "fake")}
    places = sample["places"][:, ::-1].copy()
    places[..., 0] = np.where(places[..., 0] < 0, places[..., 0], 1 - places[..., 0])
    coarse = turned["coarse"].copy()
    coarse[[0, 3, 10]] *= -1  # x of normals and light
    return turned | {"coarse": coarse, "places": places, "fake": sample["fake"]}
