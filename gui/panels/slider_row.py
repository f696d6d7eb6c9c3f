"""The one slider that all panels use: name, groove, typed value.

It knows nothing of the document; `gui.panels.gesture` turns its signals into commands.

- Drag the handle, or press the groove to jump there; Shift drags ten times finer, Ctrl snaps to coarse steps,
  Escape gives up the drag.
- A click on the number types a value; so do Return and F2 while the row has the focus. Digits stay with the
  window, where they switch views.
- A double click resets, so does Backspace.
- Arrow keys and the wheel step; Shift finer, Ctrl coarser. The wheel acts only on the row that has the focus, so
  that scrolling a panel never changes a value in passing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QLineEdit, QMenu, QSizePolicy, QWidget

from gui.theme import colour

_IDLE_MS = 350  # a pause this long ends a series of wheel notches or key presses: one undo step
_UNITS = 10_000  # whole numbers that assistive technology sees across the range
_HANDLE_PX = 5.5
_PAD_PX = 7.0
_SHORTEST_GROOVE_PX = 68.0


class SliderRow(QAbstractSlider):
    """One number of the document as a row of `label`, groove and typed value.

    Parameters
    ----------
    label : str
    low, high : float
        Range of the slider; typed values are clamped to it.
    default : float
        Where a double click resets to; the groove is filled from there to the value.
    step : float, optional
        One wheel notch or arrow key; a hundredth of the range when not given. Shift divides, Ctrl multiplies by ten.
    decimals : int
        Digits shown after the point.
    suffix : str
        Unit shown after the number.
    marks : sequence of (value, text)
        Ticks on the groove; those with text make the row taller and stand below it.
    annotate : callable, optional
        A letter or two for a value, shown in a column of its own after the number.
    secondary : str
        A second, fainter line under the label.
    tip : str
        Tool tip.

    Signals
    -------
    drag_started(), value_changing(float), drag_finished(), drag_cancelled()
        A drag, or a series of wheel notches or key presses: one undo step.
    value_entered(float)
        A typed value: one undo step by itself.
    reset_requested(bool)
        Back to the default; True when the click before already made a step, which the reset replaces.
    """

    drag_started = Signal()
    value_changing = Signal(float)
    drag_finished = Signal()
    drag_cancelled = Signal()
    value_entered = Signal(float)
    reset_requested = Signal(bool)

    def __init__(
        self,
        label: str,
        low: float = 0.0,
        high: float = 1.0,
        default: float = 0.0,
        *,
        step: float | None = None,
        decimals: int = 2,
        suffix: str = "",
        marks: Sequence[tuple[float, str]] = (),
        annotate: Callable[[float], str] | None = None,
        secondary: str = "",
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label, self.low, self.high, self.default = label, low, high, default
        self.step = step if step is not None else (high - low) / 100.0
        self.decimals, self.suffix, self.annotate = decimals, suffix, annotate
        self.marks = tuple(marks)
        self.indent_px = 0
        self.secondary = secondary
        self._number = default
        self._mixed = False
        self._ghost: float | None = None
        self._active = False
        self._dragging = False
        self._grab_offset = 0.0
        self._fine_from: tuple[float, float] | None = None
        self._pressed_jump = False
        self._jumped = False
        self._hover = False
        self._editor: QLineEdit | None = None
        self._label_width = 0
        self._idle = QTimer(self, interval=_IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._finish)
        self._setting = True
        self.setRange(0, _UNITS)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self._mirror_to_units()
        self._setting = False
        self.valueChanged.connect(self._units_changed)

    # --- value ---------------------------------------------------------------------------------------

    @property
    def number(self) -> float:
        """The value shown."""
        return self._number

    @property
    def is_active(self) -> bool:
        """A drag or a series of steps is going on."""
        return self._active

    def set_number(self, value: float, *, mixed: bool = False) -> None:
        """Show `value` without telling anyone; `mixed` writes that several things differ."""
        if value == self._number and mixed == self._mixed:
            return
        self._number, self._mixed = value, mixed
        self._mirror_to_units()
        self.update()

    def set_range(self, low: float, high: float, default: float) -> None:
        """Change range and default without telling anyone."""
        self.low, self.high, self.default = low, high, default
        self._mirror_to_units()
        self.update()

    @property
    def ghost(self) -> float | None:
        """A second value marked on the groove, None = none."""
        return self._ghost

    def set_ghost(self, value: float | None) -> None:
        """Mark a second value on the groove: what takes effect when something else adds to the row's own."""
        if value != self._ghost:
            self._ghost = value
            self.update()

    def set_label_width(self, width_px: int) -> None:
        """Where the groove begins, so that the rows of a panel line up; 0 = as the label needs."""
        self._label_width = width_px
        self.update()

    def text(self) -> str:
        """The value as shown."""
        return "mixed" if self._mixed else self._format(self._number) + self.suffix

    def _format(self, value: float) -> str:
        text = f"{value:.{self.decimals}f}"
        return text[1:] if text.startswith("-") and not float(text) else text  # no "-0.00"

    def _mirror_to_units(self) -> None:
        setting, self._setting = self._setting, True
        self.setValue(round((self._number - self.low) / (self.high - self.low) * _UNITS))
        self._setting = setting

    def _units_changed(self, units: int) -> None:
        if not self._setting:  # assistive technology moved the slider
            self.value_entered.emit(self.low + units / _UNITS * (self.high - self.low))

    # --- geometry ------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        height = int(self._row_height())
        if any(text for _, text in self.marks):
            height += metrics.height() + 2
        return QSize(self.label_hint() + 150, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(150, self.sizeHint().height())

    def label_hint(self) -> int:
        """Width in px that the label needs."""
        return self.fontMetrics().horizontalAdvance(self.label) + self.indent_px + 10

    def label_room(self, width_px: int) -> int:
        """Most that the label may take in a row of `width_px`, so that the groove stays long enough to aim at."""
        return int(width_px - self._value_width() - self._note_width() - 2.0 * _PAD_PX - 4.0 - _SHORTEST_GROOVE_PX)

    def _row_height(self) -> float:
        """Height of the part that holds groove and number."""
        metrics = self.fontMetrics()
        return float(metrics.height() + 8 + (self._small_font_height() if self.secondary else 0))

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1.0, 6.0))
        return font

    def _small_font_height(self) -> int:
        return QFontMetrics(self._small_font()).height()

    def _value_width(self) -> float:
        widest = max(self._format(self.low), self._format(self.high), key=len) + self.suffix
        return float(max(self.fontMetrics().horizontalAdvance(text) for text in (widest, "mixed")) + 10)

    def _note_width(self) -> float:
        return float(self.fontMetrics().horizontalAdvance("W") + 5) if self.annotate else 0.0

    def value_rect(self) -> QRectF:
        """The field of the number."""
        right = self.width() - 2.0 - self._note_width()
        height = self.fontMetrics().height() + 4.0
        return QRectF(right - self._value_width(), (self._row_height() - height) / 2.0, self._value_width(), height)

    def groove_rect(self) -> QRectF:
        """The groove, as wide as the travel of the handle's centre."""
        left = float(self._label_width or self.label_hint()) + _PAD_PX
        right = self.value_rect().left() - _PAD_PX - 2.0
        return QRectF(left, self._row_height() / 2.0 - 2.0, max(right - left, 8.0), 4.0)

    def _x_of(self, value: float) -> float:
        groove = self.groove_rect()
        share = (value - self.low) / (self.high - self.low)
        return groove.left() + min(max(share, 0.0), 1.0) * groove.width()

    def _value_at(self, x: float) -> float:
        groove = self.groove_rect()
        return self._clamped(self.low + (x - groove.left()) / groove.width() * (self.high - self.low))

    def _clamped(self, value: float) -> float:
        return min(max(value, self.low), self.high)

    # --- painting ------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = self.isEnabled()
        changed = self._mixed or abs(self._number - self.default) > 1e-9
        self._paint_label(painter, "text_faint" if not enabled else "text" if changed else "text_soft")
        self._paint_groove(painter, enabled, changed)
        field = self.value_rect()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("field_hover" if self._hover and enabled else "field"))
        painter.drawRoundedRect(field, 3.0, 3.0)
        painter.setPen(colour("text_faint" if not enabled else "text" if changed else "text_soft"))
        painter.drawText(field.adjusted(3, 0, -5, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                         self.text())  # fmt: skip
        if self.annotate and changed and not self._mixed:
            painter.setPen(colour("accent" if enabled else "text_faint"))
            note = QRectF(field.right() + 1, field.top(), self._note_width(), field.height())
            painter.drawText(note, Qt.AlignmentFlag.AlignCenter, self.annotate(self._number))
        if self.hasFocus() and self._editor is None:
            painter.setPen(QPen(colour("focus"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0)

    def _paint_label(self, painter: QPainter, shade: str) -> None:
        metrics = self.fontMetrics()
        room = int(self.groove_rect().left() - _PAD_PX - self.indent_px - 6)
        box = QRectF(6.0 + self.indent_px, 0.0, room, self._row_height())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if self.secondary:
            small = QFontMetrics(self._small_font())
            box.setRect(box.left(), 4.0, room, metrics.height())
            painter.setFont(self._small_font())
            painter.setPen(colour("text_faint"))
            below = QRectF(box.left(), box.bottom() - 1.0, room, small.height())
            painter.drawText(below, align, small.elidedText(self.secondary, Qt.TextElideMode.ElideRight, room))
            painter.setFont(self.font())
        painter.setPen(colour(shade))
        head, dot, side = self.label.partition(" · ")  # the side must survive when the name is cut
        room -= metrics.horizontalAdvance(dot + side)
        painter.drawText(box, align, metrics.elidedText(head, Qt.TextElideMode.ElideRight, room) + dot + side)

    def _paint_groove(self, painter: QPainter, enabled: bool, changed: bool) -> None:
        groove = self.groove_rect()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("groove"))
        painter.drawRoundedRect(groove, 2.0, 2.0)
        x, origin = self._x_of(self._number), self._x_of(self.default)
        if changed:
            painter.setBrush(colour("accent" if enabled else "accent_dim"))
            painter.drawRoundedRect(QRectF(min(x, origin), groove.top(), abs(x - origin), groove.height()), 2.0, 2.0)
        painter.setPen(QPen(colour("text_faint"), 1.0))
        for value, text in self.marks:
            at = round(self._x_of(value)) + 0.5
            painter.drawLine(QPointF(at, groove.bottom() + 3.0), QPointF(at, groove.bottom() + 6.0))
            if text:
                painter.setPen(colour("text_soft"))
                width = painter.fontMetrics().horizontalAdvance(text) + 4
                box = QRectF(at - width / 2, groove.bottom() + 7.0, width, painter.fontMetrics().height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                painter.setPen(QPen(colour("text_faint"), 1.0))
        if self.default - self.low > 0.0 and self.default < self.high and not self.marks:
            at = round(origin) + 0.5
            painter.drawLine(QPointF(at, groove.bottom() + 2.0), QPointF(at, groove.bottom() + 4.0))
        if self._ghost is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("focus"))
            painter.drawRoundedRect(QRectF(self._x_of(self._ghost) - 1.0, groove.top() - 3.0, 2.0, 10.0), 1.0, 1.0)
        lively = enabled and (self._hover or self._dragging)
        painter.setPen(QPen(colour("line"), 1.0))
        painter.setBrush(colour("text" if lively else "text_soft" if enabled else "text_faint"))
        radius = _HANDLE_PX + (0.5 if lively else 0.0)
        painter.drawEllipse(QPointF(x, groove.center().y()), radius, radius)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self._hover = event.type() == QEvent.Type.HoverEnter
            self.update()
        if event.type() == QEvent.Type.ShortcutOverride and self._dragging:
            event.accept()  # Escape gives up the drag, whatever else the window does with it
            return True
        return bool(super().event(event))

    # --- gestures ------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self._active:
            self._active = True
            self.drag_started.emit()

    def _finish(self) -> None:
        self._idle.stop()
        if self._active:
            self._active = self._dragging = False
            self.drag_finished.emit()
            self.update()

    def finish(self) -> None:
        """End a drag or a series of steps now, keeping the value."""
        self._finish()

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
        self._begin()
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
        if not groove.adjusted(-_PAD_PX - 2, -20, _PAD_PX + 2, 40).contains(position):
            return
        self._dragging = True
        self._fine_from = None
        handle_x = self._x_of(self._number)
        on_handle = abs(position.x() - handle_x) <= _HANDLE_PX + 2.0
        self._grab_offset = handle_x - position.x() if on_handle else 0.0
        self._pressed_jump = not on_handle
        self._begin()
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
        menu.addAction(f"Reset to {self._format(self.default)}{self.suffix}", self.reset)
        menu.addAction("Type a value", self._open_editor)
        menu.addSeparator()
        menu.addAction("Copy value", lambda: QGuiApplication.clipboard().setText(self._format(self._number)))
        pasted = self._parse(QGuiApplication.clipboard().text())
        paste = menu.addAction("Paste value", lambda: self.value_entered.emit(pasted))
        paste.setEnabled(pasted is not None)
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
        text = text.strip().removesuffix(self.suffix.strip()).strip().replace(",", ".")
        try:
            value = float(text)
        except ValueError:
            return None
        return self._clamped(value) if value == value else None

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
        if editor is not None:
            had_focus = editor.hasFocus()
            editor.removeEventFilter(self)
            editor.hide()
            editor.deleteLater()
            if had_focus:
                self.setFocus()
        self.update()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self._editor and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self._close_editor()
            else:
                event.accept()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._editor is not None:
            self._editor.setGeometry(self.value_rect().toAlignedRect())
