"""One window for all tests of this folder; each test begins with a plain face."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from rhytid.gui.render.occlusion import OcclusionBake


@contextmanager
def _soon_at_rest() -> Iterator[None]:
    """Pictures that are compared rest after one frame and four directions of ambient light.

    These tests wait hundreds of times for a window at rest. How frames are refined is seen to in tests/render, that
    the program does it in tests/smoke and tests/bench.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rhytid.gui.render.renderer.REST_SAMPLES", 1)
        patch.setattr("rhytid.gui.render.renderer.OcclusionBake", partial(OcclusionBake, n_directions=4))
        yield


@pytest.fixture(scope="module", autouse=True)
def soon_at_rest() -> Iterator[None]:
    """For renderers that a test makes; handed back before the tests of other folders."""
    with _soon_at_rest():
        yield


@pytest.fixture(scope="session")
def shared_driver(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    patch = pytest.MonkeyPatch()
    patch.setenv("RHYTID_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    from window_driver import Driver

    with _soon_at_rest():
        driver = Driver()
    yield driver
    driver.window.close_now()
    patch.undo()


@pytest.fixture
def driver(shared_driver, private_state: Path):  # type: ignore[no-untyped-def]
    shared_driver.reset()
    yield shared_driver
    shared_driver.session.stroke_tool.cancel()


@pytest.fixture
def errors(driver, monkeypatch) -> Iterator[list[str]]:
    """What went wrong: uncaught, or told to the artist."""
    found: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, _trace: found.append(f"{kind.__name__}: {error}"))

    def note(text: str, severity: str) -> None:
        if severity == "error":
            found.append(text)

    driver.session.message_posted.connect(note)
    yield found
    driver.session.message_posted.disconnect(note)
