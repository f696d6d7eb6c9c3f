"""Putting items of the wrinkle library on the face: each function is one undo step."""

from __future__ import annotations

from rhytid.core.document.commands import AddStrokes, Batch
from rhytid.core.document.limits import MAX_NAME_LENGTH
from rhytid.core.document.wrinkle_library import LibraryItem
from rhytid.core.document.wrinkle_placing import Side, at_site, dropped
from rhytid.core.document.wrinkle_set import wrinkles_from_json
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.edits import Strokes
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.controllers.stroke_gestures import new_stroke_id


def apply(of: Strokes, item: LibraryItem, side: Side, depth: float) -> tuple[Stroke, ...]:
    """Put an item on the face at its site, as one undo step; what was put there is selected."""
    placed = at_site(item.wrinkles.strokes, side, new_stroke_id, depth, of.tools.mirror_asymmetry)
    return _add(of, placed, item.name)


def drop(of: Strokes, data: bytes, at: tuple[float, float]) -> tuple[Stroke, ...]:
    """Put strokes that were dragged to a chart point there, as one undo step; raises as `wrinkles_from_json`."""
    return _add(of, dropped(wrinkles_from_json(data, new_stroke_id), at, new_stroke_id), "")


def _add(of: Strokes, strokes: tuple[Stroke, ...], name: str) -> tuple[Stroke, ...]:
    label = tr("Add {0}", name) if name else tr("Add wrinkles")
    if not strokes or not execute(of.document, Batch((AddStrokes(strokes),), label[:MAX_NAME_LENGTH])):
        return ()
    of.selection.set(stroke.id for stroke in strokes)
    return strokes
