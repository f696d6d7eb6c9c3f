"""Random faces and second faces in the real window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fake_semm import installed
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.document.commands import ImportSource
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.state import AGE_DEFAULT, DocumentState, Mix

LEFT = Qt.MouseButton.LeftButton


def bumps(mm: float, name: str) -> SourceDetail:
    """A map that is `mm` high in a square of the forehead."""
    values = np.zeros((256, 256), np.float32)
    values[20:70, 80:176] = mm
    values.setflags(write=False)
    return SourceDetail(values, (0.0,) * 52, AGE_DEFAULT, name, (), displacement_digest(values))


@pytest.fixture
def mixing(driver):
    """A window that can mix faces, whose document has a source."""
    with installed(driver, {"procedural": "", "semm": "", "sd_detail": "not here", "facedet3d": ""}):
        driver.document.execute(ImportSource(bumps(0.4, "first")))
        dock = driver.window.docks["detail"]
        dock.raise_()
        driver.wait_s(0.1)
        driver.panel = dock.build()
        driver.settle()
        yield driver


@pytest.fixture
def other(tmp_path):
    """A saved project with another face."""
    path = tmp_path / "other.rhytid"
    state = DocumentState()
    state = replace(state, settings=replace(state.settings, generate_wrinkles=False), source=bumps(-0.4, "second"))
    save_project(path, state)
    return path


def height_mm(driver) -> float:
    """In the middle of the square."""
    driver.settle()
    maps = driver.session.latest.maps
    return float(maps.displacement[round(0.176 * maps.resolution), maps.resolution // 2])


def wait_for_job(driver) -> None:
    driver.wait(lambda: not driver.session.jobs.busy)
    driver.settle()


def test_a_second_face_is_mixed_in_live_and_undone_in_one_step(mixing, other):
    driver, steps = mixing, len(mixing.document.labels)
    assert height_mm(driver) == pytest.approx(0.4, abs=0.02)
    driver.window.dialogs.mix_in(Mix.BLEND, other)
    wait_for_job(driver)
    assert driver.document.labels[steps:] == ("Blend with other",)
    assert height_mm(driver) == pytest.approx(0.0, abs=0.02)
    row = driver.panel.second.share
    assert row.isVisible()
    y, groove = row.height() // 2, row.groove_rect()
    start = QPoint(round(groove.center().x()), y)
    QTest.mousePress(row, LEFT, pos=start)
    seen = []
    for x in np.linspace(groove.center().x(), groove.right(), 12):
        QTest.mouseMove(row, QPoint(round(x), y))
        driver.wait_s(0.05)
        seen.append(driver.session.latest.state.second.share)
    QTest.mouseRelease(row, LEFT, pos=QPoint(round(groove.right()), y))
    assert height_mm(driver) == pytest.approx(-0.4, abs=0.03)
    assert len(set(seen)) > 3  # pictures came while the mouse moved
    assert driver.document.labels[-1] == "Mix two faces"
    assert len(driver.document.labels) == steps + 2
    driver.document.undo()
    driver.document.undo()
    assert driver.document.state.second is None
    assert height_mm(driver) == pytest.approx(0.4, abs=0.02)


def test_wrinkles_alone_are_another_mixture(mixing, other):
    driver = mixing
    driver.window.dialogs.mix_in(Mix.BLEND, other)
    wait_for_job(driver)
    QTest.mouseClick(driver.panel.second.mix.buttons[Mix.WRINKLES.value], LEFT)
    assert driver.document.state.second.mix is Mix.WRINKLES
    assert height_mm(driver) == pytest.approx(0.8, abs=0.03)  # of the stand-in: the difference


def test_the_mixture_can_be_kept(mixing, other):
    driver = mixing
    driver.window.dialogs.mix_in(Mix.WRINKLES, other)
    wait_for_job(driver)
    before, steps = height_mm(driver), len(driver.document.labels)
    QTest.mouseClick(driver.panel.second.keep, LEFT)
    wait_for_job(driver)
    assert driver.document.state.second is None
    assert driver.document.state.source.name == "first + other"
    assert driver.document.labels[steps:] == ("Keep the mixed face",)
    assert height_mm(driver) == pytest.approx(before, abs=0.01)


def test_the_project_keeps_the_second_face(mixing, other, tmp_path):
    driver = mixing
    driver.window.dialogs.mix_in(Mix.BLEND, other)
    wait_for_job(driver)
    path = tmp_path / "mixed.rhytid"
    driver.window.files.save_project(path)
    wait_for_job(driver)
    read, kept = load_project(path).second, driver.document.state.second
    assert (read.share, read.mix, read.detail.name) == (kept.share, kept.mix, kept.detail.name)
    assert np.array_equal(read.detail.displacement, kept.detail.displacement)


def test_a_generated_face_becomes_a_source_when_another_is_mixed_in(mixing, other):
    driver = mixing
    driver.document.new()
    driver.settle()
    driver.window.dialogs.mix_in(Mix.BLEND, other)
    wait_for_job(driver)
    state = driver.document.state
    assert state.source is not None
    assert state.source.name.startswith("Generated face")
    assert state.second is not None
    driver.document.undo()
    assert driver.document.state.source is None


def test_a_job_can_be_cancelled_and_changes_nothing(mixing, other):
    driver, state = mixing, mixing.document.state
    driver.window.dialogs.mix_in(Mix.BLEND, other)
    driver.session.jobs.cancel()
    wait_for_job(driver)
    assert driver.document.state == state
    assert "cancelled" in driver.window.messages.text


def test_without_the_model_the_tools_are_grey_and_say_why(driver):
    with installed(driver, {"procedural": "", "semm": "no weights of semm", "sd_detail": "", "facedet3d": ""}):
        dock = driver.window.docks["detail"]
        dock.raise_()
        driver.wait_s(0.1)
        panel = dock.build()
        assert not driver.window.actions_by_name["blend_face"].isEnabled()
        assert not driver.window.actions_by_name["take_wrinkles"].isEnabled()
        assert not panel.second.choose.isEnabled()
        assert "no weights of semm" in panel.second.reason.text()


def test_a_random_face_is_one_step_with_shape_and_skin(driver):
    before, steps = driver.document.state, len(driver.document.labels)
    picture = driver.picture()
    driver.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    driver.settle()
    state = driver.document.state
    assert state.identity != before.identity
    assert state.settings.seed != before.settings.seed
    assert state.settings.generate_wrinkles
    assert len(driver.document.labels) == steps + 1
    assert not np.array_equal(driver.picture(), picture)
    dock = driver.window.docks["identity"]
    dock.raise_()
    driver.wait_s(0.1)
    panel = dock.build()
    QTest.mouseClick(panel.face, LEFT)
    QApplication.processEvents()
    assert driver.document.state.identity != state.identity
    assert panel.seed.value() == driver.document.state.settings.seed
    driver.document.undo()
    driver.document.undo()
    assert driver.document.state == before
