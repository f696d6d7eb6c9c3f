"""Brushes with a little picture of their stroke: a click or Return takes one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListView, QListWidget, QListWidgetItem, QMenu, QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.lines.relief import relief
from rhytid.core.lines.tint import tinted
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.units import CHART_MM
from rhytid.gui.controllers.brush_presets import (
    OWN_BRUSHES,
    Brush,
    BrushPresets,
    brush_of,
    drawn_with,
    take,
)
from rhytid.gui.controllers.named_presets import MAX_NAME
from rhytid.gui.controllers.tool_settings import ToolSettings
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

PICTURE_PX = (72, 36)
_MM, _SIDE = (20.0, 10.0), 1440  # of skin in a picture; texels of the whole chart: 7.2 a mm
_SKIN = (205, 158, 136)
_SOON_MS = 300  # pictures come once the panel stands
_LIGHT = np.array([-0.35, -0.75, 0.56])
UInt8 = npt.NDArray[np.uint8]


def picture_of(brush: Brush) -> UInt8:
    """The brush's stroke on skin under a low light, uint8 (H, W, 3) sRGB."""
    stroke = drawn_with(brush)
    width, height = (round(mm / CHART_MM * _SIDE) for mm in _MM)
    x, y = (_SIDE - width) // 2, (_SIDE - height) // 2
    rect = Rect(x, y, x + width, y + height)
    down, right = np.gradient(relief([(stroke, 1.0)], _SIDE, rect) * (_SIDE / CHART_MM))
    lit = (-right * _LIGHT[0] - down * _LIGHT[1] + _LIGHT[2]) / np.sqrt(1 + right**2 + down**2)
    lit = np.clip(lit / _LIGHT[2], 0.25, 1.6)[..., None]
    skin = np.full((_SIDE, _SIDE, 3), _SKIN, np.uint8)
    color = tinted(skin, [(stroke, 1.0)]) if stroke.tint else skin
    pixels: UInt8 = np.clip(color[rect.slices] * (0.35 + 0.65 * lit), 0, 255).astype(np.uint8)
    return pixels


class BrushGroup(FoldGroup):
    """All brushes of the program and of the artist.

    Parameters
    ----------
    settings : ToolSettings
    presets : BrushPresets
    """

    def __init__(self, settings: ToolSettings, presets: BrushPresets, parent: QWidget | None = None) -> None:
        super().__init__(tr("Brushes"), parent=parent)
        self.settings, self.presets = settings, presets
        self._brushes: dict[str, Brush] = {}
        self._pictures: dict[str, QIcon] = {}
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Brushes"))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setIconSize(QSize(*PICTURE_PX))
        self.list.setGridSize(QSize(PICTURE_PX[0] + 8, PICTURE_PX[1] + 26))
        self.list.setWrapping(False)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setFixedHeight(PICTURE_PX[1] + 26 + 18)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QListWidget.EditTrigger.EditKeyPressed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._ask)
        self.list.itemClicked.connect(self._take)
        self.list.itemActivated.connect(self._take)
        self.list.itemDelegate().commitData.connect(self._rename)
        self.body.addWidget(self.list)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name"))
        self.name.setMaxLength(MAX_NAME)
        self.keep = tool_button("plus", tr("Keep the pen as it is as a brush of this name"))
        self.keep.clicked.connect(self._keep)
        self.name.returnPressed.connect(self._keep)
        row = QHBoxLayout()
        row.setContentsMargins(6, 3, 6, 2)
        row.addWidget(self.name, 1)
        row.addWidget(self.keep)
        self.body.addLayout(row)
        self.note = text_label("", "soft")
        self.note.setContentsMargins(8, 0, 8, 2)
        self.note.hide()
        self.body.addWidget(self.note)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._paint)
        self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start()

    def _fill(self, chosen: str = "") -> None:
        self.list.clear()
        own = self.presets.own()
        self._brushes = {**OWN_BRUSHES, **own}
        for name in self._brushes:
            item = QListWidgetItem(self._pictures.get(name, QIcon(QPixmap(*PICTURE_PX))), shown(name))
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(tr("Draw with this brush"))
            if name in own:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.list.addItem(item)
            if name == chosen:
                self.list.setCurrentItem(item)
        if self.isVisible():
            self._soon.start()

    def _paint(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            name = item.data(Qt.ItemDataRole.UserRole)
            if name not in self._pictures:
                pixels = picture_of(self._brushes[name])
                height, width = pixels.shape[:2]
                image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
                self._pictures[name] = QIcon(QPixmap.fromImage(image))
                item.setIcon(self._pictures[name])

    def _take(self, item: QListWidgetItem) -> None:
        take(self.settings, self._brushes[item.data(Qt.ItemDataRole.UserRole)])
        self._say("")

    def _keep(self) -> None:
        try:
            name = self.presets.keep(self.name.text(), brush_of(self.settings))
        except ValueError as error:
            self._say(str(error))
            return
        self._pictures.pop(name, None)
        self.name.clear()
        self._say("")
        self._fill(name)

    def _ask(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEditable:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Rename"), lambda: self.list.editItem(item))
        menu.addAction(tr("Delete"), lambda: self._delete(item))
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _delete(self, item: QListWidgetItem) -> None:
        name = item.data(Qt.ItemDataRole.UserRole)
        self.presets.delete(name)
        self._pictures.pop(name, None)
        self._fill()

    def _rename(self, editor: QWidget) -> None:
        item = self.list.currentItem()
        assert isinstance(editor, QLineEdit)
        old = item.data(Qt.ItemDataRole.UserRole)
        name = old
        try:
            name = self.presets.rename(old, editor.text())
            self._say("")
        except ValueError as error:
            self._say(str(error))
        item.setData(Qt.ItemDataRole.UserRole, name)
        if name != old and old in self._pictures:
            self._pictures[name] = self._pictures.pop(old)
        # The editor writes its text into the item once this is through.
        QTimer.singleShot(0, self, lambda: self._fill(name))

    def _say(self, text: str) -> None:
        self.note.setText(shown(text))
        self.note.setVisible(bool(text))
