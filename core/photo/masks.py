"""Where a photo shows the skin of a face, where hair, and where something else lies before the face.

The colours of the skin are learned from cheeks, nose and chin of the photo itself, those of the hair from round the
upper half of the face; thin hairs over the forehead are told by their texture. What is neither, inside the face, lies
before it. A hand looks like skin, and a hat like hair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.fine_texture import fine_texture
from rhytid.core.photo.landmarks import (
    CHIN,
    FOREHEAD,
    LEFT_BROW,
    LEFT_LIDS,
    OUTER_LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_LIDS,
    Landmarks,
)
from rhytid.core.photo.skin_color import ColorModel, color_model, features
from rhytid.core.photo.soft_edges import guided
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

# Lengths are in distances between the outer corners of the eyes.
_EYE_DISTANCE_PX = 96.0  # of the picture that is worked on
_MOST_ENLARGED = 2.0
_REACH = 2.3  # of that picture from the middle of the face
_RIM, _NEAR, _FAR = 0.06, 0.35, 1.3
_SOFT = 0.03
_EPSILON = 0.004  # of the guide's variance, 0..1
_SKIN_LIMIT, _HAIR_LIMIT = 14.0, 12.0  # squared distances from the model at which a pixel is as likely something else
# Log odds of skin before the colour is seen: hair hangs over the forehead more often than over what is below.
_BELOW_BROWS, _FOREHEAD, _OUTSIDE = 3.0, 1.5, -1.0
_HIGHER = -6.0  # log odds for each distance of the eyes above the face: bald heads are rarer than fair hair
_MOLE, _SKIN_OF_MOLE = 0.2, 0.75
_MAKE_UP = 6.0  # the most that the colour of a painted lid counts against its being skin
_FEWEST = 60  # px of which a colour is learned
_HAIR_ROUNDS = 4
_UNLIKE_SKIN = 3.0  # squared distance of the middle of a head's hair from its skin; shaded skin is nearer
_MOST_LOG_ODDS = 5.0
# Skin that is seldom covered: both cheeks, the nose and the chin.
_RIGHT_CHEEK = (117, 118, 101, 36, 205, 187, 123)
_LEFT_CHEEK = (346, 347, 330, 266, 425, 411, 352)
_NOSE = (6, 196, 198, 4, 420, 419)
_CHIN = (83, 18, 313, 421, 200, 201)
_NOSTRILS = (64, 98, 97, 2, 326, 327, 294, 440, 4, 220)
_NOSE_BASE = 2
_INNER_BROWS = (55, 285)
_FROWN = (0.17, 0.4)  # half as wide, and as high above the brows, as frown lines reach
_STRAND_EYE_DISTANCE_PX = 240.0  # of the picture in which single hairs are looked for
_STRAND_OCTAVES, _STRAND_ODDS = 0.7, 12.0
_USUAL = 0.35  # quantile of the texture's strength on cheeks, or on the forehead if it is less there
_STRAND_SLANT = 0.4  # added to the cosine of twice the angle: hairs that lean by up to 57 degrees count


@dataclass(frozen=True)
class Masks:
    """What the pixels of a photo show, as shares of 0..1 that blend into each other.

    Attributes
    ----------
    skin : float32 (H, W), read-only
        Skin of the face and what it goes over into (ears, neck), without brows, eyes and lips.
    hair : float32 (H, W), read-only
        Hair of the head, beard and brows.
    occluder : float32 (H, W), read-only
        What else lies before the face: glasses, a mask, a microphone.
    """

    skin: Float32
    hair: Float32
    occluder: Float32


def masks_of(pixels: UInt8, landmarks: Landmarks) -> Masks:
    """The masks of a face in a picture, uint8 (H, W, 3); 0 far from the face."""
    window = _Window(pixels, landmarks)
    face = _Regions(window)
    linear = linear_from_srgb(window.small.astype(np.float32) / 255).astype(np.float32)
    values = features(linear, face.sure)
    skin_color = color_model(values, face.sure)
    to_skin = np.where(face.lids, skin_color.distance(values, _MAKE_UP), skin_color.distance(values))
    hair_color = _hair_color(values, skin_color, face)
    others = np.full_like(to_skin, _SKIN_LIMIT)
    to_hair = np.full_like(to_skin, np.inf)
    if hair_color is not None:
        to_hair = hair_color.distance(values)
        others = np.minimum(others, to_hair + 2 * (hair_color.log_volume - skin_color.log_volume))
    before = np.where(face.inside, np.where(face.high, _FOREHEAD, _BELOW_BROWS), _OUTSIDE + _HIGHER * face.above)
    odds = before + (others - to_skin) / 2 - _strands(window, face)
    skin = _connected(_smooth(odds.astype(np.float32), window), face.inside | face.parts)
    moles = _islands(face.inside & (skin < _SKIN_OF_MOLE), face.inside, window)
    skin = np.where(window.grown(moles, _SOFT) & face.inside, 1, skin).astype(np.float32)

    dark = values[..., 0] < skin_color.middle[0] - 2 * skin_color.darker
    hairy = (_HAIR_LIMIT - to_hair) / 2
    # A beard need not look like the hair of the head, nor hair in its own shadow: dark is enough there.
    hairy = np.where((face.beard | face.inside & face.high) & dark, np.maximum(hairy, 2), hairy)
    hair = np.minimum(_smooth(np.clip(hairy, -_MOST_LOG_ODDS, None).astype(np.float32), window), 1 - skin)
    hair = _connected(hair, (face.rim | face.beard) & (skin < 0.5)) * face.near
    covered = face.inside & ~face.parts & ~face.nostrils
    occluder = np.where(covered, np.clip(1 - skin - hair, 0, 1), 0).astype(np.float32)

    brows = _soft(face.brows, window)
    bare = 1 - np.maximum(_soft(face.parts, window), brows)
    return Masks(
        window.enlarged(skin * bare),
        window.enlarged(np.maximum(hair * (1 - _soft(face.parts, window)), brows)),
        window.enlarged(_opened(occluder) * bare),
    )


class _Window:
    """The part of a picture round the face, and that part in the size that is worked on."""

    def __init__(self, pixels: UInt8, landmarks: Landmarks) -> None:
        self.shape = pixels.shape[:2]
        scale = min(_EYE_DISTANCE_PX / max(landmarks.eye_distance, 1.0), _MOST_ENLARGED)
        middle = (landmarks.points[list(OVAL)].min(axis=0) + landmarks.points[list(OVAL)].max(axis=0)) / 2
        reach = _REACH * landmarks.eye_distance
        x0, y0 = (int(max(np.floor(v - reach), 0)) for v in middle)
        x1, y1 = (int(min(np.ceil(v + reach), n)) for v, n in zip(middle, self.shape[::-1], strict=True))
        self.part = (slice(y0, max(y1, y0 + 1)), slice(x0, max(x1, x0 + 1)))
        self.full = pixels[self.part]
        height, width = self.full.shape[:2]
        size = (max(round(width * scale), 8), max(round(height * scale), 8))
        kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        self.small: UInt8 = np.asarray(cv2.resize(self.full, size, interpolation=kind))
        self.points = (landmarks.points - (x0, y0)) * (np.array(size) / (width, height))
        self.eye_distance = landmarks.eye_distance * size[0] / width
        self.full_eye_distance = landmarks.eye_distance
        self.guide, self._full_guide = _grey(self.small), _grey(self.full)

    def full_part(self, y0: int, y1: int, x0: int, x1: int) -> UInt8:
        """What the whole picture shows of rows and columns of the small one."""
        down, right = (whole / small for whole, small in zip(self.full.shape[:2], self.small.shape[:2], strict=True))
        return self.full[round(y0 * down) : round(y1 * down), round(x0 * right) : round(x1 * right)]

    def px(self, distance: float) -> int:
        """A length in distances of the eyes as whole px of the small picture."""
        return max(round(distance * self.eye_distance), 1)

    def polygon(self, numbers: Sequence[int]) -> Bool:
        """The inside of a ring of landmarks in the small picture."""
        canvas = np.zeros(self.small.shape[:2], np.uint8)
        # In sixteenths of a px, from the middle of the first one.
        ring = np.rint((self.points[list(numbers)] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(canvas, [ring], 1, shift=4)
        return canvas > 0

    def grown(self, mask: Bool, distance: float) -> Bool:
        """A mask made larger all round, or smaller where the distance is negative."""
        reach = self.px(abs(distance))
        if distance < 0:
            return _to_nearest_zero(mask) > reach
        return _to_nearest_zero(~mask) <= reach

    def enlarged(self, mask: Float32) -> Float32:
        """A mask of the small picture for the whole one, with the edges of the whole one."""
        whole = np.zeros(self.shape, np.float32)
        size = self.full.shape[1::-1]
        slope, offset = (
            cv2.resize(one, size, interpolation=cv2.INTER_LINEAR)
            for one in guided(mask.astype(np.float32), self.guide, 2, _EPSILON)
        )
        whole[self.part] = np.clip(slope * self._full_guide + offset, 0, 1)
        return read_only(whole)


class _Regions:
    """Parts of the small picture that the landmarks tell."""

    def __init__(self, window: _Window) -> None:
        self.inside = window.polygon(OVAL)
        eyes = window.polygon(RIGHT_LIDS) | window.polygon(LEFT_LIDS)
        mouth = window.polygon(OUTER_LIPS)
        self.nostrils = window.polygon(_NOSTRILS)
        self.parts = window.grown(eyes, 0.03) | window.grown(mouth, 0.02)
        self.brows = window.grown(window.polygon(RIGHT_BROW) | window.polygon(LEFT_BROW), 0.02)
        right, left = _upper_lid(RIGHT_BROW, RIGHT_LIDS), _upper_lid(LEFT_BROW, LEFT_LIDS)
        self.lids = window.polygon(right) | window.polygon(left)
        sure = window.polygon(_RIGHT_CHEEK) | window.polygon(_LEFT_CHEEK) | window.polygon(_NOSE)
        self.sure = (sure | window.polygon(_CHIN)) & ~self.nostrils
        if self.sure.sum() < _FEWEST:
            self.sure = self.inside & ~self.parts
        if self.sure.sum() < _FEWEST:
            self.sure = np.ones_like(self.inside)
        up = window.points[FOREHEAD] - window.points[CHIN]
        up = up / max(float(np.linalg.norm(up)), 1e-6)
        self.up_angle = float(np.arctan2(up[1], up[0]))
        y, x = np.mgrid[: self.inside.shape[0], : self.inside.shape[1]] + 0.5
        height = x * up[0] + y * up[1]
        brows_at = float(window.points[list(RIGHT_BROW + LEFT_BROW)].mean(axis=0) @ up)
        nose_at = float(window.points[_NOSE_BASE] @ up)
        around = window.grown(self.inside, _NEAR) & ~window.grown(self.inside, _RIM)
        forehead_at = float(window.points[FOREHEAD] @ up)
        self.high = height > brows_at
        middle = (window.points[_INNER_BROWS[0]] + window.points[_INNER_BROWS[1]]) / 2
        sideways = np.abs((x - middle[0]) * up[1] - (y - middle[1]) * up[0])
        self.between_brows = (sideways < _FROWN[0] * window.eye_distance) & (
            height < brows_at + _FROWN[1] * window.eye_distance
        )
        self.rim = around & self.high
        self.beard = self.inside & (height < nose_at) & ~mouth
        self.above = np.clip(height - forehead_at, 0, None) / window.eye_distance
        self.near = window.grown(self.inside, _FAR)


def _upper_lid(brow: tuple[int, ...], lids: tuple[int, ...]) -> tuple[int, ...]:
    """The ring round the skin between a brow and its eye."""
    return (*brow[:5], *lids[8:], lids[0])


def _hair_color(values: Float32, skin: ColorModel, face: _Regions) -> ColorModel | None:
    """Colours of what frames the upper face and is no skin; None for a bald head.

    It starts from what differs most from the skin, and then learns from all that looks more like it than like skin:
    fair hair differs little.
    """
    to_skin = skin.distance(values)
    around = to_skin[face.rim]
    if around.size < _FEWEST:
        return None
    framing = face.rim & (to_skin > min(_SKIN_LIMIT, float(np.median(around))))
    hair = None
    for _ in range(_HAIR_ROUNDS):
        if framing.sum() < _FEWEST:
            break
        hair = color_model(values, framing)
        framing = face.rim & (hair.distance(values) + 2 * (hair.log_volume - skin.log_volume) < to_skin)
    if hair is None or skin.distance(hair.middle[None, None].astype(np.float32))[0, 0] < _UNLIKE_SKIN:
        return None
    return hair


def _strands(window: _Window, face: _Regions) -> Float32:
    """Log odds against skin where fine hairs hang over the forehead, of the small picture.

    Hairs too thin for the small picture still are a fine texture, stronger than that of the cheeks, that runs up and
    down; wrinkles of the forehead run across it, but for those between the brows.
    """
    height, width = face.inside.shape
    ring, reach = window.points[list(OVAL)], _NEAR * window.eye_distance
    x0, y0 = np.clip(np.floor(ring.min(axis=0) - reach), 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(ring.max(axis=0) + reach), (x0 + 1, y0 + 1), (width, height)).astype(int)
    part = window.full_part(y0, y1, x0, x1)
    texture, coherence, angle = fine_texture(part, _STRAND_EYE_DISTANCE_PX / window.full_eye_distance)
    steep = coherence * (np.cos(2 * (angle - face.up_angle)) + np.float32(_STRAND_SLANT))
    size = (int(x1 - x0), int(y1 - y0))
    strength, upright = (
        np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32) for values in (texture, steep)
    )
    places = (region[y0:y1, x0:x1] for region in (face.sure, face.inside & face.high))
    usual = min((float(np.quantile(strength[place], _USUAL)) for place in places if place.any()), default=np.inf)
    excess = np.log2(np.maximum(strength, 1e-9) / max(usual, 1e-9)) - _STRAND_OCTAVES
    found = np.zeros(face.inside.shape, np.float32)
    found[y0:y1, x0:x1] = _STRAND_ODDS * np.maximum(excess, 0) * np.maximum(upright, 0)
    return np.where(face.high & ~face.between_brows, found, 0).astype(np.float32)


def _smooth(odds: Float32, window: _Window) -> Float32:
    """Shares of log odds, evened out within the edges of the picture."""
    limited = np.clip(odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
    slope, offset = guided(limited, window.guide, window.px(_SOFT), _EPSILON)
    return np.asarray(1 / (1 + np.exp(-(slope * window.guide + offset))), np.float32)


def _connected(mask: Float32, start: Bool) -> Float32:
    """What of a mask hangs together with some place."""
    n_parts, numbers = cv2.connectedComponents(((mask > 0.5) | start).astype(np.uint8), connectivity=4)
    kept = np.zeros(n_parts, bool)
    kept[numbers[start]] = True
    kept[0] = False
    near = cv2.dilate(kept[numbers].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near, mask, 0).astype(np.float32)


def _to_nearest_zero(mask: Bool) -> Float32:
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _islands(holes: Bool, inside: Bool, window: _Window) -> Bool:
    """Holes in the skin that are small and have skin all round: moles, gloss, wet corners."""
    _, numbers, figures, _ = cv2.connectedComponentsWithStats(holes.astype(np.uint8), connectivity=8)
    small = figures[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) <= window.px(_MOLE)
    small[0] = False
    small[np.unique(numbers[holes & ~window.grown(inside, -_SOFT)])] = False
    return np.asarray(small[numbers])


def _opened(mask: Float32) -> Float32:
    """A mask without what is thinner than three px: creases and single hairs."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))


def _soft(mask: Bool, window: _Window) -> Float32:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.4 * window.px(_SOFT), 0.5)))


def _grey(pixels: UInt8) -> Float32:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
