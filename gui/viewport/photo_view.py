"""Looking through the camera of the document's photo: where the photo lies in the viewport."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtWidgets import QWidget

from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.photo.image import Photo
from rhytid.core.photo.layer import PhotoLayer
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render.camera import TiltedCamera, camera_of_photo
from rhytid.gui.render.photo_pass import PhotoSheet

MOST_ZOOM = 16.0


class PhotoView(QObject):
    """Place of the photo in a widget, in logical pixels.

    The photo fills the widget as far as it can; from there it is zoomed and moved like any picture.

    Parameters
    ----------
    session : EditorSession
    widget : QWidget
    pose : callable
        Gives the pose on the screen, None before the first.

    Signals
    -------
    changed()
        The photo lies elsewhere, or is another.

    Attributes
    ----------
    session : EditorSession
    pose : callable
    """

    changed = Signal()

    def __init__(self, session: EditorSession, widget: QWidget, pose: Callable[[], ResolvedPose | None]) -> None:
        super().__init__(widget)
        self.session = session
        self.pose = pose
        self._widget = widget
        self._zoom = 1.0
        self._moved = QPointF()  # of the photo's middle from the widget's, in px of the photo
        session.open_photo.changed.connect(self.reset)
        session.in_photo.changed.connect(self.changed)

    @property
    def layer(self) -> PhotoLayer | None:
        """The document's photo while one looks through its camera, else None."""
        view = self.session.view
        shown = (view.through_photo or view.in_photo) and self.session.open_photo.photo is not None
        return self.session.document.state.photo if shown else None

    @property
    def edited(self) -> bool:
        """The photo is seen with the edits in it, and tools work there as on the face."""
        return self.session.view.in_photo and self.layer is not None

    @property
    def _photo(self) -> Photo:
        photo = self.session.open_photo.photo
        assert photo is not None
        return photo

    @property
    def scale(self) -> float:
        """Logical pixels for one of the photo."""
        height, width = self._photo.pixels.shape[:2]
        return self._zoom * min(self._widget.width() / width, self._widget.height() / height)

    @property
    def corner(self) -> QPointF:
        """Where the photo's top left corner lies."""
        height, width = self._photo.pixels.shape[:2]
        middle = QPointF(self._widget.width() / 2, self._widget.height() / 2)
        return middle + (self._moved - QPointF(width / 2, height / 2)) * self.scale

    def to_photo(self, position: QPointF) -> tuple[float, float]:
        """Pixel of the photo under a point of the widget."""
        at = (position - self.corner) / self.scale
        return at.x(), at.y()

    def to_widget(self, x: float, y: float) -> QPointF:
        """Point of the widget that shows a pixel of the photo."""
        return self.corner + QPointF(x, y) * self.scale

    def camera(self, size_px: tuple[int, int], ratio: float) -> TiltedCamera | None:
        """The photo's camera for a framebuffer of `ratio` pixels per logical one; None when not looked through."""
        layer = self.layer
        if layer is None:
            return None
        corner = self.corner * ratio
        return camera_of_photo(layer.fit.camera, size_px, self.scale * ratio, (corner.x(), corner.y()))

    def sheet(self, ratio: float) -> PhotoSheet | None:
        """The photo as it lies over the head; None when it is not looked through."""
        if self.layer is None:
            return None
        height, width = self._photo.pixels.shape[:2]
        corner, scale = self.corner * ratio, self.scale * ratio
        size = (width * scale, height * scale)
        opacity = 0.0 if self.edited else self.session.view.head_opacity
        return PhotoSheet(self._pixels, (corner.x(), corner.y()), size, opacity, alone=self.edited)

    @property
    def _pixels(self) -> npt.NDArray[np.uint8]:
        """The photo, with the edits in it unless a key is held that shows what was before."""
        drawn = self.session.in_photo.picture if self.edited and not self.session.comparison.held else None
        return self._photo.pixels if drawn is None else drawn

    def zoom(self, factor: float, position: QPointF) -> None:
        """Zoom and keep the pixel under `position` where it is."""
        at = QPointF(*self.to_photo(position))
        self._zoom = min(max(self._zoom * factor, 1.0), MOST_ZOOM)
        self._moved += (position - self.to_widget(at.x(), at.y())) / self.scale
        if self._zoom == 1.0:
            self._moved = QPointF()
        self.changed.emit()

    def move(self, offset: QPointF) -> None:
        """Move the photo by logical pixels."""
        self._moved += offset / self.scale
        self.changed.emit()

    def reset(self) -> None:
        """Show the whole photo."""
        self._zoom, self._moved = 1.0, QPointF()
        self.changed.emit()
