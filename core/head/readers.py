"""Which reader reads a file or folder of another program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rhytid.core.head.arrays import npz_names
from rhytid.core.head.bfm import read_bfm
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.fbx import read_fbx
from rhytid.core.head.flame import TEMPLATE, read_flame
from rhytid.core.head.gltf import read_gltf
from rhytid.core.head.head import Head
from rhytid.core.head.ict import NEUTRAL_OBJ, is_ict, neutral_obj, read_ict
from rhytid.core.head.model import HeadModel
from rhytid.core.head.obj_folder import has_shapes, read_shape_folder
from rhytid.core.head.plain_mesh import read_plain_obj
from rhytid.core.head.usd import read_usd


class Opened(NamedTuple):
    """A model and the name that its head gets."""

    model: HeadModel
    name: str


def open_model(
    path: Path, reference: Head, progress: Callable[[float], None] = lambda _share: None
) -> Opened | None:
    """Read what another program wrote; None for what could be one of Rhytid's own heads.

    Parameters
    ----------
    path : Path
        A regular file or a folder.
    reference : Head
        A head beside which the model is turned upright and scaled to mm.
    progress : callable
        Called while another program reads the file; may raise to stop.

    Raises
    ------
    HeadFileError
        It is no head; the message says what to do.
    OSError
        It cannot be read.
    """
    if path.is_dir():
        return _of_folder(path, reference)
    suffix = path.suffix.lower()
    if suffix == ".fbx":
        return Opened(read_fbx(path, reference, progress), path.stem)
    if suffix in _BY_SUFFIX:
        return Opened(_BY_SUFFIX[suffix](path, reference), path.stem)
    if suffix == ".obj":
        if not _is_one_of_shapes(path):
            return Opened(read_plain_obj(path, reference), path.stem)
        return _of_folder(path.parent, reference, path)
    if is_ict(path):
        return Opened(read_ict(path, reference), f"ICT-FaceKit ({path.parent.name})")
    if suffix == ".npz" and TEMPLATE in npz_names(path):
        return Opened(read_flame(path, reference), path.stem)
    if suffix not in (".npz", ".safetensors"):
        raise HeadFileError(f"{path}: {_OPENED}; export it as GLB, with its shape keys where it has some")
    return None


def _is_one_of_shapes(path: Path) -> bool:
    """Whether a file is an OBJ of a folder that holds a mesh for each shape; raises as `open_model`."""
    if path.suffix.lower() != ".obj" or not path.parent.is_dir():
        return False
    return neutral_obj(path.parent) is not None or has_shapes(path.parent)


def _of_folder(path: Path, reference: Head, chosen: Path | None = None) -> Opened:
    if is_ict(path):
        return Opened(read_ict(path, reference), f"ICT-FaceKit ({path.name})")
    if has_shapes(path):
        return Opened(read_shape_folder(path, reference, chosen), path.name)
    raise HeadFileError(
        f"{path}: no head in this folder; choose one with a neutral mesh and its shapes as OBJ files ({NEUTRAL_OBJ}, "
        "jawOpen.obj and so on), or a .glb or .npz"
    )


_BY_SUFFIX: dict[str, Callable[[Path, Head], HeadModel]] = {
    ".glb": read_gltf,
    ".gltf": read_gltf,
    ".vrm": read_gltf,
    ".pkl": read_flame,
    ".h5": read_bfm,
    ".hdf5": read_bfm,
    **dict.fromkeys((".usd", ".usda", ".usdc", ".usdz"), read_usd),
}
_OPENED = (
    "heads are opened from USD, FBX, .gltf, .glb, .vrm and .obj, from a folder of OBJ files (ICT-FaceKit, FaceScape or "
    "any neutral mesh with its shapes), from FLAME's .pkl and .npz, from the Basel Face Model's .h5, and from Rhytid's "
    ".npz and .safetensors"
)
