"""The paper's variant of SEMM without torch: a map to its code, and codes to maps in any expression and at any age.

Networks and shipped tensors are described in `core.networks.semm_paper` and `core.training.semm_paper`. It is for
comparison; the editor's engine is the structured variant, `core.learned.semm`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import told_age
from rhytid.core.learned.code import N_CODE, Code
from rhytid.core.learned.lapped import take
from rhytid.core.learned.weights import SEMM, ModelFiles, WeightsError, open_model
from rhytid.core.maps.units import SIDE, UNIT_MM

Float32 = npt.NDArray[np.float32]
_LINE = np.float32(1.25 / 12.8)  # of the distance field, nearer than which there is a line


def is_by_paper(files: ModelFiles) -> bool:
    """Whether a SEMM is of the paper's variant, and not the structured one."""
    return bool(files.config.get("variant") == "paper")


class PaperModel:
    """A trained model of the paper's variant, or of one of its ablations.

    Raises
    ------
    WeightsError
        Files are missing, damaged or of another variant.
    """

    def __init__(self, files: ModelFiles) -> None:
        if not is_by_paper(files):
            raise WeightsError(f"{files.folder}: not weights of SEMM's paper variant")
        tensors = files.tensors()
        try:
            self._mean, self._scale = (_planes(tensors, name) for name in ("mean", "scale"))
        except ValueError as error:
            raise WeightsError(f"{files.folder}: {error}; train the model again: rhytid train --help") from None
        ablation = files.config.get("ablation")
        self._lines_only, self._concatenated = ablation == "no-distance-field", ablation == "concatenation"
        self._encoder: Any = files.onnx("encoder")
        self._generator: Any = files.onnx("generator")
        if not self._concatenated:
            self._by_expression: Any = files.onnx("expression")
            self._by_age: Any = files.onnx("age")

    @staticmethod
    def load(folder: Path) -> PaperModel:
        """The model of a folder."""
        return PaperModel(open_model(SEMM, folder))

    def encode(self, displacement_mm: Float32, distance_field: Float32) -> Code:
        """Code of a map and the distance field of its strong lines, each float32 (256, 256)."""
        if displacement_mm.shape != (SIDE, SIDE) or distance_field.shape != (SIDE, SIDE):
            raise ValueError(f"maps of {SIDE} x {SIDE} texels are encoded, got {displacement_mm.shape}")
        field = np.maximum(1 - distance_field / _LINE, 0) if self._lines_only else distance_field
        raw = np.stack([displacement_mm * np.float32(1 / UNIT_MM), field])
        pair = (raw - self._mean) / self._scale
        return Code.of(self._encoder.run(["code"], {"pair": pair[None].astype(np.float32)})[0][0])

    def reconstructed(self, code: Code, expression: Float32, age: float) -> Float32:
        """The map of a code, float32 (256, 256) mm; the ablation "concatenation" alone needs what the face shows."""
        return self._generated(code.vector, expression, age)

    def edited(
        self, code: Code, expression: Float32, age: float, to_expression: Float32 | None, to_age: float | None = None
    ) -> Float32:
        """The map of a code in another expression, at another age, or both; float32 (256, 256) mm.

        Parameters
        ----------
        expression, age
            What the face shows, as in `reconstructed`.
        to_expression : (52,) or None
            ARKit weights; None leaves the expression as it is, without knowing it.
        to_age : float or None
            Years; None leaves the age as it is, without knowing it.
        """
        vector = code.vector
        if not self._concatenated:
            if to_expression is not None:
                vector = vector + _step(self._by_expression, code, np.asarray(to_expression, np.float32))
            if to_age is not None:
                vector = vector + _step(self._by_age, code, np.array([told_age(to_age)], np.float32))
        shown = expression if to_expression is None else to_expression
        return self._generated(vector, shown, age if to_age is None else to_age)

    def _generated(self, vector: Float32, expression: Float32, age: float) -> Float32:
        if self._concatenated:
            vector = np.concatenate([vector, np.asarray(expression, np.float32), [np.float32(told_age(age))]])
        pair = self._generator.run(["pair"], {"code": vector[None].astype(np.float32)})[0][0]
        x: Float32 = (pair * self._scale + self._mean)[0] * np.float32(UNIT_MM)
        return x


def _step(network: Any, code: Code, wanted: Float32) -> Float32:
    step: Float32 = network.run(["step"], {"code": code.vector[None], "wanted": wanted[None]})[0][0]
    assert step.shape == (N_CODE,)
    return step


def _planes(tensors: dict[str, npt.NDArray[Any]], name: str) -> Float32:
    return np.asarray(take(tensors, name, (2,)), np.float32)[:, None, None]
