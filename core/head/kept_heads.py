"""Heads that were registered, kept in the user's cache folder: a project with a stranger's head then opens at once.

A head is kept in our own format under a name that tells all it depends on: what was read of its file, its pins, the
default head and the very source of the fit. It is read with the distrust of any file, and taken only if its mesh is the
one that was read. What is missing, damaged or cannot be written costs the seconds of a fit, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from rhytid.core.files.state_folder import cache_dir
from rhytid.core.head.head import Head, Part, split_faces
from rhytid.core.head.model import HeadModel
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.store import content_digest, read_head, save_head
from rhytid.core.head.weld import welded

_KEPT_BYTES = 1 << 30
_SUFFIX = ".npz"
# What a head that is registered is made by.
_SOURCE = ("fit", "carry.py", "kept_heads.py", "load.py", "normals.py", "pins.py", "register.py", "surface.py",
           "weld.py")  # fmt: skip


def kept_name(model: HeadModel, name: str, pins: Sequence[HeadPin], reference: Head) -> str:
    """Name of the file in which the head of a model is kept."""
    start = () if model.start is None else tuple(np.asarray(part, np.float64).tobytes() for part in model.start)
    known = np.zeros(0, np.int32) if model.landmarks is None else model.landmarks
    skin = split_faces(model.faces[model.parts == Part.SKIN])[0]
    held = welded(model.neutral[: model.n_skin], skin, model.other_parts)
    content = {
        "neutral": model.neutral, "faces": model.faces, "parts": model.parts, "uv": model.uv,
        "face_uv": model.face_uv, "identity": model.identity, "expression": model.expression, "known": known,
        "n_skin": model.n_skin, "welded": held, "measured": model.measured, "name": name, "start": start,
        "pins": tuple(pins), "reference": reference.digest, "source": _source_digest(),
    }  # fmt: skip
    return content_digest(content) + _SUFFIX


def kept_head(name: str, model: HeadModel) -> Head | None:
    """The head that is kept under a name, with what else its file holds; None without one."""
    path = _folder_or_none()
    if path is None:
        return None
    try:
        head = read_head(path / name)
    except (OSError, ValueError, MemoryError):
        return None
    arrays = ("neutral", "faces", "parts", "uv", "face_uv")
    same = all(np.array_equal(getattr(head, array), getattr(model, array)) for array in arrays)
    if not same or head.n_skin != model.n_skin or not len(head.residual_mm):
        return None
    with contextlib.suppress(OSError):
        (path / name).touch()  # what is used stays
    return replace(head, other_parts=model.other_parts, materials=model.materials, face_material=model.face_material)


def keep_head(name: str, head: Head) -> None:
    """Keep a head; those used longest ago go. Where nothing can be written nothing is kept."""
    path = _folder_or_none()
    if path is None:
        return
    plain = replace(head, other_parts=(), materials=(), face_material=np.zeros(0, np.int16))
    with contextlib.suppress(OSError, ValueError):
        path.mkdir(parents=True, exist_ok=True)
        save_head(plain, path / name)
        total = 0
        for file in sorted(path.glob("*" + _SUFFIX), key=lambda file: file.stat().st_mtime, reverse=True):
            total += file.stat().st_size
            if total > _KEPT_BYTES:
                file.unlink(missing_ok=True)


def _folder_or_none() -> Path | None:
    try:
        return cache_dir() / "heads"
    except OSError:
        return None


@lru_cache(maxsize=1)
def _source_digest() -> str:
    digest, folder = hashlib.sha256(), Path(__file__).parent
    for name in _SOURCE:
        for path in sorted((folder / name).glob("*.py")) if name == "fit" else [folder / name]:
            digest.update(path.read_bytes())
    return digest.hexdigest()
