"""The document that a scan becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.document.commands import ImportSource, SetAge
from rhytid.core.document.project import save_project
from rhytid.core.document.state import AGE_DEFAULT, DocumentState, HeadReference
from rhytid.core.files.file_set import file_set
from rhytid.core.head.ageing import SHAPE_AGE
from rhytid.core.head.head import Head
from rhytid.core.head.store import save_head
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.read_only import read_only
from rhytid.core.scan.baking import baked, baked_color
from rhytid.core.scan.base import base_of
from rhytid.core.scan.drawing import sheet_of
from rhytid.core.scan.placing import placed
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
        Of the scan's texture or of the colours of its vertices, with the light that is in them.
    remarks : tuple of str
        What a person should know.
    """

    head: Head
    source: SourceDetail
    albedo: AlbedoMap | None
    remarks: tuple[str, ...]


SIZES = (1024, 2048, 4096, 8192)
"""Texels a side that people choose of."""


@dataclass(frozen=True)
class ScanOptions:
    """What is wanted of a scan.

    Attributes
    ----------
    resolution : int
        Texels a side of the displacement, 64..8192.
    age : float
        Years of the person.
    with_color : bool
        Take over the scan's colour, where it has one.
    with_lines : bool
        Its wrinkles as strokes.
    """

    resolution: int = 2048
    age: float = AGE_DEFAULT
    with_color: bool = True
    with_lines: bool = True


def face_of_scan(path: Path, reference: Head, options: ScanOptions, control: Control) -> ScanFace:
    """Make head and detail of a scan.

    Parameters
    ----------
    path : Path
        PLY, OBJ or GLB.
    reference : Head
        The default head, whose topology and chart the face gets.
    options : ScanOptions
    control : Control

    Raises
    ------
    ValueError
        No such scan, or no face in it; the message names the file.
    OSError
        The file cannot be read.
    core.detail.engine.Cancelled
    """
    from rhytid.core.lines.extract import found_lines  # skimage behind it takes long to import

    resolution, age = options.resolution, options.age
    control(0.0)
    scan = read_scan(path, options.with_color)
    control(0.05)
    try:
        base = base_of(scan, reference, path.stem[:80], control.part(0.05, 0.35))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    place = placed(base.vertices, base.triangles, base.head, control.part(0.35, 0.7))
    sheet = sheet_of(place, base.triangles)
    relief = baked(sheet, place.height, base.head, resolution, control.part(0.7, 0.85))
    albedo = None
    if scan.color is not None:
        color = scan.color.inside_out() if base.is_inside_out else scan.color
        texels = baked_color(color, sheet, resolution, control.part(0.85, 0.92))
        albedo = None if texels is None else AlbedoMap.of(texels, age)
    displacement = read_only(relief.displacement)
    lines = found_lines(displacement).seen() if options.with_lines else ()
    control(1.0)
    digest = displacement_digest(displacement)
    source = SourceDetail(displacement, (0.0,) * N_EXPRESSION, age, path.name, lines, digest)
    return ScanFace(base.head, source, albedo, (*base.notes, *scan.remarks, *relief.remarks))


def taken(state: DocumentState, scan: ScanFace, head_file: Path) -> DocumentState:
    """A document with the face of a scan, whose head was saved in a file."""
    # The head has the form of its years already: it is as it is at the age at which heads are neutral.
    new = replace(
        state, head=HeadReference(str(head_file), scan.head.digest), identity=(), albedo=scan.albedo,
        shape_age=SHAPE_AGE,
    )  # fmt: skip
    return SetAge(scan.source.age).apply(ImportSource(scan.source).apply(new))


def head_file_of(project: Path) -> Path:
    """Where the head of a face of a scan lies: beside its project, by the same name."""
    return project.absolute().with_suffix(".head.npz")


def save_scan_face(scan: ScanFace, fresh: DocumentState, project: Path, overwrite: bool = False) -> None:
    """Write project and head of a scan, both or none of them.

    Parameters
    ----------
    scan : ScanFace
    fresh : DocumentState
        A face to begin with.
    project : Path
    overwrite : bool
        Whether files that the program did not write may be replaced.

    Raises
    ------
    core.files.failures.WriteError
        One cannot be written; all is as before.
    """
    head_file = head_file_of(project)
    with file_set(head_file.parent) as files:
        save_head(scan.head, files.folder / head_file.name)
        save_project(files.folder / project.name, taken(fresh, scan, head_file))
        files.put([head_file.name, project.name], overwrite)
