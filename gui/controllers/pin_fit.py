"""Pins: points of the head that the artist puts in place on the photo; the fit follows the hand."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.document.commands import RefitPhoto
from rhytid.core.document.document import Document, Gesture
from rhytid.core.photo.layer import PhotoLayer

if TYPE_CHECKING:  # only those who have a photo wait for it
    from rhytid.core.head.head import Head
    from rhytid.core.photo.fit import HeadFit, PhotoLandmarks, Pin

Pixel = tuple[float, float]
_LONGEST_WAIT_S = 10.0


def pin_at(layer: PhotoLayer, head: Head, vertices: np.ndarray, pixel: Pixel) -> Pin | None:
    """A pin that holds what the photo's camera sees of a head at a pixel; None beside the head."""
    from rhytid.core.photo.fit import Pin
    from rhytid.core.photo.rasteriser import NumpyRasteriser

    camera = layer.fit.camera
    seen = NumpyRasteriser().fragments(
        camera.to_camera(vertices), head.triangles, camera.focal_px, camera.centre - np.array(pixel) + 0.5, (1, 1)
    )
    triangle = int(seen.triangle[0, 0])
    if triangle < 0:
        return None
    a, b, c = (float(weight) for weight in seen.barycentric[0, 0])
    return Pin(triangle, (a, b, c), pixel)


class _Drag:
    """One undo step: pins on their way to the fit, of which only the newest counts."""

    def __init__(self, gesture: Gesture, layer: PhotoLayer, landmarks: PhotoLandmarks, head: Head) -> None:
        self.gesture = gesture
        self.layer = layer
        self.landmarks = landmarks
        self.head = head
        self.asked: SimpleQueue[tuple[Pin, ...] | None] = SimpleQueue()
        self.dropped = False


class PinFit(QObject):
    """Fits a document's head to its photo anew while pins are moved.

    Signals
    -------
    changed()
        `pins` are others.
    failed(message)
    """

    changed = Signal()
    failed = Signal(str)
    _fitted = Signal(object, object, object)
    _ended = Signal(object, str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._drag: _Drag | None = None
        self._held: tuple[Pin, ...] = ()
        self._thread: threading.Thread | None = None
        self._fitted.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._end, Qt.ConnectionType.QueuedConnection)
        document.state_changed.connect(lambda new, old: self.changed.emit() if new.photo is not old.photo else None)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """As they lie under the hand."""
        layer = self._document.state.photo
        return self._held if self._drag is not None else (() if layer is None else layer.pins)

    @property
    def active(self) -> bool:
        """A step is going on, or its last fit is not there yet."""
        return self._drag is not None

    def begin(self, label: str, landmarks: PhotoLandmarks, head: Head) -> bool:
        """Begin a step; False when the document is busy with another, or has no photo."""
        layer = self._document.state.photo
        if layer is None or self._drag is not None or not self._document.settle():
            return False
        gesture = self._document.begin_gesture(label, exclusive=True)
        drag = self._drag = _Drag(gesture, layer, landmarks, head)
        self._held = layer.pins
        self._thread = threading.Thread(target=self._work, args=(drag,), name="pins", daemon=True)
        self._thread.start()
        return True

    def move(self, pins: Sequence[Pin]) -> None:
        """Fit with these pins."""
        if self._drag is not None:
            self._held = tuple(pins)
            self._drag.asked.put(self._held)
            self.changed.emit()

    def finish(self) -> None:
        """Keep the fit with the newest pins, as soon as it is there."""
        if self._drag is not None:
            self._drag.asked.put(None)

    def cancel(self) -> None:
        """Go back to where the step began."""
        if self._drag is not None:
            self._drag.dropped = True
            self._drag.gesture.cancel()
            self._drag.asked.put(None)

    def close(self) -> None:
        """End the step that is going on; waits for its fit."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _work(self, drag: _Drag) -> None:
        """On a thread of its own."""
        from rhytid.core.photo.fit import fit_landmarks

        fit, over, message = drag.layer.fit, False, ""
        while not over and not message:
            pins = drag.asked.get()
            over = pins is None
            while not over and not drag.asked.empty():
                later = drag.asked.get()
                over = later is None
                pins = pins if later is None else later
            if pins is None or drag.dropped:
                continue
            try:
                fit = fit_landmarks(
                    drag.landmarks.landmarks, drag.landmarks.size, drag.head,
                    focal_px=drag.layer.fit.camera.focal_px, pins=pins, locks=drag.layer.locks, start=fit,
                )  # fmt: skip
            except ValueError as error:
                message = str(error)
            else:
                self._fitted.emit(drag, pins, fit)
        self._ended.emit(drag, message)

    @Slot(object, object, object)
    def _show(self, drag: _Drag, pins: tuple[Pin, ...], fit: HeadFit) -> None:
        if not drag.dropped and drag.gesture.alive:
            drag.gesture.preview(RefitPhoto(replace(drag.layer, fit=fit, pins=pins, stale=True)))

    @Slot(object, str)
    def _end(self, drag: _Drag, message: str) -> None:
        self._drag = None
        if message:
            drag.gesture.cancel()
            self.failed.emit(message)
        elif not drag.dropped:
            drag.gesture.commit()
        self.changed.emit()
