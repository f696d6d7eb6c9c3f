"""Brush, eraser and select tool: samples of a pen become gestures on the document. No GUI in it.

Viewport and canvas feed the same tool, each with the chart coordinates under the pen. A press starts a
gesture, every sample previews it, the release commits it as one undo step; `cancel` takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import methodcaller

from psygnal import Signal

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.finish import Float32
from rhytid.core.document.document import Document
from rhytid.core.head.skin_brush import SkinBrush
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.paint import UInt8
from rhytid.gui.controllers.handles import Grip
from rhytid.gui.controllers.line_gestures import LINE_GESTURES
from rhytid.gui.controllers.mask_gesture import LayerMaskGesture, LockGesture, PoresGesture
from rhytid.gui.controllers.paint_gesture import PaintGesture, PickGesture
from rhytid.gui.controllers.point_gesture import HandleGesture, gesture_of
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.straight_line import ShiftGesture, anchor_after
from rhytid.gui.controllers.stroke_gestures import (
    PICK_RADIUS,
    DrawGesture,
    EraseGesture,
    PenGesture,
    SelectGesture,
    SmoothGesture,
    showing,
    showing_generated,
    touchable,
)
from rhytid.gui.controllers.stroke_recorder import Anchor, PenSample
from rhytid.gui.controllers.tool_settings import Band, Handling, MaskTarget, Tool, ToolSettings


class StrokeTool:
    """What the pen does to the document.

    Parameters
    ----------
    document : Document
    settings : ToolSettings
    selection : Selection
    engines : Engines
        Bring wrinkles of their own.

    Attributes
    ----------
    detail : callable
        Gives the face's detail as it is seen, float32 (H, H) in mm, or None while that is not known.
    skin_brush, skin_color : callable
        Give the brush that measures on the face, and its colour in the chart, uint8 (R, R, 3); None as of `detail`.

    Signals
    -------
    finished(str)
        A gesture was committed; what it did, for the status bar.
    failed(Exception)
        A gesture broke; the document is as it was before.
    """

    finished = Signal(str)
    failed = Signal(Exception)

    def __init__(self, document: Document, settings: ToolSettings, selection: Selection, engines: Engines) -> None:
        self._document = document
        self._settings = settings
        self._selection = selection
        self._engines = engines
        self.detail: Callable[[], Float32 | None] = lambda: None
        self.skin_brush: Callable[[], SkinBrush | None] = lambda: None
        self.skin_color: Callable[[], UInt8 | None] = lambda: None
        self._gesture: PenGesture | None = None
        self._anchor: Anchor | None = None

    @property
    def active(self) -> bool:
        """The pen is down and does something."""
        return self._gesture is not None

    def press(self, sample: PenSample, extend: bool = False, grip: Grip | None = None) -> bool:
        """The pen touches down.

        Parameters
        ----------
        extend : bool
            The select tool adds to the selection.
        grip : Grip, optional
            The point of a stroke that the select tool takes hold of.

        Returns
        -------
        bool
            False when there is nothing to do here (off the skin), so that the drag may turn the camera.
        """
        if self._gesture is not None or sample.chart is None or not self._document.settle():
            return False
        try:
            self._gesture = self._gesture_for(sample, extend, grip)
        except Exception as error:
            self.failed.emit(error)
            return True
        self._guarded(lambda gesture: gesture.move(sample))
        return True

    def move(self, samples: Sequence[PenSample]) -> None:
        """The pen went through `samples`, oldest first; one preview for all of them."""
        for sample in samples[:-1]:
            self._guarded(methodcaller("collect", sample))
        if samples:
            self._guarded(lambda gesture: gesture.move(samples[-1]))

    def release(self) -> None:
        """The pen is up: the gesture becomes one undo step, or none when it changed nothing."""
        if self._gesture is None:
            return
        self._guarded(lambda gesture: gesture.finish())
        gesture, self._gesture = self._gesture, None
        self._anchor = anchor_after(gesture) or self._anchor
        if isinstance(gesture, HandleGesture):
            self._selection.hold_point(gesture.point)
        if gesture is not None and gesture.shown is not None and gesture.shown.commit():
            self.finished.emit(gesture.label)

    def cancel(self) -> bool:
        """Take back what the pen has done since it touched down. False when it is up."""
        self._anchor = None
        if self._gesture is None:
            return False
        gesture, self._gesture = self._gesture, None
        if gesture.shown is not None:
            gesture.shown.cancel()
        return True

    def pick(self, chart: tuple[float, float], radius: float = PICK_RADIUS) -> Stroke | None:
        """The stroke under a chart point: of the document or, when it shows, of the engine; none of a locked layer."""
        hits = self.pick_all(chart, radius)
        return hits[0] if hits else None

    def pick_all(self, chart: tuple[float, float], radius: float = PICK_RADIUS) -> tuple[Stroke, ...]:
        """All strokes under a chart point, the nearest first; the engine's where none of the document is there."""
        hits = edit.picked(self._pickable(), chart, radius)
        if hits:
            return hits
        state = self._document.state
        return edit.picked(touchable(state, showing_generated(state, self._engines)), chart, radius)

    def select_in(self, low: tuple[float, float], high: tuple[float, float], extend: bool = False) -> None:
        """Select the document's strokes that touch a rectangle of the chart."""
        found = [stroke.id for stroke in edit.strokes_in(self._pickable(), low, high)]
        if extend:
            self._selection.add(found)
        else:
            self._selection.set(found)

    def _pickable(self) -> tuple[Stroke, ...]:
        """Strokes of the document that a click can mean."""
        state = self._document.state
        seen = state.layering.seen(state.strokes)
        return touchable(state, seen if self._settings.show_strokes else showing(state, seen))

    def _gesture_for(self, sample: PenSample, extend: bool, grip: Grip | None) -> PenGesture:
        settings, document, engines = self._settings, self._document, self._engines
        if settings.tool == Tool.SELECT and grip is not None:
            self._selection.hold_point(-1 if grip.side is None else grip.index)
            return gesture_of(document, settings, grip, sample)
        if settings.tool == Tool.SELECT:
            return self._gesture_of_select(sample, extend)
        if settings.tool == Tool.PAINT and (settings.picking or sample.pick):
            return PickGesture(document, settings, self.skin_color())
        if settings.tool == Tool.PAINT:
            return PaintGesture(document, settings, self.skin_brush(), back=sample.erase, smooth=sample.smooth)
        if settings.tool == Tool.MASK and settings.mask_target == MaskTarget.SKIN:
            return LockGesture(document, settings, self.detail(), back=sample.erase)
        if settings.tool == Tool.MASK:
            return LayerMaskGesture(document, settings, back=sample.erase)
        if settings.tool == Tool.ERASER and settings.band == Band.PORES:
            return PoresGesture(document, settings, back=sample.erase)
        if settings.tool == Tool.ERASER or sample.erase:
            return EraseGesture(document, settings, engines)
        if not sample.smooth or sample.chart is None:
            return DrawGesture(document, settings, extra_smooth=False)
        near = edit.pick(self._pickable(), sample.chart, max(settings.radius, PICK_RADIUS))

        def moving() -> PenGesture:
            if near is not None:
                return SmoothGesture(document, settings, engines)
            return DrawGesture(document, settings, extra_smooth=True)

        anchor = self._anchor
        if anchor is not None and anchor.stroke_id and all(s.id != anchor.stroke_id for s in document.state.strokes):
            anchor = None  # what ended there was undone or deleted
        return ShiftGesture(document, settings, anchor, moving)

    def _gesture_of_select(self, sample: PenSample, extend: bool) -> PenGesture:
        settings, document, engines, selection = self._settings, self._document, self._engines, self._selection
        at, gesture = sample.chart, LINE_GESTURES.get(Handling(settings.handling))
        hit = self._hit_first(at) if gesture is not None and at is not None and not extend else None
        if gesture is not None and hit is not None and at is not None:
            return gesture(document, settings, engines, selection, hit, at)
        return SelectGesture(document, settings, engines, selection, self.pick_all, sample, extend)

    def _hit_first(self, at: tuple[float, float]) -> Stroke | None:
        """The line that a click means: of several the selected one."""
        hits = self.pick_all(at)
        return next((stroke for stroke in hits if stroke.id in self._selection), hits[0] if hits else None)

    def _guarded(self, step: Callable[[PenGesture], None]) -> None:
        """Run one step; when it fails the document goes back to where the gesture began."""
        if self._gesture is None:
            return
        if self._gesture.shown is not None and not self._gesture.shown.alive:
            self._gesture = None  # undone from outside while the pen was down
            return
        try:
            step(self._gesture)
        except Exception as error:
            self.cancel()
            self.failed.emit(error)
