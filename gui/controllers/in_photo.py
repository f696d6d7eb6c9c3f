"""The document's edits in its photo, drawn in the background as the detail arrives, newest first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from rhytid.core.detail.engines import Engines
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.learned.weights import WeightsError
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.photo.layer import PhotoLayer
from rhytid.gui.controllers.detail_scheduler import Delivery
from rhytid.gui.controllers.view_settings import ViewSettings

if TYPE_CHECKING:  # only those who have a photo wait for it
    from rhytid.gui.controllers.photo_painter import PhotoPainter, WantedPicture

UInt8 = npt.NDArray[np.uint8]

REST_MS = 300
_LONGEST_WAIT_S = 30.0


class InPhoto(QObject):
    """Follows what is delivered for the document while its photo is to be seen with the edits.

    A picture of at most 1024 px comes for every delivery, as far as the processor keeps up, and one of the photo's
    size once nothing has changed for a moment, by the rendering network where that is chosen: it is too slow for a
    moving hand.

    Parameters
    ----------
    document : Document
    view : ViewSettings
    engines : Engines

    Signals
    -------
    changed()
        `picture` is another; on the GUI thread.
    failed(BaseException)
        A picture could not be drawn; the one before stays. A rendering network that is missing is left.
    """

    changed = Signal()
    failed = Signal(object)
    _drawn = Signal(object, object)
    _raised = Signal(object, object)

    def __init__(self, document: Document, view: ViewSettings, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._view = view
        self._engines = engines
        self._picture: tuple[PhotoLayer | None, UInt8] | None = None
        self._pose: ResolvedPose | None = None
        self._latest: Delivery | None = None
        self._color: UInt8 | None = None
        self._refused: PhotoLayer | None = None
        self._painter: PhotoPainter | None = None
        self._left: PhotoPainter | None = None  # draws its last picture, which nobody wants
        self._wanted: WantedPicture | None = None  # newest that has not come yet
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(partial(self._ask, full=True))
        self._drawn.connect(self._take_picture, Qt.ConnectionType.QueuedConnection)
        self._raised.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)
        view.events.in_photo.connect(lambda _on: self._ask())
        view.events.photo_network.connect(lambda _on: self._ask())
        document.state_changed.connect(self._follow)

    @property
    def picture(self) -> UInt8 | None:
        """The newest picture of the document's photo with its edits, (H, W, 3) sRGB; None before the first."""
        known, layer = self._picture, self._document.state.photo
        return known[1] if known is not None and known[0] is layer else None

    @property
    def idle(self) -> bool:
        """Nothing is drawn, and nothing will be as long as nothing changes."""
        return self._wanted is None and not self._rest.isActive()

    def take(self, delivery: Delivery) -> None:
        """Draw what was delivered."""
        self._pose = delivery.pose if delivery.pose is not None else self._pose
        self._latest = delivery
        self._ask()

    def take_color(self, colors: SkinColors) -> None:
        """Draw with this skin colour from now on."""
        self._color = colors.chart
        self._ask()

    def close(self) -> None:
        """Draw no more; waits for the picture in work."""
        self._document.state_changed.disconnect(self._follow)
        self._leave()
        if self._left is not None:
            self._left.join(_LONGEST_WAIT_S)

    def _follow(self, new: DocumentState, old: DocumentState) -> None:
        if new.photo is not old.photo:
            self._ask()

    def _ask(self, full: bool = False) -> None:
        latest, pose = self._latest, self._pose
        layer = self._document.state.photo
        if not self._view.in_photo or layer is None or layer is self._refused:
            self._leave()
            return
        if latest is None or pose is None or latest.maps is None or latest.state.photo is not layer:
            return  # what belongs to this photo is still to come
        if full and not latest.refined:
            return  # what is finer is to come as well
        from rhytid.core.photo.rendered_photo import PhotoRenderer
        from rhytid.gui.controllers.photo_painter import PhotoPainter, WantedPicture

        if self._painter is None:
            self._painter = PhotoPainter(self._engines, self._drawn.emit, self._raised.emit)
        renderer = PhotoRenderer.NETWORK if full and self._view.photo_network else PhotoRenderer.RATIO
        self._wanted = WantedPicture(latest.state, pose, latest.maps.displacement, self._color, full, renderer)
        self._painter.ask(self._wanted)
        if not full:
            self._rest.start()

    def _leave(self) -> None:
        """Let go of thread, context and pictures: they take memory."""
        self._rest.stop()
        self._wanted = self._picture = None
        if self._painter is not None:
            self._painter.stop()
            self._left, self._painter = self._painter, None

    @Slot(object, object)
    def _take_picture(self, wanted: WantedPicture, picture: UInt8) -> None:
        self._has_come(wanted)
        if self._painter is not None and wanted.state.photo is self._document.state.photo:
            self._picture = wanted.state.photo, picture
            self.changed.emit()

    @Slot(object, object)
    def _take_failure(self, wanted: WantedPicture, error: BaseException) -> None:
        self._has_come(wanted)
        if isinstance(error, WeightsError):
            if self._view.photo_network:
                self.failed.emit(error)
                self._view.photo_network = False  # ratio images go on
        elif self._painter is not None and wanted.state.photo is not self._refused:
            self._refused = wanted.state.photo
            self._leave()
            self.failed.emit(error)

    def _has_come(self, wanted: WantedPicture) -> None:
        if wanted is self._wanted:
            self._wanted = None
