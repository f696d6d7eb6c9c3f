"""MediaPipe's face detector, face mesh and iris network, read out of their package and run by ONNX Runtime.

Each file is checked by its SHA-256 and made an ONNX model in memory, which takes about as long as reading one from
the disk would.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rhytid.core.files.reading import FileRefused, read_file
from rhytid.core.learned.runtime import RUNTIME, Session
from rhytid.core.photo.models_wheel import COMMAND, models_folder
from rhytid.core.photo.onnx_file import onnx_of
from rhytid.core.photo.tflite import NetworkFileError, read_tflite

_MAX_BYTES = 16 << 20
_DETECTOR = ("face_detection_back.tflite", "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8")
_MESH = ("face_landmark.tflite", "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493")
_IRIS = ("iris_landmark.tflite", "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f")


class FaceModelsMissing(ValueError):
    """The models are not there or not as they should be; the message has the command that installs them."""


@dataclass(frozen=True)
class FaceModels:
    """The three networks; inputs are ``in0`` (1, H, W, 3).

    Attributes
    ----------
    detector : Session
        256 x 256, colours -1..1, to boxes and key points (1, 896, 16) and scores (1, 896, 1).
    mesh : Session
        192 x 192, colours 0..1, to 468 points of x, y, z (1, 1, 1, 1404) and a score (1, 1, 1, 1).
    iris : Session
        64 x 64, colours 0..1, to 71 points round a right eye (1, 213) and 5 of its iris (1, 15).
    """

    detector: Session
    mesh: Session
    iris: Session


def open_face_models() -> FaceModels:
    """The networks, ready to run.

    Raises
    ------
    FaceModelsMissing
        The package is not installed, its files are others than those that are known, or ONNX Runtime refuses them.
    """
    folder = models_folder()
    if folder is None:
        raise FaceModelsMissing(f"the models that find faces are not installed; {COMMAND}")
    return FaceModels(*(_session(folder / name, digest) for name, digest in (_DETECTOR, _MESH, _IRIS)))


def _session(path: Path, digest: str) -> Session:
    remedy = COMMAND.replace(" --no-deps", " --force-reinstall --no-deps")
    try:
        data = read_file(path, _MAX_BYTES, remedy)
    except FileRefused as error:
        raise FaceModelsMissing(str(error)) from None
    except OSError as error:
        raise FaceModelsMissing(f"{path}: cannot be read ({error.strerror or error}); {remedy}") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise FaceModelsMissing(f"{path}: damaged or of another version; {remedy}")
    try:
        return RUNTIME.session(onnx_of(read_tflite(data)))
    except NetworkFileError as error:
        raise FaceModelsMissing(f"{path}: {error}; {remedy}") from None
    except ImportError as error:
        raise FaceModelsMissing(f"needs the package onnxruntime ({error}); pip install onnxruntime") from None
    except Exception as error:  # the runtime's own exceptions have no public base class
        raise FaceModelsMissing(f"{path}: the runtime refuses it ({error}); {remedy}") from None
