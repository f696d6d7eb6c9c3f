"""Render a head with its detail to a picture. Needs no display.

With --detail the face wears an imported displacement map, with --lines the drawn lines of a picture (with
both, the picture is the map's whole line map after editing). --project starts from a saved document; the
other options change it.

  rhytid render P.rhytid --in-photo OUT.png

draws the document's edits into the photo that its face was made from, at the photo's size.
"""

from __future__ import annotations

import argparse

from rhytid.core.cli.map_options import add_albedo_options, add_layout_options, add_map_options
from rhytid.core.cli.options import (
    add_overwrite_option,
    add_pose_options,
    add_source_options,
    measures,
    path,
    size,
)
from rhytid.gui.cli.view_options import add_view_options, given_camera


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("output", type=path, metavar="OUT.png", help="with --in-photo the saved document instead")
    parser.add_argument("--in-photo", type=path, metavar="OUT.png", help="the edits in the photo of the document")
    parser.add_argument("--renderer", choices=("ratio", "network"), default="ratio", help="of --in-photo")
    parser.add_argument("--head", type=path, help="head file or ICT-FaceKit folder; default: the head in resources")
    parser.add_argument("--detail", type=path, metavar="MAP", help="displacement map; by default in the chart's layout")
    parser.add_argument("--lines", type=path, metavar="L.png", help="line map: white lines on black")
    parser.add_argument("--project", type=path, metavar="P", help="saved .rhytid document to start from")
    add_pose_options(parser)
    add_source_options(parser)
    add_map_options(parser)
    add_layout_options(parser)
    add_albedo_options(parser)
    parser.add_argument("--identity-seed", type=int, metavar="N", help="a random person, face and skin; 0 or more")
    parser.add_argument("--identity", type=measures, default=(), metavar="jaw_width=130", help="measures of the person")
    add_view_options(parser)
    parser.add_argument("--size", type=size, default=(1280, 960), metavar="WxH", help="pixels; default 1280x960")
    resolutions = (256, 512, 1024, 2048, 4096)
    parser.add_argument("--resolution", type=int, choices=resolutions, default=1024, help="of the detail; default 1024")
    parser.add_argument("--environment", type=path, metavar="E", help="light by an equirectangular .hdr or .exr")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the picture. Returns 0."""
    from rhytid.core.cli.opening import opened
    from rhytid.core.document.commands import SetPanorama
    from rhytid.core.face.face import Face
    from rhytid.core.files.outputs import outputs
    from rhytid.core.io.environment_file import read_environment
    from rhytid.core.io.map_pixels import write_picture
    from rhytid.gui.render.face_picture import face_picture
    from rhytid.gui.render.offscreen import NoOpenGLError, standalone_context

    if arguments.in_photo is not None:
        return _into_photo(arguments)
    if arguments.output.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise ValueError(f"{arguments.output}: pictures are written as .png or .jpg")
    try:
        with standalone_context():
            pass  # a machine without OpenGL is told at once, and not after half a minute's work
    except NoOpenGLError as error:
        raise OSError(str(error)) from None
    read = (arguments.head, arguments.detail, arguments.lines, arguments.project, arguments.environment)
    with outputs([arguments.output], arguments.overwrite, read):
        face = opened(Face, arguments)
        if arguments.environment is not None:
            face.state = SetPanorama(read_environment(arguments.environment)).apply(face.state)
        camera = given_camera(arguments)
        picture = face_picture(face, arguments.view, arguments.size, resolution=arguments.resolution, **camera)
        write_picture(arguments.output, picture)
    return 0


def _into_photo(arguments: argparse.Namespace) -> int:
    from rhytid.core.cli.opening import opened
    from rhytid.core.face.detail_maker import DetailMaker
    from rhytid.core.face.face import Face
    from rhytid.core.face.in_photo import PhotoEdits
    from rhytid.core.files.outputs import outputs
    from rhytid.core.io.map_pixels import write_picture
    from rhytid.core.photo.rasteriser import NumpyRasteriser
    from rhytid.core.photo.rendered_photo import PhotoRenderer

    arguments.project, output = arguments.output, arguments.in_photo
    if output.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise ValueError(f"{output}: pictures are written as .png or .jpg")
    with outputs([output], arguments.overwrite, (arguments.head, arguments.detail, arguments.lines, arguments.project)):
        face = opened(Face, arguments)
        edits = PhotoEdits(DetailMaker(face.engines), NumpyRasteriser())
        renderer = PhotoRenderer(arguments.renderer)
        write_picture(output, edits.picture(face.state, face.head, face.pose(), renderer=renderer))
    return 0
