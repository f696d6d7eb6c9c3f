"""The dock panels: which there are, where they stand at first, each built when it is first seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.theme import icon
from rhytid.gui.widgets.focus import keep_wheel_from_values
from rhytid.gui.widgets.slider_row import SliderRow

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
LEAST_PX = 240  # of a panel's width
# Least width of a window, and of the panels on its left and right: the face keeps the largest part.
_SIDES_PX = ((1400, (300, 344)), (1200, (292, 336)), (0, (LEAST_PX, 300)))
_BELOW = Qt.DockWidgetArea.BottomDockWidgetArea
TIMELINE_PX = 230
TALL_PX = 940  # lower windows have two stacks of panels per side


@dataclass(frozen=True)
class DockSpec:
    """One panel.

    Attributes
    ----------
    name : str
        Object name of the dock.
    title : str
    icon : str
    area : Qt.DockWidgetArea
    stack : int
        Docks of one area and stack are tabs of each other; stacks stand below each other.
    module, panel : str
        Where the panel's class is; imported when the panel is first seen.
    arguments : tuple of str
        Attributes of the session that the class takes, in order.
    package : str
        Of the module.
    """

    name: str
    title: str
    icon: str
    area: Qt.DockWidgetArea
    stack: int
    module: str
    panel: str
    arguments: tuple[str, ...] = ("document",)
    package: str = "panels"


DOCKS: tuple[DockSpec, ...] = (
    DockSpec("tool", tr("Tool"), "brush", _LEFT, 0, "tool_options", "ToolOptionsPanel",
             ("tools", "preferences")),
    DockSpec("strokes", tr("Strokes"), "strokes", _LEFT, 1, "strokes", "StrokesPanel",
             ("document", "selection", "tools")),
    DockSpec("library", tr("Library"), "folder", _LEFT, 1, "library", "LibraryPanel",
             ("document", "selection", "tools", "library")),
    DockSpec("history", tr("History"), "history", _LEFT, 1, "history", "HistoryPanel",
             ("document", "history_pictures")),
    DockSpec("line_check", tr("Check"), "warning", _LEFT, 1, "line_check", "LineCheckPanel",
             ("document", "selection", "line_check")),
    DockSpec("reference", tr("Reference"), "photo", _LEFT, 1, "reference", "ReferencePanel",
             ("document", "jobs", "preferences")),
    DockSpec("expression", tr("Expression"), "expression", _RIGHT, 0, "expression", "ExpressionPanel"),
    DockSpec("action_units", tr("Action Units"), "action_units", _RIGHT, 0, "action_units", "ActionUnitsPanel"),
    DockSpec("pad", tr("Pad"), "grid", _RIGHT, 0, "pad", "PadPanel", ("document", "preferences")),
    DockSpec("photo", tr("Photo"), "photo", _RIGHT, 0, "photo", "PhotoPanel", ("document", "open_photo", "view")),
    DockSpec("age", tr("Age"), "age", _RIGHT, 1, "age", "AgePanel"),
    DockSpec("detail", tr("Detail"), "detail", _RIGHT, 2, "detail", "DetailPanel",
             ("document", "engine_choices", "jobs")),
    DockSpec("identity", tr("Identity"), "identity", _RIGHT, 2, "identity", "IdentityPanel"),
    DockSpec("skin_color", tr("Skin"), "skin_color", _RIGHT, 2, "skin_color", "SkinColorPanel"),
    DockSpec("hair", tr("Hair"), "hair", _RIGHT, 2, "hair", "HairPanel"),
    DockSpec("lighting", tr("Lighting"), "light", _RIGHT, 2, "lighting", "LightingPanel"),
    DockSpec("timeline", tr("Timeline"), "timeline", _BELOW, 0, "dock", "TimelinePanel", ("timeline", "engines"),
             "timeline"),
)


class PanelDock(QDockWidget):
    """A dock whose panel is made when it is first seen, so that hidden ones cost nothing at the start."""

    def __init__(self, spec: DockSpec, make: Callable[[DockSpec], QWidget], window: QMainWindow) -> None:
        super().__init__(spec.title, window)
        self.setObjectName(f"dock_{spec.name}")
        self.spec = spec
        self._make: Callable[[DockSpec], QWidget] | None = make
        self.may_build = False
        self._holder = QWidget()
        self._holder.setMinimumWidth(LEAST_PX)
        column = QVBoxLayout(self._holder)
        column.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self._holder)
        self.visibilityChanged.connect(self._seen)

    @property
    def panel(self) -> QWidget | None:
        """The panel; None before it was seen for the first time."""
        layout = self._holder.layout()
        item = None if layout is None else layout.itemAt(0)
        return None if item is None else item.widget()

    def build(self) -> QWidget:
        """The panel, made now if it was not yet."""
        make, self._make = self._make, None
        layout = self._holder.layout()
        if make is not None and layout is not None:
            layout.addWidget(make(self.spec))
        panel = self.panel
        assert panel is not None
        return panel

    def _seen(self, visible: bool) -> None:
        if visible and self.may_build and self._make is not None:
            self.build()


class Docks(QObject):
    """All docks of a window.

    Signals
    -------
    panel_built(name, QWidget)
    """

    panel_built = Signal(str, QWidget)

    def __init__(self, window: QMainWindow, session: EditorSession) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self.docks: dict[str, PanelDock] = {}
        self._hidden: QByteArray | None = None
        for spec in DOCKS:
            self.docks[spec.name] = PanelDock(spec, self._panel, window)
            self.docks[spec.name].toggleViewAction().setIcon(icon(spec.icon))
            window.addDockWidget(spec.area, self.docks[spec.name])  # stacked by `reset`, or as they were left

    def __getitem__(self, name: str) -> PanelDock:
        return self.docks[name]

    def bring(self, name: str) -> QWidget:
        """Show a panel in front of the others; gives it."""
        dock = self.docks[name]
        panel = dock.build()
        dock.show()
        dock.raise_()
        return panel

    def toggle_actions(self) -> list[QAction]:
        """Actions that show and hide the docks, for the View menu."""
        return [dock.toggleViewAction() for dock in self.docks.values()]

    def reset(self) -> None:
        """All docks back to their first places."""
        window = self._window
        # Moved from tabs to tabs, docks leave the tab bars behind that they were in.
        for dock in self.docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        for area in (_LEFT, _RIGHT, _BELOW):
            stacks: dict[int, list[PanelDock]] = {}
            for dock in self.docks.values():
                if dock.spec.area == area:
                    stack = dock.spec.stack if window.height() >= TALL_PX else min(dock.spec.stack, 1)
                    stacks.setdefault(stack, []).append(dock)
            # Split the first ones of all stacks before adding tabs: Qt would add a split one to the tabs.
            above: PanelDock | None = None
            for dock in (docks[0] for docks in stacks.values()):
                window.addDockWidget(area, dock)
                if above is not None:
                    window.splitDockWidget(above, dock, Qt.Orientation.Vertical)
                above = dock
            for first, *others in stacks.values():
                for dock in others:
                    window.addDockWidget(area, dock)
                    window.tabifyDockWidget(first, dock)
                for dock in (first, *others):
                    dock.show()
                first.raise_()
        self.docks["timeline"].hide()  # whoever keys asks for it; the face has the room until then
        left_px, right_px = next(widths for least, widths in _SIDES_PX if window.width() >= least)
        window.resizeDocks([self.docks["tool"], self.docks["expression"]], [left_px, right_px],
                           Qt.Orientation.Horizontal)  # fmt: skip
        right = [self.docks[name] for name in ("expression", "age", "detail")]
        window.resizeDocks(right, [460, 92, 330], Qt.Orientation.Vertical)
        left = [self.docks[name] for name in ("tool", "strokes")]
        window.resizeDocks(left, [420, 420], Qt.Orientation.Vertical)

    def give_timeline_room(self) -> None:
        """Make the timeline as tall as its curves need; Qt squeezes a dock that was hidden before."""
        self._window.resizeDocks([self.docks["timeline"]], [TIMELINE_PX], Qt.Orientation.Vertical)

    def show_timeline(self) -> None:
        """Bring the timeline up, with room for its curves."""
        dock = self.docks["timeline"]
        if dock.isHidden():
            dock.show()
            self.give_timeline_room()

    def toggle_all(self) -> None:
        """Hide all panels and the tool bar, or bring back those that were hidden so."""
        if not self.show_again():
            self._hidden = self._window.saveState()
            for widget in (*self.docks.values(), *self._window.findChildren(QToolBar)):
                widget.hide()

    def show_again(self) -> bool:
        """Bring back what `toggle_all` hid; False when it hid nothing."""
        hidden, self._hidden = self._hidden, None
        return hidden is not None and self._window.restoreState(hidden)

    def sliders(self) -> list[tuple[str, SliderRow]]:
        """Title of the panel and slider, of all panels; those that nobody has seen yet are made."""
        return [
            (dock.spec.title, row)
            for dock in self.docks.values()
            for row in dock.build().findChildren(SliderRow)
            if row.isEnabled()
        ]

    def build_visible(self) -> bool:
        """Make the next panel that is on the screen; False when all of them are there.

        From then on the others are made when they are first seen; before, none is: the face comes first.
        """
        for dock in self.docks.values():
            dock.may_build = True
            if dock.panel is None and dock.isVisible() and not dock.visibleRegion().isEmpty():
                dock.build()
                return True
        return False

    def _panel(self, spec: DockSpec) -> QWidget:
        panel_class = getattr(import_module(f"rhytid.gui.{spec.package}.{spec.module}"), spec.panel)
        panel: QWidget = panel_class(*(getattr(self._session, name) for name in spec.arguments))
        keep_wheel_from_values(panel)
        self.panel_built.emit(spec.name, panel)
        return panel
