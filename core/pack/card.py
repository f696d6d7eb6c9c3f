"""README.txt of a pack: what the files are, and the clicks that bring them into an engine."""

from __future__ import annotations

from rhytid.core.pack.options import (
    BLENDER_NAME,
    CSV_NAME,
    ERRORS_NAME,
    GLSL_NAME,
    JSON_NAME,
    PackOptions,
)
from rhytid.core.pack.regions import REGIONS
from rhytid.core.pack.residual import Residual
from rhytid.core.pack.table import FORMULA


def card_text(options: PackOptions, residual: Residual, head: str, age: float) -> str:
    """The card."""
    sections = (_files(options, head, age), _masks(options), _DRIVERS, _error(residual), _engines(options))
    return "\n\n".join(sections) + "\n"


def _files(options: PackOptions, head: str, age: float) -> str:
    layout, green = options.shape, options.normal_green
    programs = "Blender, Unity, Maya" if green == "opengl" else "Unreal, 3ds Max"
    numbers = range(1, options.budget + 1)
    lines = [
        "RHYTID WRINKLE PACK",
        "===================",
        "",
        f"Head {head}, age {age:g}, layout {layout.title}, {options.budget} wrinkle maps of {options.size} texels.",
        "",
        f"  {layout.normal(options.name, 0)}: normals of the neutral face",
        f"  {', '.join(layout.normal(options.name, n) for n in numbers)}: the same with wrinkles",
    ]
    if options.colors:
        lines += [
            f"  {layout.color(options.name, 0)}: skin colour of the neutral face (sRGB)",
            f"  {', '.join(layout.color(options.name, n) for n in numbers)}: with wrinkles' blood and shadow (sRGB)",
        ]
    if options.heights:
        names = ", ".join(layout.height(options.name, n) for n in range(options.budget + 1))
        lines += [f"  {names}: displacement, 16 bits, scale in {JSON_NAME}"]
    lines += [
        f"  {JSON_NAME}, {CSV_NAME}: the table shape -> region -> weight -> curve",
        f"  {GLSL_NAME}, {BLENDER_NAME}: players",
        f"  {ERRORS_NAME}: what the pack does not show",
        "",
        f"Normals are in tangent space (MikkTSpace), green as {programs} want it ({green}). Normals and masks are data",
        "(linear, no sRGB). All lie in UDIM tile 1001 of the exported base mesh; the tiles 1002 and 1003 do not change",
        "with the expression and come from File > Export.",
    ]
    return "\n".join(lines)


def _masks(options: PackOptions) -> str:
    told = "Thirteen regions, four to a file; at each texel they sum to 1. Alpha is a mask, not an opacity."
    lines = ["MASKS", told, ""]
    for at, region in enumerate(REGIONS):
        number, channel = options.shape.mask_place(at)
        lines.append(f"  {options.shape.mask(options.name, number)}  {channel}  {region.name}")
    return "\n".join(lines)


_DRIVERS = f"""\
HOW IT IS PLAYED
Each map has one activation in each region:
  {FORMULA}
with the ARKit shapes of the head, 0..1. At a texel, a map shows by
  share = sum over regions of mask * activation
and the picture is
  slope = slope(neutral) + sum over maps of share * (slope(map) - slope(neutral)),  slope = (x / z, y / z) of a normal
  colour likewise, in linear light.
An engine that can only mix normals (lerp, then normalise) comes close: use the same shares.
The table holds numbers only. Set the activations from it once a frame; do not write them as one expression."""


def _error(residual: Residual) -> str:
    lines = [
        "WHAT IT DOES NOT SHOW",
        "Measured against the editor on random expressions that the maps were not solved on, relief in micrometres:",
        f"  mean {residual.mean_um:.1f}, 95 % below {residual.p95_um:.1f}; the neutral map alone is off by "
        f"{residual.without_um:.1f}.",
        "",
        "  region               mean    p95  neutral alone",
    ]
    lines += [
        f"  {one.region:<18} {one.mean_um:6.1f} {one.p95_um:6.1f} {one.without_um:10.1f}" for one in residual.regions
    ]
    lines += ["", "Worst expressions:"]
    lines += [f"  {one.mean_um:6.1f}  {one.name}" for one in residual.worst]
    return "\n".join(lines)


def _engines(options: PackOptions) -> str:
    metahuman = (
        "\n           A MetaHuman's head material takes normals as Normal_MAIN and Normal_WM1 to WM3, colours as"
        "\n           Color_MAIN and Color_CM1 to CM3. Its own masks are for its own texture coordinates: with this"
        "\n           head use the masks of this pack."
        if options.layout == "metahuman"
        else ""
    )
    return f"""\
IN YOUR PROGRAM
  Blender: import the base mesh (File > Import > glTF 2.0), select the face, Scripting tab > Open > {BLENDER_NAME} >
           Run Script. It builds the material; move a shape key and the wrinkles follow.
  Unreal:  drag the PNGs in. Normals: Compression Settings = Normalmap. Masks: Masks (no sRGB). Colours: Default, sRGB.
           In a material give the activations as a parameter collection or as curves of the animation, named as in the
           column "driver" of {CSV_NAME}; the node Custom takes the body of {GLSL_NAME} with texture() written as
           Texture2DSample().{metahuman}
  Unity:   Texture Type = Normal map for normals (with the opengl green), sRGB off for masks. A custom function node of
           a shader graph takes {GLSL_NAME}; set u_activation from a script that reads {JSON_NAME}.
  WebGL:   {GLSL_NAME} as it is, after a line that states the precision.
This pack has {options.normal_green} green: for programs of the other kind write it again with the other one."""
