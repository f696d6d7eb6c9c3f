"""What the recipe card says of a base mesh in USD, FBX and Alembic."""

from __future__ import annotations

from rhytid.core.io.export_options import ExportedFile, ExportReport


def other_formats_text(report: ExportReport) -> str:
    """A paragraph for each of these formats that was written, "" for none."""
    paragraphs = []
    for suffixes, write in (
        ((".usda", ".usdc"), _usd), ((".usdz",), _package), ((".fbx",), _fbx), ((".abc",), _alembic),
    ):  # fmt: skip
        files = [f for f in report.files if f.kind == "base_mesh" and f.name.endswith(suffixes)]
        paragraphs += [write(files[0])] if files else []
    return "\n".join(["BASE MESH IN OTHER FORMATS", *paragraphs]) if paragraphs else ""


def _usd(file: ExportedFile) -> str:
    return f"""\
{file.name}: quads with subdivisionScheme catmullClark, {_placed(file)}, which the file states. Blend shapes
on a skeleton of one joint, with normals{_keys(file)}. Each material is a UsdPreviewSurface that names the
pictures beside it. Where the EXR is exported, the variant "relief" of /face is "normal_map" or "displacement",
which is in units of the scene and meant for the subdivided surface: choose it in a renderer that displaces.
  Blender: File > Import > Universal Scene Description; the shapes are shape keys. Set the scene's rate by hand.
  Maya, Houdini, Omniverse: open or reference it; /face/mesh is the mesh{_others(file)}."""


def _package(file: ExportedFile) -> str:
    return f"""\
{file.name}: the same in one file with pictures of at most {file.details["texture_size"]} texels,
{_placed(file)}, as AR Quick Look takes it. Without displacement, which it does not show."""


def _fbx(file: ExportedFile) -> str:
    return f"""\
{file.name}: quads with shapes, {_placed(file)}, which the file states{_keys(file)}. Written by Blender.
  Unreal: import as skeletal mesh with morph targets. Unity: the shapes are blend shapes. Maya: a blend shape node."""


def _alembic(file: ExportedFile) -> str:
    return f"""\
{file.name}: the quads as they are posed, a sample for each frame of the clip, {_placed(file)}; Alembic states no unit.
Written by Blender, without shapes: for renderers that want moving points."""


def _placed(file: ExportedFile) -> str:
    return f"{file.details['units']}, {file.details['up_axis']} up"


def _others(file: ExportedFile) -> str:
    names = file.details.get("other_parts", ())
    return f", and beside it stand: {', '.join(names)}" if names else ""


def _keys(file: ExportedFile) -> str:
    return f", and the clip's weights at {file.details['fps']:g} frames a second" if "fps" in file.details else ""
