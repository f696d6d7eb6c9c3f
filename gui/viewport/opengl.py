"""Whether the screen offers the OpenGL that the viewport needs, known before a window is made."""

from __future__ import annotations

from PySide6.QtGui import QOpenGLContext


def opengl_problem(wanted: tuple[int, int]) -> str:
    """Why no context of version `wanted` can be had here, "" where one can.

    Asks the context that Qt makes for all windows to share as soon as the application starts, so it costs nothing.
    """
    shared = QOpenGLContext.globalShareContext()
    if shared is None or not shared.isValid():
        return "no OpenGL at all"
    found = shared.format().version()
    return "" if tuple(found) >= wanted else f"OpenGL {found[0]}.{found[1]}"
