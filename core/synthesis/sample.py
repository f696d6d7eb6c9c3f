"""Samples: one synthetic person in one pose, with everything that is known about it.

A map is the relief of the person's lines plus what is no line: texture, hair, marks and, as a scan, what the
scanner adds. Lines can be left out or added without touching a single texel elsewhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN, REFERENCE_AGE
from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail import skin
from rhytid.core.detail.pores import draw_pores, pores
from rhytid.core.head.load import default_head
from rhytid.core.head.tension import TensionModel
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import N_BANDS
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only
from rhytid.core.synthesis import hair, scanner
from rhytid.core.synthesis.calibration import N_KEYS, N_REGIONS, Calibration, calibration, fields
from rhytid.core.synthesis.drift import capture_field, drifted, drifted_strokes, wobble_field
from rhytid.core.synthesis.person import Lines, Person, person, without
from rhytid.core.synthesis.texture import enlarged, rough_factor, texture

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
RESOLUTIONS = (SIDE, 512, 1024)
_TEXTURE_PER_YEAR = 0.009  # growth of the logarithm of the texture's amplitude
_COMPRESSED, _STRETCHED = 0.5, -0.35  # change of the texture's logarithm where skin is pushed or drawn
_CAPTURE_DEPTH_SD = 0.32
# Lines differ between persons by themselves; this share of the measured spread is left to the amplitudes.
_REST_SPREAD, _CHANGE_SPREAD = 0.8, 0.45
_LEVEL_PX, _LEVEL_KERNEL_PX = 7.0, 43  # so that a line reaches no more than 21 texels of 256 beyond its relief
_FINE = {"net": 0.0095, "lines": 0.006, "grain": 0.0025, "lips": 0.018}  # mm, as the procedural engine has them


@dataclass(frozen=True, eq=False)
class Sample:
    """One synthetic map and its labels.

    Attributes
    ----------
    displacement : float32 (R, R)
        mm, outward positive.
    lines : tuple of (Stroke, amount)
        Every ridge and valley that was drawn as a line, with the share of its depth that shows;
        `core.lines.relief.relief(lines, R)` is their part of the displacement.
    expression : float32 (52,)
    age : float
        Years.
    seed : int
        The person.
    tension : float32 (256, 256)
        Of the default head in that expression; positive where skin is compressed.
    """

    displacement: Float32
    lines: Lines
    expression: Float32
    age: float
    seed: int
    tension: Float32


def synthesise(
    seed: int,
    age: float,
    expression: npt.ArrayLike,
    resolution: int = SIDE,
    *,
    scan: bool = True,
    erased: Sequence[str] = (),
    added: Sequence[tuple[Stroke, float]] = (),
) -> Sample:
    """A synthetic face.

    Parameters
    ----------
    seed : int
        0 or more; the same seed is the same person.
    age : float
        Years, clipped to 16..70.
    expression : (52,)
        ARKit weights 0..1.
    resolution : int
        256, 512 or 1024; the area average of a finer map is about the coarser map.
    scan : bool
        Also what a scanner adds: noise of the capture, cap edge, ragged border, zero beyond the face.
    erased : sequence of str
        Ids of `Sample.lines` to leave out.
    added : sequence of (Stroke, amount)
        Lines to add.

    Raises
    ------
    ValueError
        Another resolution, a negative seed, not 52 finite weights, or an unknown id to erase.
    """
    weights = _checked(seed, age, expression, resolution)
    age = float(min(max(age, AGE_MIN), AGE_MAX))
    who = _person(seed)
    gains = _gains(calibration(), who, weights, age)
    capture = _capture(seed, weights) if scan else None
    lines = without(_lines(who, gains, weights, age, capture), erased)
    displacement, shown = _drawn(who, lines, tuple(added), gains, resolution, capture)
    return Sample(displacement, shown, weights, age, seed, tension_map(weights))


def parts(table: Calibration, seed: int, age: float, expression: npt.ArrayLike) -> tuple[Float32, Float32]:
    """The relief of the lines and all the rest of a scan under another table, each float32 (256, 256) in mm."""
    weights = _checked(seed, age, expression, SIDE)
    who = _person(seed)
    gains = _gains(table, who, weights, age)
    capture = _capture(seed, weights)
    others = _drawn(who, (), (), gains, SIDE, capture)[0]
    return _drawn(who, _lines(who, gains, weights, age, capture), (), gains, SIDE, capture)[0] - others, others


def _capture(seed: int, expression: Float32) -> int:
    """Identity of the capture of an expression: what the scanner adds to it is the same each time, at all ages."""
    return zlib.crc32(expression.tobytes() + seed.to_bytes(8, "little"))


def _lines(who: Person, gains: Float64, expression: Float32, age: float, capture: int | None) -> Lines:
    """Lines of a pose; in a capture each is a little deeper or fainter than expression and age say."""
    lines = who.lines(gains[:, N_BANDS], expression, age)
    if capture is None:
        return lines
    # One number for each of the person's lines, so that it does not depend on which of them show.
    factors = who.line_factors(capture, _CAPTURE_DEPTH_SD)
    return tuple((stroke, amount * factors[stroke.id]) for stroke, amount in lines)


def static_map(seed: int, age: float, resolution: int = SIDE) -> Float32:
    """What is there at rest, float32 (resolution, resolution) in mm, without anything of a scanner."""
    return synthesise(seed, age, np.zeros(N_EXPRESSION, np.float32), resolution, scan=False).displacement


def compressed_map(seed: int, age: float, resolution: int = SIDE) -> Float32:
    """The face with its skin pushed together everywhere, every wrinkle at full depth; as `static_map`."""
    return _extreme(seed, age, resolution, compressed=True)


def stretched_map(seed: int, age: float, resolution: int = SIDE) -> Float32:
    """The face with its skin drawn tight everywhere; as `static_map`."""
    return _extreme(seed, age, resolution, compressed=False)


def _extreme(seed: int, age: float, resolution: int, compressed: bool) -> Float32:
    neutral = _checked(seed, age, np.zeros(N_EXPRESSION, np.float32), resolution)
    age = float(min(max(age, AGE_MIN), AGE_MAX))
    table, who = calibration(), _person(seed)
    gains = _gains(table, who, neutral, age)
    if compressed:
        gains[:, :N_BANDS] += _COMPRESSED
        strongest = np.percentile(table.change[:, :, N_BANDS], 85, axis=0)
        gains[:, N_BANDS] += np.clip(strongest, 0, None)
    else:
        gains += _STRETCHED
    lines = who.lines(gains[:, N_BANDS], neutral, age, full=compressed)
    return _drawn(who, lines, (), gains, resolution, None)[0]


def _checked(seed: int, age: float, expression: npt.ArrayLike, resolution: int) -> Float32:
    weights = np.array(expression, np.float32)
    if weights.shape != (N_EXPRESSION,) or not np.isfinite(weights).all():
        raise ValueError(f"an expression is {N_EXPRESSION} finite weights, got shape {weights.shape}")
    if seed < 0:
        raise ValueError(f"a seed must be 0 or more, got {seed}")
    if not np.isfinite(age):
        raise ValueError(f"an age must be a finite number of years, got {age}")
    if resolution not in RESOLUTIONS:
        raise ValueError(f"the resolution must be one of {RESOLUTIONS}, got {resolution}")
    return read_only(np.clip(weights, 0, 1))


def _person(seed: int) -> Person:
    return person(seed, N_KEYS, N_REGIONS, N_BANDS)


def _gains(table: Calibration, who: Person, expression: Float32, age: float) -> Float64:
    """Logarithmic gains of texture and lines in a pose of a person, float64 (R, B + 1)."""
    deviation = who.change_deviation * table.change_sd * _CHANGE_SPREAD
    gains = table.rest + table.expression_change(expression, deviation)
    own = who.rest_deviation * table.person_sd * _REST_SPREAD
    gains[:, :N_BANDS] += own + _TEXTURE_PER_YEAR * (age - REFERENCE_AGE)
    gains[:, N_BANDS] += own[:, 1:3].mean(1)
    return gains


def _drawn(
    who: Person, lines: Lines, added: Lines, gains: Float64, resolution: int, capture: int | None
) -> tuple[Float32, Lines]:
    """The map of a pose in mm, and its lines where they came to lie; `capture` None for the bare face."""
    amplitude = fields(gains[:, :N_BANDS])
    rest = texture(who.seed, amplitude, capture)
    marks = _marks(who.seed)
    edge: scanner.Edge | None = None
    field: Float32 | None = None
    if capture is not None:
        field = capture_field(who.seed, capture)
        edge = scanner.edge(who.seed, capture)
        marks = drifted(marks, field)
        rest = rest * edge.bare + edge.relief
    rest += marks
    moved = lines
    if field is not None:
        strokes = drifted_strokes([stroke for stroke, _ in lines], field)
        moved = tuple((stroke, amount) for stroke, (_, amount) in zip(strokes, lines, strict=True))
    shown = (*moved, *added)
    if resolution == SIDE:
        high, low = who.relief_parts(lines)
        if field is not None:  # moving the drawing is much faster than drawing the moved lines
            wavering = field + wobble_field(who.seed)
            uneven = rough_factor(who.seed)
            high, low = drifted(high, wavering) * uneven, drifted(low, wavering) * uneven
        more_high, more_low = who.relief_parts(added)
        result = rest + np.maximum(high, more_high) + np.minimum(low, more_low)
        result = result if capture is None else scanner.softened(result)
    else:
        result = enlarged(rest if capture is None else scanner.softened(rest), 1024)
        result += _fine_texture(who.seed, amplitude[0])
        if resolution < 1024:
            result = resample(result, resolution)
        result += relief(shown, resolution)
    if edge is None:
        return result, shown
    inside = edge.inside
    if resolution > SIDE:
        inside = np.clip(cv2.resize(inside, (resolution, resolution), interpolation=cv2.INTER_LINEAR), 0, 1)
    return _levelled(result) * inside, shown


@lru_cache(maxsize=6)
def _marks(seed: int) -> Float32:
    """Hair and marks of a person where they lie on the face, in mm, float32 (256, 256), read-only."""
    return read_only(drifted(hair.hair_map(seed), _person(seed).shape) + hair.mark_map(seed))


def _levelled(values: Float32) -> Float32:
    """Without what is broader than a wrinkle, as displacement maps of scans are: a base mesh has that."""
    small = resample(values, SIDE)
    size = (_LEVEL_KERNEL_PX, _LEVEL_KERNEL_PX)
    broad = cv2.GaussianBlur(small, size, _LEVEL_PX, borderType=cv2.BORDER_REFLECT)
    return values - cv2.resize(broad, (len(values), len(values)), interpolation=cv2.INTER_LINEAR)


@lru_cache(maxsize=3)
def _pores(seed: int) -> Float32:
    return draw_pores(pores(seed), 1024)


def _fine_texture(seed: int, amplitude: Float32) -> Float32:
    """Pores, furrows and grain below a texel of the 256 map, float32 (1024, 1024) in mm."""
    patterns = skin.medium_patterns(seed)
    total = np.zeros((1024, 1024), np.float32)
    for name, weight in _FINE.items():
        total += patterns[name] * np.float32(weight)
    total += _pores(seed) * np.float32(0.075)
    total -= enlarged(resample(total, SIDE), 1024)
    relative = np.clip(amplitude / np.float32(0.011), 0.5, 2.5)
    total *= cv2.resize(relative, (1024, 1024), interpolation=cv2.INTER_LINEAR)
    return total


@lru_cache(maxsize=1)
def _tension_model() -> TensionModel:
    return TensionModel(default_head())


@lru_cache(maxsize=64)
def _tension(weights: bytes) -> Float32:
    model = _tension_model()
    head = model.head
    current = head.shape((), np.frombuffer(weights, np.float32))
    return read_only(model.chart_map(model.per_vertex(head.neutral, current)))


def tension_map(expression: npt.ArrayLike) -> Float32:
    """Tension of the default head in an expression (52,), float32 (256, 256), read-only."""
    return _tension(np.ascontiguousarray(expression, np.float32).tobytes())
