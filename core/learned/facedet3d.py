"""FaceDet3D's detail hallucination at run time: what detail changes to for target action units, and where.

How relief usually changes between two conditions is solved for (`Usual`); the network starts from there and tells
gains of the octave bands of the detail that came in, what is added to it, and the mask of eq. 4 over both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import told_age
from rhytid.core.learned.expression_energy import moved
from rhytid.core.learned.weights import FACEDET3D, WeightsError, open_model
from rhytid.core.maps.bands import BAND_CELLS, BAND_EDGES_PX, N_BANDS, enlarged, log_energies, low_pass
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE, UNIT_MM

Float32 = npt.NDArray[np.float32]
_CELLS = (N_BANDS, BAND_CELLS, BAND_CELLS)
_LINE_BANDS = slice(1, 3)
_DEVIATION_SIGMA = 1.0  # cells over which a deviation is averaged
TOLD_CHANNELS = 3 * N_BANDS


def condition(expression: Float32, age: float, projection: Float32) -> Float32:
    """What the network is told of a pose, float32 (n + 1,): intensities 0..1 of action units, then the `told_age`.

    Parameters
    ----------
    expression : float32 (52,)
    age : float
        Years.
    projection : float32 (52, n)
        See `core.training.facedet3d.projection`.
    """
    units = np.clip(np.asarray(expression, np.float32) @ projection, 0, 1)
    return np.append(units, told_age(age)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Usual:
    """How much relief people have under a condition, linear in it.

    Attributes
    ----------
    mean : float32 (4, 16, 16)
        Log energies of the octave bands in cells, as `core.maps.bands.log_energies`, for condition 0.
    slopes : float32 (n + 1, 4, 16, 16)
        What a condition's numbers add.
    kept : float32 (4,)
        Share of a person's deviation from the usual, by band, that an altogether other condition keeps.
    face : bool (16, 16)
        Cells of the face.
    """

    mean: Float32
    slopes: Float32
    kept: Float32
    face: npt.NDArray[np.bool_]

    def told(self, detail: Float32, source: Float32, target: Float32) -> Float32:
        """What the network starts from, float32 (12, 16, 16).

        Change of the log energies that is expected of this detail, change that is usual, and what this detail has
        beyond the usual.

        Parameters
        ----------
        detail : float32 (256, 256)
            In 0.1 mm.
        source, target : float32 (n + 1,)
            Conditions of the detail and of what is wanted.
        """
        before, after = (self.mean + np.tensordot(told, self.slopes, 1) for told in (source, target))
        change, own = after - before, log_energies(detail) - before
        # What the person has more or less is in part the person's, in part this expression's; only the first part is
        # there under another condition, too.
        lost = (1 - self.kept)[:, None, None] * moved(change) * deviations(own, self.face)
        return np.concatenate([change - lost, change, own]).astype(np.float32)

    def tensors(self) -> dict[str, Float32]:
        """By name, as they are shipped."""
        parts = {"mean": self.mean, "slopes": self.slopes, "kept": self.kept, "face": self.face.astype(np.float32)}
        return {f"usual.{name}": value for name, value in parts.items()}

    @classmethod
    def of(cls, tensors: Mapping[str, npt.NDArray[Any]], n: int) -> Usual:
        """What `tensors` gave.

        Raises
        ------
        WeightsError
            A tensor is missing, or its shape is not that of conditions of `n` numbers.
        """
        shapes = {"mean": _CELLS, "slopes": (n, *_CELLS), "kept": (N_BANDS,), "face": _CELLS[1:]}
        found = {name: tensors.get(f"usual.{name}") for name in shapes}
        for name, shape in shapes.items():
            value = found[name]
            if value is None or value.shape != shape or not np.isfinite(value).all():
                raise WeightsError(f"{FACEDET3D}: tensor usual.{name} is damaged; install the program's weights again")
        mean, slopes, kept, face = (np.asarray(found[name], np.float32) for name in shapes)
        return cls(mean, slopes, kept, face > 0.5)


def deviations(own: Float32, face: npt.NDArray[np.bool_]) -> Float32:
    """What a person has beyond the usual, without what all of a band has: that is the capture's; (4, 16, 16)."""
    smooth = np.stack([low_pass(band, _DEVIATION_SIGMA) for band in own])
    smooth -= np.median(smooth[:, face], axis=1)[:, None, None]
    return smooth


class Hallucination(NamedTuple):
    """What the network makes of detail: `change` puts it together.

    Attributes
    ----------
    gains : float32 (4, 16, 16)
        Factors on the octave bands, in cells.
    added : float32 (256, 256)
        In mm.
    mask : float32 (256, 256)
        0..1.
    """

    gains: Float32
    added: Float32
    mask: Float32

    def change(self, displacement: Float32) -> Float32:
        """Eq. 4: what is added to a map of any resolution, float32 in its unit; exactly 0 outside the mask.

        What is finer than the octave bands changes with the finest one.
        """
        side = len(displacement)
        result = resample(self.added, side).copy()
        fine = displacement
        for gain, sigma in zip(self.gains, BAND_EDGES_PX[1:], strict=True):
            coarse = low_pass(displacement, sigma * side / SIDE)
            result += (fine - coarse) * (resample(enlarged(gain), side) - np.float32(1))
            fine = coarse
        result *= np.clip(resample(self.mask, side), 0, 1)
        return result

    def line_gain(self) -> Float32:
        """By how much more than once the octaves that wrinkles lie in are there, float32 (256, 256)."""
        gain: Float32 = (enlarged(self.gains[_LINE_BANDS].mean(axis=0)) - np.float32(1)) * self.mask
        return gain


class FaceDet3DModel:
    """The trained network.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        Of `facedet3d.onnx`, see `core.networks.facedet3d`.
    projection : float32 (52, n)
    usual : Usual
    """

    def __init__(self, session: Any, projection: Float32, usual: Usual) -> None:
        self._session = session
        self._projection = projection
        self._usual = usual

    @classmethod
    def load(cls, folder: Path | None = None) -> FaceDet3DModel:
        """The model of `folder`, by default the one that comes with the program.

        Raises
        ------
        WeightsError
            It is missing or damaged.
        """
        files = open_model(FACEDET3D, folder)
        tensors = files.tensors()
        projection = tensors.get("action_units")
        if projection is None or projection.ndim != 2 or len(projection) != 52:
            raise WeightsError(f"{files.folder}: facedet3d lacks its action units; install the program again")
        return cls(files.onnx(), projection, Usual.of(tensors, projection.shape[1] + 1))

    def hallucinated(
        self, displacement: Float32, captured: tuple[Float32, float], wanted: tuple[Float32, float]
    ) -> Hallucination:
        """What another pose makes of a map.

        Parameters
        ----------
        displacement : float32 (256, 256)
            In mm.
        captured, wanted : (expression (52,), age in years)
        """
        detail = np.ascontiguousarray(displacement / np.float32(UNIT_MM), np.float32)
        source, target = (condition(*pose, self._projection) for pose in (captured, wanted))
        told = self._usual.told(detail, source, target)
        inputs = {"detail": detail[None], "told": told[None], "source": source[None], "target": target[None]}
        gains, added, mask = (np.asarray(values[0], np.float32) for values in self._session.run(_OUTPUTS, inputs))
        return Hallucination(gains, added * np.float32(UNIT_MM), mask)


_OUTPUTS = ["gains", "added", "mask"]
