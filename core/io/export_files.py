"""The files of one export while they are written: each is read back and compared as soon as it is there."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy.typing as npt

from rhytid.core.head.head import Float32
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export_about import described
from rhytid.core.io.export_meshes import ExportedMesh
from rhytid.core.io.export_options import TILE, Check, ExportedFile, ExportOptions
from rhytid.core.io.export_verify import checked, content_check, displacement_check, mesh_checks, picture_check
from rhytid.core.io.map_pixels import write_png


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
        """Write a PNG and read it back."""
        path = self.path(label, ".png", tile)
        with self.timed(kind):
            write_png(path, texels)
        self.add([path], kind, resolution=len(texels), **details)
        self.check(picture_check, path, texels)

    def displacement(self, displacement: Float32, tile: str, scale_mm: float) -> None:
        """Write a displacement map in mm as EXR and as PNG of 16 bits, and read both back."""
        channels = self.options.exr_channels
        with self.timed("displacement"):
            exr = write_displacement(self.path("displacement", ".exr", tile), displacement, channels)
            png = write_displacement(self.path("displacement", ".png", tile), displacement, scale_mm=scale_mm)
        sidecar = json.loads(png[1].read_text("utf-8"))
        common = {
            "resolution": len(displacement),
            "units": "mm",
            "direction": "smooth normal, outward positive",
        }
        common |= {"min_mm": sidecar["min_mm"], "max_mm": sidecar["max_mm"], "color_space": "linear"}
        self.add(exr, "displacement", **common, bits=32, mid=0.0, scale_mm=1.0, channels=channels)
        self.add(png, "displacement", **common, bits=16, mid=sidecar["mid"], scale_mm=sidecar["scale_mm"])
        # Half a step of 16 bits, with room for the rounding of float32; float files are exact.
        self.check(displacement_check, exr[0], displacement, 0.0)
        self.check(displacement_check, png[0], displacement, 0.51 * float(sidecar["scale_mm"]) / 65535)

    def mesh(self, written: ExportedMesh) -> None:
        """List a mesh that was written and read it back."""
        self.add(written.paths, written.kind, **written.details)
        self.check(mesh_checks, written.paths[0], written.mesh, written.target_names, written.placing)

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

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the seconds of what is done within to a step."""
        started = time.perf_counter()
        yield
        self.timings_s[step] = self.timings_s.get(step, 0.0) + time.perf_counter() - started
