"""The document that a command without a window works on."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from rhytid.core.document.state import AGE_DEFAULT, DocumentState, HeadReference
from rhytid.core.head.head import Head


def build_state(arguments: argparse.Namespace) -> tuple[DocumentState, Head]:
    """State and head of --project, --head, --identity-seed, --detail and --lines, in this order.

    Raises
    ------
    ValueError, OSError
        One of the files cannot be used; the message names it.
    """
    from rhytid.core.arkit import expression_array
    from rhytid.core.document.commands import ImportSource
    from rhytid.core.document.engine_choice import new_state
    from rhytid.core.document.project import load_project
    from rhytid.core.document.resolve import seeded_identity
    from rhytid.core.io.displacement_file import source_detail

    state = load_project(arguments.project) if arguments.project else new_state()
    if arguments.head:
        state = replace(state, head=HeadReference(str(arguments.head)))
    head = open_head(state.head)
    state = replace(state, head=HeadReference(state.head.path, head.digest))
    if arguments.identity_seed is not None:
        if not 0 <= arguments.identity_seed < 2**31:
            raise ValueError("--identity-seed must be 0 or more and below 2147483648")
        state = replace(
            state,
            identity=seeded_identity(arguments.identity_seed, head.n_identity),
            settings=replace(state.settings, seed=arguments.identity_seed),
        )
    if arguments.detail:
        captured = tuple(float(x) for x in expression_array(arguments.source_expression))
        age = AGE_DEFAULT if arguments.source_age is None else arguments.source_age
        imported = ImportSource(source_detail(arguments.detail, captured, age)).apply(state)
        state = replace(imported, expression=captured, age=age)
    if arguments.lines:
        state = _with_lines(state, arguments)
    return state, head


def open_head(reference: HeadReference) -> Head:
    """The head that a document refers to; says so on stderr when it is not the one that was saved.

    Raises
    ------
    HeadFileError, OSError
        It cannot be opened, or has moved.
    """
    from rhytid.core.head.load import default_head, load_head

    if not reference.path:
        return default_head()
    try:
        head = load_head(reference.path)
    except FileNotFoundError:
        message = f"{reference.path}: no such head file or folder; name its place with --head"
        raise FileNotFoundError(message) from None
    if reference.digest and reference.digest != head.digest:
        print(f"rhytid: {reference.path}: this head has changed since the project was saved", file=sys.stderr)
    return head


def _with_lines(state: DocumentState, arguments: argparse.Namespace) -> DocumentState:
    """The state whose strokes are the lines of the picture."""
    from rhytid.core.io.line_file import read_line_map
    from rhytid.core.lines.match import strokes_from_edited_map

    own = tuple(stroke for stroke in state.strokes if stroke.from_source)
    kept, _, drawn = strokes_from_edited_map(own, read_line_map(arguments.lines))
    others = tuple(stroke for stroke in state.strokes if not stroke.from_source)
    return replace(state, strokes=(*kept, *others, *drawn))
