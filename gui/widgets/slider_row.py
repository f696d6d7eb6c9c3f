"""The one slider that all panels and dialogs use: name, groove, typed value.

It knows nothing of the document; `gui.controllers.slider_gesture` turns its signals into commands.

- Drag the handle, or press the groove to jump there; Shift drags ten times finer, Ctrl snaps to coarse steps,
  Escape gives up the drag.
- A click on the number types a value (see `typed_value`); so do Return and F2 while the row has the focus. Digits
  stay with the window, where they switch views.
- A double click resets, so does Backspace.
- Arrow keys and the wheel step; Shift finer, Ctrl coarser. The wheel acts only on the row that has the focus, so
  that scrolling a panel never changes a value in passing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QDockWidget, QLineEdit, QMenu, QScrollArea, QWidget

from rhytid.core.language import tr
from rhytid.gui.widgets.slider_face import HANDLE_PX, PAD_PX, UNITS, SliderFace
from rhytid.gui.widgets.typed_value import typed_value

_IDLE_MS = 350  # a pause this long ends a series of wheel notches or key presses: one undo step


class SliderRow(SliderFace):
    """One number of the document as a row that can be dragged, stepped, typed into and reset.

    Takes the arguments of `SliderFace`.

    Signals
    -------
    value_changing(float), drag_finished(), drag_cancelled()
        A drag, or a series of wheel notches or key presses: one undo step.
    value_entered(float)
        A typed value: one undo step by itself.
    reset_requested(bool)
        Back to the default; True when the click before already made a step, which the reset replaces.
    menu_opening(QMenu)
        The context menu is about to open; others add to it.

    Attributes
    ----------
    channels : tuple of str
        Names of the numbers that can have keys and that the row sets; () for a row without.
    """

    value_changing = Signal(float)
    drag_finished = Signal()
    drag_cancelled = Signal()
    value_entered = Signal(float)
    reset_requested = Signal(bool)
    menu_opening = Signal(QMenu)
    channels: tuple[str, ...] = ()

    def __init__(self, label: str, low: float = 0.0, high: float = 1.0, default: float = 0.0, **look: Any) -> None:
        super().__init__(label, low, high, default, **look)
        self._active = False
        self._grab_offset = 0.0
        self._fine_from: tuple[float, float] | None = None
        self._pressed_jump = False
        self._jumped = False
        self._editor: QLineEdit | None = None
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._finish)
        self.valueChanged.connect(self._units_changed)

    def _units_changed(self, units: int) -> None:
        if not self._setting:  # assistive technology moved the slider
            self.value_entered.emit(self.low + units / UNITS * (self.high - self.low))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self._hover = event.type() == QEvent.Type.HoverEnter
            self.update()
        if event.type() == QEvent.Type.ShortcutOverride and self._dragging:
            event.accept()  # Escape gives up the drag, whatever else the window does with it
            return True
        return bool(super().event(event))

    # --- gestures ------------------------------------------------------------------------------------

    def _finish(self) -> None:
        self._idle.stop()
        if self._active:
            self._active = self._dragging = False
            self.drag_finished.emit()
            self.update()

    def _cancel(self) -> None:
        self._idle.stop()
        if self._active:
            self._active = self._dragging = False
            self.drag_cancelled.emit()
            self.update()

    def _change(self, value: float) -> None:
        value = self._clamped(value)
        if value != self._number or self._mixed:
            self.set_number(value)
            self.value_changing.emit(value)

    def step_by(self, steps: float, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Step as the wheel and the arrow keys do; a pause ends the series."""
        factor = 1.0
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            factor = 0.1
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            factor = 10.0
        self._active = True
        self._change(self._number + steps * self.step * factor)
        self._idle.start()

    def reset(self) -> None:
        """Ask for the default value."""
        self._finish()
        self.reset_requested.emit(False)

    # --- mouse ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._finish()
        self._jumped = False
        position = event.position()
        if self.value_rect().contains(position):
            self._open_editor()
            return
        groove = self.groove_rect()
        if not groove.adjusted(-PAD_PX - 2, -20, PAD_PX + 2, 40).contains(position):
            return
        self._dragging = True
        self._fine_from = None
        handle_x = self._x_of(self._number)
        on_handle = abs(position.x() - handle_x) <= HANDLE_PX + 2.0
        self._grab_offset = handle_x - position.x() if on_handle else 0.0
        self._pressed_jump = not on_handle
        self._active = True
        if not on_handle:
            self._change(self._value_at(position.x()))
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._dragging:
            return
        self._pressed_jump = False
        x = event.position().x() + self._grab_offset
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self._fine_from is None:
                self._fine_from = (x, self._number)
            start_x, start = self._fine_from
            self._change(start + 0.1 * (x - start_x) / self.groove_rect().width() * (self.high - self.low))
            return
        if self._fine_from is not None:  # leaving fine mode: the handle stays under the pointer's new place
            self._grab_offset += self._x_of(self._number) - x
            x = self._x_of(self._number)
            self._fine_from = None
        value = self._value_at(x)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            coarse = 10.0 * self.step
            value = round(value / coarse) * coarse
        self._change(value)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._dragging:
            self._jumped = self._pressed_jump
            self._finish()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.value_rect().contains(event.position()):
            return
        self._finish()
        replaces, self._jumped = self._jumped, False
        self.reset_requested.emit(replaces)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus() or self._dragging:
            event.ignore()
            return
        # Qt turns Alt+wheel and, on some systems, Shift+wheel sideways.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        if notches:
            self.step_by(notches, event.modifiers())
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Reset to {0}{1}", self._format(self.default), self.suffix), self.reset)
        menu.addAction(tr("Type a value"), self._open_editor)
        menu.addSeparator()
        menu.addAction(tr("Copy value"), lambda: QGuiApplication.clipboard().setText(self._format(self._number)))
        pasted = self._parse(QGuiApplication.clipboard().text())
        paste = menu.addAction(tr("Paste value"), lambda: self.value_entered.emit(pasted))
        paste.setEnabled(pasted is not None)
        self.menu_opening.emit(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    # --- keys ----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        if self._dragging:
            if key == Qt.Key.Key_Escape:
                self._cancel()
            return
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
            Qt.Key.Key_PageDown: -10, Qt.Key.Key_PageUp: 10,
        }.get(Qt.Key(key))  # fmt: skip
        if steps is not None:
            self.step_by(steps, modifiers)
        elif key == Qt.Key.Key_Backspace:
            self.reset()
        elif key == Qt.Key.Key_Home:
            self.value_entered.emit(self.low)
        elif key == Qt.Key.Key_End:
            self.value_entered.emit(self.high)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._open_editor()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if not self._dragging:
            self._finish()
        super().focusOutEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._finish()
        super().hideEvent(event)

    # --- typing --------------------------------------------------------------------------------------

    def _parse(self, text: str) -> float | None:
        value = typed_value(text, self._number, self.suffix)
        return None if value is None else self._clamped(value)

    def enter(self, text: str) -> bool:
        """Take a typed value, as if into the row; False for one that means nothing here."""
        value = self._parse(text)
        if value is None:
            return False
        self._finish()
        self.value_entered.emit(value)
        return True

    @property
    def shown_number(self) -> str:
        """The value with its unit, as the row shows it."""
        return "mixed" if self._mixed else f"{self._format(self._number)}{self.suffix}"

    def reveal(self) -> None:
        """Bring the row to the eye and give it the keyboard."""
        widget: QWidget | None = self
        while widget is not None:
            if isinstance(widget, QDockWidget):
                widget.show()
                widget.raise_()
            if isinstance(widget, QScrollArea):
                widget.ensureWidgetVisible(self)
            widget = widget.parentWidget()
        self.setFocus()

    def _open_editor(self) -> None:
        self._finish()
        if self._editor is not None:
            return
        editor = QLineEdit(self)
        editor.setObjectName("value_editor")
        editor.setStyleSheet("QLineEdit { padding: 0 3px; min-height: 0; }")
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.setGeometry(self.value_rect().toAlignedRect())
        editor.setText("" if self._mixed else self._format(self._number))
        editor.selectAll()
        editor.installEventFilter(self)
        self._editor = editor
        self._typing = True
        editor.editingFinished.connect(self._take_typed)
        editor.show()
        editor.setFocus()

    def _take_typed(self) -> None:
        editor = self._editor
        if editor is None:
            return
        value = self._parse(editor.text())
        self._close_editor()
        if value is not None and (self._mixed or self._format(value) != self._format(self._number)):
            self.value_entered.emit(value)

    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        self._typing = False
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.removeEventFilter(self)
            editor.hide()
            editor.deleteLater()
            if had_focus:
                self.setFocus()
        self.update()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter and Escape end the typing. A line edit would pass Enter on to the row, which opens it again."""
        if watched is not self._editor or not isinstance(event, QKeyEvent):
            return False
        end = {
            Qt.Key.Key_Escape: self._close_editor,
            Qt.Key.Key_Return: self._take_typed,
            Qt.Key.Key_Enter: self._take_typed,
        }.get(Qt.Key(event.key()))
        if end is None:
            return False
        if event.type() == QEvent.Type.KeyPress:
            end()
        else:
            event.accept()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._editor is not None:
            self._editor.setGeometry(self.value_rect().toAlignedRect())


def align_labels(rows: Iterable[SliderRow], width_px: int, share: float = 0.40) -> None:
    """Let the grooves of `rows` begin at one place: as far right as the longest label needs, within `share`.

    `width_px` is what the widest row has; the groove stays long enough to aim at.
    """
    rows = list(rows)
    if rows:
        wanted = max(row.label_hint() for row in rows)
        room = min(row.label_room(width_px) for row in rows)
        common = max(min(wanted, int(width_px * share), room), 48)
        for row in rows:
            row.set_label_width(common)
