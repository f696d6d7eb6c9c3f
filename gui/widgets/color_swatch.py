"""A button that shows a colour and lets one choose another."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QColorDialog, QToolButton, QWidget

from rhytid.core.language import tr

_SIZE = QSize(46, 20)


class ColorSwatch(QToolButton):
    """Signals ``color_chosen(red, green, blue)``, 0..255, while the colour is being chosen."""

    color_chosen = Signal(int, int, int)

    def __init__(self, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = QColor()
        self.setIconSize(_SIZE)
        self.setAutoRaise(True)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.clicked.connect(self.choose)

    def show_color(self, red: int, green: int, blue: int) -> None:
        """Show sRGB 0..255."""
        self._color = QColor(red, green, blue)
        picture = QPixmap(_SIZE)
        picture.fill(self._color)
        self.setIcon(QIcon(picture))

    def choose(self) -> QColorDialog:
        """Open the dialog; closing it without OK takes the colour back."""
        before = self._color
        dialog = QColorDialog(before, self.window())
        dialog.setWindowTitle(tr("Colour to paint with"))
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.currentColorChanged.connect(self._tell)
        dialog.rejected.connect(lambda: self._tell(before))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _tell(self, color: QColor) -> None:
        self.color_chosen.emit(color.red(), color.green(), color.blue())
