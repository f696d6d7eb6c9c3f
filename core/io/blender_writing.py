"""FBX and Alembic of a mesh with morph targets, written by Blender."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.blender_bridge import BlenderError, run, working_folder
from rhytid.core.files.writing import replacing
from rhytid.core.io.gltf_file import GltfMaterial, MorphTarget
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.language import tr

BLENDER_SUFFIXES = (".fbx", ".abc")
_SCRIPT, _ARRAYS = "write_mesh.py", "mesh.npz"
_FPS = 30.0
_TOLERANCE_MM = 1e-3
MAX_ALEMBIC_BYTES = 4 << 30


def write_by_blender(
    path: Path | str,
    mesh: MeshData,
    materials: Sequence[GltfMaterial],
    pictures: Mapping[str, Mapping[str, str]],
    targets: Sequence[MorphTarget],
    weights: Sequence[float],
    motion: MorphMotion | None,
    units_per_mm: float,
    cancel: Callable[[], bool] | None = None,
) -> list[Path]:
    """Write a `.fbx` (cm, Y up, which it states; shapes as targets) or `.abc` (the shape at each frame, Y up).

    Blender reads the file again, and what it finds is compared.

    Parameters
    ----------
    path : path
    mesh : MeshData
        mm, Y up.
    materials : sequence of GltfMaterial
        One for each of ``mesh.material_names``.
    pictures : mapping of material's name to mapping of "albedo" and "normal" to file name
        Those that lie beside the file.
    targets, weights, motion
        As of `core.io.gltf_file.write_glb`.
    units_per_mm : float
        Of an Alembic file, which states none.
    cancel : callable, optional
        Polled; True ends Blender and raises `Cancelled`.

    Raises
    ------
    NoBlenderError, BlenderError
    WriteError
        The disk refused.
    """
    path = Path(path)
    if path.suffix == ".abc" and motion is not None:
        n_bytes = len(mesh.vertices) * 24 * (motion.times_s[-1] * motion.fps)
        if n_bytes > MAX_ALEMBIC_BYTES:
            raise BlenderError(
                tr("{name}: {n:.0f} GB of frames; shorten the clip's range", name=path.name, n=n_bytes / (1 << 30))
            )
    with working_folder() as folder:
        np.savez(folder / _ARRAYS, **_arrays(mesh, targets, weights, motion))
        job: dict[str, Any] = {
            "target": f"mesh{path.suffix}",
            "names": [target.name for target in targets],
            "fps": _FPS if motion is None else motion.fps,
            "scale": units_per_mm,
            "materials": [
                {
                    "name": name,
                    "color": [float(value) for value in material.base_color[:3]],
                    "roughness": material.roughness,
                    **pictures.get(name, {}),
                }
                for name, material in zip(mesh.material_names, materials, strict=True)
            ],
        }
        answer = run(_SCRIPT, folder, job, cancel)
        expected = job["names"] if path.suffix == ".fbx" else []
        same = answer.get("vertices") == len(mesh.vertices) and answer.get("shapes") == expected
        if not same or not 0 <= float(answer.get("worst_mm", -1)) <= _TOLERANCE_MM:
            found = f"{answer.get('vertices')} vertices, {answer.get('worst_mm')} mm off"
            raise BlenderError(
                tr("{name} did not read back as it was meant ({found}); try another version of Blender",
                   name=path.name, found=found)
            )  # fmt: skip
        with replacing(path) as temporary:
            shutil.copyfile(folder / f"mesh{path.suffix}", temporary)
    return [path]


def _arrays(
    mesh: MeshData, targets: Sequence[MorphTarget], weights: Sequence[float], motion: MorphMotion | None
) -> dict[str, Any]:
    """What the script reads; it says what each is."""
    valid = mesh.faces >= 0
    count = len(targets)
    uv = np.zeros((int(valid.sum()), 2), np.float32)
    if mesh.uv is not None and mesh.face_uv is not None:
        uv = mesh.uv[mesh.face_uv[valid]]
    shapes = np.zeros((count, len(mesh.vertices), 3), np.float32)
    for shape, target in zip(shapes, targets, strict=True):
        shape[:] = target.offsets
    return {
        "vertices": mesh.vertices,
        "sizes": valid.sum(axis=1).astype(np.int32),
        "corners": mesh.faces[valid].astype(np.int32),
        "uv": uv,
        "material": mesh.material.astype(np.int32),
        "shapes": shapes,
        "weights": np.asarray(weights or np.zeros(count), np.float32),
        "times_s": np.zeros(0) if motion is None else motion.times_s,
        "keys": np.zeros((0, count), np.float32) if motion is None else motion.weights,
    }
