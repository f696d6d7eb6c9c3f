"""Where a mesh stands in a file: unit of length and the axis that points up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from rhytid.core.io.clients import UNITS_PER_MM, Axis, Unit

Float32 = npt.NDArray[np.float32]
_FACING = {"y": "+Z", "z": "-Y"}
_STATED = re.compile(r"units: (mm|cm|m), ([YZ]) up\b")
_DECIMALS = {"mm": 5, "cm": 6, "m": 8}


@dataclass(frozen=True)
class Placing:
    """See the module. Right-handed; with Y up the face looks along +Z, with Z up along -Y, as Blender's front has it.

    Attributes
    ----------
    unit : str
        "mm", "cm" or "m".
    up : str
        "y" or "z".
    """

    unit: Unit = "mm"
    up: Axis = "y"

    @staticmethod
    def stated(text: str) -> Placing | None:
        """What a text says by `words`; None where it does not."""
        found = _STATED.search(text)
        return None if found is None else Placing(cast(Unit, found[1]), cast(Axis, found[2].lower()))

    @property
    def words(self) -> str:
        """What a file says of itself."""
        return f"units: {self.unit}, {self.up.upper()} up, facing {_FACING[self.up]}"

    @property
    def per_mm(self) -> float:
        """What 1 mm is in the file."""
        return UNITS_PER_MM[self.unit]

    @property
    def decimals(self) -> int:
        """Places that a coordinate has as text: a hundredth of a micrometre or less."""
        return _DECIMALS[self.unit]

    def details(self, vertices: Float32) -> dict[str, Any]:
        """What `export.json` says of a mesh of these vertices (N, 3), mm."""
        height = round(float(np.ptp(vertices[:, 1])) * self.per_mm, 6) if len(vertices) else 0.0
        return {"units": self.unit, "up_axis": self.up.upper(), "height": height}

    def points(self, vertices: Float32) -> Float32:
        """Vertices (N, 3) in mm with Y up, as the file has them."""
        turned = self.directions(vertices)
        if self.unit == "mm":
            return turned
        scaled: Float32 = turned * np.float32(self.per_mm)
        return scaled

    def directions(self, vectors: Float32) -> Float32:
        """Unit vectors (N, 3) with Y up, as the file has them."""
        if self.up == "y":
            return vectors
        return np.stack([vectors[:, 0], -vectors[:, 2], vectors[:, 1]], axis=1)

    def in_mm(self, points: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Points (N, 3) of the file in mm with Y up."""
        turned = points if self.up == "y" else np.stack([points[:, 0], points[:, 2], -points[:, 1]], axis=1)
        return turned / self.per_mm
