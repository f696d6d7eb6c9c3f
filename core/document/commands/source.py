"""Commands on the imported displacement map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import count

import numpy as np

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands.base import Command, refusing
from rhytid.core.document.commands.strokes import with_strokes
from rhytid.core.document.limits import check_source
from rhytid.core.document.state import DocumentState
from rhytid.core.files.text import shown
from rhytid.core.lines.stroke import Stroke


@dataclass(frozen=True)
class ImportSource(Command):
    """Take an imported map as source detail; its lines appear as strokes.

    Lines of an earlier source go, strokes of the artist stay; one that has the id of a new line, as lines kept
    from an earlier source do, gets another.
    """

    source: SourceDetail

    @property
    def label(self) -> str:
        return f"Import {shown(self.source.name)}" if self.source.name else "Import detail"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            check_source(self.source)
        source = self.source
        if state.source is not None and same_source(state.source, source):
            source = state.source
        drawn = [stroke for stroke in state.strokes if not stroke.from_source]
        new = with_strokes(state, (*source.lines, *_apart(source.lines, drawn)))
        return new if new.source is source else replace(new, source=source)


@dataclass(frozen=True)
class SetSourceLines(Command):
    """Have more or fewer of the imported map's lines as strokes.

    Lines that were edited stay, whatever `lines` says; strokes of the artist are untouched.
    """

    lines: tuple[Stroke, ...]

    label = "Set the number of the map's lines"

    def apply(self, state: DocumentState) -> DocumentState:
        source = state.source
        if source is None:
            return state
        own = {stroke.id: stroke for stroke in state.strokes if stroke.from_source}
        edited = tuple(line for line in source.lines if own.get(line.id) != line)
        touched = {line.id for line in edited}
        fresh = tuple(line for line in self.lines if line.id not in touched)
        known = {line.id for line in source.lines} - touched
        rest = [stroke for stroke in state.strokes if not (stroke.from_source and stroke.id in known)]
        lines = tuple(sorted((*edited, *fresh), key=lambda line: line.id))
        changed = replace(source, lines=lines)
        with refusing():
            check_source(changed)
        return replace(with_strokes(state, (*fresh, *rest)), source=changed)


@dataclass(frozen=True)
class RemoveSource(Command):
    """Take the source detail away, and its lines with it."""

    label = "Remove source detail"

    def apply(self, state: DocumentState) -> DocumentState:
        if state.source is None:
            return state
        strokes = tuple(stroke for stroke in state.strokes if not stroke.from_source)
        return replace(with_strokes(state, strokes), source=None, second=None)


def same_source(first: SourceDetail, second: SourceDetail) -> bool:
    """Whether two sources hold the same, as one that was read from a project and one imported again do."""
    same_maps = first.digest == second.digest and np.array_equal(first.displacement, second.displacement)
    return same_maps and all(
        getattr(first, f.name) == getattr(second, f.name) for f in fields(first) if f.name != "displacement"
    )


def _apart(lines: Sequence[Stroke], drawn: Sequence[Stroke]) -> list[Stroke]:
    """`drawn` with ids that neither the lines nor each other have; those that have are the same objects."""
    taken = {stroke.id for stroke in (*lines, *drawn)}
    of_lines = {line.id for line in lines}
    apart = []
    for stroke in drawn:
        if stroke.id in of_lines:
            free = next(name for i in count(2) if (name := f"{stroke.id}.{i}") not in taken)
            taken.add(free)
            stroke = replace(stroke, id=free)
        apart.append(stroke)
    return apart
