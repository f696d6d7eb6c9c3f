"""When the rows of a recording are: timecodes, seconds, milliseconds, numbers of frames, or nothing at all."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from rhytid.core.files.text import shown
from rhytid.core.io.motion_columns import Columns
from rhytid.core.io.motion_table import Float64, Table

FPS_WITHOUT_TIME = 30.0
_RATES = (24, 25, 30, 48, 50, 60, 90, 100, 120, 240)
_TIMECODE = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})(?:[:;](\d{1,3}(?:\.\d+)?)|([.,]\d+))?$")
_DAY_S = 86400.0
_SLOWEST_STEP_S = 2.0  # between rows; a median beyond it is one of milliseconds


def row_times(
    table: Table, columns: Columns, fps: float | None, remarks: list[str]
) -> tuple[Float64, npt.NDArray[np.intp], float]:
    """Ascending times from 0 in s, the rows that they belong to, and rows a second.

    Parameters
    ----------
    fps : float, optional
        Rows a second, where the table does not tell it.
    remarks : list of str
        Gets what was assumed.

    Raises
    ------
    MotionError
        A time cannot be read, or is before the one above.
    """
    clock = _Clock(table, columns, fps, remarks)
    if columns.time is None and columns.frame is None:
        rate = FPS_WITHOUT_TIME if fps is None else fps
        if fps is None and len(table.rows) > 1:
            remarks.append(f"no times: read at {rate:g} rows a second")
        return np.arange(len(table.rows)) / rate, np.arange(len(table.rows)), rate
    times = clock.times()
    times = times - times[0]
    steps = np.diff(times)
    if (steps < 0).any():
        raise table.error(f"{table.lines[int(np.argmax(steps < 0)) + 1]} has an earlier time than the row above")
    kept = np.flatnonzero(np.concatenate([[True], steps > 0]))
    if len(kept) < len(times):
        remarks.append(f"{len(times) - len(kept)} rows repeat the time of the row above and are left out")
    times = times[kept]
    rate = _rate(1 / float(np.median(np.diff(times)))) if len(times) > 1 else 1.0
    return times, kept, rate


class _Clock:
    """Times of the rows of a table, in s from anywhere."""

    def __init__(self, table: Table, columns: Columns, fps: float | None, remarks: list[str]) -> None:
        self._table = table
        self._columns = columns
        self._fps = fps
        self._remarks = remarks

    def times(self) -> Float64:
        columns = self._columns
        if columns.time is None:
            assert columns.frame is not None
            rate = FPS_WITHOUT_TIME if self._fps is None else self._fps
            if self._fps is None:
                self._remarks.append(f"frame numbers and no times: read at {rate:g} frames a second")
            return self._numbers(columns.frame) / rate
        if ":" in self._table.cell(0, columns.time):
            return self._of_timecodes(columns.time)
        return self._of_seconds(columns.time)

    def _numbers(self, column: int) -> Float64:
        return np.array([self._table.number(row, column) for row in range(len(self._table.rows))])

    def _of_seconds(self, column: int) -> Float64:
        times = self._numbers(column)
        steps = np.diff(times)
        by_name = self._columns.time_name.endswith("ms")
        if by_name or (len(steps) and float(np.median(steps)) > _SLOWEST_STEP_S):
            if not by_name:
                self._remarks.append("times are taken for milliseconds")
            times = times / 1000
        return times

    def _of_timecodes(self, column: int) -> Float64:
        """Seconds of HH:MM:SS:FF.part and HH:MM:SS.part, midnight passed over."""
        seconds, frames, part = np.zeros((3, len(self._table.rows)))
        counted = False
        for row in range(len(self._table.rows)):
            cell = self._table.cell(row, column)
            found = _TIMECODE.fullmatch(cell)
            if found is None:
                raise self._table.error(f"{self._table.lines[row]} has the time {shown(cell)[:40]!r}")
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


def _rate(measured: float) -> float:
    """The usual rate that a measured one means, itself where it is none."""
    nearest = min(_RATES, key=lambda rate: abs(rate - measured))
    return float(nearest) if abs(nearest - measured) <= 0.02 * nearest else measured
