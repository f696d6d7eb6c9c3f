"""Figures that calibrate the generator: what scanned faces have in common, as means and spreads.

`resources/synthesis/figures.json` was measured on seven scanned subjects by ``rhytid synthesis-report
--data DIR --write-figures`` and holds nothing but the fields of `Figures`: aggregates over subjects, no map content.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, read_json
from rhytid.core.maps.bands import N_BANDS
from rhytid.core.read_only import read_only
from rhytid.core.resources import resource
from rhytid.core.synthesis.measure import (
    N_FREQUENCIES,
    N_ORIENTATIONS,
    N_PLACES,
    N_REGIONS,
    PLACES,
    SIDE_PAIRS,
    Measures,
)

Float64 = npt.NDArray[np.float64]
FIGURES_PATH = resource("synthesis", "figures.json")
FORMAT = "rhytid-synthesis-figures"
VERSION = 1
_DECIMALS = 4
_NOTE = (
    "Aggregate figures (means and standard deviations between subjects) measured on scanned subjects of a "
    "research data set by 'rhytid synthesis-report --write-figures'. No map content, no texel and no "
    "figure of a single person is in this file. Licence: the same as Rhytid's."
)


class FiguresError(ValueError):
    """The file of figures cannot be used; the message names file and remedy."""


@dataclass(frozen=True, eq=False)
class Figures:
    """Means over subjects and standard deviations (sd) between them.

    E expressions in the order of `expressions` (``1_neutral`` first), P places in the order of
    `core.synthesis.measure.PLACES`, R = 13 regions (the first 13 places, in the order of
    `core.maps.bands.REGIONS`), B = 4 octave bands 1-2, 2-4, 4-8, 8-16 px of 256 (differences of Gaussians
    with sigma (0.5, 1), (1, 2), (2, 4), (4, 8) px). Logarithms are natural, of an RMS in mm; a "change" is the
    logarithm in an expression minus that of the same person's neutral, so it is 0 for ``1_neutral``. What a place
    is, and how the rest is measured, `core.synthesis.measure` says.

    Attributes
    ----------
    expressions : tuple of str, E names
    n_subjects : int
    neutral_mean, neutral_sd : float64 (P, B)
        Log RMS of the neutral; ``exp(neutral_mean)`` is the typical RMS in mm.
    change_mean, change_sd : float64 (E, P, B)
        Change of the log RMS.
    wrinkle_change_mean, wrinkle_change_sd : float64 (E, R)
        Change of the log wrinkle energy (2-8 px).
    skewness, kurtosis : float64 (E, P, B)
        Mean over subjects; > 0 skewness = peaks sharper than valleys; kurtosis is the excess over a Gaussian.
    line_density_mean : float64 (E, P)
        px of extracted line per px of the place.
    orientation : float64 (E, P, 8)
        Share of the line length by direction (sums to 1, or 0 without lines); bin k = k * 22.5 degrees, 0 along x,
        45 from the top left to the bottom right, 90 along y.
    line_depth_mm, line_width_px : float64 (E, P)
        Mean over subjects of the mean over the length; 0 where no subject has a line.
    asymmetry : float64 (E, 5, B)
        RMS over subjects of log RMS right minus left, for the pairs of `core.synthesis.measure.SIDE_PAIRS`.
    mirror : float64 (E, B)
        Correlation of the map's band with its mirror image.
    log_spectrum_mean : float64 (16,)
        Log power in mm^2 of the neutral's skin at 1..16 cycles per 32 px.
    ring_share : float
        Share of the chart that is scanned outside the mask.
    """

    expressions: tuple[str, ...]
    n_subjects: int
    neutral_mean: Float64
    neutral_sd: Float64
    change_mean: Float64
    change_sd: Float64
    wrinkle_change_mean: Float64
    wrinkle_change_sd: Float64
    skewness: Float64
    kurtosis: Float64
    line_density_mean: Float64
    orientation: Float64
    line_depth_mm: Float64
    line_width_px: Float64
    asymmetry: Float64
    mirror: Float64
    log_spectrum_mean: Float64
    ring_share: float

def _shapes(n_expressions: int) -> dict[str, tuple[int, ...]]:
    e, p, r, b = n_expressions, N_PLACES, N_REGIONS, N_BANDS
    return {
        "neutral_mean": (p, b), "neutral_sd": (p, b), "change_mean": (e, p, b), "change_sd": (e, p, b),
        "wrinkle_change_mean": (e, r), "wrinkle_change_sd": (e, r),
        "skewness": (e, p, b), "kurtosis": (e, p, b),
        "line_density_mean": (e, p), "orientation": (e, p, N_ORIENTATIONS),
        "line_depth_mm": (e, p), "line_width_px": (e, p),
        "asymmetry": (e, len(SIDE_PAIRS), b), "mirror": (e, b),
        "log_spectrum_mean": (N_FREQUENCIES,), "ring_share": (),
    }  # fmt: skip


def summarised(measures: Measures, expressions: Sequence[str]) -> Figures:
    """Figures of a set of faces.

    Parameters
    ----------
    measures : Measures with leading axes (subjects, expressions)
        At least two subjects; the first expression is the neutral one.
    expressions : sequence of str
        Names of the second axis.

    Raises
    ------
    ValueError
        Fewer than two subjects, or another number of expressions.
    """
    if measures.log_rms.ndim != 4 or len(measures.log_rms) < 2 or measures.log_rms.shape[1] != len(expressions):
        raise ValueError("figures need two or more subjects, each with all expressions")
    neutral = measures[:, 0]
    change = measures.log_rms - neutral.log_rms[:, None]
    wrinkle_change = measures.log_wrinkle - neutral.log_wrinkle[:, None]
    by_direction = measures.orientation.sum(0)
    pairs = [(PLACES.index(right), PLACES.index(left)) for right, left in SIDE_PAIRS]
    sides = np.stack([measures.log_rms[:, :, r] - measures.log_rms[:, :, left] for r, left in pairs], axis=2)
    return Figures(
        expressions=tuple(expressions),
        n_subjects=len(measures.log_rms),
        neutral_mean=neutral.log_rms.mean(0),
        neutral_sd=neutral.log_rms.std(0, ddof=1),
        change_mean=change.mean(0),
        change_sd=change.std(0, ddof=1),
        wrinkle_change_mean=wrinkle_change.mean(0),
        wrinkle_change_sd=wrinkle_change.std(0, ddof=1),
        skewness=measures.skewness.mean(0),
        kurtosis=measures.kurtosis.mean(0),
        line_density_mean=measures.line_density.mean(0),
        orientation=by_direction / np.maximum(by_direction.sum(-1, keepdims=True), 1e-12),
        line_depth_mm=_mean_where_known(measures.line_depth_mm),
        line_width_px=_mean_where_known(measures.line_width_px),
        asymmetry=np.sqrt((sides**2).mean(0)),
        mirror=measures.mirror.mean(0),
        log_spectrum_mean=neutral.log_spectrum.mean(0),
        ring_share=float(measures.ring_share.mean()),
    )


def _mean_where_known(values: Float64) -> Float64:
    """Mean over the first axis of what is a number, 0 where nothing is."""
    known = np.isfinite(values)
    mean: Float64 = np.where(known, values, 0).sum(0) / np.maximum(known.sum(0), 1)
    return mean


def figures_text(found: Figures) -> str:
    """The figures as the JSON text that `read_figures` reads."""
    document: dict[str, object] = {"format": FORMAT, "version": VERSION, "note": _NOTE, "places": list(PLACES)}
    for field in fields(Figures):
        value = getattr(found, field.name)
        document[field.name] = np.round(value, _DECIMALS).tolist() if isinstance(value, np.ndarray) else value
    lines = ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in document.items())
    return f"{{\n {lines}\n}}\n"


@lru_cache(maxsize=1)
def figures() -> Figures:
    """The figures that come with the program, read once.

    Raises
    ------
    FiguresError
        The file is missing or damaged.
    """
    return read_figures(FIGURES_PATH)


def read_figures(path: Path) -> Figures:
    """Figures of a file; arrays are read-only and have the shapes that `Figures` states.

    Raises
    ------
    FiguresError
        Not such a file, of another version, or with entries of another shape; names file and entry.
    """
    remedy = "write it anew with 'rhytid synthesis-report --data DIR --write-figures'"
    try:
        document = read_json(path, remedy=remedy)
    except OSError as error:
        raise FiguresError(f"{path}: {error.strerror or error}; {remedy}") from error
    except FileRefused as error:
        raise FiguresError(str(error)) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT or document.get("version") != VERSION:
        raise FiguresError(f"{path}: not {FORMAT} version {VERSION}; {remedy}")
    names, count = document.get("expressions"), document.get("n_subjects")
    if document.get("places") != list(PLACES) or not isinstance(names, list) or not 1 <= len(names) <= 100:
        raise FiguresError(f"{path}: places or expressions are not those of this program; {remedy}")
    if not all(isinstance(name, str) for name in names) or not isinstance(count, int):
        raise FiguresError(f"{path}: expressions must be names and n_subjects a number; {remedy}")
    arrays: dict[str, Any] = {}
    for key, shape in _shapes(len(names)).items():
        try:
            values = np.asarray(document.get(key), np.float64)
        except (TypeError, ValueError) as error:
            raise FiguresError(f"{path}: {key} is not made of numbers; {remedy}") from error
        if values.shape != shape or not np.isfinite(values).all():
            raise FiguresError(f"{path}: {key} must be {shape} finite numbers, found {values.shape}; {remedy}")
        arrays[key] = read_only(values)
    arrays["ring_share"] = float(arrays["ring_share"])
    return Figures(expressions=tuple(names), n_subjects=count, **arrays)
