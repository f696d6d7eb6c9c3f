"""The one way to the data files of the program: `resources/` and `shaders/`.

Both are packages of data beside `core`, in the source as in the installed program, so that nothing depends on
where the source lies.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def resource(*names: str) -> Path:
    """Path of a file or folder in `resources/`: ``resource("head", "default.npz")``."""
    return _folder("resources").joinpath(*names)


def shader_folder() -> Path:
    """Folder of the GLSL sources."""
    return _folder("shaders")


def _folder(name: str) -> Path:
    # Programs are never started out of a zip: Qt, OpenCV and ONNX Runtime need files, as does Python for theirs.
    return Path(str(files(f"rhytid.{name}")))
