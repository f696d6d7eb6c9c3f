"""The guard of every test with windows finds what a careless one would leave behind."""

from __future__ import annotations

import threading

import moderngl
import pytest
from leak_guard import gl_objects, threads, timers, watched, widgets
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from rhytid.gui.render.offscreen import standalone_context


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr("leak_guard._PATIENCE_S", 0.0)


def test_a_widget_is_found(qapp):
    with pytest.raises(AssertionError, match="QWidget 'left'"), watched(widgets):
        left = QWidget(objectName="left")
    left.deleteLater()
    with watched(widgets):
        QWidget().deleteLater()


def test_a_running_timer_is_found(qapp):
    left = QTimer(qapp, interval=12345)
    with pytest.raises(AssertionError, match="timer of 12345 ms"), watched(timers):
        left.start()
    with watched(timers):
        left.start()
        left.stop()


def test_a_thread_is_found():
    end = threading.Event()
    with pytest.raises(AssertionError, match="thread 'left'"), watched(threads):
        threading.Thread(target=end.wait, name="left").start()
    end.set()
    with watched(threads):
        ended = threading.Thread(target=int)
        ended.start()
        ended.join()


def test_objects_of_opengl_are_found_kept_or_dropped():
    with standalone_context() as ctx:
        with pytest.raises(AssertionError, match="Texture"), watched(gl_objects):
            kept = ctx.texture((4, 4), 4)
        with pytest.raises(AssertionError, match="Buffer dropped unreleased"), watched(gl_objects):
            ctx.buffer(reserve=64)
        with watched(gl_objects):
            kept.release()
            ctx.buffer(reserve=64).release()
    assert isinstance(kept.mglo, moderngl.InvalidObject)
