"""USD files, text, binary and package: the one place that knows whether the library is there.

The library (usd-core, module `pxr`) is loaded when the first file is written or read: it takes a third of a second.
"""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MeshError
from rhytid.core.io.usd_scene import ReadUsd, UsdFace
from rhytid.core.language import tr

USD_SUFFIXES = (".usda", ".usdc", ".usdz")
PACKAGE = ".usdz"
"""One file with its pictures."""
NO_USD = tr(
    "USD needs the library usd-core, which has no build for every machine; install it with: "
    "python -m pip install usd-core, or choose another format"
)


class NoUsdError(ValueError):
    """The library is not there; the message says what to do."""


def why_no_usd() -> str:
    """Why no USD can be written here and what to do; "" where it can."""
    return "" if importlib.util.find_spec("pxr") is not None else NO_USD


def write_usd(path: Path | str, face: UsdFace, pictures: Mapping[str, bytes] = MappingProxyType({})) -> list[Path]:
    """Write a `.usda`, `.usdc` or `.usdz`, by its suffix.

    Parameters
    ----------
    path : path
    face : UsdFace
    pictures : mapping of file name to bytes
        Those that a package holds.

    Raises
    ------
    NoUsdError
    WriteError
        The disk refused.
    """
    path = Path(path)
    if why_no_usd():
        raise NoUsdError(NO_USD)
    from rhytid.core.io.usd_stage import save_package, save_stage

    with tempfile.TemporaryDirectory(prefix="rhytid-usd-", ignore_cleanup_errors=True) as folder:
        made = Path(folder) / f"face{path.suffix}"
        if path.suffix == PACKAGE:
            for name, content in pictures.items():
                (made.parent / name).write_bytes(content)
            save_package(made, face)
        else:
            save_stage(made, face)
        with replacing(path) as temporary:
            shutil.copyfile(made, temporary)
    return [path]


def read_usd(path: Path | str) -> ReadUsd:
    """The mesh of a file that `write_usd` wrote.

    Raises
    ------
    NoUsdError
    MeshError
        It is damaged or was not written here.
    """
    if why_no_usd():
        raise NoUsdError(NO_USD)
    from rhytid.core.io.usd_reading import mesh_of

    try:
        return mesh_of(Path(path))
    except Exception as error:  # the parser meets damaged bytes: whatever it raises, the file is bad
        raise MeshError(f"{path}: damaged or not written here ({error}); export it again") from error
