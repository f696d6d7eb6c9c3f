"""The recipe card beside an export: how to make other programs show what the viewport showed."""

from __future__ import annotations

import textwrap
from typing import Any

from rhytid.core.io.client_recipe import client_text
from rhytid.core.io.export_options import SURFACE, ExportedFile, ExportOptions, ExportReport
from rhytid.core.io.recipe_base import other_formats_text
from rhytid.core.io.recipe_maps import map_sections


def recipe_text(
    report: ExportReport, options: ExportOptions, recipe: dict[str, Any], is_moved_up: bool = False
) -> str:
    """README.txt of an export.

    Parameters
    ----------
    report : ExportReport
    options : ExportOptions
    recipe : dict
        `core.io.client_recipe.client_recipe` of it.
    is_moved_up : bool
        `core.io.chart_uv.is_moved_up` of the head.
    """
    sections = [_files(report)]
    if report.remarks:
        sections.append("\n".join(("NOTE", *map(_wrapped, report.remarks))))
    if recipe["meshes"] or "normal_map" in recipe:
        sections.append(client_text(recipe))
    png = _file(report, "displacement", ".png")
    exr = _file(report, "displacement", ".exr")
    if png is not None and exr is not None:
        sections.append(_displacement(png, exr))
    normal = _file(report, "normal_map")
    if normal is not None:
        sections.append(_normals(normal, options))
    if any(_file(report, name) is not None for name in SURFACE):
        sections.append(_SURFACE)
    sections += map_sections(report)
    if _file(report, "base_mesh") is not None:
        sections.append(_BASE)
    others = other_formats_text(report)
    if others:
        sections.append(others)
    displaced = _file(report, "displaced_mesh")
    if displaced is not None:
        sections.append(_displaced(displaced, options))
    if _file(report, "hair") is not None:
        sections.append(_HAIR)
    sections.append(_own_tiles(report.own_tiles) if report.own_tiles else _MOVED if is_moved_up else _TILES)
    return "\n\n".join(sections) + "\n"


_HAIR = """\
HAIR
Each strand is a flat ribbon with its own width; texture coordinates run across it and from root to tip, for a hair
texture or shader of your own. Materials go from dark to light (brows_1 ... brows_3) and are seen from both sides. A GLB
has the face at rest with the morph targets that move hair, under the names of the base mesh's; OBJ and PLY have the
pose."""


def _file(report: ExportReport, kind: str, suffix: str = "") -> ExportedFile | None:
    return next((f for f in report.files if f.kind == kind and f.name.endswith(suffix)), None)


def _files(report: ExportReport) -> str:
    lines = [
        "RHYTID EXPORT",
        "=============",
        "",
        "Machine-readable: export.json (sizes, sha256, units, checks).",
        "",
    ]
    shapes = {f.name: f.n_bytes for f in report.files if f.kind == "shape"}
    lines += [
        f"  {f.name:<34} {f.kind.replace('_', ' '):<16} {f.n_bytes / 1e6:8.1f} MB"
        for f in report.files
        if f.name not in shapes
    ]
    if shapes:
        lines.append(f"  {f'{next(iter(shapes))} ...':<34} {f'{len(shapes)} shapes':<16} "
                     f"{sum(shapes.values()) / 1e6:8.1f} MB")  # fmt: skip
    if report.checks:
        lines += ["", "Read back and compared before it was put here:"]
        lines += [f"  {c.file:<34} {c.what}: {c.found}" for c in report.checks if c.file not in shapes]
        read = sum(c.file in shapes for c in report.checks)
        lines += [f"  {'shapes':<34} all {read} as they were meant, see export.json"] if read else []
    return "\n".join(lines)


def _displacement(png: ExportedFile, exr: ExportedFile) -> str:
    scale_mm = float(png.details["scale_mm"])
    return f"""\
DISPLACEMENT
{exr.name}: 32-bit float, mm, 0 = no displacement, outward positive, channel {exr.details["channels"]}.
{png.name}: 16 bits, mid 0.5 (32768), {scale_mm:g} mm from black to white.
Range in use: {float(png.details["min_mm"]):.4f} to {float(png.details["max_mm"]):.4f} mm.
Always load it as data (Non-Color, Raw, linear), never as sRGB, without compression.

Scale, for a scene in millimetres / centimetres / metres:
               EXR                        PNG, mid level 0.5
  Blender      Scale 1 / 0.1 / 0.001      Scale {scale_mm:g} / {scale_mm / 10:g} / {scale_mm / 1000:g}
               (Displacement node: Midlevel 0)  (Displacement node: Midlevel 0.5)
  Maya Arnold  Height 1 / 0.1 / 0.001     Height {scale_mm:g} / {scale_mm / 10:g} / {scale_mm / 1000:g}
               (Scalar Zero Value 0)      (Scalar Zero Value 0.5)
  Unreal       scenes are in cm: Magnitude 0.1, Center 0 (EXR); Magnitude {scale_mm / 10:g}, Center 0.5 (PNG)
  Unity HDRP   scenes are in m: Amplitude {scale_mm / 10:g} (its unit is cm), Base 0.5 (PNG)"""


def _normals(normal: ExportedFile, options: ExportOptions) -> str:
    other = "DirectX" if options.green == "opengl" else "OpenGL"
    mine, programs = (
        ("OpenGL (Y+, green up)", "Blender, Maya, Unity, glTF")
        if options.green == "opengl"
        else ("DirectX (Y-, green down)", "Unreal, 3ds Max")
    )
    return f"""\
NORMAL MAP
{normal.name}: tangent space (MikkTSpace), {mine} as {programs} want it.
For programs of the {other} kind flip the green channel on import. Load it as data, not as sRGB.
Use it on the base mesh. Do not add it to the displaced mesh: the relief would count twice."""


_SURFACE = """\
SURFACE
Grey maps of 8 bits. Load them as data (Non-Color, Raw, linear), never as sRGB.
  roughness   perceptual roughness, 0 a mirror, 1 matt: Blender and glTF as they are, Unity 1 - smoothness
  specular    1 stands for a reflectance of 0.08, as Blender's Specular IOR Level and Unreal's Specular have it
  cavity      1 on open skin, less in pores and wrinkles; multiply specular with it where specular is one number
  occlusion   how much of its surroundings the skin sees; multiply the ambient light with it, never the colour"""


_BASE = """\
BASE MESH
A GLB is in metres (glTF's unit), Y up, facing +Z. It holds the 52 ARKit shapes by name with their normals,
the normal map and the skin colour; textures inside are at most 2048 wide, use the maps beside it for more.
Shapes called age_jowls and so on, where the head has them, add what the years do to a part: at 1 as much as from
30 to 70. The mesh itself has the face's own age. Subdivide it with Catmull-Clark before you apply the displacement map.
  Blender: File > Import > glTF 2.0; the shapes are shape keys.
  Unreal:  import as skeletal mesh with morph targets. glTF's normal map is OpenGL style: if wrinkles look
           like ridges, tick Flip Green Channel on the texture.
  Unity:   glTFast or UnityGLTF; the shapes are blend shapes."""


def _displaced(file: ExportedFile, options: ExportOptions) -> str:
    placing = options.placing(options.mesh_format)
    scale = f"In a scene in centimetres import it with scale {round(0.1 / placing.per_mm, 6):g}."
    if options.mesh_format in ("usdc", "usdz"):
        scale = "The file states its unit and axis; it is not to be subdivided, and says so."
    return f"""\
DISPLACED MESH
Real geometry ({placing.words}) with normals and UDIM texture coordinates. It needs no map to show
the relief. {scale}
Its faces keep {100 * float(file.details["slopes_kept"]):.0f} % of the slopes of the map, measured on this face;
a finer mesh keeps more.
  Blender: File > Import, keep the custom normals or use Shade Smooth; no subdivision is needed."""


_TILES = """\
TEXTURE COORDINATES
Origin bottom left. UDIM tile 1001 is the face. Colour, relief and surface go on in 1002 (scalp, ears and neck, at most
2048 texels wide); 1003 holds the eyes' colour; mouth and teeth need no map. Lines lie in 1001 alone.
In a program without UDIM put the maps of 1001 on the material "face", those of 1002 on "head" and the colour of 1003
on both eyes. Both displacement PNGs have one scale."""


_MOVED = """\
TEXTURE COORDINATES
Origin bottom left. UDIM tile 1001 is the face. Colour, relief and surface go on in 1002 (scalp, ears and neck, laid out
anew, at most 2048 texels wide); 1003 holds the eyes' colour. Lines lie in 1001 alone. Everything else keeps the texture
coordinates that the head came with, one row of tiles further up (1011, 1012 ...), where no map is written.
In a program without UDIM put the maps of 1001 on the material "face", those of 1002 on "head" and the colour of 1003
on both eyes. Both displacement PNGs have one scale."""


def _own_tiles(tiles: tuple[str, ...]) -> str:
    where = "tile" if len(tiles) == 1 else "tiles"
    return "TEXTURE COORDINATES\n" + _wrapped(
        f"Those of the head as it came, origin bottom left. Maps of the skin are in UDIM {where} {', '.join(tiles)}; "
        "other objects keep the pictures that they had."
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 119, break_long_words=False, break_on_hyphens=False)
