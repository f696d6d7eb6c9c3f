"""The look of the program: neutral greys, so that no tint of the surroundings biases the eye for skin.

`apply_theme` sets style, palette, font and style sheet, `change_theme` other colours while windows are open; `icon`
gives the program's own line icons, drawn crisply at any scale. What paints asks for `colour` as it does, style sheets
of single widgets go through `dress`, and what keeps colours nevertheless takes them anew in a method `take_theme`.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from rhytid.core.resources import resource

RESOURCES = resource()
_STYLE = "themedStyle"  # property of a widget: its style sheet with the names of colours

DARK: dict[str, str] = {
    "window": "#2e2e2e",  # dock and dialog background
    "canvas": "#1f1f1f",  # behind pictures
    "panel": "#353535",  # group headers, tool bars
    "field": "#242424",  # what can be typed into
    "field_hover": "#2a2a2a",
    "button": "#414141",
    "button_hover": "#4b4b4b",
    "button_down": "#333333",
    "line": "#1d1d1d",
    "line_soft": "#404040",
    "text": "#dadada",
    "text_soft": "#a3a3a3",  # 5.5:1 on the window colour
    "text_faint": "#757575",
    "accent": "#e0a060",  # values, selection marks; used in small areas only
    "accent_dim": "#8a6a48",
    "focus": "#7fb0e6",
    "selected": "#4a5866",
    "groove": "#1b1b1b",
    "error": "#e07a6e",
    "warning": "#dcb55a",
    "good": "#86b878",
    "strong": "#5b6f84",  # the button that Return presses
    "strong_hover": "#68809a",
    "picked": "#55708c",  # behind selected text
    "handle": "#525252",
    "handle_hover": "#6a6a6a",
}
LIGHT: dict[str, str] = {
    "window": "#d6d6d6",
    "canvas": "#4a4a4a",
    "panel": "#c8c8c8",
    "field": "#ececec",
    "field_hover": "#f6f6f6",
    "button": "#c2c2c2",
    "button_hover": "#cecece",
    "button_down": "#b0b0b0",
    "line": "#9a9a9a",
    "line_soft": "#b2b2b2",
    "text": "#1c1c1c",
    "text_soft": "#4a4a4a",
    "text_faint": "#7c7c7c",
    "accent": "#7a4200",
    "accent_dim": "#b98a58",
    "focus": "#2a62a0",
    "selected": "#a9c0d8",
    "groove": "#a0a0a0",
    "error": "#9a1f12",
    "warning": "#664600",
    "good": "#2d6a20",
    "strong": "#9fb8d2",
    "strong_hover": "#b0c6dd",
    "picked": "#8fb2d6",
    "handle": "#9c9c9c",
    "handle_hover": "#868686",
}
THEMES = {"dark": DARK, "light": LIGHT}
COLOURS: dict[str, str] = dict(DARK)
"""Those in use; `apply_theme` says which."""
FONT_FAMILIES = {
    "win32": ["Segoe UI"],
    "darwin": [".AppleSystemUIFont"],
}.get(sys.platform, ["Inter", "Noto Sans", "Cantarell", "Ubuntu", "DejaVu Sans"])
FONT_POINTS = 12.0 if sys.platform == "darwin" else 9.0


def colour(name: str) -> QColor:
    """One of `COLOURS`."""
    return QColor(COLOURS[name])


def _palette() -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for target, name in (
        (role.Window, "window"), (role.WindowText, "text"), (role.Base, "field"), (role.AlternateBase, "field_hover"),
        (role.Text, "text"), (role.Button, "button"), (role.ButtonText, "text"), (role.BrightText, "text"),
        (role.ToolTipBase, "line"), (role.ToolTipText, "text"), (role.PlaceholderText, "text_faint"),
        (role.Highlight, "selected"), (role.HighlightedText, "text"), (role.Link, "focus"),
        (role.Light, "button_hover"), (role.Midlight, "button"), (role.Mid, "line_soft"), (role.Dark, "line"),
    ):  # fmt: skip
        palette.setColor(target, colour(name))
    palette.setColor(role.Shadow, QColor("#000000"))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, colour("text_faint"))
    return palette


def style_sheet() -> str:
    """`resources/styles/window.qss` with the names of `COLOURS` (as ``@name@``) and icon paths filled in."""
    text = (RESOURCES / "styles" / "window.qss").read_text(encoding="utf-8")
    if COLOURS["window"] == LIGHT["window"]:
        text = text.replace(".svg)", "_light.svg)")  # the marks are pictures and bring their own colours
    return _filled(text).replace("@styles@", (RESOURCES / "styles").as_posix())


def _filled(text: str) -> str:
    return re.sub(r"@(\w+)@", lambda found: COLOURS.get(found[1], found[0]), text)


def dress(widget: QWidget, style: str) -> None:
    """Give a widget a style sheet of its own, in which ``@name@`` is one of `COLOURS`, in every theme."""
    widget.setProperty(_STYLE, style)
    widget.setStyleSheet(_filled(style))


def change_theme(app: QApplication, name: str) -> None:
    """Show everything that is open in one of the `THEMES`."""
    COLOURS.update(THEMES[name])
    app.setPalette(_palette())
    app.setStyleSheet(style_sheet())
    for widget in app.allWidgets():
        style = widget.property(_STYLE)
        if style:
            widget.setStyleSheet(_filled(style))
        take = getattr(widget, "take_theme", None)
        if take is not None:
            take()
        widget.update()


def apply_theme(app: QApplication, name: str = "dark") -> None:
    """Give the whole program one of the `THEMES`, style and font, before its first window."""
    COLOURS.update(THEMES[name])
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette())
    font = app.font()
    font.setFamilies(FONT_FAMILIES)
    font.setPointSizeF(FONT_POINTS)
    app.setFont(font)
    app.setStyleSheet(style_sheet())
    if (RESOURCES / "icons" / "rhytid.svg").exists():
        app.setWindowIcon(QIcon(str(RESOURCES / "icons" / "rhytid.svg")))


@lru_cache(maxsize=256)
def _renderer(name: str, colour_name: str) -> QSvgRenderer:
    path = RESOURCES / "icons" / f"{name}.svg"
    if not path.exists():
        raise ValueError(f"there is no icon {name!r} in {path.parent}")
    text = path.read_text(encoding="utf-8").replace("currentColor", colour_name)
    return QSvgRenderer(text.encode())


class _LineIconEngine(QIconEngine):
    """Draws a line icon in the colour of its state, by its name, at whatever size it is asked for."""

    def __init__(self, name: str, normal: str, on: str) -> None:
        super().__init__()
        self._name, self._normal, self._on = name, normal, on

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        shade = self._on if state == QIcon.State.On else self._normal
        if mode == QIcon.Mode.Disabled:
            shade = "text_faint"
        _renderer(self._name, COLOURS[shade]).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _LineIconEngine(self._name, self._normal, self._on)


_engines: list[_LineIconEngine] = []  # Python owns the engines; QIcon only borrows them


@lru_cache(maxsize=256)
def icon(name: str, normal: str = "text", on: str = "text") -> QIcon:
    """Icon `name` of `resources/icons`, in the colour `normal`, and `on` when its button is down.

    Raises
    ------
    ValueError
        There is no such icon.
    """
    _renderer(name, COLOURS[normal])
    if QGuiApplication.instance() is None:
        raise RuntimeError("icons need a running QGuiApplication")
    engine = _LineIconEngine(name, normal, on)
    _engines.append(engine)
    return QIcon(engine)


def pixmap(name: str, size_px: int, ratio: float = 1.0, normal: str = "text") -> QPixmap:
    """Icon `name` as a picture of `size_px` logical pixels for a screen of device pixel ratio `ratio`."""
    side = round(size_px * ratio)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _renderer(name, COLOURS[normal]).render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
