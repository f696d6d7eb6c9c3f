"""What panels do to layers of strokes: each function is one undo step, and nothing while a stroke is being drawn."""

from __future__ import annotations

from typing import Protocol

from rhytid.core.detail.site_layers import layer_of_course
from rhytid.core.document.commands import AddLayer, Batch, MoveToLayer, RemoveLayers, duplicate_layer
from rhytid.core.language import tr
from rhytid.core.lines.layer import StrokeLayer
from rhytid.gui.controllers import edits
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.controllers.stroke_gestures import new_stroke_id


class Layers(edits.Strokes, Protocol):
    """Whose layers are edited: the panel that shows them."""

    def chosen_layers(self) -> tuple[StrokeLayer, ...]: ...


def new_layer(of: edits.Strokes) -> None:
    """A layer with the selected strokes in it, in front of all others."""
    names = {layer.name for layer in of.document.state.layers}
    name = next(name for i in range(1, len(names) + 2) if (name := f"Layer {i}") not in names)
    layer = StrokeLayer(new_stroke_id(), name)
    execute(of.document, AddLayer(layer, tuple(stroke.id for stroke in edits.selected_strokes(of))))


def delete_layers(of: Layers) -> None:
    ids = tuple(layer.id for layer in of.chosen_layers())
    if ids:
        execute(of.document, RemoveLayers(ids))


def duplicate_layers(of: Layers) -> None:
    """Each chosen layer once more, with copies of its strokes where they are."""
    state = of.document.state
    commands = []
    for layer in of.chosen_layers():
        inside = [stroke for stroke in state.strokes if stroke.layer == layer.id]
        copies = [edits.copy_of(stroke, (0.0, 0.0)) for stroke in inside]
        commands.append(duplicate_layer(state, layer.id, new_stroke_id(), copies))
    if commands:
        execute(of.document, Batch(tuple(commands)))


def select_strokes(of: Layers) -> None:
    """Select all strokes of the chosen layers."""
    chosen = {layer.id for layer in of.chosen_layers()}
    of.selection.set(stroke.id for stroke in of.document.state.strokes if stroke.layer in chosen)


def sort_by_place(of: edits.Strokes) -> None:
    """Put strokes of no layer into the layers of the places along which they run."""
    places: dict[str, list[str]] = {}
    for stroke in of.document.state.strokes:
        layer_id = "" if stroke.layer else layer_of_course(stroke)
        if layer_id:
            places.setdefault(layer_id, []).append(stroke.id)
    if places:
        moves = tuple(MoveToLayer(tuple(ids), layer_id) for layer_id, ids in places.items())
        execute(of.document, Batch(moves, tr("Sort strokes into layers")))
