"""Shapes of age: what the years from 30 to 70 do to the form of the default head, part by part.

Volume slides more than it shrinks: what leaves temple and cheek-bone comes down as fold and jowl. Amounts are for
weight 1, which `core.head.ageing` gives at 70 years; they are ours, after these sources:

* temple -3.1 mm, below the eye -2.0, middle of the cheek -3.0, its side -2.0: mean of the women and men whose soft
  tissue Wysong et al. measured by MRI ("Quantifying soft tissue loss in facial aging", 2013 and 2014);
* where tissue slides and where ligaments hold it, so that hollow and fold lie side by side: Rohrich and Pessa, "The
  fat compartments of the face", 2007; Mendelson and Wong, "Changes in the facial skeleton with aging", 2012;
* upper lip 12 % longer in 40 years, thinner by a third (Ramaut et al., "Aging of the upper lip", 2019: 18 to 19 % and
  33 to 41 % between 25 and 72 years), at the cost of the vermilion (Iblher et al. 2008); both lips come down over the
  incisors (Vig and Brundo, "The kinetics of anterior tooth display", 1978: 3.4 mm);
* ears longer by 0.22 mm a year, Heathcote, "Why do old men have big ears?", 1995;
* outer brow and outer corner of the eye lower, inner brow nearly where it was: Knize, "An anatomically based study of
  the mechanism of eyebrow ptosis", 1996; van den Bosch et al., "Topographic anatomy of the eyelids, and the effects of
  sex and age", 1999;
* longer nose with a lower tip over a receding bone: Sharabi et al., "Mechanotransduction, ageing of the face", 2010;
  Shaw et al., "Aging of the facial skeleton", 2011;
* the whole as a trajectory (longer outline of the jaw, thin lips, less eye, larger nose and ears): Windhager et al.,
  "Facial aging trajectories", 2019; Farkas, "Anthropometry of the head and face", 1994.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

from rhytid.core.head.ageing import AGED_PARTS
from rhytid.core.head.build.fields import Bump, Crest, Float64, on_both_sides, smoothstep
from rhytid.core.head.build.source import boundary_loops, rings
from rhytid.core.head.head import Int32

# Rows from the opening of the eye to the lid's visible edge, and from the mouth's to where the lips touch.
_LID_ROWS, _LIP_ROWS = 6, 12
_TOUCHING_ROW = 5
# The skin of the lids is free of the eye from here to there beyond the edge, mm.
_LID_HOLD = (0.6, 6.0)

# Both sides, unless they lie on the middle, where half of the amount meets its mirror image.
_PIECES: dict[str, tuple[Bump | Crest, ...]] = {
    "brows": (
        Bump((55, 58, 88), (13, 9, 14), (0.5, -3.0, 0)),
        Bump((34, 64, 101), (12, 9, 12), (0, -1.2, 0)),
        Bump((14, 62, 108), (9, 8, 10), (0, -0.5, 0)),
        Bump((52, 78, 86), (16, 12, 16), (0, -1.0, 0)),
    ),
    "upper_lids": (
        Bump((44, 50.5, 96), (9, 5.6, 9), (0.4, -3.5, 1.7)),
        Bump((29, 51, 101), (8, 5.2, 8), (0, -1.7, 1.1)),
        # The hollow above the inner lid, where the orbit's rim recedes.
        Bump((20, 48, 100), (5, 4, 6), out=-0.9),
    ),
    "lower_lids": (
        Bump((33, 25.0, 96), (9, 3.0, 8), (0, -0.8, 0), out=1.7),
        Bump((23, 27.0, 96), (5, 3.0, 6), (0, -0.5, 0), out=0.9),
        Crest(((19, 29, 96), (24, 21.5, 98), (31, 17.5, 97), (39, 16.5, 95), (46, 19, 90)),
              (-0.8, -1.9, -1.9, -1.5, -0.6), 2.6),
    ),
    "temples": (
        Bump((65, 62, 66), (9, 15, 15), out=-3.1),
        Bump((71, 42, 48), (8, 9, 12), out=-1.0),
        # The bone's edges stand out beside the hollow.
        Bump((56, 72, 82), (5, 10, 8), out=0.5),
        Bump((64, 30, 68), (9, 5, 14), out=0.7),
    ),
    "cheeks": (
        Bump((40, 10, 96), (11, 8, 12), (-0.6, -2.4, 0), out=-2.0),
        Bump((31, -9, 103), (8, 8, 10), (-0.6, -2.0, 0), out=1.3),
        Bump((54, -16, 86), (9, 13, 14), (0, -1.5, 0), out=-2.8),
        Bump((57, 12, 84), (9, 5, 10), out=0.5),
    ),
    "nasolabial": (
        Crest(((18.5, -2, 105), (24, -12, 106), (29.5, -22, 104), (33.5, -32, 101), (35, -39, 98)),
              (-1.0, -2.0, -2.2, -1.6, -0.4), 3.0),
        Crest(((24, -3, 103), (31, -12, 103), (37, -22, 100), (40, -32, 97), (41, -39, 95)),
              (0.4, 1.4, 1.9, 1.5, 0.5), 4.6),
    ),
    "marionette": (
        Crest(((28, -38, 102), (31, -46, 100), (32.5, -55, 97), (31, -64, 94)), (-0.9, -1.8, -1.5, -0.5), 3.0),
        Crest(((36, -40, 98), (39, -48, 95), (40, -57, 90)), (0.6, 1.4, 0.9), 4.6),
    ),
    "jowls": (
        Bump((45, -59, 78), (10, 9, 14), (0.4, -3.8, 0), out=1.9),
        Bump((38, -66, 80), (9, 7, 12), (0, -2.6, 0), out=0.8),
        Bump((60, -46, 62), (9, 9, 14), (0, -2.0, 0), out=0.4),
        # In front of the jowl the ligament holds and the bone recedes.
        Bump((25, -71, 95), (6, 6, 9), (0, 1.0, 0), out=-1.9),
    ),
    "chin": (
        Bump((0, -79, 103), (13, 6, 12), (0, -1.1, -0.2)),
        Bump((0, -52, 110), (12, 4, 8), out=-0.6),
        Bump((12, -66, 110), (8, 7, 9), out=0.4),
    ),
    "nose": (
        Bump((0, 0, 131), (9, 11, 14), (0, -1.45, -0.15)),
        Bump((14, -7, 109), (5.5, 7, 9), (0.6, -0.9, 0)),
        Bump((0, 22, 120), (7, 9, 9), (0, -0.25, 0.25)),
    ),
    "neck": (
        Bump((0, -94, 62), (20, 11, 24), (0, -2.4, 1.2)),
        Bump((30, -84, 52), (16, 10, 20), (0, -2.4, 0.6)),
        Crest(((13, -88, 60), (14, -102, 46), (17, -120, 39), (21, -142, 35)), (0.8, 2.4, 2.4, 0.8), 4.2),
        Crest(((31, -96, 40), (34, -116, 29), (38, -138, 24)), (0.6, 1.5, 0.6), 4.6),
        Bump((0, -118, 44), (7, 16, 12), out=-0.6),
    ),
    # At 16 years: fat that bone and muscle have not drawn yet.
    "youth": (
        Bump((46, -6, 93), (15, 15, 16), out=1.3),
        Bump((44, -46, 84), (15, 13, 16), out=1.0),
        Bump((64, 58, 68), (11, 15, 16), out=0.5),
        Bump((0, 4, 130), (9, 12, 14), (0, 0.3, -0.5)),
        Bump((13, -7, 110), (5, 7, 9), (-0.3, 0.2, 0)),
        Bump((0, -76, 104), (16, 8, 12), (0, 0.5, -0.4)),
        Bump((0, -35, 117), (12, 7, 6), out=0.25),
    ),
}  # fmt: skip

# The outer corner goes down with both lids, which still meet when they close.
_CORNER_PIECES = (Bump((46, 35, 88), (8, 13, 12), (-0.5, -1.0, 0)),)
# Distance from an eye's centre within which skin glides on it, and where that ends.
_GLIDES_MM = (18.0, 24.0)

# Height on the middle of the face and motion up, mm: subnasale, edge of the upper lip, where the lips meet, edge of
# the lower lip, fold below, chin.
_LIP_HEIGHTS = (-80.0, -70.0, -53.0, -44.3, -34.2, -25.2, -12.6, -4.0, 4.0)
_LIP_MOTION = (0.0, 0.0, -0.6, -1.2, -3.6, -5.5, -0.4, 0.0, 0.0)
_LIP_PIECES = (Bump((27.5, -37, 102), (6.5, 7, 9), (0.5, -1.9, 0)),)
_LIP_INVERTS = (
    Bump((0, -33, 118), (13, 9, 40), out=-0.95),
    Bump((14, -34, 113), (8, 8, 40), out=-0.5),
)

# Height on the ear and motion up, mm: most of it is the lobe's.
_EAR_HEIGHTS = (-40.0, -24.0, -8.0, 8.0, 25.0, 38.0, 54.0, 70.0)
_EAR_MOTION = (-7.2, -7.2, -4.4, -1.8, -0.2, 0.6, 1.7, 1.7)
_EAR_MIDDLE, _EAR_RADII = np.array([81.0, 10.0, -2.0]), np.array([11.0, 60.0, 26.0])


def age_shapes(skin: Float64, faces: Int32, eyes: Float64) -> Float64:
    """Offsets (A, n_skin, 3) in mm at weight 1, in the order of `core.head.ageing.AGED_PARTS`.

    Parameters
    ----------
    skin : float64 (n_skin, 3)
        The default head's skin in mm.
    faces : int32 (F, 4)
        Its quads.
    eyes : float64 (2, 3)
        Centres of the eyeballs.
    """
    openings, mouth = _openings(skin, faces)
    shapes = {name: on_both_sides(skin, pieces) for name, pieces in _PIECES.items()}
    shapes["lips"] = _lips(skin, rings(faces, mouth, _LIP_ROWS)[0])
    shapes["ears"] = _ears(skin)
    free = np.ones(len(skin))
    for loop in openings:
        free = np.minimum(free, _free_of_eye(skin, rings(faces, loop, _LID_ROWS)[0]))
    for offsets in shapes.values():
        offsets *= free[:, None]
    shapes["upper_lids"] += _along_eyes(on_both_sides(skin, _CORNER_PIECES), skin, eyes)
    return np.stack([shapes[name] for name in AGED_PARTS])


def _openings(skin: Float64, faces: Int32) -> tuple[list[list[int]], list[int]]:
    """Boundary loops of both eyes and of the mouth; the fourth is the neck's."""
    loops = sorted(boundary_loops(faces), key=lambda loop: float(skin[loop, 1].mean()))
    _, mouth, *eyes = loops
    return eyes, mouth


def _free_of_eye(skin: Float64, rows: npt.NDArray[np.int64]) -> Float64:
    """0 on the lid's edge and behind it, 1 where the lid is loose; (n_skin,)."""
    away = cKDTree(skin[rows[-1]]).query(skin)[0]
    near, far = _LID_HOLD
    free = smoothstep((away - near) / (far - near))
    free[rows.ravel()] = 0
    return free


def _along_eyes(offsets: Float64, skin: Float64, eyes: Float64) -> Float64:
    """Offsets without what would press the lids into the eyes."""
    near, far = _GLIDES_MM
    result = offsets.copy()
    for centre in eyes:
        away = skin - centre
        distance = np.linalg.norm(away, axis=1, keepdims=True)
        inward = np.minimum((offsets * away).sum(axis=1, keepdims=True) / distance, 0)
        result -= smoothstep((far - distance) / (far - near)) * inward * away / distance
    return result


def _lips(skin: Float64, rows: npt.NDArray[np.int64]) -> Float64:
    across = np.exp(-((skin[:, 0] / 23.0) ** 4)) * smoothstep((skin[:, 2] - 84) / 14)
    offsets = on_both_sides(skin, _LIP_PIECES)
    offsets[:, 1] += across * PchipInterpolator(_LIP_HEIGHTS, _LIP_MOTION, extrapolate=False)(
        np.clip(skin[:, 1], _LIP_HEIGHTS[0], _LIP_HEIGHTS[-1])
    )
    # Teeth lie behind the lips: what rolls in is what one sees, not what touches them.
    seen = np.ones(len(skin))
    for number, row in enumerate(rows):
        seen[row] = smoothstep(np.array((number - _TOUCHING_ROW + 1) / 6))
    return offsets + seen[:, None] * on_both_sides(skin, _LIP_INVERTS)


def _ears(skin: Float64) -> Float64:
    away = (skin - _EAR_MIDDLE) / _EAR_RADII
    # Farther out than its middle everything is ear.
    away[:, 0] = np.maximum((_EAR_MIDDLE[0] - np.abs(skin[:, 0])) / _EAR_RADII[0], 0)
    ear = smoothstep(1.6 - (away**2).sum(axis=1))
    height = np.clip(skin[:, 1], _EAR_HEIGHTS[0], _EAR_HEIGHTS[-1])
    offsets = np.zeros_like(skin)
    offsets[:, 1] = ear * PchipInterpolator(_EAR_HEIGHTS, _EAR_MOTION)(height)
    return offsets
