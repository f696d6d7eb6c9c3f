"""The face that a command without a window works on."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TypeVar

from rhytid.core.cli.map_options import MapReader
from rhytid.core.face.face import Face

SomeFace = TypeVar("SomeFace", bound=Face)


def tell_remark(face: SomeFace) -> SomeFace:
    """Tell on stderr what a person should know of a face's head; gives the face."""
    if face.remark:
        print(f"rhytid: {face.remark}", file=sys.stderr)
    return face


def opened(kind: type[SomeFace], arguments: argparse.Namespace) -> SomeFace:
    """The face of --project and --head with all that is set on it, in the order of the code below.

    Raises
    ------
    ValueError, OSError
        One of the files cannot be used; the message names it.
    """
    face = kind.of_project(arguments.project, arguments.head) if arguments.project else kind(arguments.head)
    tell_remark(face)
    if arguments.identity_seed is not None:
        if not 0 <= arguments.identity_seed < 2**31:
            raise ValueError("--identity-seed must be 0 or more and below 2147483648")
        face.be_random(arguments.identity_seed)
    if arguments.identity:
        face.identity_measures = arguments.identity
    if arguments.detail:
        _wear(face, arguments)
    if arguments.lines:
        _draw(face, arguments)
    pose(face, arguments)
    if arguments.albedo:
        _color(face, arguments)
    return face


def pose(face: Face, arguments: argparse.Namespace) -> None:
    """Apply --expression, --au and --age where they were given."""
    if arguments.expression:
        face.expression = arguments.expression
    if arguments.au:
        face.action_units = arguments.au
    if arguments.age is not None:
        face.age = arguments.age


def _wear(face: Face, arguments: argparse.Namespace) -> None:
    from rhytid.core.arkit import expression_array
    from rhytid.core.document.state import AGE_DEFAULT
    from rhytid.core.io.displacement_file import detail_of_map

    captured = tuple(float(x) for x in expression_array(arguments.source_expression))
    age = AGE_DEFAULT if arguments.source_age is None else arguments.source_age
    reader = MapReader(arguments, face.head)
    found = reader.read(arguments.detail)
    reader.tell(arguments.detail, found)
    face.wear(detail_of_map(found.displacement, arguments.detail, captured, age))


def _color(face: Face, arguments: argparse.Namespace) -> None:
    from rhytid.core.io.albedo_reading import read_albedo_in
    from rhytid.core.io.layout_bake import OwnLayout

    layout = OwnLayout(face.head) if arguments.albedo_layout == "own" else None
    found = read_albedo_in(arguments.albedo, layout, arguments.albedo_tile, face.age)
    for warning in found.warnings:
        print(f"rhytid: {arguments.albedo}: {warning}", file=sys.stderr)
    face.state = replace(face.state, albedo=found.albedo)


def _draw(face: Face, arguments: argparse.Namespace) -> None:
    """Make the strokes the lines of the picture; those that come from no map stay."""
    from rhytid.core.cli.line_pictures import compared

    own = tuple(stroke for stroke in face.strokes if stroke.from_source)
    others = tuple(stroke for stroke in face.strokes if not stroke.from_source)
    edited = compared(own, arguments.lines)
    face.strokes = (*edited.kept, *others, *edited.drawn)
