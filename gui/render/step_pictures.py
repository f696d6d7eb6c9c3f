"""Small pictures of document states, drawn in a process of its own.

OpenGL holds the interpreter for as long as it draws, in software for a tenth of a second; a thread beside the window
would take that from the hand. The process yields to all others, and ends with the one that it works for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.cancelled import Cancelled
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.face.face import Face
from rhytid.core.face.opening import opened_head
from rhytid.core.io.worker_process import end_with_parent
from rhytid.gui.render.face_picture import FacePictures
from rhytid.gui.render.offscreen import NoOpenGLError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from types import TracebackType

    from typing_extensions import Self

SIDE_PX = 256
RESOLUTION = 512
Picture = npt.NDArray[np.uint8]
_POLL_S = 0.1
_IDLE_CLASS = 0x40  # of SetPriorityClass


class StateDrawer:
    """Draws states in a process; a context manager, for one thread."""

    def __enter__(self) -> Self:
        from multiprocessing import get_context

        spawn = get_context("spawn")  # a fork would bring the window along
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=serve, args=(theirs,), name="history pictures", daemon=True)
        self._process.start()
        theirs.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pipe.close()
        self._process.terminate()  # it keeps nothing
        self._process.join()

    def picture(self, state: DocumentState, cancelled: Callable[[], bool]) -> Picture | None:
        """The face through the state's own camera.

        Returns
        -------
        uint8 (SIDE_PX, SIDE_PX, 3) or None
            sRGB; None where the state's head is not there.

        Raises
        ------
        Cancelled
            `cancelled` became true on the way.
        NoOpenGLError, EOFError, OSError
            Nothing can be drawn here, or the process has ended.
        """
        self._pipe.send(state)
        while not self._pipe.poll(_POLL_S):
            if cancelled():
                raise Cancelled
        answer: Picture | str | None = self._pipe.recv()
        if isinstance(answer, str):
            raise NoOpenGLError(answer)
        return answer


def serve(pipe: Connection) -> None:
    """What the process does: a picture for each state that comes, until nobody is there any more."""
    end_with_parent()
    _yield_to_others()
    with ExitStack() as opened:
        of: HeadReference | None = None
        while True:
            try:
                state: DocumentState = pipe.recv()
            except EOFError:
                return
            try:
                if of is None or of.path != state.head.path:
                    opened.close()
                    face = Face.of(state, opened_head(state.head)[0])
                    pictures = FacePictures(face, "detailed", (SIDE_PX, SIDE_PX), resolution=RESOLUTION, samples=2)
                    opened.enter_context(pictures)
                    of = state.head
                face.state = replace(state, head=face.state.head)
                pipe.send(pictures.picture())
            except NoOpenGLError as error:
                pipe.send(str(error))
                return
            except (ValueError, OSError):  # a head that is not there, or no face of this program
                of = None
                pipe.send(None)


def _yield_to_others() -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _IDLE_CLASS)
    else:
        os.nice(19)
