"""What the columns of a recording are: shapes of ARKit, controls of MetaHuman, turns of head and eyes, times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, N_EXPRESSION, arkit_half, arkit_name
from rhytid.core.files.text import shown
from rhytid.core.io.metahuman import metahuman_parts
from rhytid.core.io.motion_table import Float64, Table

_TIME_NAMES = {"timecode", "time", "times", "timeseconds", "seconds", "timestamp", "timems", "timestampms", "t"}
_FRAME_NAMES = {"frame", "frames", "framenumber", "frameindex"}
HEAD_NAMES = ("headyaw", "headpitch", "headroll")
_EYE_NAMES = ("lefteyeyaw", "righteyeyaw", "lefteyepitch", "righteyepitch")
_ANGLES = {*HEAD_NAMES, *_EYE_NAMES, "lefteyeroll", "righteyeroll"}
_LOOKS = tuple(
    ARKIT_INDEX[f"eyeLook{way}{side}"] for way in ("Down", "In", "Out", "Up") for side in ("Left", "Right")
)
# How far ARKit's eyes turn at weight 1. Recordings of Live Link Face that have both say 0.59..0.61 sideways and
# downwards, 0.43..0.47 upwards.
_SIDEWAYS_RAD, _DOWN_RAD, _UP_RAD = 0.6, 0.6, 0.45
_PERCENT_ABOVE, _MOST_PERCENT = 2.0, 200.0  # shapes overshoot 1 a little; more is no overshoot

Term = tuple[int, float]
"""A column, and whether its positive (1) or its negative values (-1) count."""


@dataclass(frozen=True)
class Columns:
    """Where a table has what; columns are counted from 0.

    Attributes
    ----------
    shapes : dict of ARKit index to terms
        A weight is the mean of its terms.
    time, frame : int or None
    time_name : str
        In small letters, "" without a time.
    head : tuple of int
        Yaw, pitch and roll, or nothing.
    eyes : tuple of int
        Yaw of left and right eye and their pitch, or nothing.
    aside : tuple of str
        Controls of MetaHuman that make no ARKit weight.
    """

    shapes: dict[int, tuple[Term, ...]]
    time: int | None
    time_name: str
    frame: int | None
    head: tuple[int, ...]
    eyes: tuple[int, ...]
    aside: tuple[str, ...] = ()

    @cached_property
    def read(self) -> tuple[int, ...]:
        """All columns that hold numbers, each once."""
        shapes = (column for terms in self.shapes.values() for column, _ in terms)
        return tuple(dict.fromkeys((*shapes, *self.head, *self.eyes)))

    def of(self, values: Float64, columns: Iterable[int]) -> Float64:
        """Some columns of the values (N, len(read))."""
        return values[:, [self.read.index(column) for column in columns]]


def columns_of(table: Table) -> Columns:
    """Find out what the columns of a table are.

    Raises
    ------
    MotionError
        None has the name of a shape, or two have the same.
    """
    shapes: dict[int, tuple[Term, ...]] = {}
    parts: dict[int, list[Term]] = {}  # of halves of a shape, and of controls
    others: dict[str, int] = {}
    aside: list[str] = []
    for column, name in enumerate(table.names):
        plain = re.sub(r"[^a-z]", "", name.lower())
        controls = metahuman_parts(name)
        if controls is not None:
            for arkit, sign in controls:
                parts.setdefault(ARKIT_INDEX[arkit], []).append((column, sign))
            if not controls:
                aside.append(name.strip())
            continue
        found = None if plain in _TIME_NAMES | _FRAME_NAMES | _ANGLES else arkit_name(name)
        half = arkit_half(name) if found is None else None
        if found is not None:
            index = ARKIT_INDEX[found]
            if index in shapes:
                raise table.error(f"two columns are {found}, the second is {shown(name)[:60]!r}")
            shapes[index] = ((column, 1.0),)
        elif half is not None:
            parts.setdefault(ARKIT_INDEX[half], []).append((column, 1.0))
        else:
            others.setdefault(plain, column)
    for index, terms in parts.items():
        shapes.setdefault(index, tuple(terms))
    if not shapes:
        raise table.error(
            "has no column with the name of an ARKit shape, such as mouthSmileLeft, or of a control of MetaHuman"
        )
    time_name = next((name for name in others if name in _TIME_NAMES), "")
    frame = next((others[name] for name in others if name in _FRAME_NAMES), None)
    head = tuple(others[name] for name in HEAD_NAMES if name in others)
    eyes = tuple(others[name] for name in _EYE_NAMES if name in others)
    return Columns(
        shapes, others.get(time_name), time_name, frame, head if len(head) == len(HEAD_NAMES) else (),
        eyes if len(eyes) == len(_EYE_NAMES) else (), tuple(aside),
    )  # fmt: skip


def weights_of(values: Float64, columns: Columns, table: Table, remarks: list[str]) -> Float64:
    """ARKit weights (N, 52) in 0..1 of the values (N, len(columns.read)); raises `MotionError` for weights beyond."""
    weights = np.zeros((len(values), N_EXPRESSION))
    for index, terms in columns.shapes.items():
        signs = np.array([sign for _, sign in terms])
        weights[:, index] = np.maximum(columns.of(values, (column for column, _ in terms)) * signs, 0).mean(axis=1)
    largest = float(np.abs(weights).max())
    if largest > _MOST_PERCENT:
        raise table.error(f"holds a weight of {largest:g}; weights are 0..1, or 0..100 in percent")
    if largest > _PERCENT_ABOVE:
        remarks.append("weights are taken for percent")
        weights = weights / 100
    weights = np.clip(weights, 0, 1)
    if columns.eyes and not weights[:, _LOOKS].any():
        eyes = columns.of(values, columns.eyes)
        if eyes.any():
            remarks.append("no shapes of the gaze: it is read from the angles of the eyes")
            look(weights, eyes[:, :2].mean(axis=1), eyes[:, 2:].mean(axis=1))
    return weights


def look(weights: Float64, yaw: Float64, pitch: Float64) -> None:
    """Set the gaze of weights (N, 52) by angles (N,) in radians: to the subject's left and down are positive.

    Both eyes look the same way: angles of single eyes come mirrored from some versions of the app, and squint then.
    """
    for name, angle, full in (
        ("OutLeft", yaw, _SIDEWAYS_RAD), ("InRight", yaw, _SIDEWAYS_RAD),
        ("InLeft", -yaw, _SIDEWAYS_RAD), ("OutRight", -yaw, _SIDEWAYS_RAD),
        ("DownLeft", pitch, _DOWN_RAD), ("DownRight", pitch, _DOWN_RAD),
        ("UpLeft", -pitch, _UP_RAD), ("UpRight", -pitch, _UP_RAD),
    ):  # fmt: skip
        weights[:, ARKIT_INDEX[f"eyeLook{name}"]] = np.clip(angle / full, 0, 1)


def missing_remark(columns: Columns) -> list[str]:
    """What a person should know of shapes that are not there, and of controls that are not read."""
    told = []
    missing = [name for index, name in enumerate(ARKIT_NAMES) if index not in columns.shapes]
    if missing:
        told.append(f"no column for {_listed(missing)}: read as 0")
    if columns.aside:
        told.append(f"controls that ARKit has no shape for are left aside: {_listed(columns.aside)}")
    return told


def _listed(names: Iterable[str]) -> str:
    known = [shown(name)[:60] for name in names]
    return ", ".join(known[:6]) + (f" and {len(known) - 6} more" if len(known) > 6 else "")
