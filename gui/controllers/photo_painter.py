"""Pictures of a document in its photo, small or as large as the photo, on a thread of their own. No Qt here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engines import Engines
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.in_photo import PhotoEdits
from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.photo.rasteriser import NumpyRasteriser, Rasteriser
from rhytid.core.photo.rendered_photo import PhotoRenderer
from rhytid.gui.render.fragments import GLRasteriser
from rhytid.gui.render.offscreen import NoOpenGLError, standalone_context

UInt8 = npt.NDArray[np.uint8]

MOVING_PX, MOVING_SIDE = 1024, 512
"""The picture's longer side, and texels a side at which edits are computed, while a hand moves."""


@dataclass(frozen=True, eq=False)
class WantedPicture:
    """What is to be drawn.

    Attributes
    ----------
    state : DocumentState
    pose, displacement, color
        Of the state, as `PhotoEdits.picture` takes them.
    full : bool
        As large as the photo.
    renderer : PhotoRenderer
    """

    state: DocumentState
    pose: ResolvedPose
    displacement: npt.NDArray[np.float32]
    color: UInt8 | None
    full: bool
    renderer: PhotoRenderer = PhotoRenderer.RATIO


class PhotoPainter:
    """Draws what was asked for last, until it is stopped.

    Parameters
    ----------
    engines : Engines
    drawn, failed : callable
        Called on the thread with what was wanted, and its picture, uint8 (H, W, 3), or the exception.
    """

    def __init__(
        self,
        engines: Engines,
        drawn: Callable[[WantedPicture, UInt8], None],
        failed: Callable[[WantedPicture, BaseException], None],
    ) -> None:
        self._engines = engines
        self._drawn = drawn
        self._failed = failed
        self._wake = threading.Condition()
        self._waiting: WantedPicture | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name="in photo", daemon=True)
        self._thread.start()

    def ask(self, wanted: WantedPicture) -> None:
        """Draw this next; what waits is replaced."""
        with self._wake:
            self._waiting = wanted
            self._wake.notify_all()

    def stop(self) -> None:
        """Draw no more; the picture in work is the last."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def join(self, timeout_s: float) -> None:
        """Wait until the thread has ended."""
        self._thread.join(timeout_s)

    def _next(self) -> WantedPicture | None:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting is not None or self._stopped)
            wanted, self._waiting = self._waiting, None
            return None if self._stopped else wanted

    def _loop(self) -> None:
        with ExitStack() as stack:
            maker, rasteriser = DetailMaker(self._engines), _rasteriser(stack)
            moving = PhotoEdits(maker, rasteriser, longest_px=MOVING_PX, side=MOVING_SIDE)
            resting = PhotoEdits(maker, rasteriser)
            while (wanted := self._next()) is not None:
                edits = resting if wanted.full else moving
                state, pose = wanted.state, wanted.pose
                try:
                    picture = edits.picture(
                        state, pose.head, pose, wanted.displacement, wanted.color, wanted.renderer
                    )
                except Exception as error:
                    self._failed(wanted, error)
                else:
                    self._drawn(wanted, picture)


def _rasteriser(stack: ExitStack) -> Rasteriser:
    """OpenGL's where this thread gets a context of its own; let go of with the stack."""
    try:
        drawing = GLRasteriser(stack.enter_context(standalone_context()))
    except NoOpenGLError:
        return NumpyRasteriser()
    stack.callback(drawing.release)
    return drawing
