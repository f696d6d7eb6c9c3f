"""Whether the screen offers the OpenGL that the viewport needs, known before a window is made."""

from __future__ import annotations

from PySide6.QtGui import QOpenGLContext

from rhytid.core.language import tr


def opengl_problem(wanted: tuple[int, int]) -> str:
    """Why no context of version `wanted` can be had here, "" where one can.

    Asks the context that Qt makes for all windows to share as soon as the application starts, so it costs nothing.
    """
    shared = QOpenGLContext.globalShareContext()
    if shared is None or not shared.isValid():
        return tr("no OpenGL at all")
    found = shared.format().version()
    return "" if tuple(found) >= wanted else tr("OpenGL {0}.{1}", found[0], found[1])
