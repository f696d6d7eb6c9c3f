"""Wavefront MTL: the colours of an OBJ's materials, and where the pictures that it names lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import read_file
from rhytid.core.files.text import shown

UInt8 = npt.NDArray[np.uint8]

_MAX_BYTES = 1 << 22
_MOST_FILES = 16
# How many numbers or words follow an option before the file's name.
_OPTION = re.compile(
    r"-(?:blendu|blendv|cc|clamp|imfchan|type|texres|boost|bm)\s+\S+\s+|-mm\s+\S+\s+\S+\s+"
    r"|-[ost]\s+(?:[-+.\d]\S*\s+){1,3}"
)


def read_materials(
    path: Path, libraries: Sequence[str], tell: Callable[[str], object]
) -> dict[str, str | UInt8]:
    """Of each material the name of its picture, or its plain colour, sRGB uint8 (1, 1, 3).

    Parameters
    ----------
    path : Path
        The OBJ.
    libraries : sequence of str
        The MTL files that it names, which are looked for beside it.
    tell : callable
        Gets a remark for each that is not there.
    """
    found: dict[str, str | UInt8] = {}
    for library in libraries[:_MOST_FILES]:
        place = path.parent / Path(library.replace("\\", "/").replace("\0", "")).name
        try:
            text = read_file(place, _MAX_BYTES, "export it again").decode("utf-8", "replace")
        except (OSError, ValueError):
            tell(f"its materials {shown(library):.80} are not beside it")
            continue
        name = ""
        for line in text.splitlines():
            keyword, _, rest = line.strip().partition(" ")
            if keyword == "newmtl":
                name = rest.strip()
            elif keyword == "map_Kd" and rest.strip():
                found[name] = _OPTION.sub("", rest.strip() + " ").strip()
            elif keyword == "Kd" and name not in found:
                color = _color(rest)
                if color is not None:
                    found[name] = color
    return found


def picture_beside(path: Path, name: str, max_bytes: int) -> bytes:
    """The bytes of a picture that a file names, out of that file's own folder or one below it.

    Raises
    ------
    ValueError, OSError
        It is not there, or is too large.
    """
    folder = path.parent
    local = name.strip().strip('"').replace("\\", "/")
    place = folder / local
    if "\0" in local or not place.resolve().is_relative_to(folder.resolve()) or not place.exists():
        # Programs write the whole path that a picture had on their machine.
        place = folder / Path(local.replace("\0", "")).name
    return read_file(place, max_bytes, "make the texture smaller")


def _color(text: str) -> UInt8 | None:
    try:
        values = np.array([float(word) for word in text.split()[:3]])
    except ValueError:
        return None
    if values.shape != (3,) or not np.isfinite(values).all():
        return None
    return np.rint(values.clip(0, 1) * 255).astype(np.uint8).reshape(1, 1, 3)
