"""What a `Face` is opened from: its head, and a displacement map that it wears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.document.expression import checked_expression
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.given import given_array, given_number
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head, load_head
from rhytid.core.io.own_color import own_albedo
from rhytid.core.lines.stroke import Stroke
from rhytid.core.read_only import read_only


def opened_head(reference: HeadReference) -> tuple[Head, str]:
    """The head that a state refers to, and a remark: what was done to it, and whether it is the one that was saved.

    Raises
    ------
    ValueError, OSError
        The head cannot be opened; the message names it.
    """
    if not reference.path:
        return default_head(), ""
    try:
        head = load_head(reference.path, pins=reference.pins, keep=True)
    except FileNotFoundError:
        message = f"{reference.path}: no such head file or folder; name its place with --head"
        raise FileNotFoundError(message) from None
    remarks = list(head.notes)
    if reference.digest and reference.digest != head.digest:
        remarks.append("this head has changed since the project was saved")
    return head, f"{reference.path}: {'; '.join(remarks)}" if remarks else ""


def with_own_color(state: DocumentState, head: Head) -> DocumentState:
    """The state of a head that was just opened with the colour of its file, where no other one was brought in."""
    albedo = state.albedo
    if albedo is not None and albedo.head in ("", head.digest):
        return state
    return replace(state, albedo=own_albedo(head, state.age))


def source_of(
    displacement: npt.ArrayLike, expression: Mapping[str, float] | Iterable[tuple[str, float]], age: float
) -> SourceDetail:
    """A displacement map as a source, with its wrinkle lines.

    Raises
    ------
    ValueError
        The map, a weight or the age is none.
    """
    from rhytid.core.lines.extract import extract_lines  # skimage behind it takes long to import

    values = read_only(np.array(given_array(displacement, "a displacement map"), np.float32))
    lines: Sequence[Stroke] = extract_lines(values)
    own = tuple(replace(line, from_source=True) for line in lines)
    weights, years = checked_expression(expression), given_number(age, "age")
    return SourceDetail(values, weights, years, "", own, displacement_digest(values))
