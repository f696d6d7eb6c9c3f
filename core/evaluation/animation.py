"""DECA's animation (Feng et al. 2021, section 4.2): detail that was read out of a photograph, in other expressions.

Each scan is lit and photographed at random (`core.synthesis.photo_shading`), its relief is read out of the photograph
as the program reads that of a portrait, and the face is driven to the subject's other expressions. What that changes in
the energies of the 13 regions is correlated with what the scans say. Regions that the photograph does not show do not
count. Where the head is and which expression it wears are known: only the detail is read.

The control is the scan itself in the place of what was read; keeping what was read changes nothing and scores 0.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.evaluation import expression
from rhytid.core.evaluation.faces import ScanEditor
from rhytid.core.evaluation.scans import Scan, ScanSet
from rhytid.core.evaluation.scores import energy_change_correlation, log_region_energy, region_shares
from rhytid.core.evaluation.tasks import Context
from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.relief import PhotoRelief, ReliefReader, photo_relief
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.read_only import read_only
from rhytid.core.synthesis.photo_shading import chart_picture

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_SHOWN = 0.5  # of a region, at least


@dataclass(frozen=True)
class FromPhoto:
    """A photographed scan and the expressions that it is driven to; the unit of work."""

    engine: str
    scan: str
    targets: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Driven:
    """What came of a `FromPhoto`: log changes of the energies, float64 (targets, 13), NaN where nothing was shown.

    Attributes
    ----------
    predicted : float64 (targets, 13)
        By driving what the photograph shows.
    given : float64 (targets, 13)
        By driving the scan itself.
    real : float64 (targets, 13)
    """

    predicted: Float64
    given: Float64
    real: Float64


def tasks(scans: ScanSet, engine: str, quick: bool) -> list[FromPhoto]:
    """The pairs of `core.evaluation.expression.tasks`."""
    return [FromPhoto(engine, task.scan, task.targets) for task in expression.tasks(scans, engine, quick)]


def drive(context: Context, task: FromPhoto) -> Driven:
    """Photograph one scan, drive what is read to all its targets, and tell what changed."""
    by_name = {scan.name: scan for scan in context.scans.scans}
    scan, mask = by_name[task.scan], context.scans.mask
    relief = photographed(scan)
    shown = region_shares(resample(relief.confidence, SIDE), mask) >= _SHOWN
    captured = ScanEditor(scan, source_of(relief, scan), task.engine, context.expressions, context.engines)
    given = context.editor(scan, task.engine)
    before, own = log_region_energy(captured.edit(), mask), context.scans.reference(scan).log_energy
    rows: list[tuple[Float64, Float64, Float64]] = []
    for name in task.targets:
        target = by_name[name]
        changes = (
            log_region_energy(captured.edit(weights=target.weights), mask) - before,
            log_region_energy(given.edit(weights=target.weights), mask) - own,
            context.scans.reference(target).log_energy - own,
        )
        rows.append(tuple(np.where(shown, change, np.nan) for change in changes))  # type: ignore[arg-type]
    predicted, by_scan, real = (np.array(column) for column in zip(*rows, strict=True))
    return Driven(predicted, by_scan, real)


def photographed(scan: Scan) -> PhotoRelief:
    """What the program reads out of a random photograph of a scan, always the same one."""
    picture = chart_picture(scan.displacement, np.random.default_rng(zlib.crc32(scan.name.encode())))
    spread = np.broadcast_to(picture.light, (MAP_SIDE, MAP_SIDE, *picture.light.shape))
    unwrapped = Unwrapped(
        picture.rgb, picture.weight, picture.weight, picture.normal, picture.position,
        np.zeros((SIDE, SIDE, 2), np.float32), 1.0,
    )  # fmt: skip
    reader, enlarger = _networks()
    return photo_relief(unwrapped, PhotoLight(picture.light, spread), reader, enlarger)


def source_of(relief: PhotoRelief, scan: Scan) -> SourceDetail:
    """What was read as a document's source detail, captured in the scan's expression."""
    displacement = read_only(np.ascontiguousarray(relief.displacement, np.float32))
    captured = tuple(float(weight) for weight in scan.weights)
    digest = displacement_digest(displacement)
    return SourceDetail(displacement, captured, scan.age, scan.name, relief.lines, digest)


def summary(results: Sequence[Driven]) -> dict[str, float]:
    """The figures of one engine."""
    predicted, given, real = (
        np.concatenate([getattr(result, name) for result in results]) for name in ("predicted", "given", "real")
    )
    return {
        "energy_change_correlation": energy_change_correlation(predicted, real),
        "scan_given": energy_change_correlation(given, real),
        "n": len(real),
    }


@lru_cache(maxsize=1)
def _networks() -> tuple[ReliefReader, SuperResolution]:
    return ReliefReader.load(), SuperResolution.load()
