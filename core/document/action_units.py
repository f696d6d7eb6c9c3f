"""FACS action units as named combinations of ARKit expression weights.

The table is `resources/presets/action_units.json`, an editable file. Units with sides have the variants
"AU12L" and "AU12R" beside "AU12"; left and right are the subject's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, N_EXPRESSION
from rhytid.core.files.presets import read_preset_file
from rhytid.core.language import tr
from rhytid.core.read_only import read_only
from rhytid.core.resources import resource

Float32 = npt.NDArray[np.float32]
Pairs = tuple[tuple[str, float], ...]

TABLE_PATH = resource("presets", "action_units.json")
REGIONS = ("brow", "eye", "gaze", "cheek", "nose", "mouth", "jaw", "tongue")
# Projections of float32 weights leave crumbs of rounding; below this an intensity counts as none.
_NOISE = 1e-4


class ActionUnitTableError(ValueError):
    """The table of action units cannot be used; the message names the file and the entry."""


@dataclass(frozen=True)
class ActionUnit:
    """One entry of the table, or one side of it.

    Attributes
    ----------
    name : str
        "AU12", "AU12L" or "AU12R".
    facs : int
        FACS number.
    title : str
        FACS name, "Lip corner puller".
    muscles : tuple of str
    region : str
        One of `REGIONS`.
    side : str
        "" for both sides or none, "L", "R".
    weights : tuple of (ARKit name, weight 0..1)
        Expression at intensity 1.
    note : str
        What an artist should know, empty mostly.
    """

    name: str
    facs: int
    title: str
    muscles: tuple[str, ...]
    region: str
    side: str
    weights: Pairs
    note: str = ""


@dataclass(frozen=True, eq=False)
class ActionUnitTable:
    """All action units, ordered by FACS number: both sides, left, right.

    Attributes
    ----------
    units : tuple of ActionUnit
    """

    units: tuple[ActionUnit, ...]

    @cached_property
    def weights(self) -> dict[str, Float32]:
        """Expression weights at intensity 1 by name of the unit, float32 (52,) read-only."""
        return {unit.name: row for unit, row in zip(self.units, self._matrix.astype(np.float32), strict=True)}

    @cached_property
    def by_name(self) -> dict[str, ActionUnit]:
        return {unit.name: unit for unit in self.units}

    @cached_property
    def _matrix(self) -> npt.NDArray[np.float64]:
        matrix = np.zeros((len(self.units), N_EXPRESSION))
        for row, unit in zip(matrix, self.units, strict=True):
            for name, weight in unit.weights:
                row[ARKIT_INDEX[name]] = weight
        return read_only(matrix)

    def intensities(self, expression: npt.ArrayLike) -> Pairs:
        """Intensity of every unit in an expression (52,), sorted by name, only those above 0.

        A unit's intensity is the projection of the expression on its weights, `<e, w> / <w, w>`, clipped to
        0..1: a slider at 0.7 alone gives 0.7 back. Units share shapes, so a smile on the left only is
        AU12L = 1 and AU12 = 0.5: read either the sides or both, never their sum.
        """
        matrix = self._matrix
        projected = matrix @ np.asarray(expression, np.float64) / (matrix * matrix).sum(axis=1)
        clipped = np.clip(projected, 0.0, 1.0)
        return tuple(
            sorted(
                (unit.name, round(float(value), 6))
                for unit, value in zip(self.units, clipped, strict=True)
                if value > _NOISE
            )
        )


@lru_cache(maxsize=1)
def action_unit_table() -> ActionUnitTable:
    """The program's table, read once."""
    return load_action_units(TABLE_PATH)


def load_action_units(path: Path) -> ActionUnitTable:
    """Read and check a table.

    Raises
    ------
    ActionUnitTableError
        The file cannot be read, is not JSON of the expected form, or an entry names an unknown ARKit weight,
        repeats a name or has a weight outside 0..1.
    """
    document = read_preset_file(path, ActionUnitTableError)
    units: list[ActionUnit] = []
    entries = document.get("action_units")
    if not isinstance(entries, list) or not entries:
        raise ActionUnitTableError(f"{path}: needs a list 'action_units'")
    for number, entry in enumerate(entries, 1):
        try:
            units.extend(_units_of(entry))
        except (TypeError, ValueError, KeyError) as error:
            name = entry.get("name", "") if isinstance(entry, dict) else ""
            raise ActionUnitTableError(f"{path}: entry {number} {name}: {_reason(error)}") from error
    names = [unit.name for unit in units]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ActionUnitTableError(f"{path}: {repeated[0]} is there twice")
    units.sort(key=lambda unit: (unit.facs, unit.side))
    return ActionUnitTable(tuple(units))


def read_weights(value: object) -> Pairs:
    """A JSON object of ARKit weights as sorted pairs.

    Raises
    ------
    ValueError
        Not an object, an unknown name, or a weight that is not a number in 0..1.
    """
    if not isinstance(value, Mapping):
        raise ValueError("weights must be an object of ARKit names and numbers")
    for name, weight in value.items():
        if name not in ARKIT_INDEX:
            raise ValueError(f"{name!r} is not one of the ARKit names ({ARKIT_NAMES[0]}, ...)")
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0.0 <= weight <= 1.0:
            raise ValueError(f"{name} must be a number in 0..1, got {weight!r}")
    return tuple(sorted((name, float(weight)) for name, weight in value.items()))


def _units_of(entry: Mapping[str, Any]) -> list[ActionUnit]:
    facs, name = entry["facs"], entry["name"]
    if not isinstance(facs, int) or name != f"AU{facs}":
        raise ValueError(f"the name must be AU and the FACS number, got {name!r} and {facs!r}")
    if entry["region"] not in REGIONS:
        raise ValueError(f"the region must be one of {', '.join(REGIONS)}, got {entry['region']!r}")
    if not isinstance(entry["muscles"], list) or not entry["muscles"]:
        raise ValueError("muscles must be a list of names")
    shared = (facs, tr(str(entry["title"])), tuple(map(str, entry["muscles"])), entry["region"])
    note = str(entry.get("note", ""))
    if "weights" in entry:
        if "left" in entry or "right" in entry:
            raise ValueError("give either weights, or left and right")
        return [ActionUnit(name, *shared, "", _some(read_weights(entry["weights"])), note)]
    left, right = _some(read_weights(entry["left"])), _some(read_weights(entry["right"]))
    sides = [
        ActionUnit(f"{name}L", *shared, "L", left, note),
        ActionUnit(f"{name}R", *shared, "R", right, note),
    ]
    if entry.get("exclusive", False):
        return sides
    if {name for name, _ in left} & {name for name, _ in right}:
        raise ValueError("left and right must not name the same weight")
    return [ActionUnit(name, *shared, "", tuple(sorted((*left, *right))), note), *sides]


def _some(weights: Pairs) -> Pairs:
    if not any(weight > 0.0 for _, weight in weights):
        raise ValueError("needs at least one weight above 0")
    return weights


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"lacks {error.args[0]!r}"
    return "must be an object" if isinstance(error, TypeError) else str(error)
