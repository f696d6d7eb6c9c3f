"""Materials of USD: UsdPreviewSurface, which every program that reads USD knows. Needs `pxr`."""

from __future__ import annotations

import math

from pxr import Gf, Sdf, Usd, UsdShade

from rhytid.core.io.usd_scene import UsdMaterial, UsdPicture

_DIELECTRIC = 0.04  # reflectance of glTF's surfaces at specular 1
RELIEF = ("normal", "displacement")
"""The same relief twice: whoever shows it by one must not show it by the other, too."""
_COLORS = ("diffuseColor", "specularColor")
_VECTORS = (*_COLORS, "normal")


def add_material(stage: Usd.Stage, path: Sdf.Path, described: UsdMaterial) -> UsdShade.Material:
    """Define a material at a path."""
    material = UsdShade.Material.Define(stage, path)
    surface = UsdShade.Shader.Define(stage, path.AppendChild("surface"))
    surface.CreateIdAttr("UsdPreviewSurface")
    numbers, pictures = described.material, described.pictures
    color = Gf.Vec3f(*numbers.base_color[:3])
    reflectance = _DIELECTRIC * numbers.specular
    surface.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(color)
    surface.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(numbers.roughness)
    surface.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(described.metallic)
    surface.CreateInput("ior", Sdf.ValueTypeNames.Float).Set(_ior(reflectance))
    if described.opacity < 1 or "opacity" in pictures:
        surface.CreateInput("opacity", Sdf.ValueTypeNames.Float).Set(described.opacity)
        surface.CreateInput("opacityThreshold", Sdf.ValueTypeNames.Float).Set(described.cutoff)
    if "specularColor" in pictures:
        surface.CreateInput("useSpecularWorkflow", Sdf.ValueTypeNames.Int).Set(1)
    if pictures:
        reader = UsdShade.Shader.Define(stage, path.AppendChild("st"))
        reader.CreateIdAttr("UsdPrimvarReader_float2")
        reader.CreateInput("varname", Sdf.ValueTypeNames.String).Set("st")
        st = reader.CreateOutput("result", Sdf.ValueTypeNames.Float2)
        for name, picture in pictures.items():
            if name not in RELIEF or not set(RELIEF) <= set(pictures):
                _connect(stage, path.AppendChild(f"{name}_picture"), surface, name, picture, st)
    material.CreateSurfaceOutput().ConnectToSource(
        surface.CreateOutput("surface", Sdf.ValueTypeNames.Token)
    )
    return material


def add_relief(material: UsdShade.Material, described: UsdMaterial, name: str) -> None:
    """Connect one of `RELIEF` of a material that has both."""
    stage, path = material.GetPrim().GetStage(), material.GetPath()
    surface, st = (UsdShade.Shader(stage.GetPrimAtPath(path.AppendChild(part))) for part in ("surface", "st"))
    picture = described.pictures[name]
    _connect(stage, path.AppendChild(f"{name}_picture"), surface, name, picture, st.GetOutput("result"))
    if name == "displacement":
        material.CreateDisplacementOutput().ConnectToSource(
            surface.CreateOutput("displacement", Sdf.ValueTypeNames.Token)
        )


def _connect(
    stage: Usd.Stage, path: Sdf.Path, surface: UsdShade.Shader, name: str, picture: UsdPicture, st: UsdShade.Output
) -> None:
    texture = UsdShade.Shader.Define(stage, path)
    texture.CreateIdAttr("UsdUVTexture")
    texture.CreateInput("file", Sdf.ValueTypeNames.Asset).Set(Sdf.AssetPath(f"./{picture.file}"))
    texture.CreateInput("sourceColorSpace", Sdf.ValueTypeNames.Token).Set("sRGB" if picture.srgb else "raw")
    # Each material lies in one UDIM tile and has that tile's picture: repeated, it is there in every tile.
    for wrap in ("wrapS", "wrapT"):
        texture.CreateInput(wrap, Sdf.ValueTypeNames.Token).Set("repeat")
    texture.CreateInput("st", Sdf.ValueTypeNames.Float2).ConnectToSource(st)
    if (picture.scale, picture.bias, picture.tint) != (1.0, 0.0, (1.0, 1.0, 1.0)):
        scale = [picture.scale * part for part in picture.tint]
        alpha = picture.scale if picture.channel == "a" else 1.0
        texture.CreateInput("scale", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*scale, alpha))
        texture.CreateInput("bias", Sdf.ValueTypeNames.Float4).Set(Gf.Vec4f(*([picture.bias] * 3), 0.0))
    kind = Sdf.ValueTypeNames.Float
    if name in _VECTORS:
        kind = Sdf.ValueTypeNames.Color3f if name in _COLORS else Sdf.ValueTypeNames.Normal3f
    read = Sdf.ValueTypeNames.Float3 if picture.channel == "rgb" else Sdf.ValueTypeNames.Float
    surface.CreateInput(name, kind).ConnectToSource(texture.CreateOutput(picture.channel, read))


def _ior(reflectance: float) -> float:
    """Index of refraction of what mirrors so much of light that falls straight on it."""
    root = math.sqrt(reflectance)
    return (1 + root) / (1 - root)
