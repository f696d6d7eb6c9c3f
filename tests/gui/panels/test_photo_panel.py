"""The panel of the photo, and the photo's light in the panel of the light."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from document_samples import albedo_map, photo_layer, source
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rhytid.core.document.commands import ImportSource, RefitPhoto, RemovePhoto, SetLighting, TakePhoto
from rhytid.core.document.state import Lighting
from rhytid.core.photo.image import photo_of
from rhytid.core.photo.layer import PhotoLayer
from rhytid.gui.controllers.open_photo import OpenPhoto
from rhytid.gui.controllers.view_settings import ViewSettings
from rhytid.gui.panels.lighting import LightingPanel
from rhytid.gui.panels.photo import PhotoPanel, camera_text, weights_text

LEFT = Qt.MouseButton.LeftButton


def layer() -> PhotoLayer:
    """A photo that can be decoded."""
    file = io.BytesIO()
    Image.new("RGB", (80, 100), (200, 120, 90)).save(file, "PNG")
    photo = photo_of(file.getvalue(), "Großmutter & Co.png")
    return replace(photo_layer(), name=photo.name, data=photo.data, digest=photo.digest)


@pytest.fixture
def opened(document):
    photo = OpenPhoto(document)
    yield photo
    photo.close()


@pytest.fixture
def panel(document, opened, show):
    return show(PhotoPanel(document, opened, ViewSettings()))


def test_without_a_photo_there_is_only_the_way_to_one(panel):
    asked = []
    panel.requested.connect(asked.append)
    assert panel.new_button.isVisible()
    assert not panel.found.isVisible()
    QTest.mouseClick(panel.new_button, LEFT)
    assert asked == ["new_from_photo"]


def test_what_was_found_is_shown_and_goes_with_the_photo(document, panel, opened, qtbot):
    found = layer()
    document.execute(TakePhoto(found))
    qtbot.waitUntil(lambda: not panel.picture.pixmap().isNull())
    assert panel.photo_group.header.note == "Großmutter & Co.png"
    assert not panel.new_button.isVisible()
    middle = panel.picture.pixmap().toImage().pixelColor(panel.picture.pixmap().width() // 2, 40)
    assert (middle.red(), middle.green(), middle.blue()) == pytest.approx((200, 120, 90), abs=2)
    assert "1 pin" in panel.facts.text()
    assert "1.4 %" in panel.facts.text()
    assert panel.locks["identity"].isChecked()
    assert not panel.ball.pixmap().isNull()
    QTest.mouseClick(panel.remove, LEFT)
    assert document.state.photo is None
    assert panel.new_button.isVisible()
    document.undo()
    assert panel.found.isVisible()


def test_lens_and_distance_are_those_of_the_camera():
    found = photo_layer()
    # 2513.7 px over the diagonal of 1024 x 1280 px, on film of 43.27 mm.
    assert camera_text(found) == "66 mm lens, 0.91 m away"


def test_weights_that_can_be_seen_are_listed_the_strongest_first():
    expression = np.zeros(52, np.float32)
    expression[[3, 17, 40]] = 0.3, 0.04, 0.9
    found = photo_layer()
    lines = weights_text(replace(found, fit=replace(found.fit, expression=expression))).splitlines()
    assert [float(line.split()[1]) for line in lines] == [0.9, 0.3]


def test_a_lock_is_a_step_and_leaves_the_fit(document, panel):
    found = layer()
    document.execute(TakePhoto(found))
    QTest.mouseClick(panel.locks["light"], LEFT)
    assert document.state.photo.locks == replace(found.locks, light=True)
    assert document.state.photo.fit is found.fit
    document.undo()
    assert not panel.locks["light"].isChecked()


def test_the_age_in_the_photo_is_that_of_its_skin_and_relief(document, panel):
    found = layer()
    document.execute(TakePhoto(found, albedo_map(), replace(source(), name=found.name)))
    panel.age.value_entered.emit(66.0)
    state = document.state
    assert (state.age, state.albedo.age, state.source.age) == (66.0, 66.0, 66.0)
    document.execute(ImportSource(replace(source(), name="scan.exr", age=20.0)))
    panel.age.value_entered.emit(50.0)
    assert document.state.albedo.age == 50.0
    assert document.state.source.age == 20.0, "that of a scan is the scan's"


def test_opacity_and_camera_are_settings_of_the_view(document, opened, show):
    view = ViewSettings()
    panel = show(PhotoPanel(document, opened, view))
    document.execute(TakePhoto(layer()))
    assert not panel.opacity.isEnabled()
    QTest.mouseClick(panel.through, LEFT)
    assert view.through_photo
    panel.opacity.value_changing.emit(0.25)
    assert view.head_opacity == 0.25
    view.through_photo = False
    assert not panel.through.isChecked()


def test_a_photo_that_cannot_be_decoded_leaves_the_panel_standing(document, panel, opened, qtbot):
    document.execute(TakePhoto(photo_layer()))
    qtbot.waitUntil(lambda: opened._thread is None)
    assert opened.photo is None
    assert panel.found.isVisible()


def test_the_photos_light_is_an_environment_while_there_is_a_photo(document, show):
    panel = show(LightingPanel(document))
    button = panel.buttons["photo"]
    assert not button.isVisible()
    document.execute(TakePhoto(layer()))
    assert button.isVisible()
    assert button.isChecked()
    assert document.state.lighting == Lighting("photo", key_intensity=0.0)
    QTest.mouseClick(panel.buttons["sunset"], LEFT)
    assert document.state.lighting.key_intensity == Lighting().key_intensity
    document.execute(SetLighting(key_intensity=3.0))
    QTest.mouseClick(button, LEFT)
    assert document.state.lighting == Lighting("photo", key_intensity=0.0)
    document.execute(RemovePhoto())
    assert not button.isVisible()
    assert document.state.lighting == Lighting()


def test_thumbnails_choose_which_photo_is_looked_at(document, panel, opened, qtbot):
    first = layer()
    file = io.BytesIO()
    Image.new("RGB", (60, 60), (40, 90, 200)).save(file, "PNG")
    side = photo_of(file.getvalue(), "side.png")
    second = replace(first, name=side.name, data=side.data, digest=side.digest, number=1, pins=())
    document.execute(TakePhoto(first, others=(second,)))
    qtbot.waitUntil(lambda: len(opened.thumbnails) == 2)
    assert panel.choice.isVisible()
    assert [button.isChecked() for button in panel.choice.buttons] == [True, False]
    QTest.mouseClick(panel.choice.buttons[1], LEFT)
    assert document.state.photo is second
    assert panel.photo_group.header.note == "side.png"
    assert "pin" not in panel.facts.text()
    assert [button.isChecked() for button in panel.choice.buttons] == [False, True]
    icon = panel.choice.buttons[1].icon().pixmap(40, 40).toImage().pixelColor(20, 20)
    assert (icon.red(), icon.green(), icon.blue()) == pytest.approx((40, 90, 200), abs=2)
    qtbot.waitUntil(lambda: opened.photo is not None and opened.photo.name == "side.png")
    QTest.mouseClick(panel.choice.buttons[1], LEFT)  # the one that is looked at stays chosen
    assert panel.choice.buttons[1].isChecked()
    document.undo()
    assert document.state.photo is first
    assert panel.choice.buttons[0].isChecked()
    document.execute(RemovePhoto())
    assert not panel.choice.isVisible()


def test_what_a_pin_made_stale_is_said_until_the_photo_is_read_again(document, panel):
    found = layer()
    document.execute(TakePhoto(found))
    assert not panel.stale.isVisible()
    document.execute(RefitPhoto(replace(found, stale=True)))
    assert panel.stale.isVisible()
    assert "Refine" in panel.stale.text()
    asked = []
    panel.requested.connect(asked.append)
    QTest.mouseClick(panel.refit, LEFT)
    assert asked == ["refit_photo"]  # one click
    document.execute(TakePhoto(found))
    assert not panel.stale.isVisible()
