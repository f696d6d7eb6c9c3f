"""Turn the head of a project round; write a film or pictures.

  rhytid turntable P.rhytid OUT.mp4 --seconds 6
  rhytid turntable P.rhytid FRAMES --degrees 90 --size 1024x1024

The camera begins where the project has it, or at --yaw. Films need PyAV (pip install "rhytid[video]") or ffmpeg.
"""

from __future__ import annotations

import argparse

from rhytid.core.cli.options import add_overwrite_option, path, size
from rhytid.gui.cli.view_options import add_view_options, given_camera


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("project", type=path, metavar="P", help="saved .rhytid document")
    parser.add_argument("output", type=path, metavar="OUT", help="a film .mp4, or a folder for pictures")
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S", help="of the whole way; default 6")
    parser.add_argument("--degrees", type=float, default=360.0, metavar="DEG", help="of the whole way; default 360")
    parser.add_argument("--fps", type=float, default=30.0, metavar="N", help="frames a second; default 30")
    parser.add_argument("--size", type=size, default=(1280, 960), metavar="WxH", help="pixels; default 1280x960")
    parser.add_argument("--samples", type=int, default=8, metavar="N", help="pictures that a frame is the mean of; 8")
    parser.add_argument("--head", type=path, help="another head than the project's")
    add_view_options(parser)
    parser.add_argument("--resolution", type=int, choices=(256, 512, 1024, 2048), default=1024, help="of the detail")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the film or the pictures. Returns 0."""
    from dataclasses import replace

    from tqdm import tqdm

    from rhytid.core.cli.opening import tell_remark
    from rhytid.core.face.face import Face
    from rhytid.gui.render.filming import FilmOptions, turntable_states, write_frames
    from rhytid.gui.render.offscreen import NoOpenGLError

    face = tell_remark(Face.of_project(arguments.project, arguments.head))
    camera = replace(face.state.camera, **given_camera(arguments))
    states = turntable_states(replace(face.state, camera=camera), arguments.seconds, arguments.degrees, arguments.fps)
    options = FilmOptions(arguments.size, arguments.fps, arguments.samples, arguments.resolution, arguments.view)
    with tqdm(total=len(states), unit="frame", disable=None) as bar:
        try:
            write_frames(face, states, arguments.output, options, lambda share: bar.update(share > 0),
                         overwrite=arguments.overwrite)  # fmt: skip
        except NoOpenGLError as error:
            raise OSError(str(error)) from None
    return 0
