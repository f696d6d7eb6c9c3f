"""An imported map in another expression or at another age, by what the code of its face says.

What the code cannot represent (lines, moles, the scan's own texture) is carried along as a residual. Its octave bands
grow or fade as the log energies do from the code at capture to the code that is wanted; the base goes from the one
to the other. Where the code hardly changes the map keeps its bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.learned.semm import Decoded, enlarged
from core.learned.semm_faces import MapFace

Float32 = npt.NDArray[np.float32]
_STILL = 0.03  # changes of a log amplitude up to this are none
_STILL_MM = 0.0005
_LEAST, _MOST = 0.35, 2.5


@dataclass(frozen=True, eq=False)
class MapChange:
    """What a pose adds to a map, float32 (256, 256) in mm, and the gain of the map's own lines (256, 256)."""

    added_mm: Float32
    line_gain: Float32


def map_change(own: MapFace, decoded: Decoded, faded: Float32 | None = None) -> MapChange:
    """The change of a map from its capture to a pose in which its code is `decoded`.

    Parameters
    ----------
    own : MapFace
        The map at capture.
    decoded : Decoded
        Its code in the pose.
    faded : float32 (4, 16, 16), optional
        Log energies that are lost beside.
    """
    more = decoded.log_energy - own.decoded.log_energy
    if faded is not None:
        more = more - faded
    log_gain = _beyond(more / 2, _STILL)
    log_gain = np.clip(log_gain, np.log(_LEAST), np.log(_MOST))
    added = _beyond(decoded.base_mm - own.decoded.base_mm, _STILL_MM)
    gains = [enlarged(band) for band in log_gain]
    for gain, band in zip(gains, own.residual_bands, strict=True):
        added += np.expm1(gain) * band
    # A wrinkle's relief lies in the bands of 1-2 and 2-4 px.
    return MapChange(added * own.covered, np.exp((gains[1] + gains[2]) / 2))


def _beyond(values: npt.NDArray[np.floating], still: float) -> Float32:
    """Values with what is within +-`still` taken away: exactly 0 there, without a step at its border."""
    return np.asarray(np.sign(values) * np.maximum(np.abs(values) - np.float32(still), 0), np.float32)
