"""Relief and wrinkle lines of a person out of the unwrapped photograph, and skin colour without the relief's shading.

A trained network (`core.networks.photo_detail`) reads the relief at 256 texels; the program's own extraction finds
lines in it; super-resolution sharpens it along them to 1024. What the photograph does not show as bare skin is left
smooth, and lines that only follow the border of what is shown are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import bare_skin, tension_line_angle
from rhytid.core.learned.near_field import NearField
from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.learned.weights import PHOTO_DETAIL, open_model
from rhytid.core.lines.distance import TRUNCATION, distance_field
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.albedo_map import MOST_DARKENING
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.cavity import cavity
from rhytid.core.maps.relief_normal import contravariant_tangents, relief_normals
from rhytid.core.maps.units import SIDE, UNIT_MM
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.features import ALONG_X, detail_features
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

RESOLUTION = 1024
GAIN = 1.75
"""By which the relief that the network finds is deepened: a mean over what it may be is shallower than it is."""
_SEEN_FROM, _SEEN_WELL = 0.25, 0.55
_BORDER_PX = 3  # lines nearer to the border of what is seen follow the border
# Of a line that is kept: with less, what moles, hairs and stubble leave behind on smooth skin passes for lines.
_LEAST_LIKELIHOOD, _LEAST_DEPTH_MM = 0.5, 0.04
_SHORTEST = 4 / SIDE
_ACROSS = -0.5  # cosine of twice the angle to the tension lines: 60 degrees
_HALF_WAY = 3  # points to either side by which the direction of a line is told
_NOSE = ((0.42, 0.58), (0.27, 0.60))  # x and y in the chart, from between the eyes to its tip
_FROWN = ((0.43, 0.57), (0.11, 0.27))  # between the brows and above
_UNSHADED = 512  # texels at which the relief's shading is taken out
_MOST_SHADING, _MOST_DARKENING = 2.0, 2.5  # per relief as found, and per mm
_OFF_LINE = 0.05  # share that valleys without a line have in how dark a person's wrinkles are
_LINE_NEAR_PX, _LINE_FAR_PX = 2.0, 5.0  # of 256: a wrinkle's bottom, and beyond its sides
_CELLS, _WINDOW_CELLS, _HELD = 64, 4.0, 0.1


@dataclass(frozen=True, eq=False)
class PhotoRelief:
    """What a photograph tells of a person's detail.

    Attributes
    ----------
    displacement : float32 (1024, 1024)
        mm, outward positive, 0 where nothing is seen.
    lines : tuple of Stroke
        Its wrinkle lines, longest first, with `from_source` set.
    confidence : float32 (1024, 1024)
        0..1, how far the photograph shows the skin there.
    """

    displacement: Float32
    lines: tuple[Stroke, ...]
    confidence: Float32


class ReliefReader:
    """The trained network.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        Of `photo_detail.onnx`, see `core.networks.photo_detail`.
    """

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls, folder: Path | None = None) -> ReliefReader:
        """The network of `folder`, by default the one that comes with the program.

        Raises
        ------
        WeightsError
            It is missing or damaged.
        """
        return cls(open_model(PHOTO_DETAIL, folder).onnx())

    def read(self, features: Float32) -> tuple[Float32, Float32]:
        """Displacement in mm and likelihood of lines 0..1, (256, 256) each, of `detail_features`.

        The mean of what the network says of the chart and of its mirror image, one texel lower: of two answers whose
        errors differ.
        """
        mirrored = np.roll(features[:, :, ::-1], 1, axis=1)
        mirrored[ALONG_X] *= -1
        made = self._session.run(["displacement", "lines"], {"features": np.stack([features, mirrored])})
        displacement, lines = ((own + np.roll(other[:, ::-1], -1, axis=0)) / 2 for own, other in made)
        return displacement * np.float32(GAIN * UNIT_MM), lines


def photo_relief(
    unwrapped: Unwrapped, light: PhotoLight, reader: ReliefReader, enlarger: SuperResolution
) -> PhotoRelief:
    """Relief and lines of a person.

    Parameters
    ----------
    unwrapped : Unwrapped
        The photograph in the chart, at any size of 256 or more.
    light : PhotoLight
        That was fitted to it.
    reader, enlarger
        The networks that find the relief and make it finer.
    """
    weight = _resized(unwrapped.skin, SIDE)
    # Only what is seen goes into a colour.
    rgb = _resized(unwrapped.rgb * unwrapped.skin[..., None], SIDE)
    rgb = np.asarray(rgb / np.maximum(weight, np.float32(1e-3))[..., None], np.float32)
    normal, position = _unit(_resized(unwrapped.normal, SIDE)), _resized(unwrapped.position, SIDE)
    coefficients = light.sh_map.mean(-1)
    everywhere = np.asarray(cv2.resize(coefficients, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.float32)
    weight = weight * bare_skin()
    displacement, likelihood = reader.read(detail_features(rgb, normal, position, everywhere, weight))
    confidence = seen_well(weight)
    displacement = displacement * confidence
    lines = kept_lines(extract_lines(displacement), likelihood, confidence)
    fine = enlarger.enlarge(displacement, NearField(lines), RESOLUTION)
    whole = _resized(confidence, RESOLUTION)
    return PhotoRelief(np.where(whole > 0, fine, np.float32(0)), lines, whole)


def _along(lines: tuple[Stroke, ...], side: int, confidence: Float32) -> Float32:
    """1 at the bottom of wrinkles, 0 beyond their sides and where nothing is seen, float32 (side, side)."""
    away_px = distance_field(lines, side) * np.float32(TRUNCATION * SIDE)
    return np.asarray(np.clip((_LINE_FAR_PX - away_px) / (_LINE_FAR_PX - _LINE_NEAR_PX), 0, 1) * confidence, np.float32)


def seen_well(weight: Float32) -> Float32:
    """How far relief is to be believed where the photograph shows skin as `weight` says, 0..1, (256, 256)."""
    share = np.clip((weight - _SEEN_FROM) / (_SEEN_WELL - _SEEN_FROM), 0, 1)
    return low_pass(_eroded(share.astype(np.float32), 1), 1.0)


def kept_lines(lines: tuple[Stroke, ...], likelihood: Float32, confidence: Float32) -> tuple[Stroke, ...]:
    """The parts of lines inside what is seen that run as wrinkles do, are deep, and are wrinkles to the network.

    Parameters
    ----------
    lines : tuple of Stroke
    likelihood, confidence : float32 (256, 256)
        0..1: of a line at a texel, and of the relief there.

    Returns
    -------
    tuple of Stroke
        Longest first. The first part of a line has its id, the others have their number behind it.
    """
    inside, near = _eroded(confidence, _BORDER_PX), -_eroded(-likelihood, 1)
    kept = []
    for line in lines:
        n_parts = 0
        for first, end in _runs((_at(inside, line.points) > 0.5) & _runs_as_skin_folds(line.points)):
            part = replace(line, points=line.points[first:end], pressure=line.pressure[first:end])
            likely = float(_at(near, part.points).mean()) >= _LEAST_LIKELIHOOD
            deep = part.depth_mm * float(part.pressure.mean()) >= _LEAST_DEPTH_MM
            if likely and deep and _length(part) >= _SHORTEST:
                n_parts += 1
                kept.append(part if n_parts == 1 else replace(part, id=f"{line.id}-{n_parts}"))
    return tuple(sorted(kept, key=_length, reverse=True))


def _length(line: Stroke) -> float:
    return float(np.linalg.norm(np.diff(line.points, axis=0), axis=1).sum())


def _runs_as_skin_folds(points: Float32) -> Bool:
    """Where a line (N, 2) runs as wrinkles do, bool (N,): not straight across the tension lines of the skin.

    Hairs over the forehead and the outlines of brows cross them. Between the brows wrinkles run either way. The nose's
    outline follows them, but wrinkles of the nose run across it.
    """
    last = len(points) - 1
    number = np.arange(len(points))
    way = points[np.minimum(number + _HALF_WAY, last)] - points[np.maximum(number - _HALF_WAY, 0)]
    turned = np.arctan2(way[:, 1], way[:, 0]) - _at(tension_line_angle(), points)
    folds = (np.cos(2 * turned) > _ACROSS) | _within(points, _FROWN)
    across, down = np.abs(way).T
    return np.asarray(folds & ~(_within(points, _NOSE) & (down > across)))


def _within(points: Float32, box: tuple[tuple[float, float], tuple[float, float]]) -> Bool:
    (left, right), (top, bottom) = box
    x, y = points.T
    return np.asarray((x > left) & (x < right) & (y > top) & (y < bottom))


def without_wrinkle_shading(albedo: Albedo, relief: PhotoRelief, light: PhotoLight, unwrapped: Unwrapped) -> Albedo:
    """Skin colour from which the relief's shading and its darker valleys are divided out.

    The albedo is the photograph over the shading of the smooth head, so wrinkles are still in it. It is divided by the
    shading of the detailed normals over that of the smooth ones; how much of that the albedo holds is fitted to it, for
    neither relief nor light are known exactly. What is still darker in valleys goes as well, along the lines wholly: it
    becomes the albedo's `darkening` per mm of depth, with which wrinkles that stay are shown as dark as they were.
    """
    displacement, confidence = _resized(relief.displacement, _UNSHADED), _resized(relief.confidence, _UNSHADED)
    normal, position = _unit(_resized(unwrapped.normal, _UNSHADED)), _resized(unwrapped.position, _UNSHADED)
    tilted = relief_normals(normal, contravariant_tangents(position), displacement)
    ratio = np.log(light.shading(tilted) / light.shading(normal))
    valley = cavity(displacement)
    found = _fine(np.log(np.maximum(_resized(albedo.map, _UNSHADED), np.float32(1e-3))))
    on_line = _along(relief.lines, _UNSHADED, confidence)
    shaded, darkening = np.empty_like(found), []
    for channel in range(3):
        causes = np.stack([ratio[..., channel], valley], -1)
        parts = causes * _amounts(_fine(causes), found[..., channel], confidence) * confidence[..., None]
        dark = parts[..., 1] + np.minimum(_fine(found[..., channel] - parts.sum(-1)), 0) * on_line
        shaded[..., channel] = parts[..., 0] + dark
        weight = confidence * np.maximum(on_line, _OFF_LINE)
        per_mm = float((weight * valley * dark).sum() / max(float((weight * valley * valley).sum()), 1e-9))
        darkening.append(min(max(per_mm, 0.0), MOST_DARKENING))
    clean = albedo.map * _resized(np.exp(-shaded), len(albedo.map))
    red, green, blue = darkening
    return replace(albedo, map=read_only(np.minimum(clean, np.float32(1))), darkening=(red, green, blue))


def _amounts(causes: Float32, found: Float32, weight: Float32) -> Float32:
    """How much of two causes (H, W, 2) lies in `found` (H, W) round each texel, float32 (H, W, 2).

    Least squares in a window, held to what the whole face says: lamps and their shadows are not everywhere the same.
    """
    a, b = causes[..., 0], causes[..., 1]
    products = np.stack([a * a, a * b, b * b, a * found, b * found], -1) * weight[..., None]
    cells = _resized(np.asarray(products, np.float32), _CELLS)
    whole = cells.mean((0, 1)) + np.array([1e-9, 0, 1e-9, 0, 0], np.float32)
    overall = _solved(whole)
    local = low_pass(cells, _WINDOW_CELLS)
    square = whole[:3] * np.float32(_HELD)
    pull = [square[0] * overall[0] + square[1] * overall[1], square[1] * overall[0] + square[2] * overall[1]]
    solved = _solved(local + np.array([*square, *pull], np.float32))
    return np.asarray(cv2.resize(solved, found.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _solved(products: Float32) -> Float32:
    """Amounts (..., 2) of two causes out of sums of products (..., 5), each within what light can do."""
    aa, ab, bb, af, bf = np.moveaxis(products, -1, 0)
    second = np.clip((aa * bf - ab * af) / np.maximum(aa * bb - ab * ab, np.float32(1e-20)), 0, _MOST_DARKENING)
    first = np.clip((af - ab * second) / aa, 0, _MOST_SHADING)
    second = np.clip((bf - ab * first) / bb, 0, _MOST_DARKENING)
    return np.stack([first, second], -1).astype(np.float32)


def _fine(values: Float32) -> Float32:
    """Without what is broader than wrinkles."""
    return values - low_pass(values, 7.0 * len(values) / SIDE)


def _eroded(values: Float32, reach_px: int) -> Float32:
    """The least value in a square round each texel."""
    square = np.ones((2 * reach_px + 1, 2 * reach_px + 1), np.uint8)
    return np.asarray(cv2.erode(values, square), np.float32)


def _runs(flags: Bool) -> list[tuple[int, int]]:
    """First and one after the last of each run of two and more True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2) if end - first > 1]


def _at(values: Float32, points: Float32) -> Float32:
    """Values (N,) at chart points (N, 2), of the texel they lie in."""
    column, row = np.clip((points * len(values)).astype(np.intp), 0, len(values) - 1).T
    return np.asarray(values[row, column], np.float32)


def _resized(values: Float32, side: int) -> Float32:
    if len(values) == side:
        return values
    method = cv2.INTER_AREA if len(values) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (side, side), interpolation=method), np.float32)


def _unit(vectors: Float32) -> Float32:
    length = np.sqrt(np.einsum("yxi,yxi->yx", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, np.float32(1e-6))[..., None], np.float32)
