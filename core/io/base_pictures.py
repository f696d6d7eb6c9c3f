"""The pictures that the base mesh shows in USD and FBX.

Maps that are exported are named as they lie beside the file. For those that are not, the pictures that a GLB would hold
are written beside it. A package of USD has these inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rhytid.core.files.writing import replacing
from rhytid.core.head.material import MASK, OPAQUE, Material
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.export_options import TILE, ExportOptions
from rhytid.core.io.export_other_parts import part_pictures
from rhytid.core.io.face_textures import TILE_OF
from rhytid.core.io.gltf_file import GltfMaterial
from rhytid.core.io.usd_scene import UsdMaterial, UsdPart, UsdPicture

_MOST_REFLECTANCE = 0.08  # what the map of specular calls 1
_TILES = {"face": TILE, **TILE_OF}


def package_pictures(materials: Sequence[GltfMaterial]) -> tuple[list[UsdMaterial], dict[str, bytes]]:
    """Materials with their own pictures, and these by name; a picture of several materials is there once."""
    names: dict[bytes, str] = {}
    described = []
    for material in materials:
        pictures: dict[str, UsdPicture] = {}
        for label, png in _own(material).items():
            name = names.setdefault(png, f"{material.name}_{label}.png")
            pictures |= _inputs(label, name)
        described.append(UsdMaterial(material, pictures))
    return described, {name: png for png, name in names.items()}


def usd_materials(
    folder: Path, materials: Sequence[GltfMaterial], options: ExportOptions, units_per_mm: float,
    is_displaced_there: bool = True,
) -> tuple[list[UsdMaterial], list[Path]]:  # fmt: skip
    """Materials that name what lies in the folder, and the pictures that were written there.

    The displacement is among them unless the mesh has it already.
    """
    made: list[Path] = []
    described = []
    for material in materials:
        tile = _TILES.get(material.name)
        if tile is None:
            described.append(UsdMaterial(material))
            continue
        pictures: dict[str, UsdPicture] = {}
        for label, png in _own(material).items():
            known = _exported(folder, options, label, tile)
            pictures |= known or _inputs(label, _written(folder, options, label, tile, png, made))
        if material.specular != 1.0:  # skin
            for label, picture in (
                ("specular", UsdPicture(_name(options, "specular", tile), "r", scale=_MOST_REFLECTANCE)),
                ("displacement", UsdPicture(_name(options, "displacement", tile, ".exr"), "r", scale=units_per_mm)),
            ):
                if label == "displacement" and not is_displaced_there:
                    continue
                if label in options.what and (folder / picture.file).exists():
                    pictures["specularColor" if label == "specular" else label] = picture
        described.append(UsdMaterial(material, pictures))
    return described, made


def usd_parts(parts: Sequence[OtherPart], name: str) -> tuple[list[UsdPart], dict[str, bytes]]:
    """Body, hair and clothes with colours and normals of their materials, and the pictures of these, by name."""
    files = part_pictures(parts, name, with_normals=True)
    of_picture = {data: file for file, data in files.items()}
    materials: dict[Material, UsdMaterial] = {}
    for kept in dict.fromkeys(part.material for part in parts):
        plain = GltfMaterial(kept.name, (*kept.color[:3], 1.0), kept.roughness)
        file, tint = of_picture.get(kept.base_picture, ""), kept.color[:3]
        pictures = {"diffuseColor": UsdPicture(file, srgb=True, tint=tint)} if file else {}
        if kept.normal_picture:
            pictures["normal"] = UsdPicture(of_picture[kept.normal_picture], scale=2.0, bias=-1.0)
        if file and kept.alpha != OPAQUE:
            pictures["opacity"] = UsdPicture(file, "a", scale=kept.color[3], srgb=True)
        opacity = 1.0 if kept.alpha == OPAQUE else kept.color[3]
        cutoff = kept.cutoff if kept.alpha == MASK else 0.0
        materials[kept] = UsdMaterial(plain, pictures, kept.metallic, opacity, cutoff)
    return [UsdPart(part, materials[part.material]) for part in parts], files


def drawn_pictures(
    folder: Path, materials: Sequence[GltfMaterial], options: ExportOptions
) -> tuple[dict[str, dict[str, str]], list[Path]]:
    """Files of albedo and normals by material, and the pictures that were written into the folder for it."""
    described, made = usd_materials(folder, materials, options, 1.0)
    inputs = {"albedo": "diffuseColor", "normal": "normal"}
    named = {
        one.material.name: {kind: one.pictures[name].file for kind, name in inputs.items() if name in one.pictures}
        for one in described
    }
    return named, made


def _own(material: GltfMaterial) -> dict[str, bytes]:
    held = {"albedo": material.base_color_png, "normal": material.normal_png, "orm": material.orm_png}
    return {label: png for label, png in held.items() if png is not None}


def _inputs(label: str, name: str) -> dict[str, UsdPicture]:
    """Inputs of the surface that a picture is for."""
    if label == "albedo":
        return {"diffuseColor": UsdPicture(name, srgb=True)}
    if label == "normal":
        return {"normal": UsdPicture(name, scale=2.0, bias=-1.0)}
    return {"occlusion": UsdPicture(name, "r"), "roughness": UsdPicture(name, "g")}


def _exported(folder: Path, options: ExportOptions, label: str, tile: str) -> dict[str, UsdPicture]:
    """What is exported of it as a map of its own: all, or nothing."""
    if label == "orm":
        pictures = {name: UsdPicture(_name(options, name, tile), "r") for name in ("occlusion", "roughness")}
        asked = set(pictures) <= options.what
    else:
        pictures = _inputs(label, _name(options, label, tile))
        asked = "albedo" in options.what if label == "albedo" else "normal_map" in options.what
        asked = asked and (label == "albedo" or options.green == "opengl")
    there = all((folder / picture.file).exists() for picture in pictures.values())
    return pictures if asked and there else {}


def _written(folder: Path, options: ExportOptions, label: str, tile: str, png: bytes, made: list[Path]) -> str:
    path = folder / f"{options.name}_base_{label}.{tile}.png"
    if not path.exists():
        with replacing(path) as temporary:
            temporary.write_bytes(png)
        made.append(path)
    return path.name


def _name(options: ExportOptions, label: str, tile: str, suffix: str = ".png") -> str:
    return f"{options.name}_{label}.{tile}{suffix}"
