"""The document that a scan becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.document.commands import ImportSource, SetAge
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.head.ageing import SHAPE_AGE
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.read_only import read_only
from rhytid.core.scan.baking import baked, baked_color, placed
from rhytid.core.scan.base import base_of
from rhytid.core.scan.scan_mesh import read_scan


@dataclass(frozen=True, eq=False)
class ScanFace:
    """What a scan holds.

    Attributes
    ----------
    head : Head
        To be saved beside the project.
    source : SourceDetail
        The displacement with its lines.
    albedo : AlbedoMap or None
        Of the colours of the scan's vertices, with the light that is in them.
    remarks : tuple of str
        What a person should know.
    """

    head: Head
    source: SourceDetail
    albedo: AlbedoMap | None
    remarks: tuple[str, ...]


def face_of_scan(path: Path, reference: Head, resolution: int, age: float, control: Control) -> ScanFace:
    """Make head and detail of a scan.

    Parameters
    ----------
    path : Path
        PLY or OBJ.
    reference : Head
        The default head, whose topology and chart the face gets.
    resolution : int
        Texels a side of the displacement, 64..8192.
    age : float
        Years of the person.
    control : Control

    Raises
    ------
    ValueError
        No such scan, or no face in it; the message names the file.
    OSError
        The file cannot be read.
    core.detail.engine.Cancelled
    """
    from rhytid.core.lines.extract import extract_lines  # skimage behind it takes long to import

    control(0.0)
    scan = read_scan(path)
    control(0.05)
    try:
        base = base_of(scan, reference, path.stem[:80], control.part(0.05, 0.35))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    place = placed(base.vertices, base.triangles, base.head, control.part(0.35, 0.75))
    relief, corners, weights = baked(place, base.triangles, base.head, resolution, control.part(0.75, 0.9))
    albedo = None
    if scan.colors is not None:
        albedo = AlbedoMap.of(baked_color(scan.colors, corners, weights, relief.seen), age)
    control(0.92)
    displacement = read_only(relief.displacement)
    lines = tuple(replace(line, from_source=True) for line in extract_lines(displacement))
    control(1.0)
    digest = displacement_digest(displacement)
    source = SourceDetail(displacement, (0.0,) * N_EXPRESSION, age, path.name, lines, digest)
    return ScanFace(base.head, source, albedo, (*base.notes, *relief.remarks))


def taken(state: DocumentState, scan: ScanFace, head_file: Path) -> DocumentState:
    """A document with the face of a scan, whose head was saved in a file."""
    # The head has the form of its years already: it is as it is at the age at which heads are neutral.
    new = replace(
        state, head=HeadReference(str(head_file), scan.head.digest), identity=(), albedo=scan.albedo,
        shape_age=SHAPE_AGE,
    )  # fmt: skip
    return SetAge(scan.source.age).apply(ImportSource(scan.source).apply(new))
