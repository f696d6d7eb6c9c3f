"""A folder of scans: displacement maps of several subjects in named expressions, with ages and a skin mask.

Layout, that of the sample which FaceScape's maps are distributed in::

    skin_mask.png              white where scores count
    expression_weights.json    {"expressions": {"1_neutral": {}, "2_smile": {"mouthSmileLeft": 0.6, ..}, ..}}
    subjects.json              {"122": {"age": 22}, ..}
    122/displacement/2_smile.png
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import expression_array, parse_weights
from rhytid.core.evaluation.perceptual import perceptual_distance
from rhytid.core.evaluation.scores import Reference
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.line_file import read_mask
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
MAP_SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".npy")
_MAX_JSON_BYTES = 1 << 20
_MAX_SCANS = 100_000
NEUTRAL = "1_neutral"


class ScansError(ValueError):
    """A folder that cannot be scored; the message names the file and the remedy."""


@dataclass(frozen=True, eq=False)
class Scan:
    """One displacement map of a subject.

    Attributes
    ----------
    path : Path
    subject, expression : str
        Names of the folder and of the file without its ending.
    weights : float32 (52,)
        Expression weights at capture.
    age : float
        Years at capture.
    """

    path: Path
    subject: str
    expression: str
    weights: Float32
    age: float

    @property
    def name(self) -> str:
        return f"{self.subject}/{self.expression}"

    @cached_property
    def displacement(self) -> Float32:
        """float32 (256, 256) in mm, read-only."""
        return read_only(resample(read_displacement(self.path), SIDE))


class ScanSet:
    """All scans of a folder, by subject and expression in the order of their names' numbers.

    Parameters
    ----------
    folder : Path

    Attributes
    ----------
    scans : tuple of Scan
    mask : bool (256, 256)

    Raises
    ------
    ScansError
        The folder lacks something; the maps themselves are read when they are first used.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ScansError(f"{folder}: no such folder; name the folder of the scans with --data")
        self.folder = folder
        self.mask = _read_mask(folder / "skin_mask.png")
        expressions = _entries(folder / "expression_weights.json", "expressions")
        subjects = _entries(folder / "subjects.json", None)
        found = []
        for subject in sorted(path for path in folder.iterdir() if (path / "displacement").is_dir()):
            maps = [path for path in (subject / "displacement").iterdir() if path.suffix.lower() in MAP_SUFFIXES]
            age = _age(subjects, subject.name, folder / "subjects.json")
            for path in sorted(maps, key=_by_number):
                weights = _weights(expressions, path, folder / "expression_weights.json")
                found.append(Scan(path, subject.name, path.stem, weights, age))
        if not found:
            raise ScansError(f"{folder}: no map in <subject>/displacement/ ({', '.join(MAP_SUFFIXES)})")
        if len(found) > _MAX_SCANS:
            raise ScansError(f"{folder}: {len(found)} maps; at most {_MAX_SCANS} are scored, take a part of them")
        self.scans = tuple(found)
        self._references: dict[str, Reference] = {}

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(scan.subject for scan in self.scans))

    def of_subject(self, subject: str) -> tuple[Scan, ...]:
        """The scans of one subject."""
        return tuple(scan for scan in self.scans if scan.subject == subject)

    def neutral(self, subject: str) -> Scan:
        """The subject's neutral scan, its first one where none has that name."""
        own = self.of_subject(subject)
        return next((scan for scan in own if scan.expression == NEUTRAL), own[0])

    def reference(self, scan: Scan) -> Reference:
        """What maps are scored against for a scan, made once."""
        if scan.name not in self._references:
            self._references[scan.name] = Reference(scan.displacement, self.mask, perceptual_distance())
        return self._references[scan.name]


def _by_number(path: Path) -> tuple[int, str]:
    number = path.stem.partition("_")[0]
    return (int(number) if number.isdecimal() else 1 << 30, path.stem)


def _entries(path: Path, key: str | None) -> dict[str, Any]:
    """The object in a JSON file, or the one under `key` in it."""
    if not path.is_file():
        raise ScansError(f"{path}: missing; it belongs to a folder of scans (see core/evaluation/scans.py)")
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise ScansError(f"{path}: larger than {_MAX_JSON_BYTES >> 20} MB; this is no list of scans")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ScansError(f"{path}: is not JSON ({error})") from error
    if key is not None and isinstance(content, dict):
        content = content.get(key)
    if not isinstance(content, dict):
        raise ScansError(f"{path}: needs an object" + (f' with an object "{key}"' if key else ""))
    return content


def _age(subjects: dict[str, Any], name: str, path: Path) -> float:
    entry = subjects.get(name)
    age = entry.get("age") if isinstance(entry, dict) else None
    if isinstance(age, bool) or not isinstance(age, (int, float)) or not 0 < age < 150:
        raise ScansError(f'{path}: subject {name} needs an "age" in years')
    return float(age)


def _weights(expressions: dict[str, Any], path: Path, source: Path) -> Float32:
    entry = expressions.get(path.stem)
    if not isinstance(entry, dict):
        raise ScansError(f"{source}: no weights for {path.stem}, the expression of {path}")
    try:
        weights, skipped = parse_weights(entry)
    except ValueError as error:
        raise ScansError(f"{source}: {path.stem}: {error}") from error
    if skipped:
        raise ScansError(f"{source}: {path.stem}: {skipped[0]!r} is not one of the 52 ARKit expression weights")
    return expression_array(weights)


def _read_mask(path: Path) -> Bool:
    if not path.is_file():
        raise ScansError(f"{path}: missing; paint a square picture that is white where skin counts")
    mask = read_mask(path)
    if mask.shape != (SIDE, SIDE):
        mask = cv2.resize(mask.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA) > 0.5
    if not mask.any():
        raise ScansError(f"{path}: is black everywhere; no texel would count")
    return mask
