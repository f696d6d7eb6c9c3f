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


@pytest.fixture(scope="module")
def painting(shared_driver) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """The window paints for this folder's tests alone: it would make objects of OpenGL in the midst of others."""
    shared_driver.viewport.setUpdatesEnabled(True)
    yield
    shared_driver.viewport.setUpdatesEnabled(False)


@pytest.fixture
def driver(shared_driver, painting, private_state: Path):  # type: ignore[no-untyped-def]
    shared_driver.reset()
    yield shared_driver
    shared_driver.session.stroke_tool.cancel()
    shared_driver.wait(lambda: shared_driver.session.library.idle, 60)  # of a panel that was first seen
    color = shared_driver.session.skin_color  # that of a state which has gone may still be in work
    shared_driver.wait(lambda: color.idle and color._making is None, 60)


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


# ---- photos -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def portrait_png(qapp: object) -> bytes:
    """A photo of the program's own head."""
    from photo_stand_in import portrait

    return portrait()


@pytest.fixture
def reader(driver, monkeypatch) -> Iterator[object]:
    """Stands in for what finds faces and reads photos."""
    from photo_stand_in import ALBEDO, Finder, Reader, stand_in_map

    from rhytid.core.face import from_photo
    from rhytid.core.photo import photo_face

    def skin_map(albedo, around=None, make=from_photo.skin_map):  # type: ignore[no-untyped-def]
        return stand_in_map() if albedo is ALBEDO and around is None else make(albedo, around)

    stand_in = Reader()
    monkeypatch.setattr(photo_face, "read_photos", stand_in)
    monkeypatch.setattr(from_photo, "skin_map", skin_map)
    monkeypatch.setattr(photo_face.PhotoTools, "finder", Finder())
    yield stand_in
    stand_in.gate.set()
    driver.session.photos.cancel()
    driver.wait(lambda: not driver.session.jobs.busy)
    driver.session.view.through_photo = False


@pytest.fixture
def photo(tmp_path: Path, portrait_png: bytes) -> Path:
    """A portrait that no map can be: PNG and TIFF may be either."""
    from PySide6.QtGui import QImage

    QImage.fromData(portrait_png).save(str(tmp_path / "anna.jpg"), "JPEG", 97)
    return tmp_path / "anna.jpg"


@pytest.fixture
def asked(monkeypatch) -> tuple[list[str], list[object]]:
    """Titles of the questions about unsaved work; the last of the buttons answers the next one."""
    from PySide6.QtWidgets import QMessageBox

    titles: list[str] = []
    buttons: list[object] = [QMessageBox.StandardButton.Discard]

    def reply(_parent, title, *_args):  # type: ignore[no-untyped-def]
        titles.append(title)
        return buttons[-1]

    monkeypatch.setattr(QMessageBox, "warning", staticmethod(reply))
    return titles, buttons
