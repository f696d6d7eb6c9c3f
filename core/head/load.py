"""Opening heads: the default head, our own format, and what other programs wrote."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.files.reading import FileRefused, open_file
from rhytid.core.head.arrays import npz_names
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Float32, Head, Part, split_faces
from rhytid.core.head.store import checked_head, read_head
from rhytid.core.resources import resource

if TYPE_CHECKING:
    from rhytid.core.head.model import HeadModel
    from rhytid.core.head.pins import HeadPin

DEFAULT_HEAD = resource("head", "default.npz")
_MAX_FILE_BYTES = 1 << 30


@lru_cache(maxsize=1)
def default_head() -> Head:
    """The head that comes with the program, read once."""
    return read_head(DEFAULT_HEAD)


def load_head(
    path: str | os.PathLike[str],
    progress: Callable[[float], None] = lambda _share: None,
    *,
    pins: Sequence[HeadPin] | None = None,
    keep: bool = False,
) -> Head:
    """Open a head; the one way to a head that a person, a command line or a project names.

    Parameters
    ----------
    path : path
        Our own .npz or .safetensors, or what `core.head.readers` knows.
    progress : callable
        Gets the share that is done, 0..1, while a stranger's head is registered; may raise to stop.
    pins : sequence of HeadPin, optional
        Landmarks that a person put in place; only heads that are registered heed them. A file of ours has its own, and
        is registered anew where these are others.
    keep : bool
        Keep a head that is registered in the user's cache folder, or take it from there (`core.head.kept_heads`).

    Returns
    -------
    Head
        Upright and in mm; `Head.notes` says what was done to make it so.

    Raises
    ------
    HeadFileError
        Damaged, of another kind, no regular file, or too large; the message names the file and what to do.
    FileNotFoundError
        There is nothing at `path`.
    OSError
        It cannot be read.
    """
    path = Path(path)
    if not _is_folder(path) and _is_own(path):
        return _own(path, progress, pins, keep)
    # What they need of scipy takes half a second to import, and the program's own heads need none of it.
    from rhytid.core.head.readers import open_model

    opened = open_model(path, default_head(), progress)
    if opened is None:
        return _own(path, progress, pins, keep)
    return _registered(opened.model, path, opened.name, progress, pins or (), keep)


def _own(path: Path, progress: Callable[[float], None], pins: Sequence[HeadPin] | None, keep: bool) -> Head:
    """A head of ours; one that was registered before is registered anew where others than its own pins ask for it."""
    head = read_head(path)
    if pins is None or tuple(pins) == head.pins or not len(head.residual_mm):
        return head
    from rhytid.core.head.model import registered_model

    return _registered(registered_model(head, default_head()), path, head.name, progress, pins, keep)


def _is_own(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix == ".safetensors" or (suffix == ".npz" and "format" in npz_names(path))


def _is_folder(path: Path) -> bool:
    """Whether it is a folder; what is neither folder nor regular file is refused before anything is read."""
    if "\0" in str(path):
        raise HeadFileError(f"{str(path)!r}: a file's name holds no NUL; choose another head")
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            return True
        open_file(path, _MAX_FILE_BYTES, "choose another head").close()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: there is no such file or folder; choose another head") from None
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    return False


def _registered(
    model: HeadModel,
    path: Path,
    name: str,
    progress: Callable[[float], None] = lambda _share: None,
    pins: Sequence[HeadPin] = (),
    keep: bool = False,
) -> Head:
    from rhytid.core.head.fit.residual import face_residual, poor_fit_words
    from rhytid.core.head.kept_heads import keep_head, kept_head, kept_name

    file = kept_name(model, name, pins, default_head()) if keep else ""
    head = kept_head(file, model) if keep else None
    if head is None:
        head = _fitted(model, path, name, progress, pins)
        if keep:
            keep_head(file, head)
    notes = model.notes
    if head.made_shapes:
        notes += ("shapes that it lacks are made from those of the default head",)
    residual = face_residual(head)
    told = "" if residual is None else poor_fit_words(residual)
    return replace(head, notes=(*notes, told) if told else notes)


def _fitted(
    model: HeadModel, path: Path, name: str, progress: Callable[[float], None], pins: Sequence[HeadPin]
) -> Head:
    from rhytid.core.head.carry import carried
    from rhytid.core.head.fit.transfer import Transfer
    from rhytid.core.head.register import register
    from rhytid.core.head.weld import free_share, welded

    reference = default_head()
    triangles, _ = split_faces(model.faces[model.parts == Part.SKIN])
    registration = register(
        model.neutral[: model.n_skin], triangles, model.landmarks, reference, model.start, progress, pins
    )
    transfer = Transfer(registration.fit, reference, model.neutral, model.faces, model.parts, model.n_skin)
    expression, identity = model.expression, model.identity
    made = tuple(name for name in ARKIT_NAMES if name not in model.measured)
    skin = model.neutral[: model.n_skin]
    held = welded(skin, triangles, model.other_parts) & (registration.detail_weight == 0)
    share = free_share(skin, held)[:, None]
    if made:
        shapes = transfer.expressions(made)
        shapes[:, : model.n_skin] *= share
        expression = expression.copy()
        expression[[ARKIT_INDEX[name] for name in made]] = shapes
    if not len(identity):
        identity = transfer.shapes(reference.identity)
        identity[:, : model.n_skin] *= share
    return checked_head(
        path,
        name=name[:80],
        neutral=model.neutral,
        faces=model.faces,
        parts=model.parts,
        n_skin=model.n_skin,
        chart=registration.chart,
        detail_weight=registration.detail_weight,
        uv=model.uv,
        face_uv=model.face_uv,
        identity=identity,
        expression=expression,
        landmarks=registration.landmarks,
        eye_centers=_eye_centers(model),
        ageing=carried(share * registration.ageing, model.neutral, model.faces, model.parts, model.n_skin),
        ageing_names=reference.ageing_names,
        made_shapes=made,
        residual_mm=registration.fit.where.distance.astype(np.float32),
        pins=tuple(pins),
        other_parts=model.other_parts,
        materials=model.materials,
        face_material=model.face_material,
    )


def _eye_centers(model: HeadModel) -> Float32:
    centers = np.zeros((2, 3), np.float32)
    for row, part in enumerate((Part.EYE_LEFT, Part.EYE_RIGHT)):
        faces = model.faces[model.parts == part]
        if len(faces):
            eyeball = model.neutral[np.unique(faces[faces >= 0])]
            centers[row] = (eyeball.min(axis=0) + eyeball.max(axis=0)) / 2
    return centers
