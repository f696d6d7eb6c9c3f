"""What the menus do to strokes: each function is one undo step on a session's document."""

from __future__ import annotations

from dataclasses import replace

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import (
    AddStrokes,
    AdoptGeneratedStrokes,
    BindStrokesToExpression,
    ImportSource,
    RemoveStrokes,
    ReplaceStrokes,
    SetStrokeProperties,
)
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Binding, Stroke
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.stroke_gestures import generated_strokes, new_stroke_id, twin_of


def selected_strokes(session: EditorSession) -> list[Stroke]:
    """The selected strokes in the order of the document."""
    return [stroke for stroke in session.document.state.strokes if stroke.id in session.selection]


def delete_selected(session: EditorSession) -> None:
    ids = tuple(stroke.id for stroke in selected_strokes(session))
    if ids:
        session.document.execute(RemoveStrokes(ids))


def duplicate_selected(session: EditorSession) -> None:
    """Copies a little beside the originals; the copies are selected."""
    copies = tuple(
        replace(edit.move(stroke, (0.012, 0.012)), id=new_stroke_id(), from_source=False)
        for stroke in selected_strokes(session)
    )
    if copies:
        session.document.execute(AddStrokes(copies))
        session.selection.set(stroke.id for stroke in copies)


def mirror_selected(session: EditorSession) -> None:
    """Twins of the selected strokes on the other half of the face."""
    known = {stroke.id for stroke in session.document.state.strokes}
    twins = tuple(
        twin
        for stroke in selected_strokes(session)
        if (twin := twin_of(stroke, session.tools.mirror_asymmetry)).id not in known
    )
    if twins:
        session.document.execute(AddStrokes(twins))
        session.selection.add(stroke.id for stroke in twins)


def smooth_selected(session: EditorSession) -> None:
    smoothed = tuple(edit.smooth(stroke) for stroke in selected_strokes(session))
    if smoothed:
        session.document.execute(ReplaceStrokes(smoothed, "Smooth strokes"))


def bind_selected(session: EditorSession) -> None:
    ids = tuple(stroke.id for stroke in selected_strokes(session))
    if ids:
        session.document.execute(BindStrokesToExpression(ids))


def unbind_selected(session: EditorSession) -> None:
    ids = tuple(stroke.id for stroke in selected_strokes(session))
    if ids:
        session.document.execute(SetStrokeProperties(ids, binding=Binding()))


def select_all(session: EditorSession) -> None:
    session.selection.set(stroke.id for stroke in session.document.state.strokes)


def adopt_generated(session: EditorSession) -> None:
    """Make the engine's wrinkles strokes of the document."""
    strokes = generated_strokes(session.document.state)
    if strokes:
        session.document.execute(AdoptGeneratedStrokes(strokes))
        session.post(f"{len(strokes)} generated wrinkles are yours to edit now")
    else:
        session.post("There are no generated wrinkles to adopt")


def extract_lines_again(session: EditorSession) -> None:
    """Find the lines of the imported map anew; strokes of the artist stay."""
    source = session.document.state.source
    if source is None:
        session.post("Import a displacement map first: File > Import Displacement", "warning")
        return

    def work(_control: object) -> SourceDetail:
        from rhytid.core.lines.extract import extract_lines

        lines = tuple(replace(line, from_source=True) for line in extract_lines(source.displacement))
        return replace(source, lines=lines)

    def done(found: SourceDetail) -> None:
        session.document.execute(ImportSource(found))
        session.post(f"{len(found.lines)} lines found in {found.name}")

    session.jobs.start("Extract lines", work, done)
