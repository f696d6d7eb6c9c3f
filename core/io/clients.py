"""The programs that take an export, and how each takes a mesh and a map when nothing is changed while it loads them.

A value whose comment says "tried" is held by a test that runs the program. All others are common usage: nobody ran
these programs for it, nor looked it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Unit = Literal["mm", "cm", "m"]
Axis = Literal["y", "z"]
MeshFormat = Literal["obj", "ply", "glb", "usdc", "usdz"]
UNITS: tuple[Unit, ...] = ("mm", "cm", "m")
AXES: tuple[Axis, ...] = ("y", "z")
UNITS_PER_MM: Mapping[str, float] = MappingProxyType({"mm": 1.0, "cm": 0.1, "m": 0.001})
ANY_PROGRAM = "any"


@dataclass(frozen=True)
class Client:
    """How one program takes what an export writes.

    Attributes
    ----------
    name, title : str
        Word for options; the program's own name.
    unit : str
        Length that a mesh file's number 1 stands for in a new scene.
    up_axis : str
        Axis that a file without a statement of its own points up with, so that it stands.
    up_of : mapping of format to axis
        Formats for which the program's importer takes another axis.
    green : str
        Of tangent-space normal maps.
    normal_bits : int
    displacement : str
        The file that its recipe uses: "exr" (float in mm, 0 is no displacement) or "png" (16 bits, 0.5 is none).
    mesh_format : str
        Of the displaced mesh.
    base_formats : frozenset of str
        Of the base mesh; those that a machine cannot write are left out there.
    shapes_obj : bool
        Whether the expressions go along as OBJ files of their own beside the base mesh's.
    flip_v : bool
        Its pictures run downward from texture coordinate 0: maps are turned over there, or the coordinates are.
    """

    name: str
    title: str
    unit: Unit
    up_axis: Axis = "y"
    up_of: Mapping[str, Axis] = field(default_factory=lambda: MappingProxyType({}))
    green: Literal["opengl", "directx"] = "opengl"
    normal_bits: Literal[8, 16] = 8
    displacement: Literal["exr", "png"] = "exr"
    mesh_format: MeshFormat = "obj"
    base_formats: frozenset[str] = frozenset({"glb"})
    shapes_obj: bool = False
    flip_v: bool = False


_CLIENTS = (
    # Scripts and programs that are not named here: as the pipeline has it, millimetres and Y up.
    Client(ANY_PROGRAM, "Any program", "mm"),
    # Tried: a new scene is in metres; the OBJ importer takes Y for up and -Z for forward, the PLY importer Z for up.
    # Common usage: normal maps with green up; 16 bits, for its maps are often baked further.
    Client("blender", "Blender", "m", up_of=MappingProxyType({"ply": "z"}), normal_bits=16,
           base_formats=frozenset({"glb", "obj"})),
    # The working unit is the centimetre, the world axis is Y, OBJ comes in without conversion; it reads no GLB, but
    # USD by its plug-in mayaUsd. Arnold and the viewport take green up. Targets of a blend shape come as an OBJ each.
    Client("maya", "Maya", "cm", normal_bits=16, base_formats=frozenset({"obj", "usdc"}), shapes_obj=True),
    # 1 unit is 1 cm, Z is up. Of the formats written here only GLB states its own unit and axis, which the
    # importer converts. Normal maps: DirectX, and kept at 8 bits by its compression. 16-bit grey PNG stays 16 bits.
    Client("unreal", "Unreal", "cm", up_axis="z", green="directx", displacement="png", mesh_format="glb"),
    # 1 unit is 1 m, Y is up, OBJ is read without a plug-in, GLB by glTFast; normal maps with green up.
    Client("unity", "Unity", "m", displacement="png", base_formats=frozenset({"glb", "obj"})),
    # The length of a unit in a new scene is 1 m, Y is up; OBJ as it is; USD in Solaris. Karma takes green up.
    Client("houdini", "Houdini", "m", normal_bits=16, base_formats=frozenset({"glb", "obj", "usdc"})),
    # OBJ with quads alone, no units: files keep theirs; mid 0.5 in 16 bits; pictures are turned over (Flip V).
    # Millimetres (Scale Master). A shape is an OBJ on a layer with the same vertices.
    Client("zbrush", "ZBrush", "mm", normal_bits=16, displacement="png", base_formats=frozenset({"obj"}),
           shapes_obj=True, flip_v=True),
    # glTF's own metres and Y up, normal maps with green up, EXRLoader reads floats. A browser decodes
    # PNG to 8 bits, so 16 are of no use there.
    Client("three", "three.js", "m", mesh_format="glb"),
)  # fmt: skip
CLIENTS: Mapping[str, Client] = MappingProxyType({client.name: client for client in _CLIENTS})
"""By name."""
