"""What a USD file of a face holds, known without the library that writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.gltf_file import GltfMaterial, MorphTarget
from rhytid.core.io.mesh_data import Float32, MeshData
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.io.placing import Placing

Int32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class UsdPicture:
    """A picture of a material that lies beside the file or in the package.

    Attributes
    ----------
    file : str
        Its name.
    channel : str
        "rgb", or the one that is read: "r", "g" or "a".
    scale, bias : float
        The value is ``scale * texel + bias``.
    srgb : bool
        A colour; otherwise plain numbers.
    tint : 3 floats
        Linear colour that the picture is multiplied with, beside the scale.
    """

    file: str
    channel: Literal["rgb", "r", "g", "a"] = "rgb"
    scale: float = 1.0
    bias: float = 0.0
    srgb: bool = False
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class UsdMaterial:
    """A preview surface: numbers, and pictures that take their place.

    Attributes
    ----------
    material : GltfMaterial
        Its name and numbers; its pictures are not looked at.
    pictures : mapping of input to UsdPicture
        Inputs of UsdPreviewSurface: diffuseColor, normal, roughness, occlusion, specularColor, opacity, displacement
        (in units of the scene).
    metallic : float
        0..1.
    opacity, cutoff : float
        0..1; with a cutoff above 0, all that is less opaque is not there.
    """

    material: GltfMaterial
    pictures: Mapping[str, UsdPicture] = field(default_factory=lambda: MappingProxyType({}))
    metallic: float = 0.0
    opacity: float = 1.0
    cutoff: float = 0.0


@dataclass(frozen=True, eq=False)
class UsdPart:
    """What stands beside the face; parts that share a `UsdMaterial` share it in the file."""

    part: OtherPart
    material: UsdMaterial


@dataclass(frozen=True, eq=False)
class UsdFace:
    """A mesh with all that goes with it.

    Attributes
    ----------
    mesh : MeshData
        mm, Y up, facing +Z.
    materials : sequence of UsdMaterial
        One for each of ``mesh.material_names``.
    targets : sequence of MorphTarget
        Blend shapes; none for a mesh without a skeleton.
    weights : sequence of float
        Initial weight of each target.
    motion : MorphMotion or None
        Weights over time.
    placing : Placing
        Unit and up axis of the scene.
    subdivided : bool
        The mesh is a Catmull-Clark cage; otherwise it is meant as it is.
    notes : mapping
        What the file says of itself: custom data of its root.
    others : sequence of UsdPart
        Meshes of their own, not subdivided.
    """

    mesh: MeshData
    materials: Sequence[UsdMaterial]
    targets: Sequence[MorphTarget] = ()
    weights: Sequence[float] = ()
    motion: MorphMotion | None = None
    placing: Placing = field(default_factory=lambda: Placing("m"))
    subdivided: bool = True
    notes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    others: Sequence[UsdPart] = ()


@dataclass(frozen=True, eq=False)
class ReadUsd:
    """What is in a USD file that was written here.

    Attributes
    ----------
    vertices : float32 (V, 3)
        mm, Y up.
    face_sizes, corners, materials : int32 (F,), (C,), (F,)
        Corners of each face, their vertices one face after the other, index of the material.
    shapes : mapping of name to float32 (V, 3)
        Offsets in mm, Y up.
    """

    vertices: Float32
    face_sizes: Int32
    corners: Int32
    materials: Int32
    shapes: Mapping[str, Float32]
