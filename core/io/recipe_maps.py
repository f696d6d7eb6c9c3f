"""What the recipe card says of vectors, normals in space, curvature, bands and masks."""

from __future__ import annotations

from rhytid.core.io.export_options import ExportedFile, ExportReport

ZBRUSH_FLIP_AND_SWITCH = {"ZBrush itself": "25", "Arnold in Maya": "47, tangent 25", "RenderMan": "41"}
"""Codes that UDIMTextureImporter's documentation gives for vector maps of ZBrush, by what reads them."""


def map_sections(report: ExportReport) -> list[str]:
    """Sections for the maps that are there."""
    by_kind: dict[str, list[ExportedFile]] = {}
    for file in report.files:
        by_kind.setdefault(file.kind, []).append(file)
    makers = (
        (("vector_displacement", "vector_displacement_object"), _vectors),
        (("object_normals",), _object_normals),
        (("curvature",), _curvature),
        (("bands",), _bands),
        (("region_masks", "detail_mask"), _masks),
    )
    sections = []
    for kinds, make in makers:
        found = [file for kind in kinds for file in by_kind.get(kind, ())]
        if found:
            sections.append(make(found))
    return sections


def _sixteen(files: list[ExportedFile]) -> str:
    """What 16 bits stand for."""
    lines = []
    for scale, unit in sorted({(f.details["scale"], f.details["units"]) for f in files if f.details["mid"]}):
        names = sorted({f.name.split(".")[-3] for f in files if f.details["scale"] == scale and f.details["mid"]})
        lines.append(f"16 bits ({', '.join(names)}): mid 0.5 (32768), {scale:g} {unit} from 0 to 1.")
    return "\n".join(["Floats: the unit itself, 0 is none.", *lines])


def _vectors(files: list[ExportedFile]) -> str:
    order = "\n".join(
        f"  {name}: {space}; {axes}"
        for name, space, axes in dict.fromkeys(
            (f.name.split(".")[-3], f.details["space"], f.details["axes"]) for f in files
        )
    )
    codes = "; ".join(f"{program} {code}" for program, code in ZBRUSH_FLIP_AND_SWITCH.items())
    return f"""\
VECTOR DISPLACEMENT
In mm, scaled as the displacement. {_sixteen(files)}
{order}
  Blender     Vector Displacement node, Space Tangent or Object, Midlevel 0 for EXR; its order is the one above. Of the
              object's space it needs Z up: export with that axis.
  Maya        displacementShader: Vector Displacement, Vector Encoding "Floating-Point Absolute", Vector Space as above
  ZBrush      has orders of its own (FlipAndSwitch: {codes}); turn the channels to match"""


def _object_normals(files: list[ExportedFile]) -> str:
    return f"""\
NORMALS IN SPACE
{files[0].name}: {files[0].details["axes"]}. For still heads and for baking; what moves needs the tangent-space map.
Load it as data. Blender: Normal Map node, Space Object, with the mesh in the same axes."""


def _curvature(files: list[ExportedFile]) -> str:
    return f"""\
CURVATURE
Mean curvature of the displaced skin in 1/mm: bumps and edges above 0, pits and furrows below. {_sixteen(files)}
Use it as a mask for wear, oil or colour; in 16 bits raise the contrast about the middle."""


def _bands(files: list[ExportedFile]) -> str:
    return f"""\
BANDS
The displacement cut by size: folds (broader than about 3 mm), fine lines, pores (finer than about 1 mm). Packed they
are red, green and blue, as multi-channel maps of skin have them. All three added up are the displacement.
In mm. {_sixteen(files)}"""


def _masks(files: list[ExportedFile]) -> str:
    held = "\n".join(f"  {f.name:<34} {f.details['holds']}" for f in files if "holds" in f.details)
    text = """\
MASKS
Load them as data. Four regions share a picture, one each in red, green, blue and alpha: choose "Channel Packed" in
Blender and do not premultiply. The detail mask is white where all of the drawn detail applies."""
    return f"{text}\n{held}" if held else text
