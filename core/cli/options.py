"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.document.state import AGE_DEFAULT
from rhytid.core.given import given_path


def weights(text: str) -> tuple[tuple[str, float], ...]:
    """argparse type of ``a=0.6,b=1``: ARKit names and weights 0..1."""
    from rhytid.core.arkit import parse_assignments, parse_expression

    pairs = _parsed(lambda typed: tuple(parse_assignments(typed).items()), text)
    for name, weight in pairs:
        if not 0 <= weight <= 1:
            raise argparse.ArgumentTypeError(f"{name} must be 0..1, not {weight:g}")
    return _parsed(lambda typed: tuple(parse_expression(typed).items()), text)


def action_units(text: str) -> tuple[tuple[str, float], ...]:
    """argparse type of ``AU12=0.8,AU4L=1``: FACS action units and intensities 0..1."""
    from rhytid.core.arkit import parse_assignments
    from rhytid.core.document.action_units import action_unit_table

    pairs = _parsed(lambda typed: tuple(sorted(parse_assignments(typed).items())), text)
    for name, intensity in pairs:
        if name not in action_unit_table().by_name:
            raise argparse.ArgumentTypeError(f"{name!r} is not in the table of action units, e.g. AU12 or AU12L")
        if not 0 <= intensity <= 1:
            raise argparse.ArgumentTypeError(f"{name} must be 0..1, not {intensity:g}")
    return pairs


def measures(text: str) -> tuple[tuple[str, float], ...]:
    """argparse type of ``jaw_width=130,nose_width=34``: measures of the person."""
    from rhytid.core.arkit import parse_assignments
    from rhytid.core.head.identity_measures import MEASURE_NAMES

    pairs = _parsed(lambda typed: tuple(parse_assignments(typed).items()), text)
    for name, _ in pairs:
        if name not in MEASURE_NAMES:
            raise argparse.ArgumentTypeError(f"{name!r} is no measure; there are {', '.join(MEASURE_NAMES)}")
    return pairs


def age(text: str) -> float:
    """argparse type of an age in years."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not AGE_MIN <= value <= LIFE_MAX:
        raise argparse.ArgumentTypeError(f"age must be {AGE_MIN:g}..{LIFE_MAX:g} years, not {text}")
    return value


def camera_value(name: str) -> Callable[[str], float]:
    """argparse type of a field of the camera: a number within its range; yaw goes round."""

    def parse(text: str) -> float:
        from rhytid.core.document.limits import CAMERA_RANGES, WRAPPED_ANGLES, clamp_field

        low, high = CAMERA_RANGES[name]
        try:
            value = float(text)
            bounded = clamp_field(name, value, (low, high))
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a finite number") from None
        if bounded != value and name not in WRAPPED_ANGLES:
            raise argparse.ArgumentTypeError(f"must be {low:g}..{high:g}, not {text}")
        return bounded

    return parse


def size(text: str) -> tuple[int, int]:
    """argparse type of ``1280x960``: width and height in pixels."""
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 16 <= int(width) <= 8192 and 16 <= int(height) <= 8192):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x960 (16..8192 each)")
    return int(width), int(height)


def count(text: str) -> int:
    """argparse type of a number of processes."""
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes (1..1024)")
    return int(text)


def add_pose_options(parser: argparse.ArgumentParser) -> None:
    """--expression, --au and --age."""
    parser.add_argument("--expression", type=weights, default=(), metavar="a=0.6,b=1", help="ARKit weights 0..1")
    parser.add_argument("--au", type=action_units, default=(), metavar="AU12=0.8", help="FACS action units 0..1")
    parser.add_argument("--age", type=age, default=None, metavar="YEARS", help=f"{AGE_MIN:g}..{LIFE_MAX:g}")


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """--source-expression and --source-age: the pose a displacement map was captured in."""
    parser.add_argument(
        "--source-expression", type=weights, default=(), metavar="a=0.6,b=1", help="expression at capture (neutral)"
    )
    parser.add_argument(
        "--source-age", type=age, default=None, metavar="YEARS", help=f"age at capture ({AGE_DEFAULT:g})"
    )


def path(text: str) -> Path:
    """argparse type of a file or folder: an empty name, as of a shell's variable that is not set, is none."""
    try:
        return given_path(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def output_file(text: str) -> Path:
    """argparse type of a file to write, checked before the work that it is for."""
    file = path(text)
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: not a file in a folder that is there")
    return file


def add_overwrite_option(parser: argparse.ArgumentParser) -> None:
    """Declare --overwrite, without which only the program's own files are replaced."""
    parser.add_argument("--overwrite", action="store_true", help="replace files that Rhytid did not write, too")


def _parsed(parse: Callable[[str], tuple[tuple[str, float], ...]], text: str) -> tuple[tuple[str, float], ...]:
    try:
        return parse(text)
    except (ValueError, KeyError) as error:
        raise argparse.ArgumentTypeError(str(error.args[0] if error.args else error)) from None
