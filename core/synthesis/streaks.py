"""Families of faint ridges and valleys that run side by side: where scans show skin drawn or pushed together.

At rest most are hardly there; a movement deepens its family. They fill the space between wrinkles with the
oriented valley-and-ridge relief of real skin, different in every person.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import mirrored
from rhytid.core.detail.sites import between_guides, course_normals
from rhytid.core.lines import polyline
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis.fading import faded
from rhytid.core.synthesis.features import Drivers

Float64 = npt.NDArray[np.float64]
Course = tuple[tuple[float, float], ...]
_UNLIKE, _SIDES_SPREAD = 0.25, 0.2  # chance of a streak that only one side has; spread of the logarithm of the depth


@dataclass(frozen=True, eq=False)
class Family:
    """Streaks between guides.

    Attributes
    ----------
    id : str
    guides : tuple of courses
        Texels of the 256 chart; streaks lie between the first and the last.
    count : (int, int)
        Fewest and most per side.
    width_px, depth_mm : (float, float)
        Ranges over streaks.
    rest : float
        Amount at rest.
    drivers : tuple of (ARKit name, amount)
        What weights add; ``*`` stands for the side.
    mirrored : bool
    share : (float, float)
        Range of the part of the course that a streak covers.
    """

    id: str
    guides: tuple[Course, ...]
    count: tuple[int, int]
    width_px: tuple[float, float]
    depth_mm: tuple[float, float]
    rest: float
    drivers: Drivers
    mirrored: bool = True
    share: tuple[float, float] = (0.25, 0.7)


_FROWN = (("browDown*", 1.0), ("noseSneer*", 0.5), ("browInnerUp", 0.6))
_CHEEK = (("mouthSmile*", 0.9), ("cheekSquint*", 0.8), ("mouthDimple*", 0.4), ("mouthLeft", 0.4), ("mouthRight", 0.4),
          ("noseSneer*", 0.5), ("browDown*", 0.2), ("mouthStretch*", 0.6), ("jawOpen", 0.3))  # fmt: skip
_EYE = (("cheekSquint*", 1.2), ("eyeSquint*", 1.0), ("mouthSmile*", 0.5), ("browDown*", 0.5), ("noseSneer*", 0.8),
        ("eyeBlink*", 0.2))  # fmt: skip
_CHIN = (("mouthShrugUpper", 0.9), ("mouthShrugLower", 1.2), ("mouthFrown*", 0.8), ("mouthPucker", 0.9),
         ("mouthRollLower", 0.6), ("browDown*", 0.25), ("mouthFunnel", 0.4), ("mouthPress*", 0.6),
         ("jawForward", 0.4), ("mouthLeft", 0.4), ("mouthRight", 0.4))  # fmt: skip
_LIPS = (("mouthPucker", 1.4), ("mouthFunnel", 0.8), ("mouthPress*", 0.7), ("mouthRollUpper", 0.4),
         ("mouthClose", 0.4))  # fmt: skip

FAMILIES: tuple[Family, ...] = (
    Family("glabella-streak", (((112, 84), (113, 62), (111, 34)), ((128, 88), (128, 62), (128, 24))), (3, 5),
           (3.6, 5.6), (0.06, 0.17), 0.32, _FROWN, share=(0.55, 1.0)),
    Family("nose-streak", (((118, 66), (117, 84), (113, 104)), ((128, 66), (128, 90), (128, 112))), (3, 5), (4, 7),
           (0.04, 0.1), 0.6, (("noseSneer*", 1.0), ("browDown*", 0.5), ("cheekSquint*", 0.3)), share=(0.4, 0.9)),
    Family("lid-streak", (((111, 88), (103, 97), (86, 108)), ((112, 94), (106, 106), (95, 118)),
                          ((114, 96), (110, 110), (104, 122))), (4, 7), (3.5, 6.0), (0.05, 0.14), 0.5, _EYE,
           share=(0.5, 1.0)),
    Family("lower-lid-streak", (((74, 92), (88, 95), (104, 92)), ((70, 100), (84, 106), (102, 102))), (2, 4), (4, 7),
           (0.04, 0.11), 0.5, _EYE, share=(0.3, 0.8)),
    Family("corner-streak", (((69, 84), (58, 78), (46, 70)), ((69, 86), (56, 87), (44, 90)),
                             ((72, 92), (62, 102), (54, 112))), (3, 6), (3.2, 6), (0.04, 0.12), 0.4,
           (("cheekSquint*", 1.4), ("mouthSmile*", 0.6), ("eyeSquint*", 0.8), ("eyeBlink*", 0.4), ("browDown*", 0.3))),
    Family("brow-streak", (((50, 44), (78, 32), (108, 30)), ((60, 20), (84, 12), (110, 10))), (1, 3), (3.6, 6),
           (0.04, 0.11), 0.3, (("browInnerUp", 1.4), ("browOuterUp*", 1.4), ("eyeLookUp*", 0.5)), share=(0.3, 0.9)),
    Family("over-lid-streak", (((66, 72), (84, 68), (106, 68)), ((62, 66), (84, 61), (108, 60))), (2, 4), (4, 7),
           (0.04, 0.1), 0.5, (("browDown*", 0.6), ("eyeWide*", 0.8), ("browOuterUp*", 0.6), ("eyeBlink*", 0.2))),
    Family("fold-streak", (((102, 134), (96, 148), (92, 166), (90, 182)), ((92, 136), (84, 152), (80, 172), (80, 190))),
           (4, 6), (3.6, 6.0), (0.06, 0.16), 0.4, _CHEEK, share=(0.5, 1.0)),
    Family("inner-fold-streak", (((106, 147), (102, 156), (98, 168)), ((116, 150), (112, 158), (108, 166))), (2, 4),
           (3.5, 5.5), (0.05, 0.13), 0.6, (*_LIPS, *_CHEEK), share=(0.5, 1.0)),
    Family("cheek-streak", (((84, 118), (72, 136), (64, 160), (60, 190)), ((56, 112), (44, 140), (42, 180))), (3, 6),
           (3.5, 7), (0.02, 0.06), 0.3, _CHEEK, share=(0.15, 0.5)),
    Family("corner-arc", (((92, 170), (88, 180), (88, 194)), ((80, 168), (75, 182), (76, 202))), (2, 4), (4, 7.5),
           (0.05, 0.13), 0.25, (("mouthSmile*", 0.9), ("mouthDimple*", 1.4), ("mouthFrown*", 1.0), ("mouthLeft", 0.5),
           ("mouthRight", 0.5), ("cheekSquint*", 0.4), ("mouthStretch*", 0.8)), share=(0.4, 0.9)),
    Family("lip-streak", (((102, 152), (101, 160), (100, 168)), ((126, 151), (126, 158), (126, 166))), (4, 7), (3, 5),
           (0.04, 0.12), 0.45, _LIPS, share=(0.3, 0.9)),
    Family("under-lip-streak", (((98, 190), (108, 196), (116, 208)), ((104, 192), (116, 196), (128, 198))), (2, 3),
           (4, 7), (0.05, 0.12), 0.3, (*_CHIN,), share=(0.3, 0.9)),
    Family("chin-streak", (((118, 193), (109, 211), (117, 234)), ((127, 194), (122, 213), (127, 238))), (2, 4),
           (3.5, 7.5), (0.06, 0.17), 0.3, _CHIN, share=(0.5, 1.0)),
    Family("chin-side-streak", (((96, 196), (92, 212), (96, 228)), ((112, 198), (108, 214), (112, 232))), (2, 4),
           (4, 7), (0.04, 0.11), 0.2, _CHIN, share=(0.35, 0.8)),
    Family("jaw-streak", (((84, 194), (76, 208), (70, 224)), ((66, 188), (58, 204), (56, 222))), (2, 4), (4, 8),
           (0.02, 0.06), 0.4, (("mouthFrown*", 0.6), ("jawLeft", 0.5), ("jawRight", 0.5), ("mouthStretch*", 0.6))),
)  # fmt: skip


def streak_strokes(seed: int) -> tuple[tuple[Stroke, float, Drivers, str], ...]:
    """The streaks of a person as strokes, each with its amount at rest, its drivers and its side."""
    result = []
    for family in FAMILIES:
        key = zlib.crc32(family.id.encode())
        person = np.random.default_rng([seed, key, 5])
        strength = float(np.exp(0.3 * person.standard_normal()))
        guides = tuple((np.array(guide, np.float64) + 0.5) / SIDE for guide in family.guides)
        for side in ("R", "L") if family.mirrored else ("",):
            # Both sides have the same streaks but for some, and none quite as deep.
            alike = np.random.default_rng([seed, key, 6])
            own = np.random.default_rng([seed, key, {"R": 7, "L": 8, "": 9}[side]])
            count = int(alike.integers(family.count[0], family.count[1] + 1))
            for number in range(count):
                stroke = _streak(family, guides, number, count, strength, alike)
                other = _streak(family, guides, number, count, strength, own)
                rest = family.rest * float(alike.uniform(0.4, 1.4))
                factor = float(np.exp(_SIDES_SPREAD * own.standard_normal()))
                if own.random() < _UNLIKE:
                    stroke = other
                if side == "L":
                    stroke = (mirrored(stroke[0]), *stroke[1:])
                points, pressure, width, depth_mm = stroke
                depth_mm *= factor
                name = f"p{seed}-{family.id}{side and '-' + side.lower()}-{number + 1}"
                line = Stroke(name, points, pressure, width, depth_mm, Profile.WRINKLE, name=family.id)
                result.append((line, rest, family.drivers, side))
    return tuple(result)


def _streak(
    family: Family, guides: tuple[Float64, ...], number: int, count: int, strength: float, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], float, float]:
    """Points, pressure, width and depth of one streak."""
    s = np.linspace(0, 1, 14)
    place = (number + 0.5 + float(rng.uniform(-0.6, 0.6))) / count
    course = between_guides(guides, place, s)
    length = polyline.length(course)
    harmonics = np.arange(1, 5)
    waves = np.sin(np.pi * harmonics * s[:, None] + rng.uniform(0, 2 * np.pi, 4)) @ (rng.normal(size=4) / harmonics)
    course = course + course_normals(course) * (0.016 * length * waves)[:, None]
    part = float(rng.uniform(*family.share))
    start = float(rng.uniform(0, 1 - part))
    at = np.linspace(start, start + part, 10)
    points = np.stack([np.interp(at, s, course[:, i]) for i in (0, 1)], 1).astype(np.float32)
    uneven = np.clip(0.85 + 0.2 * rng.normal(size=10).cumsum() / 3, 0.45, 1)
    width = float(rng.uniform(*family.width_px)) / SIDE
    pressure = faded(uneven, points, width)
    depth_mm = float(rng.uniform(*family.depth_mm)) * strength * (1.0 if rng.random() < 0.7 else -0.8)
    return points, pressure, width, depth_mm
