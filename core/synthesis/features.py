"""Ridges and valleys that every face has: lids, nose wings, philtrum, lips, the bridge of the nose.

Each is a stroke, so it can be left out, measured and drawn at any resolution like a wrinkle. Positions are
texels of the 256 chart, drawn for this project over the chart's landmarks; the right half is given and
repeated on the left. What a face makes of them (place, depth, width, the unlike other side) is the person's.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.detail.anatomy import mirrored
from rhytid.core.lines import polyline
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis.fading import faded

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Drivers = tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Feature:
    """One ridge or valley.

    Attributes
    ----------
    id : str
    points : tuple of (x, y)
        Texels of the 256 chart.
    width_px : float
        Shoulder to shoulder.
    depth_mm : float
        At amount 1; negative for a ridge.
    drivers : tuple of (ARKit name, amount)
        What expression weights add to the amount, which is 1 at rest; ``*`` stands for the side.
    mirrored : bool
        Repeated on the left; otherwise on the midline.
    spread : float
        Standard deviation between persons of the logarithm of the depth.
    shift_px : float
        Standard deviation between persons of the place.
    profile : Profile
    """

    id: str
    points: tuple[tuple[float, float], ...]
    width_px: float
    depth_mm: float
    drivers: Drivers = ()
    mirrored: bool = True
    spread: float = 0.28
    shift_px: float = 0.6
    profile: Profile = Profile.WRINKLE


_BLINK = (("eyeBlink*", -0.35), ("eyeWide*", 0.3), ("eyeLookUp*", 0.3), ("browDown*", -0.2))
_SMILE = (("mouthSmile*", 0.6), ("cheekSquint*", 0.4), ("mouthDimple*", 0.3), ("jawOpen", 0.4), ("noseSneer*", 0.5),
          ("browDown*", 0.3), ("mouthFunnel", 0.2), ("mouthPucker", -0.3))  # fmt: skip
_CORNER = (("mouthSmile*", 0.6), ("mouthDimple*", 1.2), ("mouthFrown*", 0.8), ("mouthPucker", -0.4), ("jawOpen", -0.3),
           ("mouthStretch*", 0.6))  # fmt: skip
_LIP = (("mouthRollUpper", 0.8), ("mouthPucker", -0.5), ("mouthFunnel", -0.3), ("mouthClose", 0.4))
_LOW_LIP = (("mouthRollLower", 0.8), ("mouthFrown*", 0.5), ("mouthShrugLower", 1.2), ("mouthShrugUpper", 0.8),
            ("mouthPucker", 0.6))  # fmt: skip
_MID_LIP = (("mouthRollLower", 0.8), ("mouthFrownLeft", 0.3), ("mouthFrownRight", 0.3), ("mouthShrugLower", 1.2),
            ("mouthShrugUpper", 0.8), ("mouthPucker", 0.6))  # fmt: skip
_BRIDGE = (("browDown*", 0.7), ("noseSneer*", 1.2), ("browInnerUp", 0.5), ("cheekSquint*", 0.4))

FEATURES: tuple[Feature, ...] = (
    Feature("lid-ridge", ((69, 82), (74, 77.5), (81, 75.2), (91, 74.2), (99, 75.5), (105, 78.5), (107.6, 83.5),
            (107, 88)), 5.2, -0.25, _BLINK, spread=0.28, shift_px=0.7),
    Feature("lid-fold", ((73, 81), (78, 78.8), (86, 78), (94, 78.2), (102, 79.8)), 3.4, 0.09, _BLINK, spread=0.42,
            shift_px=0.6),
    Feature("lid-fold-high", ((70, 78), (78, 73), (88, 70.5), (98, 71), (106, 75)), 5.0, 0.03, _BLINK, spread=0.63,
            shift_px=1.2),
    Feature("outer-corner", ((75, 80), (72, 84), (70.8, 89)), 4.4, 0.2, (("eyeBlink*", 0.3), ("eyeSquint*", 0.4)),
            spread=0.35),
    Feature("outer-ridge", ((66.5, 77), (67, 83), (66, 87)), 4.5, -0.1, spread=0.42),
    Feature("inner-corner", ((98, 85), (101.5, 84), (104.5, 81.5)), 4.0, 0.28, (("eyeBlink*", -0.3),), spread=0.28),
    Feature("inner-rim", ((105.8, 80), (107.4, 84), (107, 90)), 3.8, -0.1, _BRIDGE, spread=0.35),
    Feature("lower-lid", ((77, 90.5), (85, 90.3), (92, 89), (99, 87.5), (105.5, 87.6)), 3.8, -0.2,
            (("eyeBlink*", 0.2), ("eyeSquint*", 0.8), ("cheekSquint*", 0.5)), spread=0.35),
    Feature("lower-margin", ((75, 86.5), (82, 87.6), (88, 87.6), (95, 86.4)), 3.2, 0.12,
            (("eyeSquint*", 0.8), ("cheekSquint*", 0.6)), spread=0.42),
    Feature("inner-line", ((107.5, 82.5), (111, 82), (117, 82.8)), 3.2, 0.07, _BRIDGE, spread=0.49),
    Feature("alar", ((118.5, 125), (117, 121), (112.5, 119.2), (107.8, 122), (105, 128), (104.2, 135), (106, 141),
                     (110.5, 145), (116, 147.3)), 5.2, 0.54, _SMILE, spread=0.15, shift_px=0.5),
    Feature("alar-foot", ((104.6, 136), (107, 142), (111.5, 145.8), (117, 147.6), (121, 146.4)), 4.6, 0.34, _SMILE,
            spread=0.35),
    Feature("wing", ((113.5, 123), (111, 129), (109.5, 135), (111.5, 142)), 7.0, -0.36, _SMILE, spread=0.21),
    Feature("wing-side", ((102.5, 122), (100.8, 129), (100.5, 136)), 4.5, -0.08, _SMILE, spread=0.35),
    Feature("nostril", ((118, 130.5), (117.2, 137), (115.6, 142), (114.5, 147)), 4.6, 0.55, _SMILE, spread=0.28),
    Feature("tip-base", ((119, 143), (121.8, 144.8), (125, 146.3), (128.5, 146.8)), 4.0, 0.24, spread=0.21),
    Feature("tip-ridge", ((121.5, 140), (123.5, 142.2), (126, 143)), 5.0, -0.17, spread=0.24),
    Feature("tip-side", ((119.8, 119), (120.6, 126), (121.5, 133)), 5.0, 0.07, _SMILE, spread=0.35),
    Feature("columella", ((128.3, 145.5), (128.3, 148), (128.2, 151)), 4.2, 0.27, (("mouthFunnel", -0.3),), False,
            0.28),
    Feature("philtrum", ((128.2, 151), (128.3, 155), (128.4, 160)), 6.0, 0.36,
            (("mouthPucker", 0.2), ("jawOpen", -0.4), ("mouthSmileLeft", -0.3), ("mouthRollUpper", -0.4)), False, 0.35),
    Feature("philtrum-ridge", ((123.8, 147.5), (123.7, 152), (122.7, 159), (121.6, 165)), 4.6, -0.14,
            (("mouthPucker", 0.4), ("jawOpen", -0.4), ("mouthSmile*", -0.2)), spread=0.28),
    Feature("philtrum-side", ((119.5, 151), (118.5, 158), (117, 163)), 5.0, 0.05, (("mouthPucker", 0.6),), spread=0.42),
    Feature("upper-edge", ((98, 173), (104, 169.5), (111, 167), (118.5, 165.8), (124, 167), (128.4, 169)), 4.4, -0.13,
            _LIP, spread=0.35),
    Feature("mouth-upper", ((97, 175.8), (103, 172.6), (111, 171), (119, 171.3), (128.4, 172.6)), 3.4, 0.4, _LIP,
            spread=0.28, shift_px=0.4),
    Feature("mouth-lower", ((98, 177.2), (105, 179.3), (115, 180.3), (128.4, 181)), 3.4, 0.4, _LOW_LIP, spread=0.35,
            shift_px=0.4),
    Feature("lower-lip", ((99, 180.5), (107, 183.5), (117, 185.5), (128.4, 186.4)), 6.6, -0.21, _LOW_LIP, spread=0.28),
    Feature("lower-edge", ((101, 186), (110, 189), (120, 190.6), (128.4, 191)), 5.0, 0.07, _LOW_LIP, spread=0.42),
    Feature("under-lip", ((117, 189), (128.3, 190.4), (139.6, 189)), 5.2, 0.12, _MID_LIP, False, 0.42),
    Feature("corner", ((100, 175.5), (95.6, 177.5), (98, 180.5)), 4.8, 0.52, _CORNER, spread=0.28),
    Feature("corner-fold", ((93, 174), (91, 179), (92, 186)), 5.0, 0.07, _CORNER, spread=0.49),
    Feature("corner-ridge", ((96, 172.5), (91.5, 175), (90, 180)), 4.5, -0.08, _CORNER, spread=0.42),
    Feature("bridge", ((128.4, 60), (128.3, 82), (128.2, 108)), 8.0, -0.06, _BRIDGE, False, 0.42),
    Feature("bridge-side", ((121.5, 60), (119.8, 74), (118.5, 88), (117.5, 104)), 6.0, 0.06, _BRIDGE, spread=0.42,
            ),
    Feature("bridge-edge", ((124.8, 58), (123.8, 74), (122.8, 92)), 5.0, -0.035, _BRIDGE, spread=0.49, shift_px=0.8),
    Feature("nose-flank", ((113, 84), (112, 96), (109, 108), (105.5, 117)), 5.5, 0.05, _BRIDGE, spread=0.49,
            shift_px=1.0),
    Feature("trough", ((108, 90), (104, 97), (97, 103), (88, 107)), 6.5, 0.06,
            (("cheekSquint*", 1.2), ("mouthSmile*", 0.6), ("browDown*", 0.6)), spread=0.35, shift_px=1.1),
    Feature("fold-start", ((104, 131), (100.8, 139), (97.5, 149), (94.5, 160), (93, 170)), 4.4, 0.12, _SMILE,
            spread=0.35, shift_px=0.8),
)  # fmt: skip


def driven_amount(drivers: Drivers, side: str, expression: Float32) -> float:
    """What the expression adds to a feature's or streak's amount on a side ("R", "L" or "" for both)."""
    total = 0.0
    for name, gain in drivers:
        if name.endswith("*"):
            right, left = (float(expression[ARKIT_INDEX[name[:-1] + word]]) for word in ("Right", "Left"))
            total += gain * {"R": right, "L": left, "": 0.5 * (right + left)}[side]
        else:
            total += gain * float(expression[ARKIT_INDEX[name]])
    return total


def _lengthened(points: Float64, width_px: float) -> Float64:
    """The course with both ends carried on, for a stroke fades out over several widths at its ends."""
    length = polyline.length(points)
    further = min(1.3 * width_px, 0.28 * length)
    first, last = points[0] - points[1], points[-1] - points[-2]
    start = points[0] + first / np.hypot(*first) * further
    end = points[-1] + last / np.hypot(*last) * further
    return np.concatenate([start[None], points, end[None]])


def feature_strokes(seed: int) -> tuple[tuple[Stroke, Drivers, str], ...]:
    """The features of a person as strokes, each with its drivers and its side."""
    result = []
    for feature in FEATURES:
        key = zlib.crc32(feature.id.encode())
        person = np.random.default_rng([seed, key, 1])
        shared = person.standard_normal(6)
        for side in ("R", "L") if feature.mirrored else ("",):
            own = np.random.default_rng([seed, key, {"R": 2, "L": 3, "": 4}[side]])
            mixed = 0.94 * shared + 0.32 * own.standard_normal(6)
            points = np.array(feature.points, np.float64)
            middle = points.mean(0)
            grown = 1 + 0.05 * mixed[4:6]
            if not feature.mirrored:
                grown[0] = 1
                mixed[0] *= 0.4
            bend = own.standard_normal((len(points), 2)) * 0.25 * feature.shift_px
            points = middle + (points - middle) * grown + feature.shift_px * mixed[:2] + bend
            points = _lengthened(points, feature.width_px)
            uneven = np.clip(1 - 0.18 * np.abs(own.standard_normal(len(points))), 0.5, 1)
            pressure = faded(uneven, points, feature.width_px, 0.3)
            chart = ((points + 0.5) / SIDE).astype(np.float32)
            if side == "L":
                chart = mirrored(chart)
            stroke = Stroke(
                f"p{seed}-{feature.id}{side and '-' + side.lower()}", chart, pressure,
                feature.width_px * float(np.exp(0.15 * mixed[2])) / SIDE,
                feature.depth_mm * float(np.exp(feature.spread * np.clip(mixed[3], -2.5, 1.8))),
                feature.profile, name=feature.id,
            )  # fmt: skip
            result.append((stroke, feature.drivers, side))
    return tuple(result)
