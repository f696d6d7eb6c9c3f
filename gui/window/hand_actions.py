"""What the hand reaches for: menus round the pointer, the palette of commands, drags of the brush, hidden panels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QCursor, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.language import tr
from rhytid.gui.controllers import comparing
from rhytid.gui.controllers.brush_drag import Adjusts, BrushDrags
from rhytid.gui.controllers.edits import guarded
from rhytid.gui.controllers.light_looks import LOOKS, LightLook, lit_by
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render.environment import environments
from rhytid.gui.render.view_mode import ViewMode
from rhytid.gui.theme import icon
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.viewport.viewport_input import ViewportInput
from rhytid.gui.widgets.radial_menu import RadialItem, RadialMenu
from rhytid.gui.window.docks import Docks
from rhytid.gui.window.line_bars import HANDLINGS, LineBars

if TYPE_CHECKING:
    from rhytid.core.face.wrinkle_meter import SiteMeasure
    from rhytid.gui.canvas.chart_canvas import ChartCanvas

TOOLS = ("brush", "eraser", "select", "mirror", "show_strokes", "redo", "undo")
FLICKER_MS = 350
_LOOKS = ("frame_face", "look_front", "look_left", "look_right")
_STROKES = ("duplicate", "mirror_selected", "smooth_selected", "join_selected", "taper_selected", "bind", "unbind",
            "delete")  # fmt: skip


class HandActions(QObject):
    """What these actions do.

    Parameters
    ----------
    session : EditorSession
    viewport : Viewport
    viewport_input : ViewportInput
    docks : Docks
    actions : callable
        An action of the window by its name.
    parent : QWidget
        The window.
    """

    def __init__(
        self,
        session: EditorSession,
        viewport: Viewport,
        viewport_input: ViewportInput,
        docks: Docks,
        actions: Callable[[str], QAction],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._viewport, self._docks = session, viewport, docks
        self._action, self._parent = actions, parent
        self._surfaces: list[tuple[QWidget, BrushDrags]] = [(viewport, viewport_input.brush_drags)]
        self._flicker = QTimer(self, interval=FLICKER_MS)
        self._flicker.timeout.connect(self._flick)
        self._bars = LineBars(session, viewport, actions)
        viewport_input.menu_asked.connect(self._ask_on_face)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        return {
            "palette": self.palette,
            "contact_sheet": self.contact_sheet,
            "flicker": self.flicker,
            "wrinkle_meter": self.wrinkle_meter,
            "radial": self.radial,
            **{f"light_{name}": partial(self._shine, look) for name, look in LOOKS.items()},
            "hide_panels": self._docks.toggle_all,
            "brush_size": partial(self._begin_drag, Adjusts.SIZE),
            "brush_strength": partial(self._begin_drag, Adjusts.STRENGTH),
        }

    def add_chart(self, canvas: ChartCanvas) -> None:
        """The chart was made: the same hand works there."""
        view = canvas.view
        self._surfaces.append((view.viewport(), view.brush_drags))
        view.addAction(self._action("hide_panels"))
        self._bars.add_chart(view)
        view.menu_asked.connect(lambda at: self._open(self._stroke_menu(), view.viewport().mapToGlobal(at.toPoint())))

    def palette(self) -> None:
        """All commands and sliders by name."""
        from rhytid.gui.dialogs.palette import CommandPalette

        CommandPalette(self._commands(), self._docks.sliders(), self._session.preferences, self._parent).open_over()

    def contact_sheet(self) -> None:
        """The pad's expression at several strengths and ages."""
        from rhytid.gui.dialogs.contact_sheet import ContactSheet
        from rhytid.gui.panels.pad import PadPanel

        pad, pose, session = self._docks["pad"].build(), self._viewport.pose, self._session
        if isinstance(pad, PadPanel) and pose is not None:
            ContactSheet(pad.axis.currentText(), pad.weights, session.document, pose.head, session.engines,
                         session.jobs, self._parent).show()  # fmt: skip

    def flicker(self, on: bool) -> None:
        """Show A and B in turn; without an A what there is now becomes A."""
        comparison = self._session.comparison
        if on and comparison.kept is None and not comparing.keep_as_a(self._session):
            return
        if on:
            self._flicker.start()
        else:
            self._flicker.stop()
        comparison.held = False

    def _flick(self) -> None:
        comparison = self._session.comparison
        if comparison.kept is None:
            self._flicker.stop()
            self._action("flicker").setChecked(False)
        else:
            comparison.held = not comparison.held

    def wrinkle_meter(self) -> None:
        """Measure in the background, then show."""
        session, pose = self._session, self._viewport.pose
        if pose is None:
            return
        state, kept, head = session.document.state, session.comparison.kept, pose.head

        def measure(_control: Control) -> tuple[list[SiteMeasure], list[SiteMeasure] | None]:
            from rhytid.core.face.wrinkle_meter import measure_wrinkles

            now = measure_wrinkles(state, head, session.engines)
            return now, None if kept is None else measure_wrinkles(kept.state, head, session.engines)

        def show(found: tuple[list[SiteMeasure], list[SiteMeasure] | None]) -> None:
            from rhytid.gui.dialogs.wrinkle_meter import WrinkleMeter

            WrinkleMeter(*found, self._parent).open()

        session.jobs.start(tr("Measure wrinkles"), measure, show)

    def radial(self) -> RadialMenu:
        """Tools, views and lights round the pointer."""
        key = self._action("radial").shortcut()
        held = Qt.Key(key[0].key()) if key.count() else None
        tools = [self._item(name) for name in TOOLS]
        views = [self._item(name) for name in (*(f"view_{mode.value}" for mode in ViewMode), *_LOOKS)]
        lights = [self._item(f"light_{name}") for name in LOOKS]
        menu = RadialMenu((tools, views, [*lights, *self._lights()]), self._parent, held)
        menu.popup(QCursor.pos())
        return menu

    def _begin_drag(self, adjusts: Adjusts) -> None:
        if not any(drags.begin(adjusts) for surface, drags in self._surfaces if surface.underMouse()):
            self._session.post(tr("Put the pointer over the face or the chart first"))

    def _item(self, name: str) -> RadialItem:
        action = self._action(name)
        text = action.text().replace("&", "").split(" (")[0]
        return RadialItem(text, action.icon(), action.trigger, action.isChecked())

    def _lights(self) -> Sequence[RadialItem]:
        document = self._session.document
        present = document.state.lighting

        def choose(name: str) -> None:
            guarded(self._session, lambda: document.execute(lit_by(name, document.state.lighting)))()

        return [
            RadialItem(tr(name.replace("_", " ").capitalize()), icon("light"), partial(choose, name),
                       name == present.environment)
            for name in environments()
        ]  # fmt: skip

    def _shine(self, look: LightLook) -> None:
        guarded(self._session, lambda: self._session.document.execute(look.command))()

    def _commands(self) -> list[tuple[str, str, QIcon, QAction]]:
        """Name, text with keys, icon and action of what can be done now."""
        from rhytid.gui.window.actions import SPECS

        found = []
        for spec in SPECS:
            action = self._action(spec.name)
            if action.isEnabled() and spec.name != "palette":
                keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
                found.append((spec.name, keys, action.icon(), action))
        return found

    # ---- context menus -------------------------------------------------------------------------------

    def _ask_on_face(self, at: QPointF) -> None:
        point = self._viewport.pick([at])[0]
        stroke = None if point is None else self._session.stroke_tool.pick(point.chart)
        own = {stroke.id for stroke in self._session.document.state.strokes}
        if stroke is not None and stroke.id in own and stroke.id not in self._session.selection:
            self._session.selection.set((stroke.id,))
        self._open(self._face_menu(), self._viewport.mapToGlobal(at.toPoint()))

    def _face_menu(self) -> QMenu:
        menu = self._stroke_menu()
        menu.addSeparator()
        for title, names in (
            (tr("Views"), tuple(f"view_{mode.value}" for mode in ViewMode)),
            (tr("Look"), (*_LOOKS, "look_top", "frame_all")),
        ):
            views = menu.addMenu(title)
            views.addActions([self._action(name) for name in names])
        lights = menu.addMenu(tr("Light"))
        lights.addActions([self._action(f"light_{name}") for name in LOOKS])
        lights.addSeparator()
        for item in self._lights():
            entry = lights.addAction(item.text, item.choose)
            entry.setCheckable(True)
            entry.setChecked(item.checked)
        return menu

    def _stroke_menu(self) -> QMenu:
        menu = QMenu(self._parent)
        if len(self._session.selection):
            menu.addActions([self._action(name) for name in _STROKES])
            drags = menu.addMenu(tr("A Drag"))
            drags.addActions([self._action(name) for name in HANDLINGS])
            menu.addSeparator()
        menu.addActions([self._action(name) for name in (*TOOLS[:5], "show_canvas", "hide_panels")])
        menu.addSeparator()
        menu.addAction(self._action("palette"))
        return menu

    @staticmethod
    def _open(menu: QMenu, at: QPoint) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
