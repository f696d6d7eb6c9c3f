"""Drivers: what another face, a photo or a recording gives to a face is its expression, and nothing else of the person.

A recording may also say how the head is turned; the gaze is part of the expression.

The person stays: identity, shape beyond the identity's modes, age, skin and source detail with its lines are the
driven face's own (DECA, Feng et al. 2021, section 4.2: the detail code of a person is fixed while expression and jaw
are another's). Every driver becomes a `Motion`; one that holds still has a single row.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.arkit import expression_array
from rhytid.core.document.commands import Command
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.project import PROJECT_SUFFIX, load_project
from rhytid.core.face.worn import worn
from rhytid.core.given import given_numbers, given_path
from rhytid.core.io.motion import Motion
from rhytid.core.io.motion_file import MOTION_SUFFIXES, read_motion
from rhytid.core.photo.face_finder import FaceFinder, FoundFace, NoFace
from rhytid.core.photo.fit import fit_landmarks
from rhytid.core.photo.image import PHOTO_SUFFIXES, Photo, read_photo
from rhytid.core.photo.observation import observe

if TYPE_CHECKING:
    from rhytid.core.head.head import Head

DRIVER_SUFFIXES = (*MOTION_SUFFIXES, PROJECT_SUFFIX, *PHOTO_SUFFIXES)


def read_driver(path: str | os.PathLike[str], head: Head, *, fps: float | None = None) -> Motion:
    """The expressions of a file.

    Parameters
    ----------
    path : path
        A recording (``.csv``, ``.tsv``, ``.json``), a project, or a photo that shows a face.
    head : Head
        That of the program: photos are read by its shapes.
    fps : float, optional
        Rows a second of a recording that does not tell it; see `core.io.motion_file.read_motion`.

    Raises
    ------
    ValueError
        It is none of these, is damaged or shows no face; the message names file and remedy.
    OSError
        It cannot be read.
    """
    file = given_path(path)
    suffix = file.suffix.lower()
    if suffix in MOTION_SUFFIXES:
        return read_motion(file, fps)
    if suffix == PROJECT_SUFFIX:
        return Motion.still(file.name, effective_expression(load_project(file)))
    if suffix in PHOTO_SUFFIXES:
        return _of_photo(file, head)
    kinds = ", ".join((*MOTION_SUFFIXES, PROJECT_SUFFIX, *PHOTO_SUFFIXES[:3]))
    raise ValueError(f"{file}: drives no face; choose a recording, a project or a photo ({kinds} ...)")


def motion_of_weights(weights: Mapping[str, float]) -> Motion:
    """ARKit weights by name as a driver that holds still; raises `ValueError` for other names and values."""
    numbers = given_numbers(weights, "expression weights")
    try:
        return Motion.still("weights", expression_array(numbers))
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is no ARKit name, such as mouthSmileLeft") from None


def worn_at(motion: Motion, time_s: float = 0.0) -> Command:
    """The edit that a driver makes of a face at a time: expression, and how the head is turned where it says so."""
    return worn(motion.name, motion.at(time_s), motion.turn_at(time_s))


def motion_of_photo(photo: Photo, finder: FaceFinder, head: Head, face: FoundFace | None = None) -> Motion:
    """The expression in a photo by its landmarks; light and skin are not looked at.

    Parameters
    ----------
    face : FoundFace, optional
        One of those that `finder` finds there; by default the best.

    Raises
    ------
    core.photo.face_finder.NoFace
        There is none, or it cannot be read.
    """
    seen = observe(photo, finder, face)
    fit = fit_landmarks(seen.landmarks, seen.size, head, focal_px=seen.focal_px)
    return Motion.still(photo.name, fit.expression)


def _of_photo(file: Path, head: Head) -> Motion:
    try:
        return motion_of_photo(read_photo(file), FaceFinder.load(), head)
    except NoFace as error:
        raise NoFace(f"{file}: {error}") from None
