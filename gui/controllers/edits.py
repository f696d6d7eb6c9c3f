"""What menus and panels do to strokes: each function is one undo step, and nothing while a stroke is being drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import (
    AddStrokes,
    AdoptGeneratedStrokes,
    Batch,
    BindStrokesToExpression,
    ImportSource,
    RemoveStrokes,
    ReplaceStrokes,
    SetStrokeProperties,
)
from rhytid.core.document.document import Document
from rhytid.core.document.limits import MAX_NAME_LENGTH
from rhytid.core.document.wrinkle_set import wrinkles_from_json, wrinkles_to_json
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.language import tr
from rhytid.core.lines import edit, reshape
from rhytid.core.lines.stroke import Binding, Stroke
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.controllers.stroke_gestures import new_stroke_id, twin_of
from rhytid.gui.controllers.tool_settings import ToolSettings

WRINKLES_MIME = "application/x-rhytid-wrinkles"
COPY_OFFSET = (0.012, 0.012)  # of a duplicate from its original, in chart units


def guarded(session: EditorSession, run: Callable[[], object]) -> Callable[[], None]:
    """An action that edits: pending slider steps end first, and nothing happens while a pen or mouse is at work.

    What is wrong with a value or a file (ValueError, OSError) is told in the window.
    """

    def edit() -> None:
        if session.photos.active:
            session.post(tr("A photo is being read; Esc stops it and brings back what was open"))
            return
        if session.stroke_tool.active or not session.document.settle():
            return
        try:
            run()
        except (ValueError, OSError) as error:
            session.fail(error, tr("Edit"))

    return edit


class Strokes(Protocol):
    """Whose strokes are edited: a session's, or those of the panel that shows them."""

    @property
    def document(self) -> Document: ...

    @property
    def selection(self) -> Selection: ...

    @property
    def tools(self) -> ToolSettings: ...


def selected_strokes(of: Strokes) -> tuple[Stroke, ...]:
    """The selected strokes in the order of the document."""
    chosen = frozenset(of.selection.ids)
    return tuple(stroke for stroke in of.document.state.strokes if stroke.id in chosen) if chosen else ()


def delete_selected(of: Strokes) -> None:
    ids = tuple(stroke.id for stroke in selected_strokes(of))
    if ids:
        execute(of.document, RemoveStrokes(ids))


def duplicate_selected(of: Strokes) -> None:
    """Copies a little beside the originals; the copies are selected."""
    copies = tuple(copy_of(stroke) for stroke in selected_strokes(of))
    if copies and execute(of.document, AddStrokes(copies)):
        of.selection.set(stroke.id for stroke in copies)


def copy_selected(of: Strokes) -> None:
    """Put the selected strokes into the clipboard, for this document and others."""
    strokes = selected_strokes(of)
    if strokes:
        mime = QMimeData()
        mime.setData(WRINKLES_MIME, QByteArray(wrinkles_to_json(strokes)))
        QGuiApplication.clipboard().setMimeData(mime)


def clipboard_has_strokes() -> bool:
    """Whether `paste_strokes` would find any."""
    return QGuiApplication.clipboard().mimeData().hasFormat(WRINKLES_MIME)


def paste_strokes(of: Strokes) -> None:
    """Strokes from the clipboard, where they were on the face that they come from; they are selected.

    Raises
    ------
    core.files.reading.FileRefused
        What another program put there is no text of strokes.
    """
    data = QGuiApplication.clipboard().mimeData().data(WRINKLES_MIME).data()
    strokes = wrinkles_from_json(bytes(data), new_stroke_id)
    if strokes and execute(of.document, Batch((AddStrokes(strokes),), tr("Paste strokes"))):
        of.selection.set(stroke.id for stroke in strokes)


def mirror_selected(of: Strokes) -> None:
    """Twins of the selected strokes on the other half of the face, as alike as the tool makes them."""
    known = {stroke.id for stroke in of.document.state.strokes}
    twins = tuple(twin_of(stroke, of.tools.mirror_asymmetry) for stroke in selected_strokes(of))
    twins = tuple(twin for twin in twins if twin.id not in known)
    if twins and execute(of.document, AddStrokes(twins)):
        of.selection.add(stroke.id for stroke in twins)


def join_selected(of: Strokes) -> None:
    """One stroke of all selected ones, each joined to what is nearest; it is what the first of them is."""
    strokes = list(selected_strokes(of))
    if len(strokes) < 2:
        return
    joined, rest = strokes[0], strokes[1:]
    gone = tuple(stroke.id for stroke in rest)
    while rest:
        nearest = min(rest, key=partial(reshape.gap, joined))
        rest.remove(nearest)
        joined = reshape.join(joined, nearest)
    if execute(of.document, Batch((RemoveStrokes(gone), ReplaceStrokes((joined,))), tr("Join strokes"))):
        of.selection.set((joined.id,))


def taper_selected(of: Strokes) -> None:
    """Ends that run out."""
    tapered = tuple(reshape.taper(stroke) for stroke in selected_strokes(of))
    if tapered:
        execute(of.document, ReplaceStrokes(tapered, tr("Taper strokes")))


def smooth_selected(of: Strokes) -> None:
    smoothed = tuple(edit.smooth(stroke) for stroke in selected_strokes(of))
    if smoothed:
        execute(of.document, ReplaceStrokes(smoothed, tr("Smooth strokes")))


def copy_of(stroke: Stroke, offset: tuple[float, float] = COPY_OFFSET) -> Stroke:
    """A stroke like another one, under an id of its own."""
    name = f"{stroke.name} copy"[:MAX_NAME_LENGTH] if stroke.name else ""
    return replace(edit.move(stroke, offset), id=new_stroke_id(), name=name, from_source=False)


def bind_selected(of: Strokes) -> None:
    ids = tuple(stroke.id for stroke in selected_strokes(of))
    if ids:
        execute(of.document, BindStrokesToExpression(ids))


def unbind_selected(of: Strokes) -> None:
    ids = tuple(stroke.id for stroke in selected_strokes(of))
    if ids:
        execute(of.document, SetStrokeProperties(ids, binding=Binding()))


def select_all(of: Strokes) -> None:
    of.selection.set(stroke.id for stroke in of.document.state.strokes)


def adopt_generated(session: EditorSession) -> None:
    """Make the engine's wrinkles strokes of the document, once it is known which engine draws."""
    state = session.document.state

    def done(strokes: tuple[Stroke, ...]) -> None:
        if session.document.state.settings != state.settings:
            return  # another engine or face since
        if strokes:
            session.execute(AdoptGeneratedStrokes(strokes))
            session.post(tr("{0} generated wrinkles are yours to edit now", len(strokes)))
        else:
            session.post(tr("There are no generated wrinkles to adopt"))

    if session.engines.runnable_so_far(state.settings) is not None:
        done(generated_strokes(state, session.engines))
    else:
        session.jobs.start(tr("Adopt wrinkles"), lambda _: generated_strokes(state, session.engines, wait=True), done)


def extract_lines_again(session: EditorSession) -> None:
    """Find the lines of the imported map anew; strokes of the artist stay."""
    source = session.document.state.source
    if source is None:
        session.post(tr("Import a displacement map first: File > Import Displacement"), "warning")
        return

    def work(_control: object) -> SourceDetail:
        from rhytid.core.lines.extract import found_lines

        lines = tuple(replace(line, from_source=True) for line in found_lines(source.displacement).seen())
        return replace(source, lines=lines)

    def done(found: SourceDetail) -> None:
        session.execute(ImportSource(found))
        session.post(tr("{0} lines found in {1}", len(found.lines), found.name))

    session.jobs.start(tr("Extract lines"), work, done)
