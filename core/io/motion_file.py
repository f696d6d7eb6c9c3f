"""Recordings of ARKit weights out of CSV and JSON files.

Live Link Face writes a row for each frame: a timecode, how many shapes follow, the 52 shapes of ARKit and the rotation
of head and eyes. Other programs write some of the shapes under names of their own, with a time in seconds, with frame
numbers or without any; sequences of MetaHuman Animator have the controls of the rig instead.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from rhytid.core.files.reading import read_file
from rhytid.core.io import motion_table
from rhytid.core.io.motion import Motion
from rhytid.core.io.motion_clock import row_times
from rhytid.core.io.motion_columns import columns_of, missing_remark, weights_of
from rhytid.core.io.motion_json import json_table
from rhytid.core.io.motion_table import Table
from rhytid.core.read_only import read_only

JSON_SUFFIX = ".json"
MOTION_SUFFIXES = (".csv", ".tsv", JSON_SUFFIX)
MAX_BYTES = 1 << 28
_REMEDY = "export the recording again as CSV with ARKit's names, as Live Link Face does"
_MOST_RADIANS = 3.2  # more than half a turn either way is one in degrees


def read_motion(path: Path, fps: float | None = None) -> Motion:
    """A recording of expressions.

    Parameters
    ----------
    path : Path
        CSV with a row of names, separated by comma, semicolon or tab; or JSON as `core.io.motion_json` has it.
        Shapes in any common spelling (`core.arkit.arkit_name`), or controls of MetaHuman (`core.io.metahuman`).
    fps : float, optional
        Rows a second, where the file does not tell it; 30 by default.

    Raises
    ------
    MotionError
        It is no such file, cut off or damaged; the message names file and remedy.
    core.files.reading.FileRefused
        It is no file, too large, or no valid JSON.
    OSError
        It cannot be read.
    """
    data = read_file(path, MAX_BYTES, "take a part of the recording")
    if path.suffix.lower() == JSON_SUFFIX:
        table, told = json_table(path, data, _REMEDY)
        fps = told if fps is None else fps
    else:
        table = _csv_table(path, data)
    columns = columns_of(table)
    remarks = missing_remark(columns)
    values, whole = table.numbers(columns.read)
    times, kept, rate = row_times(table, columns, fps, remarks)
    weights = weights_of(values, columns, table, remarks)
    turns = columns.of(values, columns.head)[kept] if columns.head else np.zeros((len(kept), 3))
    if np.abs(turns).max(initial=0.0) > _MOST_RADIANS:
        remarks.append("turns of the head are taken for degrees")
        turns = np.radians(turns)
    if not whole.all():
        remarks.append(f"{int((~whole).sum())} rows show no face and keep the expression before them")
    return Motion(
        path.name, read_only(times), read_only(weights[kept].astype(np.float32)), rate,
        read_only(turns.astype(np.float32)) if turns.any() else None, tuple(remarks),
    )  # fmt: skip


def _csv_table(path: Path, data: bytes) -> Table:
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    empty = Table(path, [], [], [], _REMEDY)
    if b"\0" in data[:4096] and not wide:
        raise empty.error("is no text")
    text = data.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    heading = text.lstrip().partition("\n")[0]
    separator = max("\t;,", key=heading.count)  # the first of equals
    rows: list[list[str]] = []
    lines: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = next((row for row in reader if any(cell.strip() for cell in row)), [])
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(f"line {reader.line_num}")
            if len(rows) > motion_table.MAX_ROWS:
                break
    except csv.Error as error:
        raise empty.error(f"line {reader.line_num}: {error}") from None
    return Table(path, names, rows, lines, _REMEDY, decimal_comma=separator != ",")
