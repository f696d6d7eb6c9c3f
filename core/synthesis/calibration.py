"""Amplitudes by place, octave and expression that make the mean synthetic face as rough as the mean scan.

`resources/synthesis/calibration.json` holds tables of figures: for each of the 13 facial regions the amplitude
of each octave of texture and of the lines, how every key expression changes them, and how persons differ.
`python -m rhytid.core.synthesis.calibrate --mask skin_mask.png` writes it in a closed loop against `figures.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION, mirrored_name
from rhytid.core.files.reading import FileRefused, read_json
from rhytid.core.maps.bands import N_BANDS, REGIONS
from rhytid.core.maps.units import SIDE
from rhytid.core.resources import resource
from rhytid.core.synthesis.key_expressions import KEY_EXPRESSIONS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
PATH = resource("synthesis", "calibration.json")
N_REGIONS, N_KEYS = len(REGIONS), len(KEY_EXPRESSIONS)
N_GAINS = N_BANDS + 1  # octaves of texture, and the lines
_FIELD = 64
_RIDGE, _SIDE_TRUST, _PRIOR_TRUST = 0.02, 0.5, 0.5
_CHANGE_LIMITS = (-1.5, 2.2)
# Movements that no key expression shows, as shares of key expressions that pull on the same skin.
_PRIORS: dict[str, dict[str, float]] = {
    "eyeSquint": {"16_grin": 0.35}, "noseSneer": {"4_anger": 0.5, "16_grin": 0.4}, "mouthUpperUp": {"16_grin": 0.4},
    "mouthPress": {"15_lip_roll": 0.5}, "mouthStretch": {"10_dimpler": 0.6}, "mouthLowerDown": {"14_sadness": 0.4},
    "eyeWide": {"19_brow_raiser": 0.4}, "mouthShrugLower": {"11_chin_raiser": 0.8},
    "mouthClose": {"15_lip_roll": 0.3}, "eyeLookDown": {"18_eye_closed": 0.4}, "eyeLookIn": {}, "eyeLookOut": {},
    "tongueOut": {"3_mouth_stretch": 0.4},
}  # fmt: skip


class CalibrationError(ValueError):
    """The table of amplitudes cannot be used; the message names the file and what to do."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Tables over R = 13 regions (order of `REGIONS`), B = 4 octaves, K = 20 key expressions.

    Attributes
    ----------
    rest : float64 (R, B + 1)
        Logarithm of the texture's RMS in mm per octave at rest, and of the factor of the lines' depth.
    change : float64 (K, R, B + 1)
        What a key expression adds to `rest`.
    person_sd : float64 (R, B)
        Standard deviation between persons of the logarithm of the RMS at rest.
    change_sd : float64 (K, R)
        Standard deviation between persons of the change of the logarithm of the 2-8 px RMS.
    """

    rest: Float64
    change: Float64
    person_sd: Float64
    change_sd: Float64

    @cached_property
    def _rows(self) -> tuple[Float64, Float64]:
        """Expressions (N, 52) with their trust, to fit on, and the same of the changes they stand for.

        Besides the key expressions themselves: their one-sided halves, and movements that none of them shows.
        """
        keys = np.stack(list(KEY_EXPRESSIONS.values())).astype(np.float64)
        pick = np.eye(N_KEYS)
        rows, sources = [*keys], [(pick[i], "") for i in range(N_KEYS)]
        trust = [1.0] * N_KEYS
        for i, key in enumerate(keys):
            for side, other in (("Right", "Left"), ("Left", "Right")):
                half = key.copy()
                for name, index in ARKIT_INDEX.items():
                    if name.endswith(other) and mirrored_name(name)[: -len(side)] == name[: -len(other)]:
                        half[index] = 0
                if (half != key).any() and half.any():
                    rows.append(half)
                    sources.append((pick[i], side.lower()))
                    trust.append(_SIDE_TRUST)
        for name, shares in _PRIORS.items():
            source = sum((pick[list(KEY_EXPRESSIONS).index(k)] * v for k, v in shares.items()), np.zeros(N_KEYS))
            sides = ("Right", "Left") if name + "Left" in ARKIT_INDEX else ("",)
            for word in sides:
                row = np.zeros(N_EXPRESSION)
                row[ARKIT_INDEX[name + word]] = 1
                rows.append(row)
                sources.append((source, word.lower()))
                trust.append(_PRIOR_TRUST)
        weight = np.array(trust)[:, None]
        design = np.stack(rows) * weight
        solve = np.linalg.solve(design.T @ design + _RIDGE * np.eye(N_EXPRESSION), design.T) * weight.T
        # (52, N) x (N, K) per region, a side's rows not reaching the regions of the other side
        mix = np.zeros((N_REGIONS, N_EXPRESSION, N_KEYS))
        for r, region in enumerate(REGIONS):
            reach = [_reach(region, side) for _, side in sources]
            mix[r] = solve @ np.stack([share * factor for (share, _), factor in zip(sources, reach, strict=True)])
        return keys, mix

    def expression_change(self, expression: Float32, deviation: Float64 | None = None) -> Float64:
        """Change of the logarithmic gains in an expression, float64 (R, B + 1).

        Parameters
        ----------
        deviation : float64 (K, R), optional
            A person's own deviation from the mean change in each key expression.
        """
        mix = self._rows[1]
        keys = np.einsum("e,rek->rk", np.asarray(expression, np.float64), mix)
        change = np.einsum("rk,krg->rg", keys, self.change)
        if deviation is not None:
            change = change + np.einsum("rk,kr->r", keys, deviation)[:, None]
        return np.clip(change, *_CHANGE_LIMITS)


def _reach(region: str, side: str) -> float:
    """How much of a one-sided movement reaches a region."""
    if not side:
        return 1.0
    if region.endswith(("_right", "_left")):
        return 0.9 if region.endswith("_" + side) else 0.1
    return 0.5


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """The program's table, read once.

    Raises
    ------
    CalibrationError
        It is missing or damaged.
    """
    return read_calibration(PATH)


def read_calibration(path: Path) -> Calibration:
    """Read and check a table; see `calibration`."""
    remedy = "install the program again, or write it with: python -m rhytid.core.synthesis.calibrate"
    try:
        document = read_json(path, remedy=remedy)
        shapes = {
            "rest": (N_REGIONS, N_GAINS), "change": (N_KEYS, N_REGIONS, N_GAINS), "person_sd": (N_REGIONS, N_BANDS),
            "change_sd": (N_KEYS, N_REGIONS),
        }  # fmt: skip
        tables = {name: np.array(document[name], np.float64) for name in shapes}
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read ({error.strerror}); {remedy}") from error
    except FileRefused as error:
        raise CalibrationError(str(error)) from None
    except (ValueError, KeyError, TypeError) as error:
        raise CalibrationError(f"{path}: is no table of amplitudes ({error!r}); {remedy}") from error
    for name, shape in shapes.items():
        if tables[name].shape != shape or not np.isfinite(tables[name]).all():
            raise CalibrationError(f"{path}: {name} must be finite numbers of shape {shape}; {remedy}")
    return Calibration(**tables)


@lru_cache(maxsize=1)
def region_weights() -> Float32:
    """How much each region speaks for a place, sums to 1, float32 (13, 64, 64)."""
    axis = (np.arange(_FIELD) + 0.5) / _FIELD
    weights = []
    for x, y, radius_x, radius_y in REGIONS.values():
        squared = ((axis[None, :] - x) / radius_x) ** 2 + ((axis[:, None] - y) / radius_y) ** 2
        weights.append(1 / (0.12 + squared**2))
    stacked = np.stack(weights)
    return np.asarray(stacked / stacked.sum(0), np.float32)


def fields(log_gains: Float64) -> Float32:
    """Smooth maps of gains over the face, float32 (G, 256, 256), from logarithms (R, G) per region."""
    coarse = np.exp(np.einsum("rg,ryx->gyx", log_gains.astype(np.float32), region_weights()))
    size = (SIDE, SIDE)
    return np.stack([cv2.resize(field, size, interpolation=cv2.INTER_LINEAR) for field in coarse])


def memberships(points: Float32) -> Float64:
    """How much each region speaks for a stroke with these chart points (N, 2), float64 (13,)."""
    x, y = np.clip((points * _FIELD).astype(np.int64), 0, _FIELD - 1).T
    return np.asarray(region_weights()[:, y, x].mean(1), np.float64)
