"""Pictures of lines that a command is given, and what a person should know of how they were read."""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.io.line_file import PICTURE_SUFFIXES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rhytid.core.lines.match import EditedLines
    from rhytid.core.lines.stroke import Stroke

# Of the map's lines that are still there and of the picture's that are the map's own; a picture of another map
# meets a quarter of the lines by chance.
_FEWEST_MET = 0.4


def picture_of(lines: Path, root: Path, source: Path) -> Path:
    """The line picture of one map: `lines` itself, or the file of the same name in it, whatever its format."""
    if not lines.is_dir():
        return lines
    folder = lines / (source.parent.relative_to(root) if root.is_dir() else "")
    return _by_stem(folder).get(_normal(source.stem), folder / f"{source.stem}.png")


def edited_strokes(displacement: npt.NDArray[np.floating], picture: Path, erase_all: bool) -> tuple[Stroke, ...]:
    """All lines of a map after editing, as a picture of them says.

    Raises
    ------
    ValueError
        The picture cannot be read, or has no line although the map has and `erase_all` is not set.
    """
    from rhytid.core.lines.extract import extract_lines
    from rhytid.core.lines.match import NothingDrawnError

    try:
        edited = compared(extract_lines(displacement), picture, erase_all)
    except NothingDrawnError as error:
        raise ValueError(f"{picture}: {error}; add --erase-all if that is meant") from None
    return (*edited.kept, *edited.drawn)


def compared(own: tuple[Stroke, ...], picture: Path, erase_all: bool = True) -> EditedLines:
    """What the picture says of the lines; raises as `read_line_picture` and `strokes_from_edited_map`."""
    from rhytid.core.io.line_file import read_line_picture
    from rhytid.core.lines.match import strokes_from_edited_map

    ink = read_line_picture(picture)
    if ink.assumed not in ("white ink on black paper", "black paper without ink"):
        print(f"rhytid: {picture}: read as {ink.assumed}", file=sys.stderr)
    edited = strokes_from_edited_map(own, ink.lines, erase_all=erase_all)
    if own and edited.drawn and max(edited.met()) < _FEWEST_MET:
        print(
            f"rhytid: {picture}: hardly a line of it is where the map has one; is it mirrored or of another map?",
            file=sys.stderr,
        )
    return edited


@lru_cache(maxsize=4)
def _by_stem(folder: Path) -> dict[str, Path]:
    """Pictures in a folder by name without ending, PNG before others; a Mac gives names in another normal form."""
    found = [p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES and not p.name.startswith(".")]
    ranked = sorted(found, key=lambda p: (PICTURE_SUFFIXES.index(p.suffix.lower()), p.name), reverse=True)
    return {_normal(p.stem): p for p in ranked}


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
