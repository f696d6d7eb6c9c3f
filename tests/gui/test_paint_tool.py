"""The paint tool: colour and pigments on the skin, from the pen to the colour that is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import PaintSkin, RandomComplexion, SetPaintLayer
from rhytid.core.document.document import Document
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.load import default_head
from rhytid.core.head.skin_brush import SkinBrush
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.paint import NONE_OF_IT, PAINT_SIDE, UNPAINTED, Pigment, plane_of
from rhytid.core.maps.rect import Rect
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.skin_color import SkinColor
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Paints, Tool, ToolSettings
from rhytid.gui.panels.painted_layer import PaintedLayerGroup
from rhytid.gui.panels.tool_options import ToolOptionsPanel

CHEEK = (0.26, 0.5)
WHOLE = Rect.whole(PAINT_SIDE)


@pytest.fixture(scope="module")
def skin_brush():
    head = default_head()
    return SkinBrush(head, head.neutral, PAINT_SIDE)


class Bench:
    def __init__(self, brush) -> None:
        self.document = Document()
        self.tools = ToolSettings(tool=Tool.PAINT, radius=4.0 / CHART_MM, strength=1.0, paint_color=(200, 40, 60))
        self.tool = StrokeTool(self.document, self.tools, Selection(self.document), Engines())
        self.tool.skin_brush = lambda: brush
        self.failed: list[str] = []
        self.tool.failed.connect(lambda error: self.failed.append(str(error)))

    def stroke(self, start=CHEEK, end=(0.30, 0.5), pressure=1.0, **how) -> None:
        way = [PenSample((x, y), pressure, **how) for x, y in np.linspace(start, end, 9).tolist()]
        if self.tool.press(way[0]):
            for sample in way[1:]:
                self.tool.move([sample])
            self.tool.release()

    def planes(self) -> np.ndarray:
        paint = self.document.state.paint
        return np.broadcast_to(UNPAINTED, (PAINT_SIDE, PAINT_SIDE, len(UNPAINTED))) if paint is None else (
            paint.planes(WHOLE)
        )

    def at(self, x=0.28, y=0.5) -> list[int]:
        return self.planes()[round(y * PAINT_SIDE), round(x * PAINT_SIDE)].tolist()


@pytest.fixture
def bench(qapp, skin_brush) -> Bench:
    return Bench(skin_brush)


def test_a_stroke_paints_colour_as_one_step_and_undo_takes_it_back(bench):
    bench.stroke()
    assert bench.document.labels[-1] == "Paint colour"
    assert bench.at()[:4] == [200, 40, 60, 255]
    assert bench.at()[4:] == [NONE_OF_IT] * 5
    steps = len(bench.document.labels)
    bench.tools.paint_color = (0, 0, 255)
    bench.tools.strength = 0.5
    bench.stroke()
    assert len(bench.document.labels) == steps + 1
    assert bench.at()[:4] == [100, 20, 158, 255]
    bench.document.undo()
    assert bench.at()[:4] == [200, 40, 60, 255]
    bench.document.undo()
    assert bench.document.state.paint is None
    bench.document.redo()
    assert bench.at()[:3] == [200, 40, 60]


@pytest.mark.parametrize("pigment", list(Pigment))
@pytest.mark.parametrize("amount", [-1.0, 0.5])
def test_amounts_of_pigments_are_painted(bench, pigment, amount):
    bench.tools.paints, bench.tools.amount = Paints(pigment.value), amount
    bench.stroke()
    wanted = list(UNPAINTED)
    wanted[plane_of(pigment)] = round(NONE_OF_IT + 127 * amount)
    assert bench.at() == wanted


def test_ctrl_takes_back_what_is_painted_and_as_generated_takes_all(bench):
    bench.stroke()
    bench.tools.paints, bench.tools.amount = Paints.MELANIN, 1.0
    bench.stroke()
    bench.stroke(erase=True)
    assert bench.at()[:4] == [200, 40, 60, 255]
    assert bench.at()[plane_of(Pigment.MELANIN)] == NONE_OF_IT
    bench.tools.paints, bench.tools.radius = Paints.ORIGINAL, 14.0 / CHART_MM
    bench.stroke()
    assert bench.document.state.paint is None, "nothing painted is no layer"
    assert bench.document.labels[-2:] == ("Erase paint", "Erase paint")


def test_both_halves_and_lingering(bench):
    bench.tools.mirror_x, bench.tools.strength = True, 0.4
    bench.stroke()
    once = bench.planes()[..., 3].astype(int)
    right, left = once[:, :512].sum(), once[:, 512:].sum()
    assert left == pytest.approx(right, rel=0.05), "the head is nearly even"
    assert once.max() == round(0.4 * 255)
    bench.document.undo()
    way = [PenSample((x, 0.5)) for x in [*np.linspace(0.26, 0.30, 9), *np.linspace(0.30, 0.26, 9)]]
    bench.tool.press(way[0])
    for sample in way[1:]:
        bench.tool.move([sample])
    bench.tool.release()
    assert np.abs(bench.planes()[..., 3].astype(int) - once).max() <= 1


def test_pressure_makes_it_stronger_and_wider_where_that_is_wanted(bench):
    areas, strengths = [], []
    for to_width, pressure in ((True, 1.0), (True, 0.4), (False, 0.4)):
        bench.tools.pressure_to_width = to_width
        bench.stroke(pressure=pressure)
        alpha = bench.planes()[..., 3]
        areas.append(int((alpha > 0).sum()))
        strengths.append(int(alpha.max()))
        bench.document.undo()
    assert strengths == [255, 102, 102]
    assert areas[1] < 0.6 * areas[0]
    assert areas[2] == pytest.approx(areas[0], rel=0.05)


def test_shift_smooths_what_is_there(bench):
    bench.tools.hardness = 1.0
    bench.stroke()
    before = bench.planes()[..., 3].astype(float)
    bench.tools.radius = 10.0 / CHART_MM
    bench.stroke(smooth=True)
    after = bench.planes()[..., 3].astype(float)
    assert bench.document.labels[-1] == "Smooth paint"
    assert np.abs(np.diff(after, axis=0)).max() < 0.3 * np.abs(np.diff(before, axis=0)).max()


def test_before_the_face_is_known_or_while_paint_is_hidden_it_says_what_to_do(bench):
    brush, bench.tool.skin_brush = bench.tool.skin_brush, lambda: None
    bench.stroke()
    assert "in a moment" in bench.failed[0]
    bench.tool.skin_brush = brush
    bench.stroke()
    bench.document.execute(SetPaintLayer(visible=False))
    state = bench.document.state
    bench.stroke()
    assert "hidden" in bench.failed[1]
    assert bench.document.state is state


@pytest.mark.parametrize("how", ["button", "alt"])
def test_a_colour_is_taken_from_the_skin_and_makes_no_step(bench, how):
    chart = np.zeros((64, 64, 3), np.uint8)
    chart[32, round(0.30 * 64)] = (12, 34, 56)
    bench.tool.skin_color = lambda: chart
    bench.tools.paints = Paints.GLOSS
    bench.tools.picking = how == "button"
    bench.stroke(end=(0.30, 0.5), pick=how == "alt")
    assert bench.tools.paint_color == (12, 34, 56)
    assert (bench.tools.paints, bench.tools.picking) == (Paints.COLOR, False)
    assert len(bench.document.labels) == 1
    bench.stroke()
    assert bench.at()[:3] == [12, 34, 56]


def test_the_colour_that_is_shown_follows_by_rectangles_and_is_the_documents(qtbot, bench):
    follower, shown = SkinColor(bench.document, ArrayCache()), []
    follower.changed.connect(shown.append)
    try:
        follower.start()
        qtbot.waitUntil(lambda: follower.idle and len(shown) == 1)
        for _ in range(2):
            bench.stroke()
            qtbot.waitUntil(lambda: follower.idle)
        changed = shown[-1].changed_since(shown[0].revisions.last)
        assert changed is not None
        assert changed.width * changed.height < 0.06 * PAINT_SIDE**2
        differs = (shown[-1].chart != shown[0].chart).any(axis=2)
        assert differs[round(0.5 * PAINT_SIDE), round(0.28 * PAINT_SIDE)]
        differs[changed.slices] = False
        assert not differs.any()
        bench.document.execute(RandomComplexion(3))
        qtbot.waitUntil(lambda: follower.idle)
        assert shown[-1].changed_since(shown[0].revisions.last) is None
        whole = skin_colors(bench.document.state, PAINT_SIDE, ArrayCache(), strands=True)
        np.testing.assert_array_equal(shown[-1].chart, whole.chart)
        bench.stroke((0.6, 0.3), (0.65, 0.3))
        qtbot.waitUntil(lambda: follower.idle)
        whole = skin_colors(bench.document.state, PAINT_SIDE, ArrayCache(), strands=True)
        np.testing.assert_array_equal(shown[-1].chart, whole.chart)
        np.testing.assert_array_equal(shown[-1].gloss, whole.gloss)
    finally:
        follower.close()


def test_the_panel_shows_what_the_tool_has(qtbot):
    tools = ToolSettings()
    panel = ToolOptionsPanel(tools)
    qtbot.addWidget(panel)
    assert panel.rows["strength"].isHidden()
    tools.tool = Tool.PAINT
    assert not panel.rows["strength"].isHidden()
    assert panel.rows["width"].isHidden()
    assert panel.rows["amount"].isHidden(), "colour has no amount"
    tools.paints = Paints.BLOOD
    assert not panel.rows["amount"].isHidden()
    panel.color.color_chosen.emit(1, 2, 3)
    assert tools.paint_color == (1, 2, 3)
    panel.picking.click()
    assert tools.picking
    dialog = panel.color.choose()
    assert dialog.currentColor().getRgb()[:3] == (1, 2, 3)
    dialog.setCurrentColor("#0a0b0c")
    assert tools.paint_color == (10, 11, 12)
    dialog.reject()
    assert tools.paint_color == (1, 2, 3)


def test_the_skin_panel_hides_fades_and_clears(qtbot, bench):
    group = PaintedLayerGroup(bench.document)
    qtbot.addWidget(group)
    bench.document.state_changed.connect(lambda new, _old: group.show_state(new))
    group.show_state(bench.document.state)
    assert not group.clear.isEnabled()
    bench.stroke()
    painted = bench.document.state.paint
    group.shows.click()
    group.opacity.value_entered.emit(40.0)
    assert bench.document.state.paint == replace(painted, opacity=0.4, visible=False)
    group.clear.click()
    assert bench.document.state.paint is None
    bench.document.execute(PaintSkin(painted))
    assert group.shows.isChecked()
