"""Heads out of FBX, which Blender turns into a GLB first.

FBX has no published description. Blender runs in a process of its own, and its GLB is believed as little as any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rhytid.core.blender_bridge import BlenderError, NoBlenderError, run, working_folder
from rhytid.core.files.reading import FileRefused, open_file
from rhytid.core.files.text import shown
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.gltf import read_gltf
from rhytid.core.head.head import Head
from rhytid.core.head.model import HeadModel

MAX_FILE_BYTES = 1 << 29
TIME_LIMIT_S = 180.0
_SCRIPT, _TARGET = "read_fbx.py", "head.glb"
_REMEDY = "export the head as GLB, with its shape keys"


def read_fbx(path: Path, reference: Head, progress: Callable[[float], None] = lambda _share: None) -> HeadModel:
    """Read an FBX.

    Parameters
    ----------
    path : Path
    reference : Head
        A head beside which this one is turned upright and scaled.
    progress : callable
        Called while Blender is waited for; may raise to stop, which ends Blender.

    Raises
    ------
    HeadFileError
        No head, damaged, too large, or no Blender on this machine; the message says what to do.
    OSError
        The file cannot be read.
    """

    def stopped() -> bool:
        progress(0.0)
        return False

    try:
        open_file(path, MAX_FILE_BYTES, _REMEDY).close()
        with working_folder() as folder:
            job = {"file": str(path.resolve()), "target": _TARGET}
            answer = run(_SCRIPT, folder, job, stopped, TIME_LIMIT_S)
            if answer.get("refused"):
                raise BlenderError(" ".join(str(answer["refused"]).split()))
            model = _of_glb(folder / _TARGET, path, reference)
    except NoBlenderError as error:
        raise HeadFileError(f"{path}: {error}; or {_REMEDY}") from error
    except (BlenderError, FileRefused) as error:
        raise HeadFileError(f"{path}: {shown(str(error)):.300}; {_REMEDY}") from error
    notes: tuple[str, ...] = (f"turned into a GLB by Blender {shown(str(answer.get('version', '')))[:20]}",)
    left_out = answer.get("left_out")
    if isinstance(left_out, list) and left_out:
        listed = ", ".join(shown(str(name))[:80] for name in left_out[:4]) + " ..." * (len(left_out) > 4)
        notes += (f"pictures left out, they are neither in the file nor in its folder: {listed}",)
    return replace(model, notes=notes + model.notes)


def _of_glb(glb: Path, path: Path, reference: Head) -> HeadModel:
    try:
        return read_gltf(glb, reference)
    except FileNotFoundError:
        raise BlenderError("Blender wrote no GLB of it") from None
    except HeadFileError as error:
        raise HeadFileError(str(error).replace(str(glb), str(path))) from error
