"""What a slider row shows: label, groove, number. What hands do with it is in `gui.widgets.slider_row`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from rhytid.gui.theme import colour

UNITS = 10_000  # whole numbers that assistive technology sees across the range
HANDLE_PX = 5.5
PAD_PX = 7.0
_SHORTEST_GROOVE_PX = 68.0


class KeyMark(Enum):
    """Whether a row's number has keys over time."""

    NONE = 0
    ELSEWHERE = 1
    HERE = 2  # one at the time that is shown


class SliderFace(QAbstractSlider):
    """One number as a row of label, groove and value. Shows what it is told and tells nobody.

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
    """

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
        self.secondary = secondary
        self._number = default
        self._mixed = False
        self._ghost: float | None = None
        self._key_mark = KeyMark.NONE
        self._dragging = False
        self._hover = False
        self._typing = False
        self._label_width = 0
        self._setting = True
        self.setRange(0, UNITS)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(label)
        self._tip, self._note = tip, ""
        self.setToolTip(tip)
        self._mirror_to_units()
        self._setting = False

    # --- value ---------------------------------------------------------------------------------------

    @property
    def number(self) -> float:
        """The value shown."""
        return self._number

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

    @property
    def key_mark(self) -> KeyMark:
        """The mark before the label."""
        return self._key_mark

    def set_key_mark(self, mark: KeyMark) -> None:
        """Show before the label whether the number has keys."""
        if mark is not self._key_mark:
            self._key_mark = mark
            self.update()

    @property
    def note(self) -> str:
        """What the star behind the label stands for, "" for no star."""
        return self._note

    def set_note(self, text: str) -> None:
        """Put a star behind the label, and say below the tool tip what it stands for; "" takes it away."""
        if text != self._note:
            self._note = text
            self.setToolTip(f"{self._tip}<br>* {text}" if text else self._tip)
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
        self.setValue(round(self._share(self._number) * UNITS))
        self._setting = setting

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
        return self.fontMetrics().horizontalAdvance(self.label) + 10

    def label_room(self, width_px: int) -> int:
        """Most that the label may take in a row of `width_px`, so that the groove stays long enough to aim at."""
        return int(width_px - self._value_width() - self._note_width() - 2.0 * PAD_PX - 4.0 - _SHORTEST_GROOVE_PX)

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
        left = float(self._label_width or self.label_hint()) + PAD_PX
        right = self.value_rect().left() - PAD_PX - 2.0
        return QRectF(left, self._row_height() / 2.0 - 2.0, max(right - left, 8.0), 4.0)

    def _x_of(self, value: float) -> float:
        groove = self.groove_rect()
        return groove.left() + min(max(self._share(value), 0.0), 1.0) * groove.width()

    def _share(self, value: float) -> float:
        """Of the range; nothing of one that is empty, as a head's may be that no mode changes."""
        return (value - self.low) / (self.high - self.low) if self.low < self.high else 0.0

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
        if self._key_mark is not KeyMark.NONE:
            painter.setPen(QPen(colour("accent"), 1.0))
            painter.setBrush(colour("accent" if self._key_mark is KeyMark.HERE else "window"))
            middle = self._row_height() / 2.0
            painter.drawPolygon([QPointF(3.0 + x, middle + y) for x, y in ((0, -3), (3, 0), (0, 3), (-3, 0))])
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
        if self.hasFocus() and not self._typing:
            painter.setPen(QPen(colour("focus"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0)

    def _paint_label(self, painter: QPainter, shade: str) -> None:
        metrics = self.fontMetrics()
        room = int(self.groove_rect().left() - PAD_PX - 6)
        box = QRectF(6.0, 0.0, room, self._row_height())
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
        side += " *" if self._note else ""
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
        radius = HANDLE_PX + (0.5 if lively else 0.0)
        painter.drawEllipse(QPointF(x, groove.center().y()), radius, radius)
