"""Hair as ribbons for mesh files, which have no strands: what the viewport wears of brows, lashes and beard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.hair.strands import N_POINTS
from rhytid.core.hair.wig import Worn
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.person_lids import PAST_THE_END, PersonLids
from rhytid.core.io.export_meshes import ExportedMesh
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, write_glb
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.obj_file import write_obj
from rhytid.core.io.ply_file import write_ply
from rhytid.core.io.usd_file import USD_SUFFIXES
from rhytid.core.io.usd_scene import UsdFace
from rhytid.core.io.usd_writing import write_usd_mesh

_SHADES = 3
"""Materials of each kind: hairs of one head differ, and a mesh file has no colour for each."""
_ROUGHNESS = 0.45


def write_hair(
    folder: Path, head: Head, vertices: Float32, rest: Float32, weights: Sequence[float], worn: dict[str, Worn],
    options: ExportOptions,
) -> ExportedMesh:  # fmt: skip
    """Write the ribbons in the format of the displaced mesh.

    GLB and USD have the face at rest with morph targets, as the base mesh; others have the pose.

    Parameters
    ----------
    vertices, rest : float32 (V, 3)
        Of the head in its pose and at rest, mm.
    weights : sequence of 52 floats
        Of the expressions that bring it into its pose.
    worn : dict of kind to Worn
        At least one.
    """
    is_usd = f".{options.mesh_format}" in USD_SUFFIXES
    has_shapes = is_usd or options.mesh_format == "glb"
    mesh, colors = hair_mesh(worn, rest if has_shapes else vertices)
    path = folder / f"{options.name}_hair.{options.mesh_format}"
    comment = f"Rhytid: hair of head {head.name}"
    placing = options.placing(options.mesh_format)
    names: tuple[str, ...] = ()
    if has_shapes:
        targets = _targets(worn, head, rest, mesh.vertices)
        names = tuple(target.name for target in targets)
        shown = dict(zip(ARKIT_NAMES, weights, strict=True))
        of_targets = [shown[name] for name in names]
        materials = [
            GltfMaterial(name, (*color, 1.0), _ROUGHNESS, two_sided=True) for name, color in colors.items()
        ]
        if is_usd:
            scene = UsdFace(mesh, (), targets, of_targets, subdivided=False)
            paths = write_usd_mesh(path, scene, materials, options)
        else:
            primitives = [GltfPrimitive(mesh.material == k, material) for k, material in enumerate(materials)]
            paths = write_glb(path, mesh, primitives, targets, of_targets, name="hair")
    elif options.mesh_format == "obj":
        paths = write_obj(path, mesh, comment=comment, colors=colors, placing=placing)
    else:
        paths = write_ply(path, mesh, comment, placing)
    details = {
        "vertices": len(mesh.vertices),
        "faces": len(mesh.faces),
        "strands": sum(len(one.strands) for one in worn.values()),
        "morph_targets": len(names),
        **placing.details(mesh.vertices),
    }
    return ExportedMesh("hair", paths, mesh, details, names, placing)


def hair_mesh(worn: dict[str, Worn], vertices: Float32) -> tuple[MeshData, dict[str, tuple[float, float, float]]]:
    """Ribbons of each kind on a head of these vertices (V, 3), and the linear colour of each material.

    Texture coordinates run from 0 to 1 across each ribbon and from its root to its tip.
    """
    corners, normals, faces, material = [], [], [], []
    colors: dict[str, tuple[float, float, float]] = {}
    n_corners = 0
    for kind, one in worn.items():
        ribbon, triangles = one.strands.ribbons(vertices)
        corners.append(ribbon)
        normals.append(np.repeat(one.strands.normals(vertices), 2 * N_POINTS, axis=0))
        faces.append(triangles + n_corners)
        n_corners += len(ribbon)
        # By lightness into shades of equally many hairs.
        lightness = one.colors.sum(axis=1)
        shade = np.searchsorted(np.quantile(lightness, np.arange(1, _SHADES) / _SHADES), lightness, side="left")
        material.append(np.repeat(len(colors) + shade, 2 * (N_POINTS - 1)))
        for number in range(_SHADES):
            of_shade = one.colors[shade == number] if (shade == number).any() else one.colors
            red, green, blue = (float(value) for value in of_shade.mean(axis=0))
            colors[f"{kind}_{number + 1}"] = red, green, blue
    every = np.concatenate(faces)
    quads = np.concatenate([every, np.full((len(every), 1), -1)], axis=1).astype(np.int32)
    n_strands = n_corners // (2 * N_POINTS)
    along = np.repeat(np.linspace(0, 1, N_POINTS), 2)
    uv = np.tile(np.stack([np.tile([0.0, 1.0], N_POINTS), along], axis=1), (n_strands, 1))
    mesh = MeshData(
        vertices=np.concatenate(corners), faces=quads, normals=np.concatenate(normals),
        uv=uv.astype(np.float32), face_uv=quads, material=np.concatenate(material).astype(np.int32),
        material_names=tuple(colors),
    )  # fmt: skip
    return mesh, colors


def _targets(worn: dict[str, Worn], head: Head, rest: Float32, at_rest: Float32) -> list[MorphTarget]:
    """Of those expressions that move the hair; lashes turn with the lid, and a target is a straight way."""
    targets, lids = [], PersonLids(head, rest)
    for number, name in enumerate(ARKIT_NAMES):
        posed = lids.posed(number, 1.0)
        halfway, end = (
            np.concatenate([one.strands.ribbons(where)[0] for one in worn.values()]) - at_rest
            for where in (lids.posed(number, 0.5), posed)
        )
        offsets: Float32 = (end + PAST_THE_END * (halfway - 0.5 * end)).astype(np.float32)
        if np.abs(offsets).max() > 0.01:
            normals = np.concatenate([
                np.repeat(one.strands.normals(posed) - one.strands.normals(rest), 2 * N_POINTS, axis=0)
                for one in worn.values()
            ])  # fmt: skip
            targets.append(MorphTarget(name, offsets, normals))
    return targets
