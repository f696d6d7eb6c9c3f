"""A pack written into a folder: all files or none, each read back and the whole played before it is put in place."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.document.state import DocumentState
from rhytid.core.files.file_set import file_set
from rhytid.core.files.outputs import check_outputs
from rhytid.core.head.head import Head
from rhytid.core.io.displacement_writing import scale_mm_for
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export_folder import failing_as_export
from rhytid.core.io.map_pixels import write_png
from rhytid.core.pack.card import card_text
from rhytid.core.pack.expressions import held_out_samples
from rhytid.core.pack.heat_map import heat_picture
from rhytid.core.pack.making import Pack, make_pack
from rhytid.core.pack.options import (
    BLENDER_NAME,
    CSV_NAME,
    ERRORS_NAME,
    GLSL_NAME,
    JSON_NAME,
    README_NAME,
    PackOptions,
)
from rhytid.core.pack.players import blender_text, glsl_text
from rhytid.core.pack.playing import read_pack
from rhytid.core.pack.regions import region_masks
from rhytid.core.pack.residual import Residual
from rhytid.core.pack.solve import MASK_SIDE, shares_map
from rhytid.core.pack.table import rounded, table_csv, table_json
from rhytid.core.pack.textures import color_texels, mask_texels, normal_texels, read_texels

Float32 = npt.NDArray[np.float32]
_PLAYED = 3
_TYPICAL = 0.02
"""Slope by which a pack's files may differ from what was solved, root mean square: what 8 bits cost."""


@dataclass(frozen=True, eq=False)
class PackReport:
    """A pack that was written.

    Attributes
    ----------
    folder : Path
    files : tuple of (str, int)
        Names and bytes.
    residual : Residual
    read_back : str
        What reading the files back and playing them showed.
    elapsed_s : float
    """

    folder: Path
    files: tuple[tuple[str, int], ...]
    residual: Residual
    read_back: str
    elapsed_s: float

    @property
    def heat_map(self) -> Path:
        """The picture of the errors."""
        return self.folder / ERRORS_NAME


def write_pack(
    state: DocumentState, head: Head, engines: Engines, outdir: Path | str, options: PackOptions | None = None,
    progress: Callable[[float], None] | None = None, cancel: Callable[[], bool] | None = None,
) -> PackReport:  # fmt: skip
    """Make the wrinkle pack of a face and write it.

    Parameters
    ----------
    state : DocumentState
        Its expression does not matter; the pack is for its age.
    head : Head
    engines : Engines
    outdir : path
        Made if it does not exist. Files of the same names are replaced if the program wrote them and nobody changed
        them since, or if the options say so.
    options : PackOptions, optional
    progress : callable, optional
        Gets the share that is done, 0..1.
    cancel : callable, optional
        Polled; when it says True, nothing is written and `Cancelled` comes out.

    Raises
    ------
    ExportError
        The folder cannot be written, the disk is full, files stand in the way, or a file did not read back as it
        should. The folder is as it was.
    Cancelled
        `cancel` said True.
    """
    options = options or PackOptions()
    outdir, control = Path(outdir), Control(cancel, progress)
    started = time.perf_counter()
    with failing_as_export(outdir), file_set(outdir) as files:
        _check_room(outdir, options)
        check_outputs((outdir / name for name in options.files()), options.overwrite)
        pack = make_pack(state, head, engines, options, control.part(0.0, 0.95))
        control(0.95)
        _write(files.folder, pack, options, head, state.age)
        control(0.97)
        read_back = _read_back(files.folder, pack, options)
        control(1.0)
        written = tuple((name, (files.folder / name).stat().st_size) for name in options.files())
        files.put(options.files(), options.overwrite)
    return PackReport(outdir, written, pack.residual, read_back, time.perf_counter() - started)


def _check_room(outdir: Path, options: PackOptions) -> None:
    home = next(folder for folder in (outdir, *outdir.parents) if folder.is_dir())
    texel = 3 * options.normal_bits // 8 + 3 * options.colors + 2 * options.heights
    needed = (options.budget + 1) * options.size**2 * texel + (16 << 20)
    free = shutil.disk_usage(home).free
    if free < needed:
        raise ExportError(
            errno.ENOSPC,
            f"{outdir}: the pack may need {needed >> 20} MB, but only {free >> 20} MB are free; make room or take "
            "smaller maps",
        )


def _write(folder: Path, pack: Pack, options: PackOptions, head: Head, age: float) -> None:
    layout = options.shape
    about: dict[str, Any] = {"head": {"name": head.name, "digest": head.digest}, "age": age}
    for number, slopes in enumerate(pack.slopes):
        texels = normal_texels(slopes, options.normal_green, options.normal_bits)
        _put(folder / layout.normal(options.name, number), texels)
    for number, color in enumerate(() if pack.colors is None else pack.colors):
        _put(folder / layout.color(options.name, number), color_texels(color), srgb=True)
    if options.heights:
        scale_mm = scale_mm_for(float(np.abs(pack.heights).max()))
        about["height"] = {"mid": 32768, "mm_black_to_white": scale_mm}
        for number, height in enumerate(pack.heights):
            _put(folder / layout.height(options.name, number), _height_texels(height, scale_mm))
    for number, texels in enumerate(mask_texels(options.size), 1):
        _put(folder / layout.mask(options.name, number), texels)
    _put(folder / ERRORS_NAME, heat_picture(pack.residual))
    texts = {
        JSON_NAME: table_json(pack.drivers, options, about, pack.residual),
        CSV_NAME: table_csv(pack.drivers, options),
        GLSL_NAME: glsl_text(options),
        BLENDER_NAME: blender_text(),
        README_NAME: card_text(options, pack.residual, head.name, age),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def _height_texels(height: Float32, scale_mm: float) -> npt.NDArray[np.uint16]:
    values = np.rint(height * np.float32(65535 / scale_mm)) + np.float32(32768)
    return np.clip(values, 0, 65535).astype(np.uint16)


def _put(path: Path, texels: npt.NDArray[Any], srgb: bool = False) -> None:
    """Write a picture, of data or of colours, and read it back."""
    write_png(path, texels, srgb=srgb)
    if not np.array_equal(read_texels(path), texels):
        raise ExportError(errno.EIO, f"{path.name} did not read back as it was written; try another disk")


def _read_back(folder: Path, pack: Pack, options: PackOptions) -> str:
    """Play the files and compare with what was solved; raises `ExportError` where they differ."""
    files = read_pack(folder)
    meant = rounded(pack.drivers)
    if not (np.array_equal(files.drivers.weights, meant.weights) and _same_curves(files.drivers.curves, meant)):
        raise ExportError(errno.EIO, f"{JSON_NAME} did not read back as it was written; try another disk")
    masks, worst = region_masks(MASK_SIDE), 0.0
    for sample in held_out_samples(_PLAYED):
        shares = shares_map(pack.drivers.activations(sample.weights), masks, len(pack.slopes[0]))
        wanted = pack.slopes[0] + sum(
            share[..., None] * (slopes - pack.slopes[0]) for share, slopes in zip(shares, pack.slopes[1:], strict=True)
        )
        worst = max(worst, float(np.sqrt(np.mean((files.slopes(sample.weights) - wanted) ** 2))))
    if not worst <= _TYPICAL:
        raise ExportError(errno.EIO, f"the pack does not play as it was solved: slopes differ by {worst:.3g}")
    return f"played from the files, slopes differ by {worst:.4f} (root mean square) from what was solved"


def _same_curves(curves: npt.NDArray[np.float64], meant: Any) -> bool:
    """Curves of drivers that have no weights are not written."""
    used = meant.weights.any(axis=-1)
    return bool(np.array_equal(curves[used], meant.curves[used]))
