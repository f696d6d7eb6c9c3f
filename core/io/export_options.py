"""What an export writes, and the report of what it wrote."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.files.names import name_problem
from rhytid.core.given import given_items, given_number, given_whole
from rhytid.core.head.subdivide import MAX_LEVELS
from rhytid.core.io.clients import ANY_PROGRAM, AXES, CLIENTS, UNITS, MeshFormat
from rhytid.core.io.map_names import MAP_FORMATS, PACKINGS, PICTURE_FORMATS, map_files
from rhytid.core.io.obj_file import plain_name
from rhytid.core.io.placing import Placing
from rhytid.core.io.usd_file import USD_SUFFIXES, why_no_usd
from rhytid.core.maps.normal_map import GREENS

SURFACE = ("roughness", "specular", "cavity", "occlusion")
WHAT = (
    "displaced_mesh", "base_mesh", "hair", "displacement", "normal_map", "line_map", "distance_field", "albedo",
    *SURFACE,
)  # fmt: skip
"""What an export writes unless it is told."""
FURTHER = (
    "vector_displacement", "vector_displacement_object", "object_normals", "curvature", "bands", "region_masks",
    "detail_mask",
)  # fmt: skip
"""What it writes where it is asked for."""
MESH_FORMATS: tuple[MeshFormat, ...] = ("obj", "ply", "glb", "usdc", "usdz")
BASE_FORMATS = ("glb", "obj", "usda", "usdc", "usdz", "fbx", "abc")
OWN_LAYOUT_FORMATS = ("glb", "obj", "usdz")
"""Those of the base mesh in a head's own layout."""
_NAMING = "usdc"
"""Of the displaced mesh: names the maps of the chart beside it, and so is not there in a head's own layout."""
AUTO: Final = "auto"
"""As the client takes it."""
RESOLUTIONS = (1024, 2048, 4096, 8192)
TILE = "1001"
OUTER = "1002"
TILES = (TILE, OUTER, "1003")
"""Those with colour: chart, skin outside it, eyes."""
SKIN_TILES = (TILE, OUTER)
"""Those with relief."""
LISTING_NAME, README_NAME = "export.json", "README.txt"
# Formats that are of one kind by their own rules or by their readers' habits, and say so. Alembic has Y up, too, and
# no unit.
_PLACED = {"glb": Placing("m"), "usdz": Placing("cm"), "fbx": Placing("cm")}
SHOWING = {"usda", "usdc", "fbx"}
"""Formats of the base mesh that name pictures beside them."""


@dataclass(frozen=True)
class ExportOptions:
    """What to export and how.

    Attributes
    ----------
    what : set of str
        Any of `WHAT` and `FURTHER`.
    mesh_format : str
        Of the displaced mesh and of the hair, one of `MESH_FORMATS`.
    base_formats : frozenset of str
        Of the base mesh, any of `BASE_FORMATS`.
    shapes_obj : bool
        Beside the base mesh's OBJ, an OBJ of the same vertices for each of the 52 expressions that moves some.
    client : str
        Program that the recipe card is for and that "auto" follows, a name of `core.io.clients.CLIENTS`.
        `options_for` gives it what it takes in everything else, too.
    unit : str
        Of meshes: "mm", "cm", "m" or "auto". A GLB is in metres, FBX and USDZ in centimetres whatever this is.
    up_axis : str
        Of meshes: "y", "z" or "auto". GLB, FBX, USDZ and Alembic have Y up whatever this is.
    target_edge_mm, face_count, levels : optional
        Density of the displaced mesh: median edge length, most faces, or Catmull-Clark levels. The first
        that is given counts; 0.3 mm without any, as fine as the viewport's map.
    layout : str
        "chart": maps and texture coordinates of the chart; "own": those of the head, which keeps its UDIM tiles and
        materials. They are one for the default head.
    resolution : int
        Side of the maps, 1024 .. 8192.
    padding_px : int
        How far colours and relief run on beyond the skin's edge in the maps, 0 .. 64.
    green : str
        Normal map: "opengl" (Blender, Maya, Unity) or "directx" (Unreal, 3ds Max).
    normal_bits : int
        8 or 16.
    exr_channels : str
        Of the displacement: "Y" or "RGB".
    map_formats : frozenset of str
        Of maps with a unit (displacement, vectors, curvature, bands): any of "exr", "png" and "tiff".
    float_bits, tiff_bits : int
        Depth of EXR and of TIFF with a unit: 16 or 32; an EXR of 16 holds half floats, a TIFF of 16 integers.
    picture_formats : frozenset of str
        Of all other maps, beside PNG: any of "exr" and "tiff".
    packing : str
        Bands and region masks: "packed" as channels of one picture, "apart", or "both".
    pose : str
        "current" or "neutral".
    name : str
        First part of every file name, as it stands: dots, spaces and any alphabet are part of it.
    overwrite : bool
        Replace files of these names, too, that the program did not write or that were changed since.
    verify : bool
        Read everything back and compare before it is moved to its place.
    """

    what: frozenset[str] = frozenset(WHAT)
    mesh_format: MeshFormat = "obj"
    base_formats: frozenset[str] = frozenset({"glb"})
    shapes_obj: bool = False
    client: str = ANY_PROGRAM
    unit: Literal["auto", "mm", "cm", "m"] = "auto"
    up_axis: Literal["auto", "y", "z"] = "auto"
    target_edge_mm: float | None = None
    face_count: int | None = None
    levels: int | None = None
    layout: Literal["chart", "own"] = "chart"
    resolution: int = 4096
    padding_px: int = 16
    green: Literal["opengl", "directx"] = "opengl"
    normal_bits: Literal[8, 16] = 8
    exr_channels: Literal["Y", "RGB"] = "Y"
    map_formats: frozenset[str] = frozenset({"exr", "png"})
    float_bits: Literal[16, 32] = 32
    tiff_bits: Literal[16, 32] = 16
    picture_formats: frozenset[str] = frozenset()
    packing: Literal["packed", "apart", "both"] = "packed"
    pose: Literal["current", "neutral"] = "current"
    name: str = "face"
    overwrite: bool = False
    verify: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "what", frozenset(given_items(self.what, str, "what to export")))
        if not isinstance(self.name, str):
            raise ValueError(f"the name of an export must be text, got {self.name!r:.80}")
        given_whole(self.padding_px, 0, 64, "edge padding in texels")
        if self.target_edge_mm is not None:
            given_number(self.target_edge_mm, "target edge in mm")
        if self.levels is not None:
            given_whole(self.levels, 0, MAX_LEVELS, "subdivision levels")
        if self.face_count is not None:
            given_whole(self.face_count, 1, sys.maxsize, "face count")
        unknown = self.what - set(WHAT) - set(FURTHER)
        if unknown or not self.what:
            raise ValueError(
                f"cannot export {', '.join(sorted(unknown)) or 'nothing'}; choose from {', '.join((*WHAT, *FURTHER))}"
            )
        for name, known in (("map_formats", MAP_FORMATS), ("picture_formats", PICTURE_FORMATS)):
            kinds = frozenset(given_items(getattr(self, name), str, "formats of maps"))
            object.__setattr__(self, name, kinds)
            if kinds - set(known) or (name == "map_formats" and not kinds):
                raise ValueError(
                    f"no maps as {', '.join(sorted(kinds)) or 'nothing'}; choose from {', '.join(known)} ({name})"
                )
        formats = frozenset(given_items(self.base_formats, str, "formats of the base mesh"))
        object.__setattr__(self, "base_formats", formats)
        if formats - set(BASE_FORMATS) or ("base_mesh" in self.what and not formats):
            raise ValueError(
                f"no base mesh as {', '.join(sorted(formats)) or 'nothing'}; choose from {', '.join(BASE_FORMATS)}"
            )
        if self.shapes_obj and "base_mesh" in self.what and "obj" not in formats:
            raise ValueError("shapes as OBJ belong to a base mesh as OBJ; choose that format, too (base_formats)")
        for value, allowed, label in (
            (self.client, tuple(CLIENTS), "program"),
            (self.unit, (AUTO, *UNITS), "unit"),
            (self.up_axis, (AUTO, *AXES), "up axis"),
            (self.mesh_format, MESH_FORMATS, "mesh format"),
            (self.resolution, RESOLUTIONS, "resolution"),
            (self.green, GREENS, "green channel"),
            (self.normal_bits, (8, 16), "normal map bits"),
            (self.exr_channels, ("Y", "RGB"), "EXR channels"),
            (self.float_bits, (16, 32), "bits of EXR"),
            (self.tiff_bits, (16, 32), "bits of TIFF"),
            (self.packing, PACKINGS, "packing of bands and masks"),
            (self.pose, ("current", "neutral"), "pose"),
            (self.layout, ("chart", "own"), "layout"),
            (self.shapes_obj, (False, True), "shapes as OBJ"),
        ):
            if value not in allowed or isinstance(value, float):
                raise ValueError(f"{label} must be one of {', '.join(map(str, allowed))}, not {value!r}")
        if self.layout == "own" and "base_mesh" in self.what and self.base_formats - set(OWN_LAYOUT_FORMATS):
            raise ValueError(
                f"in the head's own layout the base mesh is written as {', '.join(OWN_LAYOUT_FORMATS)}; choose of these"
            )
        if self.layout == "own" and "displaced_mesh" in self.what and self.mesh_format == _NAMING:
            raise ValueError("in the head's own layout the displaced mesh is an obj, ply, glb or usdz; choose one")
        further = self.what & set(FURTHER)
        if self.layout == "own" and further:
            raise ValueError(f"{', '.join(sorted(further))}: there in the chart's layout alone; choose that one")
        problem = "nothing is before the first _" if not self.name else name_problem(f"{self.name}_base.glb")
        if not self.name.isprintable():
            problem = "it holds characters that cannot be shown"
        if self.name.startswith((".", " ")):
            problem = "files whose name starts so are hidden or hard to find"
        if problem:
            raise ValueError(f"{self.name!r} cannot begin a file name: {problem}; use letters, digits, - and _")
        if self.target_edge_mm is not None and not self.target_edge_mm >= 0.02:
            raise ValueError(f"a target edge of {self.target_edge_mm} mm is too short; use 0.02 mm or more")

    def placing(self, mesh_format: str) -> Placing:
        """Unit and up axis of a mesh file of a format ("obj", "glb" ...)."""
        if mesh_format in _PLACED:
            return _PLACED[mesh_format]
        client = CLIENTS[self.client]
        unit = client.unit if self.unit == AUTO else self.unit
        up = client.up_of.get(mesh_format, client.up_axis) if self.up_axis == AUTO else self.up_axis
        return Placing(unit, "y" if mesh_format == "abc" else up)


def options_for(client: str, **given: Any) -> ExportOptions:
    """Options as a program of `CLIENTS` takes its files, with what is `given` in their place.

    Formats that this machine or the layout has not are left out, as long as another one remains.

    Raises
    ------
    ValueError
        As `ExportOptions`.
    """
    if client not in CLIENTS:
        raise ValueError(f"program must be one of {', '.join(CLIENTS)}, not {client!r:.80}")
    takes = CLIENTS[client]
    lacking = {suffix[1:] for suffix in USD_SUFFIXES} if why_no_usd() else set()
    if given.get("layout") == "own":
        lacking = lacking | (set(BASE_FORMATS) - set(OWN_LAYOUT_FORMATS))
    formats = given.get("base_formats", takes.base_formats - lacking)
    values: dict[str, Any] = {
        "mesh_format": takes.mesh_format, "base_formats": formats, "green": takes.green,
        "normal_bits": takes.normal_bits, "shapes_obj": takes.shapes_obj and "obj" in formats,
    }  # fmt: skip
    return ExportOptions(client=client, **values | given)


def planned_files(options: ExportOptions, own_tiles: Sequence[str] | None = None) -> tuple[str, ...]:
    """Names of all files that an export with these options writes; `own_tiles` of a head's own layout.

    A face that wears no hair, and a shape that moves nothing, have no file; nor has a tile where the head has no skin.
    """
    names: list[str] = []
    if "displaced_mesh" in options.what:
        names.append(f"{options.name}_displaced.{options.mesh_format}")
        names += _beside_obj(options, "displaced", own_tiles) if options.mesh_format == "obj" else []
        if options.mesh_format == _NAMING:
            names += [f"{options.name}_base_{label}.{tile}.png" for label, tile in small_pictures(options)
                      if label != "normal"]  # fmt: skip
    if "base_mesh" in options.what:
        names += [f"{options.name}_base.{kind}" for kind in BASE_FORMATS if kind in options.base_formats]
        names += _beside_obj(options, "base", own_tiles) if "obj" in options.base_formats else []
        names += [shape_file(options, name) for name in ARKIT_NAMES] if options.shapes_obj else []
        if options.base_formats & SHOWING:
            names += [f"{options.name}_base_{label}.{tile}.png" for label, tile in small_pictures(options)]
    if "hair" in options.what:
        names.append(f"{options.name}_hair.{options.mesh_format}")
        names += [plain_name(f"{options.name}_hair.mtl")] if options.mesh_format == "obj" else []
    names += map_files(options, own_tiles or ())
    return (*dict.fromkeys(names), LISTING_NAME, README_NAME)


def shape_file(options: ExportOptions, shape: str) -> str:
    """Name of the OBJ of an expression."""
    return f"{options.name}_shape_{shape}.obj"


def small_pictures(options: ExportOptions) -> tuple[tuple[str, str], ...]:
    """Pictures by name and tile that lie beside a base mesh of USD or FBX, for the maps that are not exported."""
    names: list[tuple[str, str]] = []
    if "albedo" not in options.what:
        names += [("albedo", tile) for tile in TILES]
    if "normal_map" not in options.what or options.green != "opengl":
        names += [("normal", tile) for tile in SKIN_TILES]
    if not {"roughness", "occlusion"} <= options.what:
        names += [("orm", tile) for tile in SKIN_TILES]
    return tuple(names)


def _beside_obj(options: ExportOptions, label: str, own_tiles: Sequence[str] | None) -> list[str]:
    """The MTL and the pictures that it names."""
    named = [f"{options.name}_{label}.mtl"]
    named += [f"{options.name}_albedo.{tile}.png" for tile in own_tiles or TILES] if "albedo" in options.what else []
    return [plain_name(name) for name in named]


@dataclass(frozen=True)
class ExportedFile:
    """One file of an export.

    Attributes
    ----------
    name : str
        In the export's folder.
    kind : str
        One of `WHAT` and `FURTHER`, "shape" for an expression's OBJ, or "about" for the files that describe it.
    n_bytes : int
    sha256 : str
    details : mapping
        Units, scale, size, counts: what `export.json` states of it.
    """

    name: str
    kind: str
    n_bytes: int
    sha256: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One comparison of what was read back with what was meant."""

    file: str
    what: str
    passed: bool
    found: str


@dataclass(frozen=True, eq=False)
class ExportReport:
    """What an export wrote.

    Attributes
    ----------
    folder : Path
    files : tuple of ExportedFile
    checks : tuple of Check
        Empty when the options switched verification off.
    elapsed_s : float
    timings_s : dict
        Seconds by step.
    remarks : tuple of str
        What the files lack without being wrong, one line each, for the artist.
    own_tiles : tuple of str
        UDIM numbers of the maps in the head's own layout; empty in the chart's.
    """

    folder: Path
    files: tuple[ExportedFile, ...]
    checks: tuple[Check, ...]
    elapsed_s: float
    timings_s: Mapping[str, float]
    remarks: tuple[str, ...] = ()
    own_tiles: tuple[str, ...] = ()

    def path(self, kind: str, suffix: str = "") -> Path:
        """First file of a kind (with that suffix)."""
        for file in self.files:
            if file.kind == kind and file.name.endswith(suffix):
                return self.folder / file.name
        raise KeyError(f"no {kind} {suffix} in this export")
