"""The files of one export while they are written: each is read back and compared as soon as it is there."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.head import Float32
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export_about import described
from rhytid.core.io.export_meshes import ExportedMesh
from rhytid.core.io.export_options import OUTER, TILE, Check, ExportedFile, ExportOptions
from rhytid.core.io.export_verify import checked, content_check, displacement_check, mesh_checks, picture_check
from rhytid.core.io.map_meaning import ZERO_16
from rhytid.core.io.map_names import SUFFIXES
from rhytid.core.io.map_pixels import write_png
from rhytid.core.io.map_statement import IN_CHART
from rhytid.core.io.pictures_as import picture_as_check, write_picture_as
from rhytid.core.io.value_maps import ValueMap, scale_for, value_map_check, write_value_map
from rhytid.core.maps.albedo_map import SkinColors


class ExportFiles:
    """See the module. Nothing is kept that is written.

    Parameters
    ----------
    folder : Path
        Where they are written.
    options : ExportOptions

    Attributes
    ----------
    listed : list of ExportedFile
    timings_s : dict
        Seconds by step.
    checks : list of Check
    """

    def __init__(self, folder: Path, options: ExportOptions) -> None:
        self.folder, self.options = folder, options
        self.listed: list[ExportedFile] = []
        self.timings_s: dict[str, float] = {}
        self.checks: list[Check] = []

    def path(self, label: str, suffix: str, tile: str = TILE) -> Path:
        """Where a map of a tile goes."""
        return self.folder / f"{self.options.name}_{label}.{tile}{suffix}"

    def add(self, paths: list[Path], kind: str, **details: Any) -> None:
        """List files that were written, and what is told of them."""
        self.listed += [described(path, kind, details) for path in paths]

    def picture(self, kind: str, label: str, texels: npt.NDArray[Any], tile: str = TILE, **details: Any) -> None:
        """Write a PNG, and what else the options say, and read it back."""
        path, srgb = self.path(label, ".png", tile), details.get("color_space") == "sRGB"
        with self.timed(kind):
            write_png(path, texels, srgb=srgb)
        self.add([path], kind, resolution=len(texels), **details)
        self.check(picture_check, path, texels)
        for name in sorted(self.options.picture_formats):
            path = path.with_suffix(SUFFIXES[name])
            with self.timed(kind):
                told = write_picture_as(path, texels, srgb, self.options.float_bits)
            self.add([path], kind, resolution=len(texels), **details | told)
            self.check(picture_as_check, path, texels, srgb, self.options.float_bits)

    def values(
        self, kind: str, label: str, maps: Mapping[str, ValueMap], scale_of: Sequence[ValueMap] = (), **details: Any
    ) -> None:
        """Write a map with a unit for each tile, all with one scale for 16 bits, and read them back.

        Parameters
        ----------
        kind, label : str
            What it is, and the middle part of its file names.
        maps : mapping
            By tile.
        scale_of : sequence of ValueMap
            Maps that the scale is to fit instead of these.
        """
        scale = scale_for(list(scale_of) or list(maps.values()))
        for tile, shown in maps.items():
            for name in sorted(self.options.map_formats):
                path = self.path(label, SUFFIXES[name], tile)
                with self.timed(kind):
                    told = write_value_map(path, shown, scale, self.options)
                self.add([path], kind, resolution=len(shown.planes[0]), **details | told)
                self.check(value_map_check, path, shown, scale, self.options)

    def displacement(self, displacement: Float32, tile: str, scale_mm: float, layout: str = IN_CHART) -> None:
        """Write a displacement map in mm in the formats of the options, and read each back; it states its layout."""
        options = self.options
        common = {
            "resolution": len(displacement), "units": "mm", "direction": "smooth normal, outward positive",
            "min_mm": float(displacement.min()), "max_mm": float(displacement.max()), "color_space": "linear",
        }  # fmt: skip
        bits_of = {"exr": options.float_bits, "png": 16, "tiff": options.tiff_bits}
        for kind in sorted(options.map_formats):
            path, bits = self.path("displacement", SUFFIXES[kind], tile), bits_of[kind]
            is_half, is_float = kind == "exr" and bits == 16, kind == "exr" or bits == 32
            with self.timed("displacement"):
                written = write_displacement(
                    path, displacement, options.exr_channels, scale_mm, float_tiff=bits == 32, half=is_half,
                    beside=kind == "png", layout=layout, worn=tile != OUTER or layout != IN_CHART,
                )  # fmt: skip
            scaling = {"mid": 0.0, "scale_mm": 1.0} if is_float else {"mid": ZERO_16 / 65535, "scale_mm": scale_mm}
            channels = {"channels": options.exr_channels} if kind == "exr" else {}
            self.add(written, "displacement", **common, bits=bits, **scaling, **channels)
            # Half a step of 16 bits, with room for the rounding of float32; float files of 32 bits are exact.
            allowed_mm = 0.0 if is_float else 0.51 * scale_mm / 65535
            if is_half:
                allowed_mm = float(np.abs(displacement).max()) * 2.0**-11 + 1e-7
            self.check(displacement_check, path, displacement, allowed_mm)

    def mesh(self, written: ExportedMesh) -> None:
        """List a mesh that was written and read it back."""
        self.add(written.paths, written.kind, **written.details)
        self.check(mesh_checks, written.paths[0], written.mesh, written.target_names, written.placing)

    def meshes(self, written: Iterator[ExportedMesh], cancel: Callable[[], bool] | None) -> None:
        """As `mesh` for each that an iterator writes; raises `Cancelled` between two of them."""
        control = Control(cancel)
        while True:
            control(0.0)
            with self.timed("shapes"):
                mesh = next(written, None)
            if mesh is None:
                return
            self.mesh(mesh)

    def check(self, check: Callable[..., list[Check]], path: Path, *meant: Any) -> None:
        """Compare a file with what was meant, if the options say so."""
        if self.options.verify:
            with self.timed("verify"):
                self.checks += checked(check, path, *meant)

    def verified(self) -> tuple[Check, ...]:
        """All checks; those of files that are compared with nothing else are that they did not change.

        Raises
        ------
        ExportError
            One failed.
        """
        known = {check.file for check in self.checks}
        for file in self.listed:
            if file.name not in known:
                self.check(content_check, self.folder / file.name, file.sha256)
        failed = [f"{check.file}: {check.what} ({check.found})" for check in self.checks if not check.passed]
        if failed:
            raise ExportError(errno.EIO, "the export did not read back as it was meant: " + "; ".join(failed))
        return tuple(self.checks)

    def relief_goes_on(self, strength: Float32, visibility: Float32) -> None:
        """Be told how relief goes on outside the chart, as of `outer_relief.outer_tile`, before maps are written."""

    def color_goes_on(self, colors: SkinColors) -> None:
        """Be told the colour of all skin before that of the chart is written."""

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the seconds of what is done within to a step."""
        started = time.perf_counter()
        yield
        self.timings_s[step] = self.timings_s.get(step, 0.0) + time.perf_counter() - started
