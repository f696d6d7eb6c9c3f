"""What happens between the pen's press and its release, for each tool.

A gesture collects samples and previews one command on the document; nothing here knows of widgets.
"""

from __future__ import annotations

import math
import uuid
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.tension_snap import snapped
from rhytid.core.document.commands import (
    AddStrokes,
    Batch,
    Command,
    RemoveStrokes,
    ReplaceStrokes,
    TakeGenerated,
)
from rhytid.core.document.document import Document, Gesture
from rhytid.core.document.expression import ExpressedFace, binding_to, expression_binding, set_or_shown_action_units
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.language import tr
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style, seed_of
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_recorder import SPACING, Anchor, Line, PenSample, RubbedWay, StrokeRecorder
from rhytid.gui.controllers.tool_settings import Band, ToolSettings

# What shows less than this on the face cannot be meant by a click or an eraser.
SHOWN_FROM = 0.02
PICK_RADIUS = 0.012
SMOOTH_AMOUNT = 0.35


def new_stroke_id() -> str:
    """An id that no other stroke has."""
    return uuid.uuid4().hex[:12]


def current_binding(state: DocumentState, onset: Onset) -> Binding:
    """Binding of a stroke that is drawn now; always there on a neutral face."""
    if onset is Onset.EXPRESSION:
        return expression_binding(state)
    if onset is Onset.ACTION_UNITS:
        return binding_to(onset, set_or_shown_action_units(state).items())
    return Binding()


def showing(state: DocumentState, strokes: Sequence[Stroke]) -> tuple[Stroke, ...]:
    """Those of `strokes` that can be seen on the face as its expression, age and layers are now."""
    face, strokes = ExpressedFace.of(state), tuple(strokes)
    seen = state.layering.seen(strokes)
    return tuple(one for one, shown in zip(strokes, seen, strict=True) if face.share_of(shown) > SHOWN_FROM)


def touchable(state: DocumentState, strokes: Sequence[Stroke]) -> tuple[Stroke, ...]:
    """Those of `strokes` that no locked layer holds."""
    locked = {layer.id for layer in state.layers if layer.locked}
    return tuple(stroke for stroke in strokes if stroke.layer not in locked) if locked else tuple(strokes)


def showing_generated(state: DocumentState, engines: Engines) -> tuple[Stroke, ...]:
    """The engine's own wrinkles that can be seen; on an imported map, those that it lacks in this pose."""
    shown = showing(state, generated_strokes(state, engines))
    if state.source is None or not shown:
        return shown
    now, then = ExpressedFace.of(state), ExpressedFace.at_capture(state.source)
    return tuple(stroke for stroke in shown if now.share_of(stroke) - then.share_of(stroke) > SHOWN_FROM)


def replacement(before: Sequence[Stroke], after: Sequence[Stroke], text: str) -> Command:
    """The command that turns the strokes `before` into `after`, as one undo step."""
    old = {stroke.id: stroke for stroke in before}
    new = {stroke.id: stroke for stroke in after}
    gone = tuple(i for i in old if i not in new)
    changed = tuple(s for i, s in new.items() if i in old and s is not old[i])
    added = tuple(s for i, s in new.items() if i not in old)
    commands: list[Command] = []
    if gone:
        commands.append(RemoveStrokes(gone))
    if changed:
        commands.append(ReplaceStrokes(changed))
    if added:
        commands.append(AddStrokes(added))
    return Batch(tuple(commands), text)


class PenGesture(ABC):
    """One press-to-release of the pen.

    Attributes
    ----------
    shown : Gesture or None
        What it shows of itself in the document; None until there is something to show.
    """

    label = ""

    def __init__(self, document: Document, settings: ToolSettings) -> None:
        self.document = document
        self.settings = settings
        self.base = document.state
        self.shown: Gesture | None = None

    @abstractmethod
    def collect(self, sample: PenSample) -> None:
        """Note a sample without showing it yet."""

    @abstractmethod
    def move(self, sample: PenSample) -> None:
        """Note a sample and show it."""

    def finish(self) -> None:  # noqa: B027 (most gestures have nothing left to do)
        """The pen is up."""

    def show(self, command: Command) -> None:
        if self.shown is None:
            self.shown = self.document.begin_gesture(self.label, exclusive=True)
        self.shown.preview(command)


class DrawGesture(PenGesture):
    label = tr("Draw stroke")

    def __init__(self, document: Document, settings: ToolSettings, extra_smooth: bool) -> None:
        super().__init__(document, settings)
        self._recorder = StrokeRecorder(max(settings.smooth, 0.9) if extra_smooth else settings.smooth)
        self._binding = current_binding(self.base, settings.onset)
        self._layer = settings.layer if any(a.id == settings.layer for a in self.base.layers) else ""
        self._ids: list[str] = []
        self._last: tuple[float, float] | None = None
        self.anchor: Anchor | None = None

    def collect(self, sample: PenSample) -> None:
        self._last = sample.chart or self._last
        self._recorder.add(sample.chart, sample.pressure, sample.on_surface)

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        lines = enumerate(self._recorder.lines)
        strokes = [self.stroke_of(i, line) for i, line in lines if len(line.points) >= 2]
        if strokes:
            self.show(AddStrokes(self._with_twins(strokes, 0.0)))

    def finish(self) -> None:
        self._recorder.finish()
        drawn = {id(line) for line in self._recorder.drawn()}
        strokes = [
            self._final(self.stroke_of(i, line))
            for i, line in enumerate(self._recorder.lines)
            if id(line) in drawn
        ]
        if self.shown is not None or strokes:
            self.show(AddStrokes(self._with_twins(strokes, self.settings.mirror_asymmetry)))
        if self._last is not None:
            ends = strokes and math.dist(strokes[-1].points[-1], self._last) < 2 * SPACING
            self.anchor = Anchor(self._last, strokes[-1].id if ends else "")

    def stroke_of(self, index: int, line: Line) -> Stroke:
        """The stroke of the line with this number, as the tool is set now."""
        while len(self._ids) <= index:
            self._ids.append(new_stroke_id())
        settings = self.settings
        depth, width = settings.shape_pressure(line.pressures)
        return Stroke(
            id=self._ids[index],
            points=np.asarray(line.points, np.float32),
            pressure=depth,
            breadth=width,
            width=settings.width,
            depth_mm=settings.depth_mm,
            profile=settings.profile,
            style=settings.style,
            folding=settings.folding if settings.style == Style.NATURAL else 0.0,
            tint=settings.tint,
            seed=seed_of(self._ids[index]),
            binding=self._binding,
            birth_age=settings.clipped_birth_age(),
            layer=self._layer,
        )

    def _final(self, stroke: Stroke) -> Stroke:
        stroke = edit.simplify(snapped(stroke, self.settings.along_tension))
        return edit.outward_fold(stroke) if stroke.profile is Profile.FOLD else stroke

    def _with_twins(self, strokes: Sequence[Stroke], asymmetry: float) -> tuple[Stroke, ...]:
        if not self.settings.mirror_x:
            return tuple(strokes)
        return (*strokes, *(twin_of(stroke, asymmetry) for stroke in strokes))


def twin_of(stroke: Stroke, asymmetry: float) -> Stroke:
    """The stroke on the other half of the face; the same twin whenever it is asked for."""
    return edit.mirror(stroke, f"{stroke.id}m", asymmetry, zlib.crc32(stroke.id.encode()))


class StrokesGesture(PenGesture):
    """A gesture that changes strokes that are there, the engine's own included."""

    def __init__(self, document: Document, settings: ToolSettings, engines: Engines) -> None:
        super().__init__(document, settings)
        self._generated = {stroke.id: stroke for stroke in generated_strokes(self.base, engines)}
        self._taken: dict[str, Stroke] = {}
        known = (*self.base.strokes, *self._generated.values())
        shown = (*showing(self.base, self.base.strokes), *showing_generated(self.base, engines))
        self._hidden = frozenset(s.id for s in known) - {s.id for s in touchable(self.base, shown)}
        self._working: dict[str, Stroke] = {stroke.id: stroke for stroke in self.base.strokes}

    def touchable(self) -> list[Stroke]:
        """What the tool may change now: what shows, and the pieces of it that came about since."""
        every = (*self._working.values(), *(s for s in self._generated.values() if s.id not in self._taken))
        takes = Band(self.settings.band).takes
        return [stroke for stroke in every if stroke.id not in self._hidden and takes(stroke.width)]

    def replace(self, old: Sequence[Stroke], new: Sequence[Stroke]) -> None:
        """Put `new` in the place of `old`; those of the engine's wrinkles that are meant become the document's."""
        gone = {stroke.id for stroke in old}
        for key in gone - self._taken.keys():
            generated = self._generated.get(key)
            if generated is not None:
                self._taken[key] = self._working[key] = generated
        result: dict[str, Stroke] = {}
        fresh = {stroke.id: stroke for stroke in new}
        for key, stroke in self._working.items():
            if key not in gone:
                result[key] = stroke
            elif key in fresh:
                result[key] = fresh.pop(key)
        result.update(fresh)
        self._working = result

    def show_working(self) -> None:
        taken = tuple(self._taken.values())
        command = replacement((*self.base.strokes, *taken), tuple(self._working.values()), self.label)
        if taken:
            command = Batch((TakeGenerated(taken), command), self.label)
        if self.shown is not None or tuple(self._working.values()) != self.base.strokes:
            self.show(command)


class EraseGesture(StrokesGesture):
    label = tr("Erase")

    def __init__(self, document: Document, settings: ToolSettings, engines: Engines) -> None:
        super().__init__(document, settings, engines)
        self._way = RubbedWay()

    def collect(self, sample: PenSample) -> None:
        self._way.add(sample)

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        paths = self._way.take(self.settings.mirror_x)
        for path in paths:
            self._rub(path.points)
        if paths:
            self.show_working()

    def _rub(self, path: Sequence[tuple[float, float]]) -> None:
        before = self.touchable()
        after = edit.erase(before, path, self.settings.radius)
        kept = {id(stroke) for stroke in after}
        old = [stroke for stroke in before if id(stroke) not in kept]
        if old:
            known = {id(stroke) for stroke in before}
            self.replace(old, [stroke for stroke in after if id(stroke) not in known])


class SmoothGesture(StrokesGesture):
    label = tr("Smooth strokes")

    def collect(self, sample: PenSample) -> None:
        if sample.chart is None:
            return
        centers = [sample.chart]
        if self.settings.mirror_x:
            centers.append((1.0 - sample.chart[0], sample.chart[1]))
        radius = max(self.settings.radius, PICK_RADIUS) * 1.5
        for center in centers:
            before = self.touchable()
            pairs = [(s, edit.smooth_near(s, center, radius, SMOOTH_AMOUNT)) for s in before]
            changed = [(old, new) for old, new in pairs if new is not old]
            if changed:
                self.replace([old for old, _ in changed], [new for _, new in changed])

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        self.show_working()


class SelectGesture(StrokesGesture):
    """A click selects, and again at the same place the line below; a drag moves what is selected."""

    label = tr("Move strokes")
    _DEAD_ZONE = 0.004

    def __init__(
        self,
        document: Document,
        settings: ToolSettings,
        engines: Engines,
        selection: Selection,
        pick_all: Callable[[tuple[float, float]], tuple[Stroke, ...]],
        sample: PenSample,
        extend: bool,
    ) -> None:
        super().__init__(document, settings, engines)
        self._selection = selection
        self._start = sample.chart
        self._moving = False
        hits = pick_all(sample.chart) if sample.chart is not None else ()
        held = next((stroke for stroke in hits if stroke.id in selection), None)
        hit = held or (hits[0] if hits else None)
        self._grip = hit
        # What a click, not a drag, on a line that is selected already goes on to.
        self._below = hits[(hits.index(held) + 1) % len(hits)] if held is not None and len(selection) == 1 else None
        if hit is None:
            if not extend:
                selection.clear()
        elif extend:
            selection.toggle(hit.id)
        elif hit.id not in selection:
            selection.set((hit.id,))
        self._origin = {s.id: s for s in (*self.base.strokes, *self._generated.values())}

    def collect(self, sample: PenSample) -> None:
        """Only the last place matters to a move."""

    def move(self, sample: PenSample) -> None:
        if sample.chart is None or self._start is None or self._grip is None:
            return
        offset = (sample.chart[0] - self._start[0], sample.chart[1] - self._start[1])
        if not self._moving and math.hypot(*offset) < self._DEAD_ZONE:
            return
        self._moving = True
        moved = [self._origin[i] for i in self._selection.ids if i in self._origin]
        twins = self.settings.mirror_x
        old = [self._working.get(s.id, s) for s in moved]
        new = [edit.move(s, offset) for s in moved]
        if twins:
            for stroke in moved:
                twin = self._origin.get(f"{stroke.id}m")
                if twin is not None and twin.id not in self._selection:
                    old.append(self._working.get(twin.id, twin))
                    new.append(edit.move(twin, (-offset[0], offset[1])))
        self.replace(old, new)
        self.show_working()

    def finish(self) -> None:
        """A click on one of the engine's wrinkles makes it the document's, so that it can be edited."""
        if self._below is not None and self._below.id not in self._selection and not self._moving:
            self._grip = self._below
            self._selection.set((self._below.id,))
        picked = None if self._grip is None else self._generated.get(self._grip.id)
        if picked is not None and self.shown is None:
            command = TakeGenerated((picked,))
            self.label = command.label
            self.show(command)
