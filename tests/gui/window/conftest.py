"""One window for all tests of this folder; each test begins with a plain face."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from resting import soon_at_rest


@pytest.fixture(scope="module", autouse=True)
def rests_soon() -> Iterator[None]:
    """For the frames of this folder; handed back before the tests of others."""
    with soon_at_rest():
        yield


@pytest.fixture(scope="session")
def shared_driver(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    patch = pytest.MonkeyPatch()
    patch.setenv("RHYTID_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    from window_driver import Driver

    with soon_at_rest():
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
