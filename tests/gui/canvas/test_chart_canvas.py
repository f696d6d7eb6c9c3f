"""The chart canvas with real mouse, wheel, key and pen events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from canvas_rig import LEFT, MIDDLE, detail_maps, line
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rhytid.core.document.commands import AddStrokes, ApplyExpressionPreset
from rhytid.core.lines.stroke import Binding, Onset
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.gui.canvas.layers import Layer
from rhytid.gui.controllers.tool_settings import Tool

# --- coordinates, zoom, pan ------------------------------------------------------------------------------


def test_the_chart_is_the_right_way_up(rig):
    top_left, bottom_right = rig.view.position_of(0, 0), rig.view.position_of(1, 1)
    assert top_left.x() < bottom_right.x(), "column 0, the subject's right, is on the left"
    assert top_left.y() < bottom_right.y(), "row 0, the forehead, is on top"
    assert bottom_right.x() - top_left.x() == pytest.approx(bottom_right.y() - top_left.y(), rel=1e-3)


@pytest.mark.parametrize("place", [(0.1, 0.2), (0.5, 0.5), (0.9, 0.75)])
def test_coordinates_there_and_back(rig, place):
    rig.view.zoom(5.0, rig.view.position_of(0.3, 0.6))
    back = rig.view.chart_at(rig.view.position_of(*place))
    assert (back.x(), back.y()) == pytest.approx(place, abs=1e-6)


def test_the_picture_on_the_screen_is_the_map(rig):
    displacement = np.full((128, 128), 0.0, np.float32)
    displacement[10:40, 70:120] = 0.5  # forehead, the subject's left: upper right on the screen
    rig.canvas.set_maps(detail_maps(displacement=displacement))
    rig.canvas.set_layer(Layer.DISPLACEMENT)
    rig.canvas.set_range(0.5)
    image = rig.view.grab().toImage()

    def colour_at(x, y):
        point = rig.at(x, y)
        return image.pixelColor(point)

    assert colour_at(0.74, 0.19).red() > colour_at(0.74, 0.19).blue() + 60
    for other in ((0.26, 0.19), (0.74, 0.8), (0.26, 0.8)):
        assert abs(colour_at(*other).red() - colour_at(*other).blue()) < 12


def test_the_wheel_zooms_at_the_pointer(rig):
    before, scale = rig.view.position_of(0.7, 0.3), rig.view.px_per_chart()
    rig.wheel(0.7, 0.3, 4)
    after = rig.view.position_of(0.7, 0.3)
    assert rig.view.px_per_chart() == pytest.approx(scale * 1.2**4, rel=1e-3)
    assert (after - before).manhattanLength() < 1.5


def test_zoom_has_ends(rig):
    for _ in range(60):
        rig.view.zoom(2.0)
    assert rig.view.px_per_chart() < 70_000
    for _ in range(60):
        rig.view.zoom(0.5)
    assert rig.view.px_per_chart() > 100


def test_the_middle_button_pans_and_draws_nothing(rig):
    rig.view.zoom(3.0)
    before = rig.view.position_of(0.5, 0.5)
    rig.drag((0.5, 0.5), (0.55, 0.52), button=MIDDLE)
    moved = rig.view.position_of(0.5, 0.5) - before
    assert moved.x() > 20
    assert len(rig.document.labels) == 1


def test_resizing_keeps_what_is_looked_at(rig):
    rig.view.zoom(4.0, rig.view.position_of(0.2, 0.2))
    centre, scale = rig.view.box.viewRect().center(), rig.view.px_per_chart()
    rig.canvas.resize(700, 500)
    QApplication.processEvents()
    assert rig.view.px_per_chart() == pytest.approx(scale, rel=0.01)
    assert rig.view.box.viewRect().center().x() == pytest.approx(centre.x(), abs=0.01)
    QTest.keyClick(rig.view, Qt.Key.Key_Home)
    assert rig.view.position_of(0, 0).y() > 0
    assert rig.view.position_of(1, 1).y() < rig.view.viewport().height()


# --- maps ------------------------------------------------------------------------------------------------


def test_only_changed_texels_are_painted(rig):
    first = detail_maps(displacement=np.zeros((128, 128), np.float32))
    rig.canvas.set_maps(first)
    values = first.displacement.copy()
    values[50:60, 20:30] = -0.2
    second = replace(
        detail_maps(displacement=values), revisions=first.revisions.with_change(Rect(20, 50, 30, 60))
    )
    rig.canvas.set_maps(second)
    assert rig.canvas.painted_rect == Rect(19, 49, 31, 61)
    rig.canvas.set_maps(replace(second, generation=7))
    assert rig.canvas.painted_rect.empty
    rig.canvas.set_maps(detail_maps(displacement=values))
    assert rig.canvas.painted_rect == Rect.whole(128)


def test_preview_and_refined_maps_take_turns(rig):
    rig.canvas.set_maps(detail_maps(128))
    rig.canvas.set_maps(detail_maps(64))
    assert rig.view.map.pixels.shape == (64, 64)
    rig.canvas.set_maps(detail_maps(128))
    assert rig.canvas.painted_rect == Rect.whole(128)


def test_every_layer_can_be_chosen_and_drawn(rig):
    rig.canvas.set_maps(detail_maps())
    pictures = set()
    for layer, button in rig.canvas.layer_buttons.items():
        QTest.mouseClick(button, LEFT)
        assert rig.canvas.layer is layer
        if layer is Layer.ALBEDO:
            rig.canvas.set_albedo(SkinColors.of(np.full((16, 16, 3), (200, 150, 120), np.uint8)))
        colour = rig.view.grab().toImage().pixelColor(rig.at(0.4, 0.4))
        pictures.add(colour.name())
    assert len(pictures) == len(Layer)
    assert "#c89678" in pictures


def test_a_hidden_canvas_only_remembers(rig):
    rig.canvas.hide()
    rig.canvas.set_maps(detail_maps(64))
    assert rig.view.map.pixels.shape != (64, 64)
    rig.canvas.show()
    assert rig.view.map.pixels.shape == (64, 64)


def test_the_readout_names_texel_and_height(rig):
    displacement = np.zeros((128, 128), np.float32)
    displacement[32, 96] = -0.25
    rig.canvas.set_maps(detail_maps(displacement=displacement))
    rig.mouse(QEvent.Type.MouseMove, 96.5 / 128, 32.5 / 128, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)
    assert "96, 32 px of 128" in rig.canvas.readout.text()
    assert "−0.250 mm" in rig.canvas.readout.text()


# --- drawing ---------------------------------------------------------------------------------------------


def test_a_stroke_is_drawn_live_and_is_one_step(rig):
    rig.drag((0.3, 0.3), (0.4, 0.3), (0.5, 0.32), release=False)
    assert len(rig.document.state.strokes) == 1, "already there while the pen is down"
    rig.mouse(QEvent.Type.MouseMove, 0.6, 0.33, Qt.MouseButton.NoButton, LEFT)
    rig.mouse(QEvent.Type.MouseButtonRelease, 0.6, 0.33, LEFT, Qt.MouseButton.NoButton)
    (stroke,) = rig.document.state.strokes
    assert stroke.points[0] == pytest.approx([0.3, 0.3], abs=0.004)
    assert stroke.points[-1] == pytest.approx([0.6, 0.33], abs=0.004)
    assert rig.document.labels[1:] == ("Draw stroke",)


def test_the_pen_gives_its_pressure(rig):
    rig.pen(QEvent.Type.TabletPress, 0.3, 0.5, 0.2)
    for step in range(1, 9):
        rig.pen(QEvent.Type.TabletMove, 0.3 + 0.04 * step, 0.5, 0.2 + 0.1 * step)
    rig.pen(QEvent.Type.TabletRelease, 0.62, 0.5, 0.0)
    (stroke,) = rig.document.state.strokes
    assert stroke.pressure[0] < 0.4
    assert stroke.pressure[-1] > 0.85


def test_the_pens_other_end_erases(rig):
    rig.document.execute(AddStrokes((line("a", 0.2, 0.5, 0.8, 0.5, 30),)))
    rig.pen(QEvent.Type.TabletPress, 0.5, 0.45, 1.0, eraser=True)
    rig.pen(QEvent.Type.TabletMove, 0.5, 0.55, 1.0, eraser=True)
    rig.pen(QEvent.Type.TabletRelease, 0.5, 0.55, 0.0, eraser=True)
    assert len(rig.document.state.strokes) == 2


def test_ctrl_inverts_to_erase(rig):
    rig.document.execute(AddStrokes((line("a", 0.2, 0.5, 0.8, 0.5, 30),)))
    rig.drag((0.5, 0.45), (0.5, 0.5), (0.5, 0.55), keys=Qt.KeyboardModifier.ControlModifier)
    assert len(rig.document.state.strokes) == 2


def test_escape_takes_the_stroke_back(rig):
    rig.drag((0.3, 0.3), (0.4, 0.3), (0.5, 0.3), release=False)
    QTest.keyClick(rig.view, Qt.Key.Key_Escape)
    assert rig.document.state.strokes == ()
    assert not rig.document.gesture_active
    rig.mouse(QEvent.Type.MouseButtonRelease, 0.5, 0.3, LEFT, Qt.MouseButton.NoButton)
    assert len(rig.document.labels) == 1


def test_hiding_the_canvas_in_the_middle_of_a_stroke_takes_it_back(rig):
    rig.drag((0.3, 0.3), (0.4, 0.3), (0.5, 0.3), release=False)
    rig.canvas.hide()
    assert not rig.document.gesture_active


def test_drawing_announces_input(rig, qtbot):
    with qtbot.waitSignal(rig.canvas.input_arrived, timeout=1000):
        rig.drag((0.3, 0.3), (0.4, 0.3))


def test_strokes_that_do_not_show_are_faint(rig):
    bound = Binding(Onset.EXPRESSION, (("mouthSmileLeft", 0.65), ("mouthSmileRight", 0.65)))
    rig.document.execute(AddStrokes((line("a", 0.2, 0.5, 0.8, 0.5, binding=bound),)))
    assert rig.view.strokes._share["a"] == 0.0
    rig.document.execute(ApplyExpressionPreset("smile"))
    assert rig.view.strokes._share["a"] > 0.9


def test_the_ring_has_the_brushs_size_and_a_twin(rig):
    rig.tools.width = 0.04
    rig.mouse(QEvent.Type.MouseMove, 0.3, 0.4, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)
    (circle,) = rig.view.ring._circles()
    assert circle.width() == pytest.approx(0.04)
    rig.tools.mirror_x = True
    assert len(rig.view.ring._circles()) == 2
    rig.tools.tool = Tool.SELECT
    assert len(rig.view.ring._circles()) == 0


def test_strokes_and_guides_can_be_switched_off(rig):
    rig.document.execute(AddStrokes((line("a", 0.2, 0.5, 0.8, 0.5),)))
    rig.canvas.set_maps(detail_maps())
    with_stroke = rig.view.grab().toImage()
    QTest.mouseClick(rig.canvas.show_strokes, LEFT)
    without = rig.view.grab().toImage()
    point = rig.at(0.5, 0.5)
    assert with_stroke.pixelColor(point) != without.pixelColor(point)
    rig.canvas.set_landmarks(np.array([[0.5, 0.3]]))
    QTest.mouseClick(rig.canvas.show_guides, LEFT)
    assert rig.view.grab().toImage().pixelColor(rig.at(0.5, 0.3)) != without.pixelColor(rig.at(0.5, 0.3))
