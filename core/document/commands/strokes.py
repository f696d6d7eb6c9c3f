"""Commands on strokes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from rhytid.core.detail.site_layers import site_layer
from rhytid.core.document.commands.base import Command, CommandError, refusing
from rhytid.core.document.expression import expression_binding
from rhytid.core.document.limits import LENGTH_MM, check_strokes, clamp, clamp_stroke
from rhytid.core.document.state import DocumentState
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.reshape import length_of, scaled
from rhytid.core.lines.stroke import Binding, Profile, Stroke, Style, seed_of
from rhytid.core.maps.units import CHART_MM


@dataclass(frozen=True)
class AddStrokes(Command):
    """Add strokes at the end of the list.

    Attributes
    ----------
    strokes : tuple of Stroke
        With ids that the document does not have yet. Values out of range are clamped.
    """

    strokes: tuple[Stroke, ...]

    @property
    def label(self) -> str:
        return "Draw stroke" if len(self.strokes) == 1 else f"Add {len(self.strokes)} strokes"

    def apply(self, state: DocumentState) -> DocumentState:
        return with_strokes(state, (*state.strokes, *self.strokes))


@dataclass(frozen=True)
class ReplaceStrokes(Command):
    """Put other strokes in the place of some that the document has.

    Attributes
    ----------
    strokes : tuple of Stroke
        Each takes the place of the one with the same id.
    label : str
        Such as "Move stroke", "Smooth stroke".
    """

    strokes: tuple[Stroke, ...]
    label: str = "Edit stroke"

    def apply(self, state: DocumentState) -> DocumentState:
        new = {stroke.id: stroke for stroke in self.strokes}
        if len(new) != len(self.strokes):
            raise CommandError("a stroke is given twice")
        require_ids(state, new)
        return with_strokes(state, tuple(new.get(stroke.id, stroke) for stroke in state.strokes))


@dataclass(frozen=True)
class RemoveStrokes(Command):
    """Take strokes away by id."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return "Delete stroke" if len(self.ids) == 1 else f"Delete {len(self.ids)} strokes"

    def apply(self, state: DocumentState) -> DocumentState:
        require_ids(state, self.ids)
        gone = set(self.ids)
        return with_strokes(state, tuple(stroke for stroke in state.strokes if stroke.id not in gone))


@dataclass(frozen=True)
class ReorderStrokes(Command):
    """Move strokes within the list.

    Attributes
    ----------
    ids : tuple of str
        The strokes to move; they keep their order among themselves.
    index : int
        Position, in the list without them, in front of which they go.
    """

    label = "Reorder strokes"

    ids: tuple[str, ...]
    index: int

    def apply(self, state: DocumentState) -> DocumentState:
        require_ids(state, self.ids)
        moved = set(self.ids)
        block = tuple(stroke for stroke in state.strokes if stroke.id in moved)
        rest = tuple(stroke for stroke in state.strokes if stroke.id not in moved)
        at = min(max(self.index, 0), len(rest))
        return with_strokes(state, (*rest[:at], *block, *rest[at:]))


@dataclass(frozen=True)
class SetStrokeProperties(Command):
    """Change properties of some strokes; a field that is None stays as it is."""

    ids: tuple[str, ...]
    width: float | None = None
    depth_mm: float | None = None
    profile: Profile | None = None
    binding: Binding | None = None
    birth_age: float | None = None
    name: str | None = None
    visible: bool | None = None
    style: Style | None = None
    tint: float | None = None
    folding: float | None = None

    def _changes(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None and name != "ids"}

    @property
    def label(self) -> str:
        changed = set(self._changes())
        if changed == {"visible"}:
            return "Show strokes" if self.visible else "Hide strokes"
        names = {"depth_mm": "depth", "birth_age": "birth age", "tint": "colour", "folding": "folding with the skin"}
        if len(changed) == 1:
            name = changed.pop()
            return f"Set stroke {names.get(name, name)}"
        return "Set stroke properties"

    def apply(self, state: DocumentState) -> DocumentState:
        require_ids(state, self.ids)
        changes, chosen = self._changes(), set(self.ids)
        with refusing():
            new = tuple(_changed(s, changes) if s.id in chosen else s for s in state.strokes)
            if self.profile is not None:
                Profile(self.profile)
        return with_strokes(state, new)


def _changed(stroke: Stroke, changes: dict[str, Any]) -> Stroke:
    changed = replace(stroke, **changes)
    if Style(changed.style) is Style.NATURAL and changed.seed == 0:
        return replace(changed, seed=seed_of(stroke.id))
    return changed


@dataclass(frozen=True)
class ScaleStrokes(Command):
    """Make strokes longer or shorter, each about its own middle; width and depth stay.

    Attributes
    ----------
    ids : tuple of str
    length_mm : float
        Length that the last of them gets, of the chart; the others grow by the same factor.
    """

    label = "Set stroke length"

    ids: tuple[str, ...]
    length_mm: float

    def apply(self, state: DocumentState) -> DocumentState:
        require_ids(state, self.ids)
        if not self.ids:
            return state
        with refusing():
            wanted = clamp(self.length_mm, LENGTH_MM, "length of a stroke") / CHART_MM
        chosen = {stroke.id: stroke for stroke in state.strokes if stroke.id in self.ids}
        factor = wanted / max(length_of(chosen[self.ids[-1]]), 1e-6)
        return with_strokes(state, tuple(scaled(s, factor) if s.id in chosen else s for s in state.strokes))


@dataclass(frozen=True)
class BindStrokesToExpression(Command):
    """Bind strokes to the face's present expression: they are at full depth in it and fade with it."""

    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        return "Bind stroke to expression" if len(self.ids) == 1 else "Bind strokes to expression"

    def apply(self, state: DocumentState) -> DocumentState:
        return SetStrokeProperties(self.ids, binding=expression_binding(state)).apply(state)


@dataclass(frozen=True)
class AdoptGeneratedStrokes(Command):
    """Make all of the engine's own wrinkles strokes of the document, so that they can be erased and moved.

    The engine stops adding its own (`EngineSettings.generate_wrinkles`). Strokes whose id the document
    already has stay as they are there, so that adopting twice loses no edit.
    """

    label = "Adopt generated wrinkles"

    strokes: tuple[Stroke, ...]

    def apply(self, state: DocumentState) -> DocumentState:
        known = {stroke.id for stroke in state.strokes}
        new = with_strokes(state, (*state.strokes, *(s for s in self.strokes if s.id not in known)))
        taken = tuple(sorted({*state.taken, *(stroke.id for stroke in self.strokes)}))
        if not new.settings.generate_wrinkles and taken == state.taken:
            return new
        return replace(new, taken=taken, settings=replace(new.settings, generate_wrinkles=False))


def require_ids(state: DocumentState, ids: Iterable[str]) -> None:
    """Raises `CommandError` when the document lacks a stroke with one of the ids."""
    missing = set(ids) - {stroke.id for stroke in state.strokes}
    if missing:
        raise CommandError(f"the document has no stroke {sorted(missing)[0]!r}")


def with_strokes(state: DocumentState, strokes: tuple[Stroke, ...]) -> DocumentState:
    """The state with these strokes, clamped; strokes that did not change stay the same objects.

    Layers of sites come into being with their first stroke.

    Raises
    ------
    CommandError
        Two strokes have the same id, there are too many, one holds a value that is not a finite number or names a
        layer that is not there, or a locked layer would change.
    """
    old = {stroke.id: stroke for stroke in state.strokes}
    with refusing():
        inside = tuple(s if s is old.get(s.id) else clamp_stroke(s) for s in strokes)
        check_strokes(inside)
    shared = tuple(old[s.id] if s.id in old and old[s.id] == s else s for s in inside)
    if len(shared) == len(state.strokes) and all(a is b for a, b in zip(shared, state.strokes, strict=True)):
        return state
    _refuse_locked(state, shared)
    return replace(state, strokes=shared, layers=_with_layers_of(state, shared))


def _refuse_locked(state: DocumentState, strokes: tuple[Stroke, ...]) -> None:
    for layer in state.layers:
        if layer.locked:
            before, after = ({s.id: s for s in some if s.layer == layer.id} for some in (state.strokes, strokes))
            if before != after:
                raise CommandError(f"the layer {layer.name!r} is locked")


def _with_layers_of(state: DocumentState, strokes: tuple[Stroke, ...]) -> tuple[StrokeLayer, ...]:
    """The layers, with those of sites that strokes name and that are not there yet."""
    known = {layer.id for layer in state.layers} | {""}
    missing = dict.fromkeys(stroke.layer for stroke in strokes if stroke.layer not in known)
    new = {layer_id: site_layer(layer_id) for layer_id in missing}
    for layer_id, layer in new.items():
        if layer is None:
            raise CommandError(f"the document has no layer {layer_id!r}")
    return (*state.layers, *(layer for layer in new.values() if layer is not None)) if new else state.layers
