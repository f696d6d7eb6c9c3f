"""Windows, timers, threads and objects of OpenGL: none may outlive its test.

The fixtures that see to it are in the conftest.py of the folders with such tests.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import moderngl
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

_PATIENCE_S = 5.0  # for threads that are told to end and end a moment later
_dropped: list[object] = []


class _Dropped:
    """Takes what moderngl hands over of objects that Python drops: those never released stay in the driver."""

    def append(self, handle: object) -> None:
        if not isinstance(handle, moderngl.InvalidObject):
            _dropped.append(handle)


moderngl.Context.gc_mode = property(lambda _: "context_gc", lambda _, mode: None)
moderngl.Context.objects = property(lambda _: _Dropped())
_GL = (
    moderngl.Buffer, moderngl.Texture, moderngl.Texture3D, moderngl.TextureArray, moderngl.TextureCube,
    moderngl.Renderbuffer, moderngl.Framebuffer, moderngl.Program, moderngl.VertexArray, moderngl.Query,
    moderngl.Sampler,
)  # fmt: skip


@contextmanager
def watched(*censuses: Callable[[], dict[int, str]]) -> Iterator[None]:
    """Fails when the censuses find something after the block that they did not find before it.

    Objects of OpenGL that Python drops unreleased count whether or not there is a census of the others.
    """
    before = [census() for census in censuses]
    _dropped.clear()
    yield
    _let_go()
    end_s = time.perf_counter() + _PATIENCE_S
    while left := _left(censuses, before):
        if time.perf_counter() > end_s:
            break
        gc.collect()  # only where something is left: it takes long
        _let_go()
        time.sleep(0.01)
    left += [f"{type(handle).__name__} dropped unreleased" for handle in _dropped]
    assert not left, f"outlived the test: {left}"


def _left(censuses: Sequence[Callable[[], dict[int, str]]], before: Sequence[dict[int, str]]) -> list[str]:
    now = [census() for census in censuses]
    return [name for was, found in zip(before, now, strict=True) for key, name in found.items() if key not in was]


def _let_go() -> None:
    """Deletes what Qt would delete at its next turn."""
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def widgets() -> dict[int, str]:
    """Widgets without a parent: what has one goes with it, or belongs to a window that tests share."""
    free = (widget for widget in QApplication.topLevelWidgets() if widget.parentWidget() is None)
    return {id(w): f"{type(w).__name__} {w.objectName()!r}" for w in free}


def timers() -> dict[int, str]:
    """Timers that run and belong to no window."""
    found = (thing for thing in gc.get_objects() if issubclass(type(thing), QTimer) and shiboken6.isValid(thing))
    return {
        id(t): f"timer of {t.interval()} ms of {t.parent()!r}"
        for t in found
        if t.isActive() and not _in_a_widget(t)
    }


def _in_a_widget(timer: QTimer) -> bool:
    owner = timer.parent()
    while owner is not None and not isinstance(owner, QWidget):
        owner = owner.parent()
    return owner is not None


def threads() -> dict[int, str]:
    """Threads that run."""
    return {id(thread): f"thread {thread.name!r}" for thread in threading.enumerate()}


def gl_objects() -> dict[int, str]:
    """Objects of OpenGL that were not released."""
    found = (thing for thing in gc.get_objects() if issubclass(type(thing), _GL))
    return {id(t): repr(t) for t in found if not isinstance(t.mglo, moderngl.InvalidObject)}
