"""Preferences: mouse, pen, files, view, compute."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.language import tr
from rhytid.gui.controllers.compute import Compute
from rhytid.gui.dialogs.compute_page import ComputePage
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.keys_page import KeysPage
from rhytid.gui.preferences import Navigation, Preferences
from rhytid.gui.theme import THEMES, colour
from rhytid.gui.widgets.labels_and_buttons import text_label
from rhytid.gui.widgets.slider_row import SliderRow

# Which mouse button does what, with which key held.
BINDINGS: dict[Navigation, tuple[tuple[str, str, str], ...]] = {
    Navigation.MAYA: (
        ("Alt", "left", tr("Orbit")), ("Alt", "middle", tr("Pan")), ("Alt", "right", tr("Zoom")),
        ("", "wheel", tr("Zoom")),
    ),
    Navigation.BLENDER: (
        ("", "middle", tr("Orbit")), ("Shift", "middle", tr("Pan")), ("Ctrl", "middle", tr("Zoom")),
        ("", "wheel", tr("Zoom")),
    ),
}  # fmt: skip
_MOUSE_W, _MOUSE_H = 34.0, 48.0


class MousePicture(QWidget):
    """Small mice with the button lit that orbits, pans and zooms."""

    def __init__(self, navigation: Navigation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bindings = BINDINGS[navigation]
        self.setAccessibleName("; ".join(f"{key} {tr(button)}: {what}".strip() for key, button, what in self._bindings))

    def sizeHint(self) -> QSize:
        return QSize(84 * len(self._bindings), int(_MOUSE_H) + 3 * self.fontMetrics().height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = self.width() / len(self._bindings)
        line = self.fontMetrics().height()
        for at, (key, button, what) in enumerate(self._bindings):
            middle = (at + 0.5) * cell
            painter.setPen(colour("text_soft"))
            centred = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRectF(middle - cell / 2, 0, cell, line + 2), centred, f"{key} +" if key else "")
            self._mouse(painter, QRectF(middle - _MOUSE_W / 2, line + 6, _MOUSE_W, _MOUSE_H), button)
            painter.setPen(colour("text"))
            painter.drawText(QRectF(middle - cell / 2, line + 10 + _MOUSE_H, cell, line + 2), centred, what)

    @staticmethod
    def _mouse(painter: QPainter, box: QRectF, button: str) -> None:
        split = box.top() + box.height() * 0.42
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("button"))
        painter.drawRoundedRect(box, 15, 15)
        if button in ("left", "right"):
            half = QRectF(box.left() if button == "left" else box.center().x(), box.top(), box.width() / 2,
                          split - box.top())  # fmt: skip
            painter.save()
            painter.setClipRect(half)
            painter.setBrush(colour("accent"))
            painter.drawRoundedRect(box, 15, 15)
            painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("text_soft"), 1.4))
        painter.drawRoundedRect(box, 15, 15)
        painter.drawLine(QLineF(box.left(), split, box.right(), split))
        painter.drawLine(QLineF(box.center().x(), box.top(), box.center().x(), split))
        wheel = QRectF(box.center().x() - 4, box.top() + 6, 8, split - box.top() - 10)
        lit = button in ("middle", "wheel")
        painter.setBrush(colour("accent" if lit else "window"))
        painter.drawRoundedRect(wheel, 4, 4)
        if button == "wheel":
            painter.setPen(QPen(colour("accent"), 1.6, c=Qt.PenCapStyle.RoundCap))
            x, above, below = box.right() + 7, box.top() + 8, split - 4
            for tip, away in ((above, 1), (below, -1)):
                painter.drawLine(QLineF(x, tip, x - 3.5, tip + 4 * away))
                painter.drawLine(QLineF(x, tip, x + 3.5, tip + 4 * away))
            painter.drawLine(QLineF(x, above, x, below))


class PreferencesDialog(Dialog):
    """Edits `Preferences` at once, as settings of the look do; Cancel takes everything back.

    Parameters
    ----------
    actions : sequence of (name, text, keys)
        As of `KeysPage`.
    """

    def __init__(
        self, preferences: Preferences, compute: Compute, parent: QWidget | None = None,
        actions: Sequence[tuple[str, str, tuple[str, ...]]] = (),
    ) -> None:  # fmt: skip
        super().__init__(tr("Preferences"), tr("Done"), parent)
        self._preferences = preferences
        names = ("navigation", "theme", "show_statistics", "max_resolution", "tablet_pressure_to_depth",
                 "tablet_pressure_to_width", "pressure_exponent", "autosave", "autosave_interval_s",
                 "undo_memory_mb", "cache_memory_mb", "compute_device", "key_preset", "own_keys",
                 "hint_dismissed")  # fmt: skip
        self._before = {name: getattr(preferences, name) for name in names}
        self.tabs = QTabWidget()
        self.tabs.addTab(self._mouse_page(), tr("Mouse"))
        self.keys = KeysPage(actions, preferences)
        self.tabs.addTab(self.keys, tr("Keys"))
        self.tabs.addTab(self._pen_page(), tr("Pen"))
        self.tabs.addTab(self._files_page(), tr("Files and memory"))
        self.tabs.addTab(self._view_page(), tr("View"))
        self.compute = ComputePage(preferences, compute)
        self.tabs.addTab(self.compute, tr("Compute"))
        self.body.addWidget(self.tabs)
        defaults = QPushButton(tr("Restore defaults"))
        defaults.clicked.connect(self._restore_defaults)
        self.buttons.addButton(defaults, self.buttons.ButtonRole.ResetRole)
        self.finish_layout()
        self.resize(520, 420)
        self._show()
        preferences.changed.connect(self._changed)

    def reject(self) -> None:
        for name, value in self._before.items():
            setattr(self._preferences, name, value)
        super().reject()

    def _page(self) -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(14, 16, 14, 12)
        column.setSpacing(8)
        return page, column

    def _check(self, name: str, text: str, tip: str = "") -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(tip)
        box.clicked.connect(lambda on: setattr(self._preferences, name, on))
        self._checks[name] = box
        return box

    def _mouse_page(self) -> QWidget:
        self._checks: dict[str, QCheckBox] = {}
        page, column = self._page()
        column.addWidget(text_label(tr("How the mouse turns the face. Drawing needs no key with either."), "soft"))
        self.navigation: dict[Navigation, QRadioButton] = {}
        group = QButtonGroup(self)
        for navigation, title in ((Navigation.MAYA, tr("Like Maya")), (Navigation.BLENDER, tr("Like Blender"))):
            button = QRadioButton(title)
            button.clicked.connect(lambda _=False, n=navigation: self.keys.keys.follow(n))
            group.addButton(button)
            self.navigation[navigation] = button
            column.addWidget(button)
            row = QHBoxLayout()
            row.setContentsMargins(20, 0, 0, 6)
            row.addWidget(MousePicture(navigation))
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(1)
        return page

    def _pen_page(self) -> QWidget:
        page, column = self._page()
        column.addWidget(text_label(tr("What pressing harder does when the program starts. The Tool panel changes it "
                                       "while you work."), "soft"))  # fmt: skip
        column.addWidget(self._check("tablet_pressure_to_depth", tr("Deepens the stroke")))
        column.addWidget(self._check("tablet_pressure_to_width", tr("Widens the stroke")))
        self.response = SliderRow(tr("Response"), 0.25, 4.0, 1.0, step=0.05,
                                  tip=tr("1 = linear; larger needs a firmer hand, smaller a lighter one"))  # fmt: skip
        for signal in (self.response.value_changing, self.response.value_entered):
            signal.connect(lambda value: setattr(self._preferences, "pressure_exponent", value))
        self.response.reset_requested.connect(lambda _: setattr(self._preferences, "pressure_exponent", 1.0))
        column.addWidget(self.response)
        column.addStretch(1)
        return page

    def _files_page(self) -> QWidget:
        page, column = self._page()
        column.addWidget(self._check("autosave", tr("Save a copy of unsaved work now and then"),
                                     tr("After a crash the program offers it")))  # fmt: skip
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        self.interval = QSpinBox()
        self.interval.setRange(10, 3600)
        self.interval.setSuffix(" seconds")
        self.interval.valueChanged.connect(lambda value: setattr(self._preferences, "autosave_interval_s", value))
        form.addRow(tr("Every"), self.interval)
        self.memory = self._megabytes("undo_memory_mb", 32, 8192, tr("The oldest steps are forgotten beyond it"))
        form.addRow(tr("Memory for undo"), self.memory)
        self.cache = self._megabytes("cache_memory_mb", 64, 16384, tr("Faces seen before come back quicker with more"))
        form.addRow(tr("Memory for computed detail"), self.cache)
        column.addLayout(form)
        column.addWidget(text_label(tr("Undo memory takes effect at the next start."), "soft"))
        column.addStretch(1)
        return page

    def _megabytes(self, name: str, low: int, high: int, tip: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(low, high)
        box.setSingleStep(128)
        box.setSuffix(" MB")
        box.setToolTip(tip)
        box.valueChanged.connect(lambda value: setattr(self._preferences, name, value))
        return box

    def _view_page(self) -> QWidget:
        page, column = self._page()
        column.addWidget(self._check("show_statistics", tr("Show frames per second and latency in the status bar")))
        form = QFormLayout()
        form.setHorizontalSpacing(10)
        self.resolution = QComboBox()
        for side, text in ((256, tr("256 (slow machines)")), (1024, "1024"), (2048, tr("2048 (fast machines)"))):
            self.resolution.addItem(text, side)
        self.resolution.activated.connect(
            lambda _: setattr(self._preferences, "max_resolution", int(self.resolution.currentData()))
        )
        form.addRow(tr("Detail on the screen"), self.resolution)
        self.theme = QComboBox()
        for name in THEMES:
            self.theme.addItem(tr(name.capitalize()), name)
        self.theme.activated.connect(lambda _: setattr(self._preferences, "theme", self.theme.currentData()))
        form.addRow(tr("Colours of the window"), self.theme)
        column.addLayout(form)
        self.hint_again = QPushButton(tr("Show the first steps again"))
        self.hint_again.clicked.connect(self._ask_for_hint)
        row = QHBoxLayout()
        row.addWidget(self.hint_again)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(6)
        column.addWidget(text_label(
            tr("Size of texts and buttons follows the screen's scale factor. To change it for this program only, set "
               "QT_SCALE_FACTOR=1.25 (for instance) in the environment before starting it."), "soft"))  # fmt: skip
        column.addStretch(1)
        return page

    def _ask_for_hint(self) -> None:
        self._preferences.hint_dismissed = False
        self.hint_again.setText(tr("The hint comes back at the next start"))
        self.hint_again.setEnabled(False)

    def _restore_defaults(self) -> None:
        self._preferences.restore_defaults()
        self._show()

    def _changed(self, name: str, value: object) -> None:
        self._show()

    def _show(self) -> None:
        preferences = self._preferences
        self.navigation[preferences.navigation].setChecked(True)
        for name, box in self._checks.items():
            box.setChecked(getattr(preferences, name))
        self.response.set_number(preferences.pressure_exponent)
        self.interval.setValue(preferences.autosave_interval_s)
        self.interval.setEnabled(preferences.autosave)
        self.memory.setValue(preferences.undo_memory_mb)
        self.cache.setValue(preferences.cache_memory_mb)
        self.compute.refresh()
        self.theme.setCurrentIndex(self.theme.findData(preferences.theme))
        self.resolution.setCurrentIndex(max(self.resolution.findData(preferences.max_resolution), 0))
