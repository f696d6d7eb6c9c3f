"""Tests with Qt: they need a screen, real or Xvfb, keep out of the user's settings and leave nothing behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from leak_guard import threads, timers, watched, widgets

from rhytid.core.learned.device_choice import unmeasured


def missing_screen() -> str:
    """Why no window can be opened; "" when one can."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not screen:
        return "no screen: neither DISPLAY nor WAYLAND_DISPLAY is set (run under xvfb-run)"
    return ""


@pytest.fixture(scope="session")
def qapp() -> object:
    """The application as the program makes it; one for all tests of the process."""
    reason = missing_screen()
    if reason:
        pytest.skip(reason)
    from rhytid.gui.app import make_application

    return make_application()


@pytest.fixture(autouse=True)
def private_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, autosaves and logs of a test go to its own folder."""
    folder = tmp_path / "state"
    monkeypatch.setenv("RHYTID_STATE_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """A test that leaves a window, a running timer, a thread or a dropped object of OpenGL behind fails."""
    with watched(widgets, timers, threads):
        yield


@pytest.fixture(autouse=True, scope="session")
def exact_windows() -> Iterator[None]:
    """Windows of tests draw on the processor, whatever the machine has: pictures are compared."""
    patch = pytest.MonkeyPatch()
    patch.setattr("rhytid.gui.controllers.compute.survey", lambda runtime, again: unmeasured(runtime))
    yield
    patch.undo()
