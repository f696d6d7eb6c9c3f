"""The folder of an export: room in it, and failures that are told of it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rhytid.core.files.failures import WriteError, explained
from rhytid.core.files.file_set import is_hidden
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export_options import SURFACE, ExportOptions

_BYTES_PER_TEXEL = {
    "displacement": 8, "normal_map": 6, "line_map": 1, "distance_field": 2, "albedo": 3, **dict.fromkeys(SURFACE, 1),
    "vector_displacement": 20, "vector_displacement_object": 20, "object_normals": 6, "curvature": 8, "bands": 20,
    "region_masks": 2, "detail_mask": 1,
}  # fmt: skip
_MESH_BYTES = 200 << 20


def check_room(outdir: Path, options: ExportOptions) -> None:
    """Raises `ExportError` where an export with these options may not fit."""
    home = next(folder for folder in (outdir, *outdir.parents) if folder.is_dir())
    needed = options.resolution**2 * sum(_BYTES_PER_TEXEL.get(what, 0) for what in options.what) + _MESH_BYTES
    free = shutil.disk_usage(home).free
    if free < needed:
        raise ExportError(
            errno.ENOSPC,
            f"{outdir}: the export may need {needed >> 20} MB, but only {free >> 20} MB are free; "
            "make room or lower the resolution",
        )


@contextmanager
def failing_as_export(outdir: Path) -> Iterator[None]:
    """Every failure of the disk is about the export's folder, not about the hidden one in it."""
    whole = outdir / "the export"
    try:
        yield
    except ExportError:
        raise
    except OSError as error:
        if error.filename is not None and not is_hidden(str(error.filename)):
            raise  # a file that the export reads
        told = error if isinstance(error, WriteError) and not is_hidden(error.message) else explained(error, whole)
        raise ExportError(told.errno or errno.EIO, str(told)) from error
