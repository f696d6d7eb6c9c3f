"""The structured SEMM at run time: displacement maps to codes, codes to other expressions and ages, and back.

The method is SEMM's (Ling et al., ECCV 2022); networks and shipped tensors are described in
`core.networks.semm`, whose numpy and ONNX Runtime twin this is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import skin_decades, told_age
from rhytid.core.learned.code import N_CODE, N_STYLE, Code
from rhytid.core.learned.lapped import LappedTransform, halved, take
from rhytid.core.learned.semm_paper import is_by_paper
from rhytid.core.learned.weights import SEMM, ModelFiles, WeightsError, open_model
from rhytid.core.maps.bands import BAND_CELLS, N_BANDS, cell_means, enlarged, log_energies
from rhytid.core.maps.random_stream import RandomStream
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.units import SIDE, UNIT_MM

Float32 = npt.NDArray[np.float32]
_TRUNCATION = np.float32(0.7)  # of random codes: the outermost are faces that nobody has
REACH_PX = 7  # of the painter: a texel depends on nothing farther away
_MARGIN_PX = 8
_CROP_STEP_PX = 16  # the runtime plans its memory anew for every size that it meets
_N_FEATURES = 1280
_N_ENERGIES = 1024


@dataclass(frozen=True, eq=False)
class Decoded:
    """What a code says of a face.

    Attributes
    ----------
    base_mm : float32 (256, 256)
        Skin without its lines.
    relief_mm : float32 (256, 256)
        Relief of the lines that the code knows of.
    distance_field : float32 (256, 256)
        Of those lines, 0..1 as `core.lines.distance` has it.
    log_energy : float32 (4, 16, 16)
        Logarithm of the mean square, in (0.1 mm)^2, of octave bands in cells of 16 px, lines included.
    """

    base_mm: Float32
    relief_mm: Float32
    distance_field: Float32
    log_energy: Float32

    @property
    def nbytes(self) -> int:
        """Bytes of all of it, `conditions` too, which whoever paints asks for."""
        planes = 3 + 1 + len(self.log_energy)
        return planes * self.base_mm.nbytes + self.log_energy.nbytes

    @cached_property
    def conditions(self) -> Float32:
        """The painter's inputs that no line changes: base and enlarged log energies, float32 (5, 256, 256)."""
        planes = np.empty((1 + len(self.log_energy), SIDE, SIDE), np.float32)
        np.multiply(self.base_mm, np.float32(1 / UNIT_MM), out=planes[0])
        for plane, energy in zip(planes[1:], self.log_energy, strict=True):
            plane[:] = enlarged(energy)
        return planes


def crop_rect(rect: Rect) -> Rect:
    """The smallest of a few crops with even origin on which the painter is exact in `rect`."""
    wanted = rect.grown(_MARGIN_PX, SIDE)
    x0, x1 = _crop_span(wanted.x0, wanted.x1)
    y0, y1 = _crop_span(wanted.y0, wanted.y1)
    return Rect(x0, y0, x1, y1)


def _crop_span(low: int, high: int) -> tuple[int, int]:
    length = min(-(-(high - low + low % 2) // _CROP_STEP_PX) * _CROP_STEP_PX, SIDE)
    start = min(low - low % 2, SIDE - length)
    return start, start + length


class SemmModel:
    """A trained model; may be used by several threads at once.

    Raises
    ------
    WeightsError
        Files are missing, damaged, do not fit each other, or are of the paper's variant.
    """

    def __init__(self, files: ModelFiles) -> None:
        if is_by_paper(files):
            raise WeightsError(
                f"{files.folder}: weights of SEMM's paper variant, which no engine runs; "
                "rhytid evaluate --ablations scores them"
            )
        tensors = files.tensors()
        try:
            self._lapped = LappedTransform(tensors)
            self._style_mean = _float(tensors, "style.mean", (_N_FEATURES,))
            self._style_analysis = _float(tensors, "style.analysis", (N_STYLE, _N_FEATURES))
            self._style_synthesis = _float(tensors, "style.synthesis", (_N_ENERGIES, N_STYLE))
            self._prior_mean = _float(tensors, "prior.mean", (N_CODE,))
            self._prior_factor = _float(tensors, "prior.factor", (N_CODE, N_CODE))
            self.prior_age = float(take(tensors, "prior.age", (1,))[0])
            self._concatenation = _concatenation(tensors)
            if self._concatenation is None:
                self._by_expression = _float(tensors, "transform.expression", (52, N_CODE))
                self._by_age = _float(tensors, "transform.age", (N_CODE,))
        except ValueError as error:
            path = files.folder / f"{files.name}.safetensors"
            raise WeightsError(f"{path}: {error}; train the model again: rhytid train --help") from None
        self._refiner: Any = files.onnx("refiner")
        self._painter: Any = files.onnx("painter")

    @staticmethod
    def load(folder: Path | None = None) -> SemmModel:
        """The model of a folder, by default the one that comes with the program."""
        return SemmModel(open_model(SEMM, folder))

    def encode(self, displacement_mm: Float32, distance_field: Float32) -> Code:
        """Code of a map and the distance field of its strong lines, each float32 (256, 256)."""
        if displacement_mm.shape != (SIDE, SIDE) or distance_field.shape != (SIDE, SIDE):
            raise ValueError(f"maps of {SIDE} x {SIDE} texels are encoded, got {displacement_mm.shape}")
        x = displacement_mm * np.float32(1 / UNIT_MM)
        y = np.float32(1) - distance_field
        features = np.concatenate([log_energies(x).ravel(), cell_means(y).ravel()])
        style = self._style_analysis @ (features - self._style_mean)
        return Code(self._lapped.analysed(x, halved(y)), np.asarray(style, np.float32))

    def transform(
        self,
        code: Code,
        d_expression: npt.ArrayLike,
        ages: tuple[float, float],
        wanted: npt.ArrayLike | None = None,
    ) -> Code:
        """The code in another expression and at another age; `code` itself where neither differs.

        Parameters
        ----------
        d_expression : (52,)
            ARKit weights wanted minus those at capture.
        ages : (float, float)
            Years at capture, and those that are wanted.
        wanted : (52,), optional
            ARKit weights that are wanted; a model trained as the ablation "concatenation" needs them.
        """
        change = np.asarray(d_expression, np.float32)
        age, to_age = ages
        if age == to_age and not change.any():
            return code
        if self._concatenation is not None:
            return Code.of(code.vector + self._concatenated(code, wanted, to_age))
        decades = np.float32(skin_decades(to_age) - skin_decades(age))
        step = change @ self._by_expression + decades * self._by_age
        return Code.of(code.vector + step)

    def _concatenated(self, code: Code, wanted: npt.ArrayLike | None, to_age: float) -> Float32:
        if wanted is None or self._concatenation is None:
            raise ValueError("a model with concatenation needs the expression that is wanted")
        first, first_bias, second, second_bias = self._concatenation
        age = np.array([told_age(to_age)], np.float32)
        hidden = first @ np.concatenate([code.vector, np.asarray(wanted, np.float32), age]) + first_bias
        step: Float32 = second @ np.maximum(hidden, 0) + second_bias
        return step

    def random_code(self, seed: int) -> Code:
        """A random person's code, in neutral expression at `prior_age`; a seed is the same person everywhere."""
        return Code.of(self._prior_mean + _TRUNCATION * (self._prior_factor @ normal_numbers(seed, N_CODE)))

    @property
    def mean_code(self) -> Code:
        """The mean person's code, in neutral expression at `prior_age`."""
        return Code.of(self._prior_mean)

    def log_energy(self, code: Code) -> Float32:
        """Log band energies that a code asks for, float32 (4, 16, 16)."""
        values = self._style_mean[:_N_ENERGIES] + self._style_synthesis @ code.style
        return values.reshape(N_BANDS, BAND_CELLS, BAND_CELLS)

    def decode(self, code: Code) -> Decoded:
        """What a code says of a face."""
        x, y = self._lapped.synthesised(code.structure)
        energy = self.log_energy(code)
        inputs = {"x_lin": x[None, None], "y_lin": y[None, None], "log_energy": energy[None]}
        base, field, relief = self._refiner.run(["x_base", "y_hat", "relief_hat"], inputs)
        unit = np.float32(UNIT_MM)
        return Decoded(base[0, 0] * unit, relief[0, 0] * unit, np.float32(1) - field[0, 0], energy)

    def paint(
        self, decoded: Decoded, relief_mm: Float32, df5_strong: Float32, df5_all: Float32, rect: Rect | None = None
    ) -> Float32:
        """Displacement of a face with given lines.

        Parameters
        ----------
        decoded : Decoded
            Base and texture of the face; its own lines play no role.
        relief_mm : float32 (256, 256)
            Relief of all lines.
        df5_strong, df5_all : float32 (256, 256)
            Distance to the strong ones and to all lines, truncated at 5 px and divided by it.
        rect : Rect, optional
            Window that is wanted.

        Returns
        -------
        float32 (rect.height, rect.width)
            mm.
        """
        rect = Rect.whole(SIDE) if rect is None else rect
        crop = crop_rect(rect)
        condition = np.empty((8, crop.height, crop.width), np.float32)
        np.multiply(relief_mm[crop.slices], np.float32(1 / UNIT_MM), out=condition[0])
        for plane, field in enumerate((df5_strong, df5_all), 1):
            np.subtract(np.float32(1), field[crop.slices], out=condition[plane])
        condition[3:] = decoded.conditions[(slice(None), *crop.slices)]
        painted = self._painter.run(["x"], {"condition": condition[None]})[0][0, 0]
        part: Float32 = painted[rect.relative_to(crop).slices] * np.float32(UNIT_MM)
        return part

    def reconstructed(self, code: Code) -> Float32:
        """The map of a code alone: the lines that it knows of stand for drawn ones; float32 (256, 256) mm."""
        decoded = self.decode(code)
        df5 = np.clip(decoded.distance_field * np.float32(0.05 * SIDE / 5), 0, 1)
        return self.paint(decoded, decoded.relief_mm, df5, df5)


def normal_numbers(seed: int, count: int) -> Float32:
    """Standard normal numbers of a seed."""
    return RandomStream(seed, 0x5E33).normal(count).astype(np.float32)


def _concatenation(tensors: dict[str, npt.NDArray[Any]]) -> tuple[Float32, Float32, Float32, Float32] | None:
    """Weights of the ablation that replaces the transforms by two layers, None in the model proper."""
    if "concatenation.0.weight" not in tensors:
        return None
    return (
        _float(tensors, "concatenation.0.weight", (128, N_CODE + 53)),
        _float(tensors, "concatenation.0.bias", (128,)),
        _float(tensors, "concatenation.2.weight", (N_CODE, 128)),
        _float(tensors, "concatenation.2.bias", (N_CODE,)),
    )


def _float(tensors: dict[str, npt.NDArray[Any]], name: str, shape: tuple[int, ...]) -> Float32:
    return np.ascontiguousarray(take(tensors, name, shape), np.float32)
