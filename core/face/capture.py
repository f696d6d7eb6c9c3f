"""A face's detail taken as a map, so that it can be mixed with another's or edited as an import is."""

from __future__ import annotations

from dataclasses import replace

from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import VIEWPORT, EngineSettings, SourceDetail, displacement_digest
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.head.head import Head
from rhytid.core.lines.extract import found_lines


def whole_face(state: DocumentState, head: Head, engines: Engines, name: str, control: Control) -> SourceDetail:
    """All detail of a document in its present pose, strokes included, without lines to edit."""
    return _captured(state, head, engines, name, control)


def generated_face(state: DocumentState, head: Head, engines: Engines, control: Control) -> SourceDetail:
    """What the engine generates for a document without a source, with lines to edit; strokes are left to it."""
    bare = replace(state, source=None, second=None, strokes=(), settings=_full(state))
    name = f"Generated face {state.settings.seed}"
    return _with_lines(_captured(bare, head, engines, name, control.part(0.0, 0.6)), control)


def mixed_face(state: DocumentState, head: Head, engines: Engines, control: Control) -> SourceDetail:
    """The mixed detail of a document in the pose of its source, edits of the source's lines included.

    Raises
    ------
    ValueError
        The document has no second face.
    """
    source, second = state.source, state.second
    if source is None or second is None:
        raise ValueError("there is no second face to mix in; choose one first")
    edits = tuple(stroke for stroke in state.strokes if stroke.from_source)
    posed = replace(
        state, expression=source.expression, action_units=(), age=source.age, strokes=edits, settings=_full(state)
    )
    name = f"{source.name or 'Face'} + {second.detail.name or 'second face'}"[:200]
    return _with_lines(_captured(posed, head, engines, name, control.part(0.0, 0.6)), control)


def _full(state: DocumentState) -> EngineSettings:
    """Settings that leave the detail at its own strength: the document's are applied to it again."""
    return replace(state.settings, strength=1.0, static_strength=1.0, dynamic_strength=1.0)


def _captured(
    state: DocumentState, head: Head, engines: Engines, name: str, control: Control
) -> SourceDetail:
    side = VIEWPORT if state.source is None else max(VIEWPORT, len(state.source.displacement))
    maps = DetailMaker(engines).maps(state, head, side, cancel=control.cancel, progress=control.progress)
    expression = tuple(float(weight) for weight in effective_expression(state))
    digest = displacement_digest(maps.displacement)
    return SourceDetail(maps.displacement, expression, state.age, name, (), digest)


def _with_lines(detail: SourceDetail, control: Control) -> SourceDetail:
    control(0.6)
    lines = tuple(replace(line, from_source=True) for line in found_lines(detail.displacement).seen())
    control(1.0)
    return replace(detail, lines=lines)
