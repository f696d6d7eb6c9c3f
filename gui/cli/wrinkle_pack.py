"""Write the wrinkle maps of a project for an engine: normals, colours, masks and a table of drivers.

  rhytid wrinkle-pack P.rhytid OUTDIR --layout metahuman --budget 3 --size 2048
  rhytid wrinkle-pack P.rhytid OUTDIR --ages 30,60

Maps and drivers are solved by fitting what the editor shows over some 170 expressions; errors.png and README.txt tell
what the pack does not show. With --check the written pack is played by its own GLSL and its pictures are compared with
the editor's over 20 expressions that it was not fitted to.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.cli.options import add_overwrite_option, age, path

if TYPE_CHECKING:
    from rhytid.core.face.face import Face
    from rhytid.core.pack.options import PackOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    from rhytid.core.pack.layouts import LAYOUTS
    from rhytid.core.pack.options import SIZES

    parser.add_argument("project", type=path, metavar="PROJECT")
    parser.add_argument("outdir", type=path, metavar="OUTDIR")
    parser.add_argument("--head", type=path, help="head file or folder instead of the project's, as when it has moved")
    parser.add_argument("--layout", choices=tuple(LAYOUTS), default="generic", help="default generic")
    parser.add_argument("--budget", type=int, default=3, metavar="N", help="wrinkle maps, 1 to 6; default 3")
    parser.add_argument("--size", type=int, choices=SIZES, default=2048, help="texels a side; default 2048")
    parser.add_argument("--green", choices=("opengl", "directx"), help="of normals; default: the layout's")
    parser.add_argument("--normal-bits", type=int, choices=(8, 16), default=8, help="default 8")
    parser.add_argument("--no-colors", action="store_true", help="leave the colour maps out")
    parser.add_argument("--heights", action="store_true", help="displacement maps, too")
    parser.add_argument("--ages", metavar="A,B,...", help="a pack for each age, in folders age_A")
    parser.add_argument("--name", default="face", help="first part of the file names; default face")
    parser.add_argument("--check", action="store_true", help="compare its pictures with the editor's; needs OpenGL")
    parser.add_argument("--check-pictures", type=path, metavar="DIR", help="keep the pictures of --check there")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the pack and say what it does not show. Returns 0."""
    from rhytid.core.cli.opening import tell_remark
    from rhytid.core.face.face import Face
    from rhytid.core.pack.options import PackOptions

    options = PackOptions(
        arguments.layout, arguments.budget, arguments.size, arguments.green, arguments.normal_bits,
        not arguments.no_colors, arguments.heights, arguments.name, arguments.overwrite,
    )  # fmt: skip
    ages = [] if arguments.ages is None else [_age(text) for text in arguments.ages.split(",")]
    face = tell_remark(Face.of_project(arguments.project, arguments.head))
    for years in ages or [face.age]:
        face.age = years
        folder = arguments.outdir / f"age_{years:g}" if ages else arguments.outdir
        _write(face, folder, options)
        if arguments.check:
            _check(face, folder, arguments.check_pictures)
    return 0


def _age(text: str) -> float:
    try:
        return age(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"--ages: {error}") from None


def _write(face: Face, folder: Path, options: PackOptions) -> None:
    from tqdm import tqdm

    from rhytid.core.pack.writing import write_pack

    with tqdm(total=100, unit="%", disable=None) as bar:
        report = write_pack(
            face.state, face.head, face.engines, folder, options,
            lambda share: bar.update(round(share * 100) - bar.n) or None,
        )  # fmt: skip
    for name, n_bytes in report.files:
        print(f"{report.folder / name}  {n_bytes / 1e6:.1f} MB")
    left = report.residual
    print(f"error {left.mean_um:.1f} um, 95 % below {left.p95_um:.1f} um; neutral map alone {left.without_um:.1f} um")
    print("worst expressions:", *(f"{one.mean_um:.1f} um {one.name}" for one in left.worst), sep="\n  ")


def _check(face: Face, folder: Path, pictures: Path | None) -> None:
    from rhytid.core.pack.expressions import held_out_samples
    from rhytid.gui.render.offscreen import NoOpenGLError
    from rhytid.gui.render.pack_check import checked

    try:
        scores = checked(face, folder, held_out_samples(), pictures=pictures)
    except NoOpenGLError as error:
        raise OSError(str(error)) from None
    for one in scores:
        print(f"SSIM {one.ssim:.4f}  neutral map alone {one.without:.4f}  {one.name}")
    mean, least = sum(one.ssim for one in scores) / len(scores), min(one.ssim for one in scores)
    print(f"SSIM mean {mean:.4f}, least {least:.4f}")
