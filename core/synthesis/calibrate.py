"""Write `resources/synthesis/calibration.json`: amplitudes that make synthetic faces as rough as scanned ones.

    python -m rhytid.core.synthesis.calibrate --mask skin_mask.png [--persons N] [--rounds N] [--resume]

A closed loop: synthetic persons between 20 and 35 are made in the 20 key expressions, the mean logarithm of
their RMS by region and octave is compared with that of the scans (`figures.json`), and the amplitudes of
texture and lines move by what is missing.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import N_BANDS, REGIONS, octave_bands, region_mask
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis import calibration as store
from rhytid.core.synthesis import sample
from rhytid.core.synthesis.calibration import N_GAINS, N_KEYS, N_REGIONS, Calibration
from rhytid.core.synthesis.figures import figures
from rhytid.core.synthesis.key_expressions import KEY_EXPRESSIONS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
BoolMap = npt.NDArray[np.bool_]
_FIRST_SEED = 9_000_000  # persons that no training set uses
_LEAST_TEXTURE = 0.4  # share of the RMS that stays texture
# Share of the wrinkle band's energy at rest that ridges and valleys hold, the rest being texture.
_LINE_SHARE = {
    "forehead": 0.3, "glabella": 0.65, "nose": 0.75, "crows_feet": 0.45, "infraorbital": 0.65, "nasolabial": 0.55,
    "cheek": 0.25, "upper_lip": 0.7, "chin": 0.45,
}  # fmt: skip
_TEXTURE_FOLLOWS = 0.5  # how much of the change of a movement the texture takes part in
_STEP = 0.8
_TEXTURE_LIMITS, _LINE_LIMITS = (-9.0, -2.0), (-2.5, 1.5)
_FIRST_TEXTURE_MM = (0.011, 0.011, 0.007, 0.003)
_DEPTH_WEIGHTS = np.array([0.0, 0.4, 0.4, 0.2])  # of the octaves in the lines' depth: wrinkles lie at 2-8 px


def region_log_rms(displacement: Float32, masks: list[BoolMap]) -> Float64:
    """Logarithm of the RMS in mm per region and octave, float64 (13, 4)."""
    bands = np.stack(octave_bands(displacement))
    return np.stack([0.5 * np.log(np.maximum((bands[:, mask] ** 2).mean(1), 1e-12)) for mask in masks])


def calibrate(
    target: Float64, person_sd: Float64, change_sd: Float64, mask: BoolMap, persons: int, rounds: int,
    start: Calibration | None = None,
) -> Calibration:  # fmt: skip
    """Fit the table.

    Parameters
    ----------
    target : float64 (K, R, B)
        Mean logarithm of the scans' RMS in mm.
    person_sd : float64 (R, B)
    change_sd : float64 (K, R)
    mask : bool (256, 256)
        Skin; the same within which `target` was measured.
    start : Calibration, optional
        Where the loop begins.
    """
    masks = [region_mask(name, SIDE) & mask for name in REGIONS]
    # Deviations of single persons have mean 0 in the logarithms: without them fewer persons are enough.
    none = (np.zeros_like(person_sd), np.zeros_like(change_sd))
    rest = np.tile(np.log([*_FIRST_TEXTURE_MM, 0.6]), (N_REGIONS, 1))
    change = np.zeros((N_KEYS, N_REGIONS, N_GAINS))
    table = Calibration(rest, change, *none) if start is None else Calibration(start.rest, start.change, *none)
    line_energy = _line_energy(target)
    for number in range(rounds):
        lines, others, whole = _measured(table, masks, persons, number)
        step = (0.5 * np.log(np.maximum(line_energy, 1e-12)) - lines) @ _DEPTH_WEIGHTS
        left = np.exp(2 * target) - np.exp(2 * np.minimum(lines, target))
        wanted = np.maximum(0.5 * np.log(np.maximum(left, 1e-12)), np.log(_LEAST_TEXTURE) + target)
        texture_step = wanted - others
        # What is still wrong of the whole corrects for places where lines and texture overlap.
        texture_step = 0.6 * texture_step + 0.4 * (target - whole)
        step_share = _STEP / (1 + 0.4 * number)  # the persons of a round are a sample
        gains = table.rest + table.change
        gains[:, :, :N_BANDS] = np.clip(gains[:, :, :N_BANDS] + step_share * texture_step, *_TEXTURE_LIMITS)
        gains[:, :, N_BANDS] = np.clip(gains[:, :, N_BANDS] + step_share * step, *_LINE_LIMITS)
        table = Calibration(gains[0], gains - gains[:1], *none)
        # Expressions that share weights cannot have unlike changes: pull the rows to what they get.
        got = np.stack([table.expression_change(weights) for weights in KEY_EXPRESSIONS.values()])
        table = Calibration(table.rest, 0.5 * (table.change + got), *none)
        ratio = np.exp(np.abs(whole - target))
        print(f"round {number + 1}: mean ratio {ratio.mean():.3f}, largest {ratio.max():.3f}", flush=True)
    return Calibration(table.rest, table.change, person_sd, change_sd)


def _line_energy(target: Float64) -> Float64:
    """Mean square in mm^2 that the lines should hold, float64 (K, R, B): a movement raises lines more than texture."""
    share = np.array([_LINE_SHARE[name.removesuffix("_right").removesuffix("_left")] for name in REGIONS])[:, None]
    change = 2 * (target - target[:1])
    follows = np.where(change > 0, _TEXTURE_FOLLOWS, 1.0)
    energy: Float64 = np.exp(2 * target) - (1 - share) * np.exp(2 * target[:1] + follows * change)
    return energy


def _measured(table: Calibration, masks: list[BoolMap], persons: int, number: int) -> tuple[Float64, Float64, Float64]:
    """Mean logarithm of the RMS of the lines, of everything else and of the whole, each (K, R, B)."""
    totals = np.zeros((3, N_KEYS, N_REGIONS, N_BANDS))
    for i in range(persons):
        seed = _FIRST_SEED + number * 1000 + i
        age = 20 + 15 * (i + 0.5) / persons
        for k, weights in enumerate(KEY_EXPRESSIONS.values()):
            lines, others = sample.parts(table, seed, age, weights)
            for total, part in zip(totals, (lines, others, lines + others), strict=True):
                total[k] += region_log_rms(part, masks) / persons
    return totals[0], totals[1], totals[2]


def write(table: Calibration, path: Path) -> None:
    """Write the table as JSON."""
    tables = {name: np.round(getattr(table, name), 4).tolist() for name in ("rest", "change", "person_sd", "change_sd")}
    about = "Amplitudes of synthetic detail by region, octave and key expression; see core/synthesis/calibration.py."
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"about": about, **tables}) + "\n", encoding="utf-8")


def targets() -> tuple[Float64, Float64, Float64]:
    """What `calibrate` takes of the scans' figures: target, person_sd and change_sd."""
    measured = figures()
    order = [measured.expressions.index(name) for name in KEY_EXPRESSIONS]
    target = measured.neutral_mean[:N_REGIONS] + measured.change_mean[order, :N_REGIONS]
    return target, measured.neutral_sd[:N_REGIONS], measured.wrinkle_change_sd[order]


def skin_mask(path: Path) -> BoolMap:
    """An 8-bit picture of 256 texels as a mask."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None or picture.shape != (SIDE, SIDE):
        raise ValueError(f"{path}: no picture of 256 x 256 texels; give the data set's skin_mask.png")
    mask: BoolMap = picture > 127
    return mask


def main() -> None:
    """Calibrate against the figures that ship with the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mask", type=Path, required=True, help="skin_mask.png within which the figures were taken")
    parser.add_argument("--resume", action="store_true", help="begin with the present table")
    options = parser.parse_args()
    target, person_sd, change_sd = targets()
    mask = skin_mask(options.mask)
    start = store.read_calibration(store.PATH) if options.resume else None
    write(calibrate(target, person_sd, change_sd, mask, options.persons, options.rounds, start), store.PATH)


if __name__ == "__main__":
    main()
