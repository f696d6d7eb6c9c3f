"""What the 68 landmarks of iBUG are called, and which of them is which in a mirror. Sides are the subject's."""

from __future__ import annotations

from rhytid.core.language import tr

MIRRORED: tuple[int, ...] = (
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, *range(35, 30, -1),
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1),
)  # fmt: skip
"""Number of the landmark on the other side; those of the middle have their own."""

_BROW = (tr("outer end"), tr("outer half"), tr("middle"), tr("inner half"), tr("inner end"))
_RIGHT_EYE = (tr("outer corner"), tr("upper lid, outer"), tr("upper lid, inner"), tr("inner corner"),
              tr("lower lid, inner"), tr("lower lid, outer"))  # fmt: skip
_LEFT_EYE = tuple(_RIGHT_EYE[number] for number in (3, 2, 1, 0, 5, 4))
_LIPS = (
    tr("right corner of the mouth"), tr("upper lip, right"), tr("upper lip, right peak"), tr("upper lip, middle"),
    tr("upper lip, left peak"), tr("upper lip, left"), tr("left corner of the mouth"), tr("lower lip, left"),
    tr("lower lip, left of the middle"), tr("lower lip, middle"), tr("lower lip, right of the middle"),
    tr("lower lip, right"), tr("right corner between the lips"), tr("upper lip inside, right"),
    tr("upper lip inside, middle"), tr("upper lip inside, left"), tr("left corner between the lips"),
    tr("lower lip inside, left"), tr("lower lip inside, middle"), tr("lower lip inside, right"),
)  # fmt: skip
_JAW = (
    tr("at the ear"), tr("below the ear"), tr("above the angle"), tr("at the angle"), tr("before the angle"),
    tr("below the cheek"), tr("below the corner of the mouth"), tr("beside the chin"),
)  # fmt: skip

LANDMARK_WORDS: tuple[str, ...] = (
    *(tr("Right jaw, {0}", place) for place in _JAW), tr("Chin"), *(tr("Left jaw, {0}", place) for place in _JAW[::-1]),
    *(tr("Right brow, {0}", place) for place in _BROW), *(tr("Left brow, {0}", place) for place in _BROW[::-1]),
    tr("Bridge of the nose, top"), tr("Bridge of the nose, upper half"), tr("Bridge of the nose, lower half"),
    tr("Tip of the nose"), tr("Right wing of the nose"), tr("Right nostril"), tr("Below the nose, middle"),
    tr("Left nostril"), tr("Left wing of the nose"),
    *(tr("Right eye, {0}", place) for place in _RIGHT_EYE), *(tr("Left eye, {0}", place) for place in _LEFT_EYE),
    *(place[:1].upper() + place[1:] for place in _LIPS),
)  # fmt: skip
