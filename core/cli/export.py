"""Export meshes and maps of a project: what the viewport shows, as files for other programs.

Everything is read back and compared before it appears in OUTDIR; a README.txt there says how to load it.
"""

from __future__ import annotations

import argparse
import sys

from rhytid.core.cli.options import add_overwrite_option, path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    from rhytid.core.io.clients import ANY_PROGRAM, AXES, CLIENTS, UNITS
    from rhytid.core.io.export_options import AUTO, BASE_FORMATS, FURTHER, MESH_FORMATS, RESOLUTIONS, WHAT
    from rhytid.core.io.map_names import MAP_FORMATS, PACKINGS, PICTURE_FORMATS

    parser.add_argument("project", type=path, metavar="PROJECT")
    parser.add_argument("outdir", type=path, metavar="OUTDIR")
    parser.add_argument("--head", type=path, help="head file or folder instead of the project's, as when it has moved")
    chosen = f"all ({', '.join(WHAT)}), or any of these and {', '.join(FURTHER)}"
    parser.add_argument("--what", default="all", metavar="A,B,...", help=chosen)
    parser.add_argument("--resolution", type=int, choices=RESOLUTIONS, default=4096, help="of the maps; default 4096")
    parser.add_argument(
        "--client", choices=tuple(CLIENTS), default=ANY_PROGRAM,
        help="program that the files are for: what is not given below is as it takes it",
    )
    parser.add_argument("--mesh-format", choices=MESH_FORMATS, help="of the displaced mesh; default obj")
    parser.add_argument("--base", metavar="A,B,...", help="formats of the base mesh, of " + ", ".join(BASE_FORMATS))
    parser.add_argument(
        "--shapes-obj", action=argparse.BooleanOptionalAction, help="each expression as an OBJ beside the base mesh's"
    )
    parser.add_argument("--unit", choices=(AUTO, *UNITS), default=AUTO, help="of OBJ, PLY, USD and FBX")
    parser.add_argument("--up", choices=(AUTO, *AXES), default=AUTO, help="axis that points up in those")
    density = parser.add_mutually_exclusive_group()
    density.add_argument("--target-edge", type=float, metavar="MM", help="edge length of the displaced mesh")
    density.add_argument(
        "--face-count", type=int, metavar="N",
        help="most faces in the displaced mesh's file: quads in an OBJ, triangles in PLY and GLB",
    )
    parser.add_argument("--padding", type=int, default=16, metavar="PX", help="edge padding of the maps; default 16")
    parser.add_argument("--green", choices=("opengl", "directx"), help="of the normal map; default opengl")
    parser.add_argument("--normal-bits", type=int, choices=(8, 16), help="of the normal map; default 8")
    parser.add_argument(
        "--layout", choices=("chart", "own"), default="chart",
        help="texture coordinates of maps and meshes: the chart's, or the head's own with its UDIM tiles",
    )
    formats = parser.add_argument_group("formats of maps")
    for name, known, default, what in (
        ("--map-formats", MAP_FORMATS, "exr,png", "of maps with a unit, such as displacement"),
        ("--picture-formats", PICTURE_FORMATS, "", "of all other maps, beside PNG"),
    ):
        formats.add_argument(name, default=default, metavar="A,B", help=f"{what}: {', '.join(known)}")
    formats.add_argument("--exr-bits", type=int, choices=(16, 32), default=32, help="16: half floats; default 32")
    formats.add_argument("--tiff-bits", type=int, choices=(16, 32), default=16, help="32: floats; default 16")
    formats.add_argument("--packing", choices=PACKINGS, default="packed", help="of bands and region masks")
    parser.add_argument("--pose", choices=("current", "neutral"), default="current")
    parser.add_argument("--name", default="face", help="first part of the file names; default face")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the files and list them. Returns 0."""
    from tqdm import tqdm

    from rhytid.core.cli.opening import tell_remark
    from rhytid.core.face.face import Face
    from rhytid.core.io.export_options import WHAT

    given = {
        "mesh_format": arguments.mesh_format, "green": arguments.green, "normal_bits": arguments.normal_bits,
        "shapes_obj": arguments.shapes_obj,
        "base_formats": None if arguments.base is None else [part.strip() for part in arguments.base.split(",")],
    }  # fmt: skip
    face = tell_remark(Face.of_project(arguments.project, arguments.head))
    with tqdm(total=100, unit="%", disable=None) as bar:
        report = face.export(
            arguments.outdir,
            progress=lambda share: bar.update(round(share * 100) - bar.n) or None,
            what=WHAT if arguments.what == "all" else _parts(arguments.what),
            client=arguments.client,
            unit=arguments.unit,
            up_axis=arguments.up,
            **{name: value for name, value in given.items() if value is not None},
            target_edge_mm=arguments.target_edge,
            face_count=arguments.face_count,
            resolution=arguments.resolution,
            padding_px=arguments.padding,
            map_formats=_parts(arguments.map_formats),
            picture_formats=_parts(arguments.picture_formats),
            float_bits=arguments.exr_bits,
            tiff_bits=arguments.tiff_bits,
            packing=arguments.packing,
            pose=arguments.pose,
            layout=arguments.layout,
            name=arguments.name,
            overwrite=arguments.overwrite,
        )
    for remark in report.remarks:
        print(f"note: {remark}", file=sys.stderr)
    for file in report.files:
        print(f"{report.folder / file.name}  {file.n_bytes / 1e6:.1f} MB")
    return 0


def _parts(text: str) -> list[str]:
    """What commas divide."""
    return [part.strip() for part in text.split(",") if part.strip()]
