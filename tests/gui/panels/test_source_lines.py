"""The slider over an imported map's lines: fewer, more, those that one sees, one undo step each."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import ImportSource
from rhytid.core.lines.extract import found_lines
from rhytid.core.synthesis import synthesise
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.panels.detail import DetailPanel


def test_the_slider_takes_the_most_important_lines(document, show, qtbot):
    values = synthesise(31, 52.0, [0.0] * N_EXPRESSION).displacement
    found = found_lines(values)
    document.execute(ImportSource(SourceDetail(values, (0.0,) * N_EXPRESSION, 52.0, "m", found.seen(), "d")))
    jobs = Jobs()
    panel = show(DetailPanel(document, None, jobs))
    assert panel.lines.isVisible()
    assert panel.lines.number == len(found.seen())
    panel.lines.value_entered.emit(7.0)
    qtbot.waitUntil(lambda: len(document.state.source.lines) == 7, timeout=20_000)
    assert document.state.source.lines == found.strokes[:7]
    assert [stroke.id for stroke in document.state.strokes] == [stroke.id for stroke in found.strokes[:7]]
    assert panel.lines.number == 7
    document.undo()
    assert document.state.source.lines == found.seen()
    QTest.mouseClick(panel.lines, Qt.MouseButton.LeftButton, pos=QPoint(panel.lines.width() - 60, 12))
    qtbot.waitUntil(lambda: not jobs.busy and len(document.state.source.lines) == len(found.strokes), timeout=20_000)
    panel.lines.reset_requested.emit(False)
    qtbot.waitUntil(lambda: document.state.source.lines == found.seen(), timeout=20_000)
    jobs.close()
