"""What is ink in a picture of lines, whatever its colours: the paper is what most of it shows."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
_FAINTEST = 3 / 255  # contrast of ink; below it there is none
_OF_STRONGEST = 0.3  # a line's core has more than this of the strongest ink, the blocks of JPEG around it less
_OF_PAPER = 4.0  # ink stands out this many times more than the paper's own texture
_FAINT = 0.08  # of the strongest; what lies between this and a line's core is told
_BLOCKS_PX = 16  # of JPEG with halved colours; so far from ink its traces reach
_FEWEST_FAINT = 0.0005  # of a picture
_MOST_INK = 0.3  # of a picture; lines are its lesser part
_LIGHT = 0.5


class Ink(NamedTuple):
    """Where a picture has ink, bool (H, W), and in words what was taken for ink and for paper."""

    lines: Bool
    assumed: str


class InkError(ValueError):
    """It is not clear what of a picture is ink."""


def find_ink(color: Float32, opacity: Float32) -> Ink:
    """Tell ink from paper.

    Where the picture shows something on a small part of transparent ground, that is the ink, whatever its colour.
    Otherwise the paper is the commonest colour, transparent places are paper, and ink is what differs from it.

    Parameters
    ----------
    color : float32 (H, W, 3)
        0..1, not premultiplied.
    opacity : float32 (H, W)
        0..1.

    Raises
    ------
    InkError
        So much of the picture differs from its paper that these are no lines.
    """
    if opacity.mean() <= _MOST_INK:
        contrast, paper = opacity, "transparent"
    else:
        solid = opacity >= _LIGHT
        ground = np.median(color[solid], axis=0).astype(np.float32)
        contrast, paper = np.abs(color - ground).max(axis=2) * opacity, _name(ground)
    ink = _core(contrast)
    share = float(ink.mean())
    if share > _MOST_INK:
        raise InkError(f"{share:.0%} of the picture would be ink; draw thin white lines on black")
    if not share:
        return Ink(ink, f"{paper} paper without ink")
    assumed = f"{_name(np.median(color[ink], axis=0))} ink on {paper} paper"
    return Ink(ink, f"{assumed}; fainter marks are left out" if _has_faint_marks(contrast, ink) else assumed)


def _core(contrast: Float32) -> Bool:
    """Where the contrast to the paper is that of ink."""
    strongest = float(contrast.max())
    texture = float(np.median(contrast))
    if strongest < max(_FAINTEST, _OF_PAPER * texture):
        return np.zeros(contrast.shape, bool)
    core: Bool = contrast > max(_OF_STRONGEST * strongest, _OF_PAPER * texture)
    return core


def _has_faint_marks(contrast: Float32, ink: Bool) -> bool:
    """Whether something else than the soft edge of ink stands out from the paper, though less than ink."""
    faint = contrast > max(_FAINTEST, _FAINT * float(contrast.max()), _OF_PAPER * float(np.median(contrast)))
    reach = 2 * _BLOCKS_PX + 1
    around = cv2.dilate(ink.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    return float((faint & ~around).mean()) > _FEWEST_FAINT


def _name(color: npt.NDArray[np.floating]) -> str:
    if float(np.ptp(color)) > 0.2:
        return "coloured"
    lightness = float(np.mean(color))
    return "white" if lightness > 0.8 else "black" if lightness < 0.2 else "grey"
