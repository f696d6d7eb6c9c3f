"""Fine relief between the lines: octave bands of valley-and-ridge noise with amplitudes by place.

A part belongs to the person and stays through expressions and years, drawn out along the skin tension lines,
patchy and heavier in its tails than a Gaussian. The other part is new in every capture, as in scans, whose
finest octaves hold mostly what the scanner adds.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail import anatomy
from rhytid.core.detail.noise import drawn_out, normalised, white
from rhytid.core.maps.bands import BAND_SIGMAS_PX, low_pass
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
# How unlike the strength is from place to place: spread of the logarithm of the person's part and a capture's.
_PATCHY, _CAPTURE_PATCHY = (0.2, 0.25, 0.35, 0.35), 0.16
_ROUGH = 0.2  # relative spread of a line's depth along its course
PERSISTENT = (0.12, 0.22, 0.46, 0.75)  # share of the energy that stays with the person, per octave
_ORIENTED = (0.45, 0.65, 0.7, 0.5)
_DOUBLINGS = (2, 3, 3, 3)
_ALIKE = (0.0, 0.0, 0.8, 1.0)  # correlation of the person's part with its mirror image, per octave


@lru_cache(maxsize=1)
def _angle() -> Float32:
    return anatomy.tension_line_angle()


def _patches(seed: int, channel: int, sigma: float, spread: float) -> Float32:
    """Log-normal factor of mean square 1 that varies over `sigma` texels, float32 (256, 256)."""
    noise = low_pass(white(seed, channel, SIDE), sigma) * np.float32(sigma * 2 * np.sqrt(np.pi))
    return np.exp(np.float32(spread) * noise - np.float32(spread**2)).astype(np.float32)


def _octave(noise: Float32, band: int) -> Float32:
    """Noise between the two scales of an octave band, about unit variance."""
    sigma = BAND_SIGMAS_PX[band]
    fine = low_pass(noise, 0.6) if band == 0 else low_pass(noise, sigma / 2)
    return normalised(fine - low_pass(noise, sigma))


@lru_cache(maxsize=6)
def person_octaves(seed: int) -> Float32:
    """What stays with the person, float32 (4, 256, 256), unit RMS each, read-only."""
    stray = low_pass(white(seed, 203, SIDE), 7) * np.float32(7 * 2 * np.sqrt(np.pi) * 0.3)
    angle = _angle() + stray
    steps = (np.cos(angle), np.sin(angle))
    octaves = np.empty((len(BAND_SIGMAS_PX), SIDE, SIDE), np.float32)
    for band in range(len(BAND_SIGMAS_PX)):
        plain = _octave(white(seed, 210 + band, SIDE), band)
        smeared = drawn_out(_octave(white(seed, 220 + band, SIDE), band), *steps, _DOUBLINGS[band])
        share = np.float32(_ORIENTED[band])
        mixed = np.sqrt(1 - share) * plain + np.sqrt(share) * normalised(smeared)
        mixed *= _patches(seed, 230 + band, 4.0 + 2 * band, _PATCHY[band])
        octaves[band] = _alike(mixed, _ALIKE[band], BAND_SIGMAS_PX[band])
    return read_only(octaves)


def _alike(values: Float32, correlation: float, sigma_px: float) -> Float32:
    """Noise mixed with its mirror image, for faces are alike on both sides.

    Parameters
    ----------
    values : float32 (256, 256)
        Noise of an octave, of any unit; its strength is kept.
    correlation : float
        0..1, with the mirror image afterwards.
    sigma_px : float
        Coarse scale of the octave: so near the midline the two halves add up and are made weaker.
    """
    if correlation <= 0:
        return values
    turn = 0.5 * np.arcsin(correlation)
    mixed = np.float32(np.cos(turn)) * values + np.float32(np.sin(turn)) * values[:, ::-1]
    apart = 2 * (np.arange(SIDE) + 0.5) - SIDE  # from a texel to its mirror image
    overlap = correlation * np.exp(-(apart**2) / (4 * sigma_px**2))
    return np.asarray(mixed / np.sqrt(1 + overlap)[None, :].astype(np.float32), np.float32)


def capture_octaves(seed: int, capture: int) -> Float32:
    """What is new in each capture, float32 (4, 256, 256), unit RMS each.

    Parameters
    ----------
    seed : int
        The person: what a scanner makes of a face depends on hair and light that stay the same.
    capture : int
        Identity of the capture.
    """
    patches = _patches(seed, 240, 5.0, _CAPTURE_PATCHY)
    noise = white(capture, 250, SIDE)
    other = white(capture, 251, SIDE)
    # Neighbouring octaves share no noise, so that their energies add.
    octaves = np.stack([_octave(noise if band % 2 == 0 else other, band) for band in range(len(BAND_SIGMAS_PX))])
    octaves *= patches
    return octaves


@lru_cache(maxsize=6)
def rough_factor(seed: int) -> Float32:
    """How unevenly scans show a person's lines: factor of their depth, mean 1, float32 (256, 256), read-only."""
    noise = normalised(low_pass(white(seed, 260, SIDE), 1.3))
    return read_only(np.asarray(np.clip(1 + np.float32(_ROUGH) * noise, 0.2, 1.8), np.float32))


def texture(seed: int, gains: Float32, capture: int | None) -> Float32:
    """Fine relief in mm, float32 (256, 256).

    Parameters
    ----------
    seed : int
    gains : float32 (4, 256, 256)
        RMS in mm per octave and place.
    capture : int or None
        Identity of the capture; None leaves out what is not the person's.
    """
    own = person_octaves(seed)
    new = None if capture is None else capture_octaves(seed, capture)
    total = np.zeros((SIDE, SIDE), np.float32)
    for band, share in enumerate(PERSISTENT):
        part = own[band] * np.float32(np.sqrt(share))
        if new is not None:
            part += new[band] * np.float32(np.sqrt(1 - share))
        total += part * gains[band]
    total *= _skin()
    return total


@lru_cache(maxsize=1)
def _skin() -> Float32:
    """Skin with nearly smooth openings: eyeballs and the teeth's shadow carry little relief."""
    return np.maximum(anatomy.skin(), np.float32(0.12)).astype(np.float32)


def enlarged(values: Float32, resolution: int) -> Float32:
    """A map at a higher resolution whose area average is the map itself up to a fraction of a percent."""
    side = len(values)
    size = (resolution, resolution)
    result = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_CUBIC), np.float32)
    for _ in range(3):
        missing = values - cv2.resize(result, (side, side), interpolation=cv2.INTER_AREA)
        result += cv2.resize(missing, size, interpolation=cv2.INTER_CUBIC)
    return result
