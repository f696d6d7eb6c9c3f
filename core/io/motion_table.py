"""A recording as a table of text: names, rows, and where each row stands in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.text import shown
from rhytid.core.io.errors import MotionError

Float64 = npt.NDArray[np.float64]
MAX_ROWS, MAX_COLUMNS = 300_000, 2000


@dataclass(frozen=True)
class Table:
    """Cells of a recording, as they were written.

    Attributes
    ----------
    path : Path
    names : list of str
        Of the columns.
    rows : list of list of str
        A row may have one cell more than there are names; one without a face has nothing but empty cells.
    lines : list of str
        Where a person finds each row: "line 3".
    remedy : str
        What to do about a file that is refused.
    decimal_comma : bool
        A comma in a number is its decimal point.
    """

    path: Path
    names: list[str]
    rows: list[list[str]]
    lines: list[str]
    remedy: str
    decimal_comma: bool = False

    def __post_init__(self) -> None:
        if len(self.names) > MAX_COLUMNS:
            raise self.error(f"has {len(self.names)} columns, at most {MAX_COLUMNS} are read")
        if len(self.rows) > MAX_ROWS:
            raise MotionError(f"{self.path}: more than {MAX_ROWS} rows; take a part of the recording")

    def error(self, reason: str) -> MotionError:
        """The refusal of the file for a reason."""
        return MotionError(f"{self.path}: {reason}; {self.remedy}")

    def cell(self, row: int, column: int) -> str:
        """What stands there; "" where the row ends before."""
        cells = self.rows[row]
        return cells[column].strip() if column < len(cells) else ""

    def number(self, row: int, column: int) -> float:
        """A time or the number of a frame; raises `MotionError` for anything else."""
        cell = self.cell(row, column)
        try:
            value = float(self._plain(cell))
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise self.error(f"{self.lines[row]} has the time {shown(cell)[:40]!r}")
        return value

    def numbers(self, columns: Sequence[int]) -> tuple[Float64, npt.NDArray[np.bool_]]:
        """Values (N, len(columns)) and which rows have them; rows without a face repeat those before them.

        Raises
        ------
        MotionError
            A row is cut off or holds something else than finite numbers, or no row shows a face.
        """
        if not self.rows:
            raise self.error("has names and no row of numbers")
        values = np.empty((len(self.rows), len(columns)))
        whole = np.ones(len(self.rows), bool)
        for number, row in enumerate(self.rows):
            cells = [row[k].strip() if k < len(row) else "" for k in columns]
            if not any(cells):  # Live Link Face lost the face: a count of 0 and nothing behind it
                whole[number] = False
                continue
            if len(row) not in (len(self.names), len(self.names) + 1) or not all(cells):
                raise self.error(
                    f"{self.lines[number]} has {sum(map(bool, row))} values where {len(self.names)} names are; the "
                    "file is cut off or damaged"
                )
            try:
                values[number] = [float(self._plain(cell)) for cell in cells]
            except ValueError:
                raise self.error(f"{self.lines[number]} holds {_first_word(cells)} where a number belongs") from None
        if not np.isfinite(values[whole]).all():
            bad = int(np.flatnonzero(whole)[~np.isfinite(values[whole]).all(axis=1)][0])
            raise self.error(f"{self.lines[bad]} holds a number that is not finite")
        if not whole.any():
            raise self.error("shows no face in any row")
        last = np.maximum.accumulate(np.where(whole, np.arange(len(whole)), -1))
        return values[np.where(last < 0, int(np.argmax(whole)), last)], whole

    def _plain(self, cell: str) -> str:
        return cell.replace(",", ".") if self.decimal_comma else cell


def _first_word(cells: Sequence[str]) -> str:
    for cell in cells:
        try:
            float(cell.replace(",", "."))
        except ValueError:
            return repr(shown(cell)[:40])
    return repr(shown(cells[0])[:40])
