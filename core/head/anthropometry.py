"""Measures of a face between its anthropometric landmarks.

Landmarks and measures are those of Farkas, "Anthropometry of the Head and Face", 2nd ed., 1994; where he has none, the
measure says what it is. Landmarks are places of the chart, so that every head with a chart has them; those on both
sides lie on the subject's left and, mirrored, on the right. All is measured at rest: without expression and years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.language import tr

Float64 = npt.NDArray[np.float64]

# In the middle of the face: nasion, rhinion, pronasale, subnasale, labiale superius, stomion above and below, labiale
# inferius, sublabiale, pogonion, gnathion, the skin below the chin, and cervicale before the throat.
_MIDDLE: dict[str, tuple[float, float]] = {
    "n": (0.5, 0.3151), "rhi": (0.5, 0.4109), "prn": (0.5, 0.5084), "sn": (0.5, 0.5788), "ls": (0.5, 0.6538),
    "sto above": (0.5, 0.6710), "sto below": (0.5, 0.7185), "li": (0.5, 0.7327), "sl": (0.5, 0.7862),
    "pg": (0.5, 0.8558), "gn": (0.5, 0.9390), "chin": (0.5, 1.0719), "c": (0.5, 1.1641),
}  # fmt: skip
# On both sides: zygion, gonion, tragion, frontotemporale, malar eminence, the middle of the cheek, alare,
# maxillofrontale, endocanthion, exocanthion, palpebrale superius and inferius, superciliare, cheilion, superaurale,
# subaurale, postaurale, mastoid, and the side of the neck.
_SIDE: dict[str, tuple[float, float]] = {
    "zy": (0.9835, 0.4470), "go": (0.9541, 0.7840), "t": (1.0826, 0.3427), "ft": (0.8044, 0.1524),
    "ml": (0.7571, 0.4425), "cheek": (0.7950, 0.6316), "al": (0.6144, 0.4939), "mf": (0.5672, 0.3280),
    "en": (0.5916, 0.3262), "ex": (0.7106, 0.3136), "ps": (0.5965, 0.3080), "pi": (0.6125, 0.3399),
    "sci": (0.6437, 0.1591), "ch": (0.6369, 0.6979), "sa": (1.1778, 0.3096), "sba": (1.1283, 0.6221),
    "pa": (1.2218, 0.3446), "ms": (1.2453, 0.0185), "neck": (1.2005, 0.9824),
}  # fmt: skip


def landmark_vertices(head: Head) -> npt.NDArray[np.intp]:
    """Vertices (L,) of a head that lie nearest to the landmarks in its chart."""
    left = np.array(list(_SIDE.values()))
    places = np.concatenate([list(_MIDDLE.values()), left, left * [-1, 1] + [1, 0]])
    return np.argmin(np.linalg.norm(head.chart[None] - places[:, None], axis=2), axis=1)


class Landmarks:
    """The landmarks (..., L, 3) of one person or of many, mm, by their names."""

    def __init__(self, points: Float64) -> None:
        self._middle = points[..., : len(_MIDDLE), :]
        left, right = np.split(points[..., len(_MIDDLE) :, :], 2, axis=-2)
        self._sides = np.stack([left, right], axis=-2)

    def at(self, name: str) -> Float64:
        """A landmark, (..., 1, 3) in the middle of the face, (..., 2, 3) left and right."""
        if name in _MIDDLE:
            return self._middle[..., list(_MIDDLE).index(name), None, :]
        return self._sides[..., list(_SIDE).index(name), :, :]

    def across(self, name: str) -> Float64:
        """Distance between left and right."""
        sides = self.at(name)
        return _length(sides[..., 0, :] - sides[..., 1, :])

    def apart(self, one: str, other: str) -> Float64:
        """Distance between two landmarks."""
        return _mean(_length(self.at(one) - self.at(other)))

    def along(self, axis: int, one: str, other: str) -> Float64:
        """How far one lies beyond the other: outwards (0), above (1) or before (2)."""
        outwards = np.array([1.0, -1.0]) if axis == 0 else np.ones(2)
        off = (self.at(one) - self.at(other))[..., axis]
        return _mean(off * outwards[: off.shape[-1]])

    def tilt(self, inner: str, outer: str) -> Float64:
        """By how many degrees the outer of two landmarks lies higher, seen from the front."""
        off = self.at(outer) - self.at(inner)
        return _mean(np.degrees(np.arctan2(off[..., 1], np.abs(off[..., 0]))))

    def angle(self, one: str, middle: str, other: str) -> Float64:
        """Angle at the middle one of three landmarks, degrees."""
        a, b = self.at(one) - self.at(middle), self.at(other) - self.at(middle)
        cosine = np.einsum("...i,...i->...", a, b) / (_length(a) * _length(b))
        return _mean(np.degrees(np.arccos(np.clip(cosine, -1, 1))))

    def out_of_line(self, name: str, one: str, other: str) -> Float64:
        """How far a landmark of the profile lies outside the line between one above it and one below it."""
        way, off = self.at(other) - self.at(one), self.at(name) - self.at(one)
        inside = way[..., 1] * off[..., 2] - way[..., 2] * off[..., 1]
        return _mean(-inside / np.hypot(way[..., 1], way[..., 2]))

    def out_of_plane(self, name: str, one: str, two: str, three: str) -> Float64:
        """How far a landmark on both sides lies outside the plane through three others of its side."""
        a, b, c, off = (self.at(other) for other in (one, two, three, name))
        normal = np.cross(b - a, c - a)
        normal *= np.sign(normal[..., :1] * a[..., :1]) / _length(normal)[..., None]
        return _mean(np.einsum("...i,...i->...", off - a, normal))


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name : str
        In programs and on the command line.
    title, group : str
        In the window, in its language.
    unit : str
        "mm" or "°".
    meaning : str
        As anthropometry calls it, in the window's language.
    of : function
        Gives it (...) of `Landmarks`.
    """

    name: str
    title: str
    group: str
    unit: str
    meaning: str
    of: Callable[[Landmarks], Float64]


PERSON, JAW, EYES = tr("Whole face"), tr("Cheeks, jaw and chin"), tr("Eyes and brows")
NOSE, MOUTH, EARS = tr("Nose"), tr("Mouth"), tr("Ears and neck")
MEASURES: tuple[Measure, ...] = (
    Measure(
        "face_fat", tr("Face fat"), PERSON, "mm",
        tr("cheek outside the plane of zygion, gonion and cheilion, skin below the line from chin to throat"),
        lambda p: (p.out_of_plane("cheek", "zy", "go", "ch") + p.out_of_line("chin", "gn", "c")) / 2,
    ),
    Measure("face_width", tr("Face width"), PERSON, "mm", tr("bizygomatic breadth, zy-zy"), lambda p: p.across("zy")),
    Measure(
        "face_height", tr("Face height"), PERSON, "mm", tr("morphological face height, n-gn"),
        lambda p: p.apart("n", "gn"),
    ),
    Measure(
        "forehead_width", tr("Forehead width"), PERSON, "mm", tr("minimum frontal breadth, ft-ft"),
        lambda p: p.across("ft"),
    ),
    Measure(
        "cheekbone_width", tr("Cheekbone width"), JAW, "mm", tr("between the malar eminences"),
        lambda p: p.across("ml"),
    ),
    Measure("jaw_width", tr("Jaw width"), JAW, "mm", tr("bigonial breadth, go-go"), lambda p: p.across("go")),
    Measure("jaw_length", tr("Jaw length"), JAW, "mm", tr("gnathion before tragion"), lambda p: p.along(2, "gn", "t")),
    Measure(
        "chin_height", tr("Chin height"), JAW, "mm", tr("sublabiale to gnathion, sl-gn"),
        lambda p: p.apart("sl", "gn"),
    ),
    Measure(
        "chin_projection", tr("Chin projection"), JAW, "mm", tr("pogonion before subnasale"),
        lambda p: p.along(2, "pg", "sn"),
    ),
    Measure(
        "eye_width", tr("Eye size"), EYES, "mm", tr("palpebral fissure length, ex-en"),
        lambda p: p.apart("ex", "en"),
    ),
    Measure(
        "eye_opening", tr("Eye opening"), EYES, "mm", tr("palpebral fissure height, ps-pi"),
        lambda p: p.apart("ps", "pi"),
    ),
    Measure("eye_spacing", tr("Eye spacing"), EYES, "mm", tr("intercanthal width, en-en"), lambda p: p.across("en")),
    Measure(
        "eye_tilt", tr("Eye tilt"), EYES, "°", tr("inclination of the eye fissure, en-ex"),
        lambda p: p.tilt("en", "ex"),
    ),
    Measure(
        "brow_height", tr("Brow height"), EYES, "mm", tr("superciliare above palpebrale superius"),
        lambda p: p.along(1, "sci", "ps"),
    ),
    Measure("nose_width", tr("Nose width"), NOSE, "mm", tr("nasal width, al-al"), lambda p: p.across("al")),
    Measure("nose_length", tr("Nose length"), NOSE, "mm", tr("nasal height, n-sn"), lambda p: p.apart("n", "sn")),
    Measure(
        "nose_bridge_width", tr("Bridge width"), NOSE, "mm", tr("nasal root width, mf-mf"),
        lambda p: p.across("mf"),
    ),
    Measure(
        "nose_bridge_height", tr("Bridge height"), NOSE, "mm", tr("nasal root depth, nasion before endocanthion"),
        lambda p: p.along(2, "n", "en"),
    ),
    Measure(
        "nose_hump", tr("Bridge hump"), NOSE, "mm", tr("rhinion before the line n-prn"),
        lambda p: p.out_of_line("rhi", "n", "prn"),
    ),
    Measure("nose_tip", tr("Nose tip"), NOSE, "mm", tr("nasal tip protrusion, sn-prn"), lambda p: p.apart("sn", "prn")),
    Measure(
        "nose_tip_angle", tr("Tip upturn"), NOSE, "°", tr("nasolabial angle, prn-sn-ls"),
        lambda p: p.angle("prn", "sn", "ls"),
    ),
    Measure("mouth_width", tr("Mouth width"), MOUTH, "mm", tr("labial fissure width, ch-ch"), lambda p: p.across("ch")),
    Measure(
        "upper_lip", tr("Upper lip fullness"), MOUTH, "mm", tr("upper vermilion height, ls-sto"),
        lambda p: p.apart("ls", "sto above"),
    ),
    Measure(
        "lower_lip", tr("Lower lip fullness"), MOUTH, "mm", tr("lower vermilion height, sto-li"),
        lambda p: p.apart("sto below", "li"),
    ),
    Measure(
        "philtrum", tr("Philtrum length"), MOUTH, "mm", tr("philtrum length, sn-ls"),
        lambda p: p.apart("sn", "ls"),
    ),
    Measure("ear_length", tr("Ear size"), EARS, "mm", tr("ear length, sa-sba"), lambda p: p.apart("sa", "sba")),
    Measure(
        "ear_protrusion", tr("Ear protrusion"), EARS, "mm", tr("postaurale outwards of the mastoid"),
        lambda p: p.along(0, "pa", "ms"),
    ),
    Measure(
        "neck_width", tr("Neck width"), EARS, "mm", tr("between the sides of the neck"),
        lambda p: p.across("neck"),
    ),
)  # fmt: skip


def measured(points: Float64) -> Float64:
    """All `MEASURES` (..., K) of landmarks (..., L, 3)."""
    landmarks = Landmarks(points)
    return np.stack([measure.of(landmarks) for measure in MEASURES], axis=-1)


def _length(vectors: Float64) -> Float64:
    length: Float64 = np.linalg.norm(vectors, axis=-1)
    return length


def _mean(values: Float64) -> Float64:
    mean: Float64 = values.mean(axis=-1)
    return mean
