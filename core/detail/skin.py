"""Skin texture: undulation, fine lines, criss-cross furrows, pores and micro relief.

The texture is a sum of fixed patterns, each tied to one of three levels of detail (lattices of 256, 1024
and 4096), with weights that age and settings give and amplitudes that tension modulates. A level holds only
what the one below cannot show, so a coarse map is the area average of a fine one. Patterns depend on the
seed alone and are kept; a slider only weighs them anew.

Figures: furrows of the cheek are 20 to 100 um deep and about 0.3 to 1 mm apart, coarser and more parallel
with age (Piche, Ochs, Pierard 1985; Makki, Barbenel, Agache 1979); amplitudes lie below those
of scans, whose finest bands hold the scanner's noise too, and pores and furrows stay in 0.01 to 0.05 mm.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import coarseness
from rhytid.core.detail import anatomy
from rhytid.core.detail.engine import Control
from rhytid.core.detail.noise import band_noise, drawn_out, normalised, white
from rhytid.core.detail.pores import Pores, draw_pores, laid, mole_map, pores
from rhytid.core.detail.request import Pose
from rhytid.core.head.metric import mm_from_chart
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.resample import resample, resample_rows
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
COARSE, MEDIUM, FINE = 256, 1024, 4096
_STRIP = 512  # rows made at once: memory stays a few times the result's
_HALO = 96  # rows beyond a strip that its filters read, so that strips meet without a seam
_PATTERN_SEEDS_KEPT = 3
_STREAKS_FROM = 1.7  # times as long as wide a round patch of the chart may lie on the skin


def _amount(values: Float32, side: int) -> Float32:
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def _direction(seed: int, side: int, turned_degrees: float = 0.0) -> tuple[Float32, Float32]:
    """Unit vectors along the tension lines, straying a little as they do in life."""
    stray = low_pass(white(seed, 3, SIDE), 7) * np.float32(7 * 2 * np.sqrt(np.pi) * 0.24)
    angle = anatomy.tension_line_angle() + stray + np.float32(np.deg2rad(turned_degrees))
    return _amount(np.cos(2 * angle), side), _amount(np.sin(2 * angle), side)


def _unit_steps(double: tuple[Float32, Float32]) -> tuple[Float32, Float32]:
    angle = np.float32(0.5) * np.arctan2(double[1], double[0])
    return np.cos(angle), np.sin(angle)


def _lines(noise: Float32, steps: tuple[Float32, Float32], doublings: int, sharpness: float) -> Float32:
    """Narrow valleys of varying depth along a direction: where oriented noise crosses zero.

    Zero crossings run on, branch and end where the noise does, which neither sines nor isotropic noise give.
    """
    oriented = normalised(drawn_out(noise, *steps, doublings))
    return np.asarray(-np.exp(-((oriented * np.float32(1 / sharpness)) ** 2)), np.float32)


def _without_coarse(values: Float32, side: int) -> Float32:
    """Minus what a map of `side` texels can show."""
    return values - resample(resample(values, side), values.shape[0])


def _patchy(seed: int, channel: int, side: int, sigma: float, spread: float) -> Float32:
    """Smooth factor about 1 that varies over `sigma` texels of the 256 map, at least 0."""
    noise = low_pass(white(seed, channel, SIDE), sigma) * np.float32(sigma * 2 * np.sqrt(np.pi))
    return _amount(np.maximum(1 + np.float32(spread) * noise, 0), side)


@lru_cache(maxsize=_PATTERN_SEEDS_KEPT)
def coarse_patterns(seed: int) -> dict[str, Float32]:
    """Patterns of the 256 level by name, each float32 (256, 256), about unit RMS where it is strongest."""
    skin, lips = anatomy.skin(), anatomy.lips()
    steps = _unit_steps(_direction(seed, COARSE))
    crossing = _unit_steps(_direction(seed, COARSE, 64))
    plain = band_noise(seed, 10, COARSE, 0.75, 1.7)
    along = normalised(drawn_out(band_noise(seed, 11, COARSE, 0.7, 1.5), *steps, 2))
    lines = _lines(band_noise(seed, 12, COARSE, 0.8, 1.8), steps, 3, 0.55)
    lines += np.float32(0.45) * _lines(band_noise(seed, 13, COARSE, 0.8, 1.8), crossing, 2, 0.55)
    bunch = normalised(drawn_out(band_noise(seed, 14, COARSE, 0.8, 1.9), *steps, 3))
    pebble = band_noise(seed, 15, COARSE, 1.3, 2.8)
    texture = np.float32(0.75) * plain + np.float32(0.65) * along
    # Skin is taut over the cartilage of the nose's tip.
    skin = skin * (1 - np.float32(0.85) * anatomy.blob(0.499, 0.528, 0.065, 0.055))
    return {
        "broad": band_noise(seed, 16, COARSE, 2.6, 6.0) * skin * (1 - np.float32(0.6) * lips),
        "texture": texture * skin * _patchy(seed, 17, COARSE, 9, 0.3) * (1 - np.float32(0.5) * lips),
        "lines": (lines - low_pass(lines, 4)) * np.float32(2.2) * anatomy.age_line_amount()
        * _patchy(seed, 18, COARSE, 10, 0.28),
        "bunch": bunch * skin * _patchy(seed, 19, COARSE, 6, 0.4),
        # The square makes pits deeper than bumps are high, as scans of a tightened chin show.
        "pebble": (pebble - np.float32(0.35) * (pebble**2 - 1)) * anatomy.chin_pad(),
        "lips": normalised(drawn_out(band_noise(seed, 20, COARSE, 0.6, 1.5), *steps, 3)) * lips * skin,
        "moles": resample(mole_map(seed, COARSE * 4), COARSE),
    }  # fmt: skip


@lru_cache(maxsize=1)
def _even() -> Float32:
    """1, and less where the chart is drawn out over the skin and would draw lines out to streaks, (256, 256)."""
    across, along = np.moveaxis(np.linalg.eigvalsh(mm_from_chart()), -1, 0)
    return np.asarray(np.minimum(_STREAKS_FROM * across / along, 1) ** 2, np.float32)


@lru_cache(maxsize=_PATTERN_SEEDS_KEPT)
def medium_patterns(seed: int) -> dict[str, Float32]:
    """Patterns of the 1024 level without pores, each float32 (1024, 1024)."""
    straight = _direction(seed, MEDIUM)
    steps = _unit_steps(straight)
    one, other = (_unit_steps(_direction(seed, MEDIUM, degrees)) for degrees in (28, -34))
    net = _lines(band_noise(seed, 30, MEDIUM, 0.9, 2.3), one, 3, 0.5)
    net += _lines(band_noise(seed, 31, MEDIUM, 0.9, 2.3), other, 3, 0.5)
    coarse = _lines(band_noise(seed, 32, MEDIUM, 1.7, 4.2), steps, 4, 0.42)
    coarse += np.float32(0.7) * _lines(band_noise(seed, 33, MEDIUM, 1.6, 4.0), other, 3, 0.42)
    bunch = normalised(drawn_out(band_noise(seed, 34, MEDIUM, 1.2, 2.8), *steps, 4))
    furrow = _amount(anatomy.furrow_amount() * _even(), MEDIUM)
    age_lines = _amount(anatomy.age_line_amount() * _even(), MEDIUM)
    lips = _amount(anatomy.lips() * anatomy.skin(), MEDIUM)
    lip_lines = _lines(band_noise(seed, 35, MEDIUM, 1.6, 4.0), steps, 5, 0.5)
    return {
        "net": _without_coarse(net, COARSE) * np.float32(2.0) * furrow * _patchy(seed, 36, MEDIUM, 5, 0.35),
        "lines": _without_coarse(coarse, COARSE) * np.float32(2.0) * age_lines
        * _patchy(seed, 37, MEDIUM, 8, 0.35),
        "bunch": _without_coarse(bunch, COARSE) * _amount(anatomy.skin() * _even(), MEDIUM),
        "grain": _without_coarse(band_noise(seed, 38, MEDIUM, 0.6, 1.8), COARSE) * furrow,
        "lips": _without_coarse(lip_lines, COARSE) * np.float32(2.0) * lips,
    }  # fmt: skip


@lru_cache(maxsize=_PATTERN_SEEDS_KEPT)
def _laid_pores(seed: int) -> Pores:
    return laid(pores(seed), mm_from_chart())


@lru_cache(maxsize=_PATTERN_SEEDS_KEPT)
def _medium_pores(seed: int) -> Float32:
    return draw_pores(_laid_pores(seed), MEDIUM)


def _fine_strip(seed: int, row_from: int, row_to: int) -> Float32:
    """Micro relief of the 4096 level in rows ``row_from .. row_to``."""
    low, high = row_from - _HALO, row_to + _HALO
    inside = slice(_HALO, _HALO + row_to - row_from)
    total = np.zeros((high - low, FINE), np.float32)
    for channel, degrees in ((50, 38), (51, -30)):
        double = _direction(seed, COARSE, degrees)
        clipped = [resample_rows(part, FINE, max(low, 0), min(high, FINE)) for part in double]
        padding = ((max(-low, 0), max(high - FINE, 0)), (0, 0))
        steps = _unit_steps((np.pad(clipped[0], padding, "edge"), np.pad(clipped[1], padding, "edge")))
        noise = white(seed, channel, FINE, low, high)
        band = (low_pass(noise, 1.1) - low_pass(noise, 2.8)) * np.float32(5.2)
        oriented = drawn_out(band, *steps, 3) * np.float32(1.9)
        total -= np.exp(-((oriented * np.float32(1 / 0.5)) ** 2))
    total -= low_pass(total, 5)
    return total[inside] * np.float32(2.0) * resample_rows(anatomy.furrow_amount() * _even(), FINE, row_from, row_to)


# How much the mentalis muscle works with other movements of the mouth, which it braces from below.
_MENTALIS = {
    "AU17": 1.0, "AU15": 0.55, "AU18": 0.5, "AU22": 0.35, "AU24": 0.35, "AU29": 0.45, "AU30L": 0.4, "AU30R": 0.4,
    "AU34": 0.6,
}  # fmt: skip


def _mentalis(action_units: dict[str, float]) -> float:
    """Contraction of the chin muscle, 0..1."""
    total = sum(weight * action_units.get(name, 0.0) for name, weight in _MENTALIS.items())
    return min(total, 1.0)


class Weights:
    """Amplitudes in mm of the patterns for a pose, strengths applied."""

    def __init__(self, pose: Pose) -> None:
        settings = pose.settings
        old = coarseness(pose.age)
        static = settings.static_strength * settings.strength
        dynamic = settings.dynamic_strength * settings.strength
        fine = settings.pores * settings.strength
        chin = _mentalis(pose.action_units)
        # Below the energies of scans (see above), and calm on young skin.
        self.broad = 0.0110 * (1 + 0.8 * old) * static
        self.texture = 0.0110 * (1 + 0.9 * old) * static
        self.coarse_lines = 0.024 * max(old - 0.22, 0) ** 1.3 * static * 2.0
        self.lips = 0.030 * (1 + 0.5 * old) * static
        self.moles = static
        self.bunch = 0.26 * (0.65 + 0.7 * old) * dynamic
        self.pebble = (0.070 * chin * (0.8 + 0.6 * old) + 0.018 * max(old - 0.5, 0)) * dynamic
        self.net = 0.0095 * (1 + 0.25 * old) * fine
        self.lines = (0.0020 + 0.022 * old**1.5) * fine
        self.fine_bunch = 0.055 * (0.7 + 0.6 * old) * dynamic
        self.grain = 0.0025 * fine
        self.pores = 0.075 * (0.85 + 0.35 * old) * fine
        self.fine_lips = 0.018 * fine
        self.micro = 0.0060 * (1 + 0.2 * old) * fine
        self.gain_compressed = 1.6 * settings.dynamic_strength
        self.gain_stretched = 2.2 * settings.dynamic_strength


def same_texture(a: Pose, b: Pose) -> bool:
    """Whether two poses of one person have the same skin, bit for bit."""
    return vars(Weights(a)) == vars(Weights(b)) and np.array_equal(a.tension, b.tension)


def _gain_and_compression(pose: Pose, weights: Weights) -> tuple[Float32, Float32]:
    """Factor of the fine texture, and how much the skin is compressed, each float32 (256, 256).

    Compressed skin bunches, stretched skin smooths: furrows open by about the strain.
    """
    tension = low_pass(pose.tension.astype(np.float32), 2.0)
    compressed = np.clip(tension - np.float32(0.02), 0, 0.35)
    stretched = np.clip(-tension - np.float32(0.02), 0, 0.35)
    gain = 1 + np.float32(weights.gain_compressed) * compressed
    gain -= np.float32(weights.gain_stretched) * stretched
    return np.clip(gain, 0.3, 1.6), compressed


def surface(pose: Pose, resolution: int, control: Control) -> Float32:
    """Skin texture of a pose, float32 (resolution, resolution) in mm.

    Above 1024 it is made in strips, so that memory stays a few times the result's.
    """
    seed = pose.settings.seed
    weights = Weights(pose)
    gain, compressed = _gain_and_compression(pose, weights)
    p = coarse_patterns(seed)
    coarse = weights.texture * p["texture"] + weights.coarse_lines * p["lines"]
    coarse *= gain
    coarse += weights.broad * p["broad"] + weights.lips * p["lips"] + weights.moles * p["moles"]
    coarse += compressed * (p["bunch"] * np.float32(weights.bunch)) + np.float32(weights.pebble) * p["pebble"]
    if resolution < MEDIUM:
        return resample(coarse.astype(np.float32), resolution)
    medium = _medium(seed, weights, gain, compressed, with_pores=resolution < FINE)
    medium += resample(coarse.astype(np.float32), MEDIUM)
    return _with_fine(medium, seed, weights, gain, resolution, control)


def fine_surface(pose: Pose, resolution: int, control: Control) -> Float32:
    """Pores and what else no map of 256 texels shows, float32 (resolution, resolution) in mm.

    For engines that make the rest themselves; `resolution` is 1024 or more.
    """
    seed = pose.settings.seed
    weights = Weights(pose)
    gain, compressed = _gain_and_compression(pose, weights)
    medium = _medium(seed, weights, gain, compressed, with_pores=resolution < FINE)
    return _with_fine(medium, seed, weights, gain, resolution, control)


def _with_fine(
    medium: Float32, seed: int, weights: Weights, gain: Float32, resolution: int, control: Control
) -> Float32:
    """The 1024 level at another resolution, with the 4096 level where that shows."""
    if resolution < FINE:
        return resample(medium, resolution)
    result = np.empty((resolution, resolution), np.float32)
    for row_from, row_to in _strips(resolution):
        control(row_from / resolution)
        strip = _fine(seed, weights, gain, resolution, row_from, row_to)
        result[row_from:row_to] = strip
    result += resample(medium, resolution)
    return result


def _medium(seed: int, weights: Weights, gain: Float32, compressed: Float32, with_pores: bool) -> Float32:
    """The 1024 level, float32 (1024, 1024) in mm."""
    p = medium_patterns(seed)
    total = p["net"] * np.float32(weights.net)
    scratch = np.empty_like(total)
    for name, weight in (("lines", weights.lines), ("grain", weights.grain), ("lips", weights.fine_lips)):
        np.multiply(p[name], np.float32(weight), out=scratch)
        total += scratch
    if with_pores:
        np.multiply(_medium_pores(seed), np.float32(weights.pores), out=scratch)
        total += scratch
    total *= _amount(gain, MEDIUM)
    np.multiply(p["bunch"], _amount(compressed, MEDIUM), out=scratch)
    scratch *= np.float32(weights.fine_bunch)
    total += scratch
    return total


def _fine(seed: int, weights: Weights, gain: Float32, resolution: int, row_from: int, row_to: int) -> Float32:
    """Pores and the 4096 level in some rows."""
    total = draw_pores(_laid_pores(seed), resolution, row_from, row_to) * np.float32(weights.pores)
    if weights.micro > 0:
        if resolution == FINE:
            micro = _fine_strip(seed, row_from, row_to)
        else:
            scale = resolution // FINE
            fine = _fine_strip(seed, row_from // scale, row_to // scale)
            size = (resolution, row_to - row_from)
            micro = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_LINEAR), np.float32)
        total += micro * np.float32(weights.micro)
    total *= resample_rows(gain, resolution, row_from, row_to)
    return total


def _strips(resolution: int) -> Iterator[tuple[int, int]]:
    for row in range(0, resolution, _STRIP):
        yield row, min(row + _STRIP, resolution)
