"""Heads of the Basel Face Model, 2017 and 2019, whole or cut to the face.

An HDF5 file of statismo: points in mm, Y up, facing +Z; a mean and principal components with their variances, for
shape and expression. The components of expression have no names and are left alone (Gerig et al., "Morphable Face
Models - An Open Framework", 2018). The model's licence is for research: nothing of it comes with the program.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rhytid.core.files.apart import read_apart
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.arrays import read_npz
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head
from rhytid.core.head.model import HeadModel, RawModel, assemble
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES
from rhytid.core.resources import resource

_MAX_FILE_BYTES = 1 << 30
_REMEDY = "download the model again, as .h5"
TABLE = {
    "rest": ("f8", ("V", 3)),
    "template": ("f8", ("V", 3)),
    "modes": ("f4", ("I", "V", 3)),
    "cells": ("i8", ("F", 3)),
}
# In a file that keeps offsets from the template instead of places, the mean is no head.
_SPAN_OF_OFFSETS = 0.5


def read_bfm(path: Path, reference: Head) -> HeadModel:
    """Read a Basel Face Model.

    Parameters
    ----------
    path : Path
        .h5
    reference : Head
        A head beside which this one is turned upright and scaled.

    Raises
    ------
    HeadFileError
        Arrays missing, damaged, in another file, or too large.
    OSError
        The file cannot be read.
    """
    try:
        with read_apart(resource("readers", "read_h5.py"), path, "h5py", _MAX_FILE_BYTES, _REMEDY) as (file, _):
            arrays = read_npz(file, TABLE, {"V": MAX_VERTICES, "F": MAX_FACES, "I": 100})
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    rest = arrays["rest"]
    if np.ptp(rest, axis=0).max() < _SPAN_OF_OFFSETS * np.ptp(arrays["template"], axis=0).max():
        rest = rest + arrays["template"]
    if not np.isfinite(arrays["modes"]).all():
        raise HeadFileError(f"{path}: shape/model has values that are not finite numbers; {_REMEDY}")
    faces = np.concatenate([arrays["cells"], np.full((len(arrays["cells"]), 1), -1)], axis=1)
    raw = RawModel(
        path, rest, faces, np.where(faces < 0, -1, 0), np.zeros((1, 2)), np.zeros(len(faces), np.uint8)
    )
    raw, standing = raw.stood(reference)
    return assemble(raw, standing, {}, standing.offsets(arrays["modes"]))
