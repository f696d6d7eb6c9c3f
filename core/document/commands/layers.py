"""Commands on the layers of strokes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from rhytid.core.detail.site_layers import site_layer
from rhytid.core.document.commands.base import Batch, Command, CommandError, changed, refusing
from rhytid.core.document.commands.strokes import AddStrokes, with_strokes
from rhytid.core.document.limits import LAYER_STRENGTH, check_layers, check_text, clamp
from rhytid.core.document.state import DocumentState
from rhytid.core.lines.layer import Layering, StrokeLayer, UInt8
from rhytid.core.lines.stroke import Stroke


@dataclass(frozen=True)
class AddLayer(Command):
    """A new layer, in front of which position it goes, and the strokes that move into it.

    Attributes
    ----------
    layer : StrokeLayer
        With an id that the document does not have yet.
    ids : tuple of str
        Strokes of the document.
    index : int
        Position in the list of layers.
    """

    label = "New layer"

    layer: StrokeLayer
    ids: tuple[str, ...] = ()
    index: int = 0

    def apply(self, state: DocumentState) -> DocumentState:
        at = min(max(self.index, 0), len(state.layers))
        state = _with_layers(state, (*state.layers[:at], self.layer, *state.layers[at:]))
        return MoveToLayer(self.ids, self.layer.id).apply(state) if self.ids else state


@dataclass(frozen=True)
class MoveToLayer(Command):
    """Put strokes into a layer; "" takes them out of any."""

    label = "Move to layer"

    ids: tuple[str, ...]
    layer: str

    def apply(self, state: DocumentState) -> DocumentState:
        if self.layer and site_layer(self.layer) is None:
            _layer(state, self.layer)
        chosen = set(self.ids)
        return with_strokes(state, tuple(replace(s, layer=self.layer) if s.id in chosen else s for s in state.strokes))


@dataclass(frozen=True)
class SetLayer(Command):
    """Change what layers are like; a field that is None stays as it is."""

    ids: tuple[str, ...]
    name: str | None = None
    strength: float | None = None
    visible: bool | None = None
    solo: bool | None = None
    locked: bool | None = None

    def _changes(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None and name != "ids"}

    @property
    def label(self) -> str:
        given = self._changes()
        words = {
            "name": "Rename layer", "strength": "Set layer strength",
            "visible": "Show layer" if self.visible else "Hide layer",
            "solo": "Show layer alone" if self.solo else "Show other layers too",
            "locked": "Lock layer" if self.locked else "Unlock layer",
        }  # fmt: skip
        return words[next(iter(given))] if len(given) == 1 else "Set layer"

    def apply(self, state: DocumentState) -> DocumentState:
        changes = self._changes()
        with refusing():
            if self.strength is not None:
                changes["strength"] = clamp(self.strength, LAYER_STRENGTH, "strength of a layer")
            if self.name is not None:
                check_text(self.name, "the name of a layer")
        for layer_id in self.ids:
            _layer(state, layer_id)
        chosen = set(self.ids)
        return _with_layers(state, tuple(replace(a, **changes) if a.id in chosen else a for a in state.layers))


@dataclass(frozen=True, eq=False)
class SetMask(Command):
    """Give a layer a mask, or take it away."""

    layer: str
    mask: UInt8 | None

    @property
    def label(self) -> str:
        return "Remove mask" if self.mask is None else "Paint mask"

    def apply(self, state: DocumentState) -> DocumentState:
        old = _layer(state, self.layer)
        if old.locked:
            raise CommandError(f"the layer {old.name!r} is locked")
        new = tuple(replace(layer, mask=self.mask) if layer is old else layer for layer in state.layers)
        return _with_layers(state, new)


@dataclass(frozen=True)
class MoveLayers(Command):
    """Put layers in front of a position in the list without them."""

    label = "Reorder layers"

    ids: tuple[str, ...]
    index: int

    def apply(self, state: DocumentState) -> DocumentState:
        for layer_id in self.ids:
            _layer(state, layer_id)
        moved = tuple(layer for layer in state.layers if layer.id in self.ids)
        rest = tuple(layer for layer in state.layers if layer.id not in self.ids)
        at = min(max(self.index, 0), len(rest))
        return _with_layers(state, (*rest[:at], *moved, *rest[at:]))


@dataclass(frozen=True)
class RemoveLayers(Command):
    """Take layers away with all their strokes; of a site's layer the engine's own go too."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return "Delete layer" if len(self.ids) == 1 else f"Delete {len(self.ids)} layers"

    def apply(self, state: DocumentState) -> DocumentState:
        for layer_id in self.ids:
            _layer(state, layer_id)
        gone = set(self.ids)
        new = with_strokes(state, tuple(stroke for stroke in state.strokes if stroke.layer not in gone))
        sites = {layer_id for layer_id in gone if site_layer(layer_id) is not None}
        taken = tuple(sorted({*new.taken, *sites}))
        return changed(new, layers=tuple(a for a in new.layers if a.id not in gone), taken=taken)


@dataclass(frozen=True)
class MergeLayers(Command):
    """One layer of several: the first keeps its name and place, and all strokes look as they did.

    Strength and masks of the layers go over into their strokes. The layer of a site stays, without its strokes.
    """

    label = "Merge layers"

    ids: tuple[str, ...]

    def apply(self, state: DocumentState) -> DocumentState:
        if len(set(self.ids)) < 2:
            raise CommandError("two layers or more can be merged")
        merged = [_layer(state, layer_id) for layer_id in self.ids]
        into = min(merged, key=state.layers.index)
        gone = {layer.id for layer in merged}
        acting = Layering(tuple(replace(layer, solo=False) for layer in merged))
        inside = {stroke.id: stroke for stroke in acting.shown(state.strokes) if stroke.layer in gone}
        new = with_strokes(
            state,
            tuple(replace(inside[s.id], layer=into.id) if s.id in inside else s for s in state.strokes),
        )
        plain = replace(into, strength=1.0, visible=True, mask=None)
        layers = tuple(
            plain if layer.id == into.id else layer
            for layer in new.layers
            if layer.id == into.id or layer.id not in gone or site_layer(layer.id) is not None
        )
        return _with_layers(new, layers)


@dataclass(frozen=True)
class TakeGenerated(Command):
    """Make some of the engine's own wrinkles strokes of the document, so that they can be changed.

    The engine leaves them out from now on (`DocumentState.taken`). Those that it left out already stay as they are in
    the document.
    """

    strokes: tuple[Stroke, ...]

    @property
    def label(self) -> str:
        return "Take generated wrinkle" if len(self.strokes) == 1 else "Take generated wrinkles"

    def apply(self, state: DocumentState) -> DocumentState:
        known = {stroke.id for stroke in state.strokes} | set(state.taken)
        fresh = tuple(stroke for stroke in self.strokes if stroke.id not in known)
        if not fresh:
            return state
        new = with_strokes(state, (*state.strokes, *fresh))
        return replace(new, taken=tuple(sorted({*state.taken, *(stroke.id for stroke in fresh)})))


def forget_generated(state: DocumentState) -> DocumentState:
    """The state without what came from the engine's wrinkles of the person that it had: for another person."""
    if not state.taken:
        return state
    taken = frozenset(state.taken)
    strokes = tuple(s for s in state.strokes if s.id.partition(".")[0] not in taken)
    in_use = {stroke.layer for stroke in strokes}
    layers = tuple(a for a in state.layers if a.id in in_use or site_layer(a.id) is None)
    return replace(state, strokes=strokes, layers=layers, taken=())


def duplicate_layer(state: DocumentState, layer_id: str, new_id: str, copies: Iterable[Stroke]) -> Command:
    """The command that puts a copy of a layer behind it, with `copies` of its strokes under ids of their own."""
    old = _layer(state, layer_id)
    name = f"{old.name} copy" if old.name else ""
    layer = replace(old, id=new_id, name=name[:200], locked=False)
    inside = tuple(replace(stroke, layer=new_id) for stroke in copies)
    add = AddLayer(layer, (), state.layers.index(old) + 1)
    return Batch((add, AddStrokes(inside)) if inside else (add,), "Duplicate layer")


def _layer(state: DocumentState, layer_id: str) -> StrokeLayer:
    for layer in state.layers:
        if layer.id == layer_id:
            return layer
    raise CommandError(f"the document has no layer {layer_id!r}")


def _with_layers(state: DocumentState, layers: tuple[StrokeLayer, ...]) -> DocumentState:
    with refusing():
        check_layers(layers, state.taken, state.strokes)
    return changed(state, layers=layers)
