"""Render a head with its detail to a picture. Needs no display.

With --detail the face wears an imported displacement map, with --lines the drawn lines of a picture (with
both, the picture is the map's whole line map after editing). --project starts from a saved document; the
other options change it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rhytid.core.cli.options import add_pose_options, add_source_options, camera_value, posed, size

SKIN_COLOR_PX = 1024
VIEWS = ("detailed", "smooth", "normals", "displacement", "tension", "wireframe", "chart")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("output", type=Path, metavar="OUT.png")
    parser.add_argument("--head", type=Path, help="head file or ICT-FaceKit folder; default: the head in resources")
    parser.add_argument("--detail", type=Path, metavar="MAP", help="displacement map in the chart's layout")
    parser.add_argument("--lines", type=Path, metavar="L.png", help="line map: white lines on black")
    parser.add_argument("--project", type=Path, metavar="P", help="saved .rhytid document to start from")
    add_pose_options(parser)
    add_source_options(parser)
    parser.add_argument("--identity-seed", type=int, metavar="N", help="a random person, face and skin; 0 or more")
    parser.add_argument("--view", choices=VIEWS, default="detailed")
    parser.add_argument("--yaw", type=camera_value("yaw_deg"), metavar="DEG", help="of the camera, + = subject's left")
    parser.add_argument("--pitch", type=camera_value("pitch_deg"), metavar="DEG", help="of the camera, + = from above")
    parser.add_argument("--distance", type=camera_value("distance_mm"), metavar="MM", help="of the camera, 20..10000")
    parser.add_argument("--size", type=size, default=(1280, 960), metavar="WxH", help="pixels; default 1280x960")
    resolutions = (256, 512, 1024, 2048, 4096)
    parser.add_argument("--resolution", type=int, choices=resolutions, default=1024, help="of the detail; default 1024")


def run(arguments: argparse.Namespace) -> int:
    """Write the picture. Returns 0."""
    import cv2

    from rhytid.core.cli.session import build_state
    from rhytid.core.detail.pipeline import DetailPipeline
    from rhytid.core.document.resolve import resolve, resolve_pose
    from rhytid.core.document.skin_color import skin_color
    from rhytid.core.head.tension import TensionModel
    from rhytid.core.io.atomic import replacing
    from rhytid.gui.render.offscreen import NoOpenGLError, render_image
    from rhytid.gui.render.view_mode import ViewMode

    if arguments.output.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise ValueError(f"{arguments.output}: pictures are written as .png or .jpg")
    if not arguments.output.parent.is_dir():
        raise ValueError(f"{arguments.output.parent}: no such folder")
    state, head = build_state(arguments)
    state = posed(state, arguments)
    tension_model = TensionModel(head)
    pose = resolve_pose(state, head, tension_model)
    maps = DetailPipeline().run(resolve(state, head, tension_model, arguments.resolution, pose))
    try:
        picture = render_image(
            head, pose.vertices, maps, _camera(state.camera, arguments), state.lighting,
            ViewMode(arguments.view), arguments.size, tension=pose.tension,
            albedo=skin_color(state, SKIN_COLOR_PX),
        )  # fmt: skip
    except NoOpenGLError as error:
        raise OSError(str(error)) from None
    with replacing(arguments.output) as temporary:
        if not cv2.imwrite(str(temporary), picture[..., ::-1]):
            raise OSError(f"{arguments.output}: the picture could not be written")
    return 0


def _camera(camera, arguments):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    given = {"yaw_deg": arguments.yaw, "pitch_deg": arguments.pitch, "distance_mm": arguments.distance}
    return replace(camera, **{name: value for name, value in given.items() if value is not None})
