"""Recordings of ARKit weights out of CSV files.

Live Link Face writes a row for each frame: a timecode, how many shapes follow, the 52 shapes of ARKit and the rotation
of head and eyes. Other programs write some of the shapes under names of their own, with a time in seconds, with frame
numbers or without any.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES, N_EXPRESSION, arkit_half, arkit_name
from rhytid.core.files.reading import read_file
from rhytid.core.files.text import shown
from rhytid.core.io.errors import MotionError
from rhytid.core.io.motion import Motion
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
MOTION_SUFFIXES = (".csv", ".tsv")
MAX_BYTES, MAX_ROWS, MAX_COLUMNS = 1 << 28, 300_000, 2000
FPS_WITHOUT_TIME = 30.0
_REMEDY = "export the recording again as CSV with ARKit's names, as Live Link Face does"
_RATES = (24, 25, 30, 48, 50, 60, 90, 100, 120, 240)
_TIME_NAMES = {"timecode", "time", "times", "timeseconds", "seconds", "timestamp", "timems", "timestampms", "t"}
_FRAME_NAMES = {"frame", "frames", "framenumber", "frameindex"}
_ROTATION = ("headyaw", "headpitch", "headroll")
_TIMECODE = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})(?:[:;](\d{1,3}(?:\.\d+)?)|([.,]\d+))?$")
_DAY_S = 86400.0
_PERCENT_ABOVE, _MOST_PERCENT = 2.0, 200.0  # shapes overshoot 1 a little; more is no overshoot
_SLOWEST_STEP_S = 2.0  # between rows; a median beyond it is one of milliseconds


@dataclass(frozen=True)
class _Columns:
    """Where a table has what; columns are counted from 0."""

    shapes: dict[int, tuple[int, ...]]  # of an ARKit index; two columns are the sides of a whole shape
    time: int | None
    time_name: str
    frame: int | None
    rotation: tuple[int, ...]

    @property
    def read(self) -> tuple[int, ...]:
        """All columns that hold numbers."""
        return (*(k for columns in self.shapes.values() for k in columns), *self.rotation)


def read_motion(path: Path, fps: float | None = None) -> Motion:
    """A recording of expressions.

    Parameters
    ----------
    path : Path
        CSV with a row of names; shapes in any common spelling (`core.arkit.arkit_name`), separated by comma, semicolon
        or tab.
    fps : float, optional
        Rows a second, where the file does not tell it; 30 by default.

    Raises
    ------
    MotionError
        It is no such file, cut off or damaged; the message names file and remedy.
    core.files.reading.FileRefused
        It is no file, or too large.
    OSError
        It cannot be read.
    """
    table = _Table(path, read_file(path, MAX_BYTES, "take a part of the recording"))
    columns = _columns(table)
    remarks = _missing(columns)
    values, whole = table.numbers(columns)
    rotation = None
    if columns.rotation:
        rotation = values[:, -3:].astype(np.float32)
    times, kept, rate = _Clock(table, columns, fps, remarks).times()
    weights = np.zeros((len(values), N_EXPRESSION))
    first = 0
    for shape, places in columns.shapes.items():
        weights[:, shape] = values[:, first : first + len(places)].mean(axis=1)
        first += len(places)
    weights = _in_range(weights, table, remarks)
    if not whole.all():
        remarks.append(f"{int((~whole).sum())} rows show no face and keep the expression before them")
    return Motion(
        path.name, read_only(times), read_only(weights[kept].astype(np.float32)), rate,
        None if rotation is None else read_only(rotation[kept]), tuple(remarks),
    )  # fmt: skip


class _Table:
    """The rows of a file as text, of one length."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        if b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            raise self.error("is no text")
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
        heading = text.lstrip().partition("\n")[0]
        self.separator = max("\t;,", key=heading.count)  # the first of equals
        self.rows: list[list[str]] = []
        self.numbers_of_lines: list[int] = []
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator)
        try:
            self.names = next((row for row in reader if any(cell.strip() for cell in row)), [])
            if len(self.names) > MAX_COLUMNS:
                raise self.error(f"has {len(self.names)} columns, at most {MAX_COLUMNS} are read")
            for row in reader:
                if not any(cell.strip() for cell in row):
                    continue
                if len(self.rows) == MAX_ROWS:
                    raise MotionError(f"{path}: more than {MAX_ROWS} rows; take a part of the recording")
                self.rows.append(row)
                self.numbers_of_lines.append(reader.line_num)
        except csv.Error as error:
            raise self.error(f"line {reader.line_num}: {error}") from None

    def error(self, reason: str) -> MotionError:
        return MotionError(f"{self.path}: {reason}; {_REMEDY}")

    def line(self, row: int) -> str:
        return f"line {self.numbers_of_lines[row]}"

    def numbers(self, columns: _Columns) -> tuple[Float64, npt.NDArray[np.bool_]]:
        """Values (N, len(columns.read)) and which rows have them; rows without a face repeat those before them."""
        if not self.rows:
            raise self.error("has names and no row of numbers")
        values = np.empty((len(self.rows), len(columns.read)))
        whole = np.ones(len(self.rows), bool)
        for number, row in enumerate(self.rows):
            cells = [row[k].strip() if k < len(row) else "" for k in columns.read]
            if not any(cells):  # Live Link Face lost the face: a count of 0 and nothing behind it
                whole[number] = False
                continue
            if len(row) not in (len(self.names), len(self.names) + 1) or not all(cells):
                raise self.error(
                    f"{self.line(number)} has {sum(map(bool, row))} values where {len(self.names)} names are; the file "
                    "is cut off or damaged"
                )
            try:
                values[number] = [float(self.plain(cell)) for cell in cells]
            except ValueError:
                raise self.error(f"{self.line(number)} holds {_first_word(cells)} where a number belongs") from None
        if not np.isfinite(values[whole]).all():
            bad = int(np.flatnonzero(whole)[~np.isfinite(values[whole]).all(axis=1)][0])
            raise self.error(f"{self.line(bad)} holds a number that is not finite")
        if not whole.any():
            raise self.error("shows no face in any row")
        last = np.maximum.accumulate(np.where(whole, np.arange(len(whole)), -1))
        return values[np.where(last < 0, int(np.argmax(whole)), last)], whole

    def plain(self, cell: str) -> str:
        """A number with a decimal point: where commas do not separate, they may be decimal ones."""
        return cell if self.separator == "," else cell.replace(",", ".")


class _Clock:
    """Times of the rows of a table."""

    def __init__(self, table: _Table, columns: _Columns, fps: float | None, remarks: list[str]) -> None:
        self._table = table
        self._columns = columns
        self._fps = fps
        self._remarks = remarks

    def times(self) -> tuple[Float64, npt.NDArray[np.intp], float]:
        """Ascending times from 0, the rows that they belong to, and rows a second."""
        table, columns = self._table, self._columns
        if columns.time is None and columns.frame is None:
            rate = FPS_WITHOUT_TIME if self._fps is None else self._fps
            if self._fps is None and len(table.rows) > 1:
                self._remarks.append(f"no times: read at {rate:g} rows a second")
            return np.arange(len(table.rows)) / rate, np.arange(len(table.rows)), rate
        if columns.time is None:
            rate = FPS_WITHOUT_TIME if self._fps is None else self._fps
            if self._fps is None:
                self._remarks.append(f"frame numbers and no times: read at {rate:g} frames a second")
            times = np.array([self._number(row, columns.frame) for row in range(len(table.rows))]) / rate
        elif ":" in self._cell(0, columns.time):
            times = self._of_timecodes()
        else:
            times = self._of_seconds()
        times = times - times[0]
        steps = np.diff(times)
        if (steps < 0).any():
            raise table.error(f"{table.line(int(np.argmax(steps < 0)) + 1)} has an earlier time than the row above")
        kept = np.flatnonzero(np.concatenate([[True], steps > 0]))
        if len(kept) < len(times):
            self._remarks.append(f"{len(times) - len(kept)} rows repeat the time of the row above and are left out")
        times = times[kept]
        rate = _rate(1 / float(np.median(np.diff(times)))) if len(times) > 1 else 1.0
        return times, kept, rate

    def _of_seconds(self) -> Float64:
        times = np.array([self._number(row, self._columns.time) for row in range(len(self._table.rows))])
        steps = np.diff(times)
        by_name = self._columns.time_name.endswith("ms")
        if by_name or (len(steps) and float(np.median(steps)) > _SLOWEST_STEP_S):
            if not by_name:
                self._remarks.append("times are taken for milliseconds")
            times = times / 1000
        return times

    def _of_timecodes(self) -> Float64:
        """Seconds of HH:MM:SS:FF.part and HH:MM:SS.part, midnight passed over."""
        seconds, frames, part = np.zeros((3, len(self._table.rows)))
        counted = False
        for row in range(len(self._table.rows)):
            cell = self._cell(row, self._columns.time)
            found = _TIMECODE.fullmatch(cell)
            if found is None:
                raise self._table.error(f"{self._table.line(row)} has the time {shown(cell)[:40]!r}")
            hours, minutes, whole = (int(found[k]) for k in (1, 2, 3))
            seconds[row] = 3600 * hours + 60 * minutes + whole
            if found[4]:
                counted = True
                frames[row] = float(found[4])
            elif found[5]:
                part[row] = float(found[5].replace(",", "."))
        seconds += _DAY_S * np.concatenate([[0], np.cumsum(np.diff(seconds) < -_DAY_S / 2)])
        return seconds + part + (frames / self._frames_a_second(seconds, frames) if counted else 0)

    def _frames_a_second(self, seconds: Float64, frames: Float64) -> float:
        """What the frames of timecodes count up to."""
        if seconds[-1] == seconds[0]:  # the count never starts anew
            if self._fps is not None:
                return self._fps
            rate = 60.0 if frames.max() >= 30 or len(frames) > 31 else 30.0
            self._remarks.append(f"shorter than a second: its timecodes are taken for {rate:g} frames a second")
            return rate
        return float(next((rate for rate in _RATES if frames.max() < rate), int(frames.max()) + 1))

    def _cell(self, row: int, column: int | None) -> str:
        assert column is not None
        cells = self._table.rows[row]
        return cells[column].strip() if column < len(cells) else ""

    def _number(self, row: int, column: int | None) -> float:
        cell = self._cell(row, column)
        try:
            value = float(self._table.plain(cell))
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise self._table.error(f"{self._table.line(row)} has the time {shown(cell)[:40]!r}")
        return value


def _columns(table: _Table) -> _Columns:
    shapes: dict[int, tuple[int, ...]] = {}
    halves: dict[int, list[int]] = {}
    times: dict[str, int] = {}
    for column, name in enumerate(table.names):
        plain = re.sub(r"[^a-z]", "", name.lower())
        found = None if plain in _TIME_NAMES | _FRAME_NAMES | set(_ROTATION) else arkit_name(name)
        half = arkit_half(name) if found is None else None
        if found is not None:
            index = ARKIT_NAMES.index(found)
            if index in shapes:
                raise table.error(f"two columns are {found}, the second is {shown(name)[:60]!r}")
            shapes[index] = (column,)
        elif half is not None:
            halves.setdefault(ARKIT_NAMES.index(half), []).append(column)
        else:
            times.setdefault(plain, column)
    for index, columns in halves.items():
        shapes.setdefault(index, tuple(columns))
    if not shapes:
        raise table.error("has no column with the name of an ARKit shape, such as mouthSmileLeft")
    time_name = next((name for name in times if name in _TIME_NAMES), "")
    frame = next((times[name] for name in times if name in _FRAME_NAMES), None)
    rotation = tuple(times[name] for name in _ROTATION if name in times)
    return _Columns(
        shapes, times.get(time_name), time_name, frame, rotation if len(rotation) == len(_ROTATION) else ()
    )


def _missing(columns: _Columns) -> list[str]:
    missing = [name for index, name in enumerate(ARKIT_NAMES) if index not in columns.shapes]
    if not missing:
        return []
    listed = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
    return [f"no column for {listed}: read as 0"]


def _in_range(weights: Float64, table: _Table, remarks: list[str]) -> Float64:
    largest = float(np.abs(weights).max())
    if largest > _MOST_PERCENT:
        raise table.error(f"holds a weight of {largest:g}; weights are 0..1, or 0..100 in percent")
    if largest > _PERCENT_ABOVE:
        remarks.append("weights are taken for percent")
        weights = weights / 100
    return np.clip(weights, 0, 1)


def _rate(measured: float) -> float:
    """The usual rate that a measured one means, itself where it is none."""
    nearest = min(_RATES, key=lambda rate: abs(rate - measured))
    return float(nearest) if abs(nearest - measured) <= 0.02 * nearest else measured


def _first_word(cells: Sequence[str]) -> str:
    for cell in cells:
        try:
            float(cell.replace(",", "."))
        except ValueError:
            return repr(shown(cell)[:40])
    return repr(shown(cells[0])[:40])
