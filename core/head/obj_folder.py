"""Heads out of folders of OBJ files: a neutral mesh and a mesh for each shape, whoever exported them.

The neutral mesh is found by its name, or because it alone has no shape's name, or as the one that all others differ
least from. FaceScape's folders of a person's expressions have names of their own; those of its twenty expressions that
are one of ARKit's shapes are taken (Yang et al., "FaceScape", 2020).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part, split_faces
from rhytid.core.head.ict import obj_files, obj_vertices, read_obj_folder
from rhytid.core.head.model import DROPPED, HeadModel, RawModel
from rhytid.core.head.pieces import pieces
from rhytid.core.head.shape_names import shape_meaning
from rhytid.core.head.upright import Stance

_NEUTRAL = re.compile("neutral|basis|base(?:mesh)?$|^base|rest(?:pose)?$|bind(?:pose)?$|default|expressionless|^mean")
# More meshes than this are not compared with each other.
_MOST_COMPARED = 80

FACESCAPE = {
    "1_neutral": "neutral", "2_smile": "mouthSmile", "3_mouth_stretch": "jawOpen", "4_anger": "",
    "5_jaw_left": "jawLeft", "6_jaw_right": "jawRight", "7_jaw_forward": "jawForward", "8_mouth_left": "mouthLeft",
    "9_mouth_right": "mouthRight", "10_dimpler": "mouthDimple", "11_chin_raiser": "mouthShrugLower",
    "12_lip_puckerer": "mouthPucker", "13_lip_funneler": "mouthFunnel", "14_sadness": "", "15_lip_roll": "",
    "16_grin": "", "17_cheek_blowing": "cheekPuff", "18_eye_closed": "eyeBlink", "19_brow_raiser": "",
    "20_brow_lower": "browDown",
}  # fmt: skip
_TELLING = 3

# An eyeball is round: its box is a cube, and its points are as far from the middle. Those of drawn figures are larger.
_EYE_RADIUS_CM = (0.8, 2.2)
_EYE_FEWEST, _ROUND = 20, 0.15
# A smaller piece of the mesh that hangs on nothing is no skin.
_SKIN_SHARE = 0.1


def has_shapes(folder: Path) -> bool:
    """Whether a folder has OBJ files of shapes; raises as `obj_files`."""
    files = obj_files(folder)
    return _is_facescape(files) or any(shape_meaning(file.stem) for file in files)


def read_shape_folder(folder: Path, reference: Head, chosen: Path | None = None) -> HeadModel:
    """Read a folder of OBJ files.

    Parameters
    ----------
    folder : Path
    reference : Head
        A head beside which the model is turned upright and scaled to mm.
    chosen : Path, optional
        The file that a person chose; the neutral mesh, where names do not say another.

    Raises
    ------
    HeadFileError
        No neutral mesh, or files that do not belong together, are damaged or too large.
    OSError
        A file cannot be read.
    """
    files = obj_files(folder)
    if _is_facescape(files):
        neutral = next(file for file in files if FACESCAPE.get(file.stem.lower()) == "neutral")
        return read_obj_folder(folder, neutral, reference, _of_facescape, with_eyes)
    return read_obj_folder(folder, _neutral(folder, files, chosen), reference, _shape, with_eyes)


def _shape(stem: str) -> str | None:
    return stem if shape_meaning(stem) else None


def _of_facescape(stem: str) -> str | None:
    return FACESCAPE.get(stem.lower()) or _shape(stem)


def _is_facescape(files: list[Path]) -> bool:
    known = {file.stem.lower() for file in files} & FACESCAPE.keys()
    return "1_neutral" in known and len(known) >= _TELLING


def _neutral(folder: Path, files: list[Path], chosen: Path | None) -> Path:
    nameless = [file for file in files if shape_meaning(file.stem) is None]
    named = [file for file in nameless if _NEUTRAL.search(file.stem.lower())]
    if len(named) == 1:
        return named[0]
    if chosen in nameless:
        return chosen
    if len(nameless) == 1:
        return nameless[0]
    candidates = named or files
    if len(candidates) > _MOST_COMPARED:
        raise HeadFileError(f"{folder}: which mesh is at rest? Name it neutral.obj")
    meshes = {file: obj_vertices(file) for file in candidates}
    sizes = [len(vertices) for vertices in meshes.values()]
    usual = max(set(sizes), key=sizes.count)
    alike = {file: vertices for file, vertices in meshes.items() if len(vertices) == usual}
    if len(alike) < (2 if named else _TELLING):
        raise HeadFileError(f"{folder}: no mesh at rest; export it beside its shapes and name it neutral.obj")
    middle = np.median(np.stack(list(alike.values())), axis=0)
    return min(alike, key=lambda file: float(np.abs(alike[file] - middle).sum()))


def with_eyes(raw: RawModel, standing: Stance) -> RawModel:
    """Parts where materials tell none apart: eyeballs are round, and small loose pieces are no skin."""
    placed = standing.points(raw.neutral)
    parts, notes = raw.parts.copy(), raw.notes
    n_faces_of_loose: list[int] = []
    skin = np.flatnonzero(parts == Part.SKIN)
    if not np.isin(parts, (Part.EYE_LEFT, Part.EYE_RIGHT)).any():
        triangles = split_faces(raw.faces[skin].astype(np.int32))[0]
        piece = pieces(np.concatenate([triangles[:, :2], triangles[:, 1:]]), len(placed))
        of_face = piece[raw.faces[skin, 0]]
        found, count = np.unique(of_face, return_counts=True)
        for number in found[count < _SKIN_SHARE * len(skin)].tolist():
            own = of_face == number
            vertices = placed[np.unique(triangles[piece[triangles[:, 0]] == number])]
            if _is_ball(vertices):
                parts[skin[own]] = Part.EYE_LEFT
            else:
                parts[skin[own]] = DROPPED
                n_faces_of_loose.append(int(own.sum()))
    if n_faces_of_loose:
        told = f"{len(n_faces_of_loose)}, with {sum(n_faces_of_loose)} faces"
        notes += (f"left aside, loose pieces that are neither skin nor eyes: {told}",)
    is_eye = np.isin(parts, (Part.EYE_LEFT, Part.EYE_RIGHT))
    middle = placed[raw.faces[parts == Part.SKIN, :3], 0].mean()
    is_right = placed[raw.faces[:, :3], 0].mean(axis=1) < middle
    parts[is_eye] = np.where(is_right, Part.EYE_RIGHT, Part.EYE_LEFT)[is_eye]
    return replace(raw, parts=parts, notes=notes)


def _is_ball(vertices: npt.NDArray[np.floating]) -> bool:
    if len(vertices) < _EYE_FEWEST:
        return False
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    radius = (high - low) / 2
    away = np.linalg.norm(vertices - (low + high) / 2, axis=1)
    is_round = float(np.ptp(radius)) < _ROUND * radius.max() and float(away.std()) < _ROUND * float(away.mean())
    return is_round and _EYE_RADIUS_CM[0] < float(away.mean()) < _EYE_RADIUS_CM[1]
