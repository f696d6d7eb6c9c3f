"""Faces in a picture, and the landmarks of one of them, by MediaPipe's three networks.

The detector looks at the whole picture first, then at what else it could be: turned, filled by the face, or so large
that faces in it are small. What it sees is a face if the mesh can be laid on it. The mesh is then laid anew in
squares that it found itself, and each eye is looked at closely. Every network sees a square of the picture, cut out
first and reduced without aliasing.

Moved by a few px, a square gives points that are elsewhere by about a hundredth of the distance of the eyes. The mesh
is the mean of two squares therefore, which halves that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.runtime import Session
from rhytid.core.photo.embedding import mirrored_landmarks
from rhytid.core.photo.face_models import FaceModels, open_face_models
from rhytid.core.photo.landmarks import (
    LEFT_IRIS,
    LEFT_LIDS,
    LEFT_OUTER_CORNER,
    N_MESH,
    N_POINTS,
    OVAL,
    RIGHT_IRIS,
    RIGHT_LIDS,
    RIGHT_OUTER_CORNER,
    Landmarks,
)
from rhytid.core.photo.square import Square
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

MIN_FACE_PX = 40
"""The smallest face that is read, from brow to chin."""
_MIN_SEEN_PX = 16
_DETECTOR_SIDE, _MESH_SIDE, _IRIS_SIDE = 256, 192, 64
_ANCHOR_ROWS = ((16, 2), (8, 6))  # cells a side of the detector's grids, and boxes in each cell
_MIN_SCORE = 0.65
_SAME_FACE = 0.3  # intersection over union
_SEARCH_DEEPER = 0.125  # of the square that was looked at: below it, other faces may be too small to be seen
_MAX_FACES = 32
_MESH_MARGIN, _EYE_MARGIN = 1.5, 2.3  # sides of the squares, by the face's and by the width of the eye
_MIN_PRESENCE = 0.5
_MAX_YAW = math.radians(60)
_ROUNDNESS = math.radians(70)  # between the normals in the middle of a face and at its oval, seen from above
# Of the 71 points round an eye the first 16 are the lids: along the lower one to the inner corner, then along the
# upper one from the outer corner.
_LIDS_OF_EYE = (*range(9), *range(15, 8, -1))
_REMEDY = "take a photo that shows the face from the front"


class NoFace(ValueError):
    """No face that can be read; the message says what to do."""


@dataclass(frozen=True)
class FoundFace:
    """Where a face is.

    Attributes
    ----------
    box : (x, y, width, height)
        px; from the brows to the chin.
    right_eye, left_eye : (x, y)
        Middles of the eyes, px.
    score : float
        How sure the detector is, 0..1.
    square : Square
        Where the mesh is to be laid.
    """

    box: tuple[float, float, float, float]
    right_eye: tuple[float, float]
    left_eye: tuple[float, float]
    score: float
    square: Square

    @property
    def size(self) -> float:
        """The longer side of the box, px."""
        return max(self.box[2:])


class FaceFinder:
    """The networks, ready for any number of pictures; any thread may ask."""

    def __init__(self, models: FaceModels) -> None:
        self._models = models
        self._anchors = _anchors()

    @classmethod
    def load(cls) -> FaceFinder:
        """Open the networks, in about a tenth of a second; raises `core.photo.face_models.FaceModelsMissing`."""
        return cls(open_face_models())

    def find(self, pixels: UInt8) -> tuple[FoundFace, ...]:
        """Faces in a picture, uint8 (H, W, 3), the largest that is sure first.

        Raises
        ------
        NoFace
            There is none, or all are smaller than `MIN_FACE_PX`.
        """
        found: list[FoundFace] = []
        looks_like_one = False
        for squares in _views(pixels):
            seen = _apart(found + [face for square in squares for face in self._seen(pixels, square)])
            looks_like_one |= bool(seen)
            found = [checked for face in seen if (checked := self._checked(pixels, face)) is not None]
            if found and max(face.size for face in found) >= _SEARCH_DEEPER * squares[-1].side:
                break
        large = [face for face in found if face.size >= MIN_FACE_PX]
        if large:
            return tuple(sorted(large, key=lambda face: -face.score * face.size))
        if found:
            size = max(face.size for face in found)
            raise NoFace(f"the face is {size:.0f} px high, too small to be read; take a larger or closer photo")
        if looks_like_one:
            raise NoFace(f"what looks like a face cannot be read as one; {_REMEDY}")
        raise NoFace(f"no face was found; {_REMEDY}")

    def landmarks(self, pixels: UInt8, face: FoundFace, both_ways: bool = False) -> Landmarks:
        """Points of a face that `find` gave.

        Parameters
        ----------
        both_ways : bool
            Look into the mirror as well. The network has a side of its own, by some percent of the eye distance, and
            there errs the other way. What is fitted to landmarks knows of that side, and needs them as they are.

        Raises
        ------
        NoFace
            The face is hidden or turned away too far.
        """
        first, _ = self._mesh(pixels, face.square)
        around = _square_of(first)
        second, presence = self._mesh(pixels, around)
        mesh = (second + (self._mesh(pixels, around, mirrored=True)[0] if both_ways else first)) / 2
        if presence < _MIN_PRESENCE:
            raise NoFace(f"the face is hidden, or turned away; {_REMEDY}")
        facing, yaw = _facing(mesh)
        if abs(yaw) > _MAX_YAW:
            raise NoFace(f"the head is turned away by {math.degrees(abs(yaw)):.0f} degrees; {_REMEDY}")
        points = np.empty((N_POINTS, 2), np.float32)
        points[:N_MESH] = mesh[:, :2]
        roll = _roll(mesh)
        self._eye(pixels, points, RIGHT_LIDS, RIGHT_IRIS, roll, mirrored=False)
        self._eye(pixels, points, LEFT_LIDS, LEFT_IRIS, roll, mirrored=True)
        weights = np.ones(N_POINTS, np.float32)
        weights[:N_MESH] = facing
        for iris, lids in ((RIGHT_IRIS, RIGHT_LIDS), (LEFT_IRIS, LEFT_LIDS)):
            weights[list(iris)] = facing[list(lids)].mean()
        inside = ((points >= 0) & (points <= pixels.shape[1::-1])).all(axis=1)
        return Landmarks(read_only(points), read_only(weights * inside), presence)

    def _seen(self, pixels: UInt8, square: Square) -> list[FoundFace]:
        """What the detector sees in a square."""
        colours = square.cut(pixels, _DETECTOR_SIDE).astype(np.float32) / np.float32(127.5) - 1
        numbers, logits = (output[0] for output in self._models.detector.run(None, {"in0": colours[None]}))
        scores = _share(logits[:, 0])
        sure = scores > _MIN_SCORE
        # Middle, then width and height, then six points, of which the first two are the eyes.
        boxes = numbers[sure].reshape(-1, 8, 2).astype(np.float64)
        boxes[:, 0] += self._anchors[sure]
        boxes[:, 2:] += self._anchors[sure, None]
        found = []
        for place, score in _merged(boxes, scores[sure]):
            middle, right, left = square.to_picture(place[[0, 2, 3]], _DETECTOR_SIDE)
            width, height = np.abs(place[1]) * square.side / _DETECTOR_SIDE
            corner = middle - (width / 2, height / 2)
            across = left - right
            around = Square(*_pair(middle), _MESH_MARGIN * max(width, height), math.atan2(across[1], across[0]))
            box = (*_pair(corner), float(width), float(height))
            found.append(FoundFace(box, _pair(right), _pair(left), score, around))
        return sorted(found, key=lambda face: -face.score)[:_MAX_FACES]

    def _checked(self, pixels: UInt8, face: FoundFace) -> FoundFace | None:
        """The face with the square that the mesh gives it; None where it gives none."""
        if face.size < _MIN_SEEN_PX:
            return None
        mesh, presence = self._mesh(pixels, face.square)
        return replace(face, square=_square_of(mesh)) if presence >= _MIN_PRESENCE else None

    def _mesh(self, pixels: UInt8, square: Square, mirrored: bool = False) -> tuple[Float64, float]:
        """Points of the mesh, float64 (468, 3) in px of the picture, and how sure it is that there is a face."""
        picture = square.cut(pixels, _MESH_SIDE)
        found, score = _run(self._models.mesh, picture[:, ::-1] if mirrored else picture)
        points = found.reshape(N_MESH, 3).astype(np.float64)
        if mirrored:
            points = points[mirrored_landmarks()] * [-1, 1, 1] + [_MESH_SIDE, 0, 0]
        flat = square.to_picture(points[:, :2], _MESH_SIDE)
        # In the square's own frame, so that depth is turned by no roll.
        return np.c_[flat, points[:, 2] * square.side / _MESH_SIDE], float(_share(score.reshape(-1))[0])

    def _eye(
        self, pixels: UInt8, points: Float32, lids: tuple[int, ...], iris: tuple[int, ...], roll: float, mirrored: bool
    ) -> None:
        """Look closely at an eye and write its points; the network knows right eyes, a left one is shown mirrored."""
        outer, inner = points[lids[0]], points[lids[8]]
        x, y = (outer + inner) / 2
        square = Square(float(x), float(y), _EYE_MARGIN * float(np.linalg.norm(outer - inner)), roll)
        picture = square.cut(pixels, _IRIS_SIDE)
        around, middle = _run(self._models.iris, picture[:, ::-1] if mirrored else picture)
        for numbers, found in ((lids, around.reshape(-1, 3)[list(_LIDS_OF_EYE)]), (iris, middle.reshape(-1, 3))):
            flat = found[:, :2].astype(np.float64)
            if mirrored:
                flat[:, 0] = _IRIS_SIDE - flat[:, 0]
            points[list(numbers)] = square.to_picture(flat, _IRIS_SIDE)


def _run(session: Session, picture: UInt8) -> list[Float32]:
    return session.run(None, {"in0": picture[None].astype(np.float32) / np.float32(255)})


def _views(pixels: UInt8) -> Iterator[list[Square]]:
    """Squares to look at, one list after the other until faces are found."""
    height, width = pixels.shape[:2]
    side = float(max(width, height))
    middle = (width / 2, height / 2)
    yield [Square(*middle, side)]
    # A face that fills the picture is found with room around it, one that lies on its side only when it is turned.
    yield [Square(*middle, 2 * side), *(Square(*middle, side, turn * math.pi / 2) for turn in (1, -1, 2))]
    for parts in (2, 4):
        part = side / parts
        if part < _DETECTOR_SIDE:
            return
        # Half a part apart, so that a face which one of them cuts lies within the next.
        yield [Square(x, y, part) for y in _steps(height, part) for x in _steps(width, part)]


def _steps(length: int, side: float) -> Float64:
    """Middles of overlapping squares that cover a length."""
    if length <= side:
        return np.array([length / 2])
    return np.linspace(side / 2, length - side / 2, math.ceil((length - side) / (side / 2)) + 1)


def _anchors() -> Float64:
    """Middles of the detector's boxes, float64 (896, 2) in px of its square."""
    grids = []
    for n_cells, n_boxes in _ANCHOR_ROWS:
        places = (np.arange(n_cells) + 0.5) * _DETECTOR_SIDE / n_cells
        cells = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)
        grids.append(np.repeat(cells, n_boxes, axis=0))
    return np.concatenate(grids)


def _share(logits: Float32) -> Float64:
    """Probabilities of the networks' scores."""
    return 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -80, 80)))


def _merged(boxes: Float64, scores: Float64) -> Iterator[tuple[Float64, float]]:
    """One box for each face: the mean, by score, of all that lie over the surest one (BlazeFace, section 3.4)."""
    while len(boxes):
        best = int(scores.argmax())
        same = _overlap(boxes[best], boxes) > _SAME_FACE
        same[best] = True
        weights = scores[same]
        yield np.tensordot(weights / weights.sum(), boxes[same], 1), float(scores[best])
        boxes, scores = boxes[~same], scores[~same]


def _overlap(one: Float64, boxes: Float64) -> Float64:
    """Intersection over union of boxes given by middle and size, (..., 2, 2) or longer."""
    low = np.maximum(one[0] - one[1] / 2, boxes[:, 0] - boxes[:, 1] / 2)
    high = np.minimum(one[0] + one[1] / 2, boxes[:, 0] + boxes[:, 1] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return shared / np.maximum(one[1].prod() + boxes[:, 1].prod(axis=1) - shared, 1e-9)


def _apart(faces: list[FoundFace]) -> list[FoundFace]:
    """Each face once, as the square that was surest of it saw it."""
    kept: list[FoundFace] = []
    for face in sorted(faces, key=lambda face: -face.score):
        boxes = np.array([_middle_and_size(other) for other in kept]).reshape(-1, 2, 2)
        if not (_overlap(_middle_and_size(face), boxes) > _SAME_FACE).any():
            kept.append(face)
    return kept


def _middle_and_size(face: FoundFace) -> Float64:
    x, y, width, height = face.box
    return np.array([[x + width / 2, y + height / 2], [width, height]])


def _roll(mesh: Float64) -> float:
    across = mesh[LEFT_OUTER_CORNER] - mesh[RIGHT_OUTER_CORNER]
    return math.atan2(across[1], across[0])


def _square_of(mesh: Float64) -> Square:
    """The square in which the mesh is to be laid again."""
    roll = _roll(mesh)
    c, s = math.cos(roll), math.sin(roll)
    turned = mesh[:, :2] @ np.array([[c, -s], [s, c]])
    low, high = turned.min(axis=0), turned.max(axis=0)
    x, y = np.array([[c, -s], [s, c]]) @ ((low + high) / 2)
    return Square(float(x), float(y), _MESH_MARGIN * float((high - low).max()), roll)


def _facing(mesh: Float64) -> tuple[Float32, float]:
    """How far each point of the mesh looks at the camera, 0..1, and by which angle the head is turned aside.

    The skin of a face is about as round as a cylinder; the mesh itself tells how that is turned.
    """
    across = mesh[LEFT_OUTER_CORNER] - mesh[RIGHT_OUTER_CORNER]
    yaw = math.atan2(across[2], math.hypot(across[0], across[1]))
    axis = across / np.linalg.norm(across)
    place = mesh @ axis
    low, high = place[list(OVAL)].min(), place[list(OVAL)].max()
    sideways = np.clip((2 * place - low - high) / max(high - low, 1e-6), -1, 1)
    towards = np.cos(_ROUNDNESS * sideways + yaw)
    return np.clip(2 * towards, 0, 1).astype(np.float32), yaw


def _pair(point: Float64) -> tuple[float, float]:
    return float(point[0]), float(point[1])
