"""The main window: viewport and chart in the middle, panels around them, menus and bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QToolBar, QVBoxLayout, QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.files import kind_of
from rhytid.gui.controllers.key_map import KeyMap
from rhytid.gui.controllers.photo_reading import FACE_FROM, FINDING
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.manual.opening import MenuHelp
from rhytid.gui.theme import change_theme, icon
from rhytid.gui.viewport.player_bar import PlayerBar
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.viewport.viewport_input import ViewportInput
from rhytid.gui.widgets.focus import keep_wheel_from_values
from rhytid.gui.window.action_states import ActionStates
from rhytid.gui.window.actions import MENUS, SPECS, TOOLBAR, Actions
from rhytid.gui.window.dialog_actions import DialogActions
from rhytid.gui.window.docks import Docks
from rhytid.gui.window.driver_actions import DriverActions
from rhytid.gui.window.drops import Drops
from rhytid.gui.window.engine_menu import EngineMenu
from rhytid.gui.window.environment_actions import EnvironmentActions
from rhytid.gui.window.first_minute import FirstMinute
from rhytid.gui.window.hand_actions import HandActions
from rhytid.gui.window.library_actions import LibraryActions
from rhytid.gui.window.message_bar import MessageBar
from rhytid.gui.window.panel_links import PanelLinks
from rhytid.gui.window.path_questions import PathQuestions
from rhytid.gui.window.photo_actions import PhotoActions
from rhytid.gui.window.project_actions import ProjectActions
from rhytid.gui.window.scan_actions import ScanActions
from rhytid.gui.window.status import StatusBar
from rhytid.gui.window.time_actions import TimeActions
from rhytid.gui.window.window_actions import WindowActions
from rhytid.gui.window.workspaces import LAYOUT_VERSION, Workspaces

if TYPE_CHECKING:
    from rhytid.gui.controllers.detail_scheduler import Delivery

SEE_A_KEY = Qt.Key.Key_Q


class MainWindow(QMainWindow):
    """The editor's window.

    Parameters
    ----------
    session : EditorSession
    """

    def __init__(self, session: EditorSession) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.session = session
        self.preferences = preferences = session.preferences
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setMinimumSize(QSize(900, 600).boundedTo(self.screen().availableSize()))
        self.resize(1440, 900)
        self._restored = self._close_agreed = False
        self.viewport = Viewport(session)
        self.viewport_input = ViewportInput(self.viewport)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.viewport)
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.splitter)
        self.player = PlayerBar(session.playback)
        column.addWidget(self.player)
        keep_wheel_from_values(self.player)
        self.messages = MessageBar(center)
        self.setCentralWidget(center)
        self.canvas: QWidget | None = None

        viewport, paths = self.viewport, PathQuestions(preferences, self)
        self.projects = ProjectActions(session, preferences, viewport, self.messages, paths, self)
        self.files = self.projects.files
        self.dialogs = DialogActions(session, preferences, viewport, self.files, paths, self)
        self.window_actions = WindowActions(session, preferences, viewport, self.files)
        self.photos = PhotoActions(session, self.projects, paths, self)
        self.drivers = DriverActions(session, paths, self)
        self.scans = ScanActions(session, self.projects, preferences, paths, self)
        own = {"quit": self.close, "show_canvas": self.show_canvas, "reset_layout": self.reset_layout,
               "full_screen": self._set_full_screen, "check_lines": lambda: self.docks.bring("line_check")}  # fmt: skip
        self.docks = Docks(self, session)
        self.hand = HandActions(session, viewport, self.viewport_input, self.docks, self.action, self)
        self.workspaces = Workspaces(self, self.docks, preferences, self.show_canvas, self._chart_is_shown)
        self.first_minute = FirstMinute(session, viewport, self.action, self.open_path, self)
        groups = self.projects, self.photos, self.scans, self.drivers, self.dialogs, self.window_actions, self.hand
        self.library = LibraryActions(session, self.docks, paths)
        uses = (lambda: self.canvas.view if self._chart_is_shown() else None), self.open_path, self.photos.take
        self.drops = Drops(session, viewport, *uses, self.library.take, self)
        self.environments = EnvironmentActions(session, paths)
        groups += self.workspaces, self.first_minute, self.library, self.environments
        groups += (TimeActions(self.docks, session, paths, viewport, self.action),)
        self.keys = KeyMap({spec.name: spec.keys for spec in SPECS}, preferences)
        handlers = own | {name: run for group in groups for name, run in group.handlers().items()}
        self.actions_by_name = Actions(self, handlers, self.keys)
        viewport.addActions([self.actions_by_name[spec.name] for spec in SPECS if spec.local])
        preferences.changed.connect(self._take_preference)
        self.action_states = ActionStates(self.actions_by_name, session)
        self.panel_links = PanelLinks(self.docks, session, viewport, self.window_actions, self.action)
        self.status = StatusBar(session)
        self.setStatusBar(self.status)
        self._build_menus()
        self._build_tool_bar()
        self._connect()
        self._show_title()

    # ---- building ------------------------------------------------------------------------------------

    def action(self, name: str) -> QAction:
        """An action by its name."""
        return self.actions_by_name[name]

    def _build_menus(self) -> None:
        bar = self.menuBar()
        for title, names in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(False)
            for name in names:
                if name == "-":
                    menu.addSeparator()
                elif name == "#recent":
                    self.recent_menu = menu.addMenu(icon("history"), tr("Open &Recent"))
                    self.recent_menu.aboutToShow.connect(self._fill_recent)
                elif name == "#engines":
                    self.engine_menu = EngineMenu(menu, self.session, self.window_actions.choose_engine)
                elif name == "#workspaces":
                    self.workspaces.fill(menu.addMenu(tr("&Workspaces")), self.action)
                elif name == "#panels":
                    panels = menu.addMenu(tr("&Panels"))
                    panels.addActions(self.docks.toggle_actions())
                else:
                    menu.addAction(self.actions_by_name[name])
        MenuHelp(self)

    def _build_tool_bar(self) -> None:
        bar = QToolBar(tr("Tools"), self)
        bar.setObjectName("toolBar")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        for name in TOOLBAR:
            if name == "-":
                bar.addSeparator()
            else:
                bar.addAction(self.actions_by_name[name])
        self.addToolBar(bar)

    def _connect(self) -> None:
        session, document = self.session, self.session.document
        document.path_changed.connect(self._show_title)
        document.modified_changed.connect(self._show_title)
        document.history_changed.connect(self._show_title)  # of a new face the file is told before its state
        session.message_posted.connect(self.messages.show_message)
        session.photos.began.connect(lambda: self.messages.withdraw(f"{FINDING} ", f"{FACE_FROM} "))
        session.photos.finished.connect(self.docks["photo"].raise_)
        self.viewport.hovered.connect(self.status.show_point)
        self.viewport.unavailable.connect(self.dialogs.tell_no_opengl)
        self.viewport.first_frame_painted.connect(self._after_first_frame)

    def _show_title(self) -> None:
        document = self.session.document
        name = shown(document.path.name) if document.path is not None else tr("Untitled")
        self.setWindowTitle(f"{name}[*] – Rhytid")
        self.setWindowModified(document.is_modified)

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for text in self.preferences.recent_files:
            path = Path(text)
            action = self.recent_menu.addAction(shown(path.name).replace("&", "&&"))
            action.setStatusTip(shown(text))
            action.triggered.connect(lambda _checked=False, path=path: self.projects.open_path(path))
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction(tr("Nothing yet")).setEnabled(False)

    # ---- chart ---------------------------------------------------------------------------------------

    def show_canvas(self, shown: bool) -> None:
        """Show or hide the chart beside the face; it is made when it is first shown."""
        if shown and self.canvas is None:
            self.canvas = self._make_canvas()
            self.splitter.addWidget(self.canvas)
        if self.canvas is not None:
            self.canvas.setVisible(shown)
            # New, or squeezed to nothing while it was hidden, as by a window that became smaller meanwhile.
            if shown and self.splitter.sizes()[-1] == 0:
                half = max(self.splitter.width() // 2, 1)
                self.splitter.setSizes([half, half])
        self.actions_by_name.set_checked("show_canvas", shown)

    def _chart_is_shown(self) -> bool:
        return self.canvas is not None and self.canvas.isVisible()

    def _make_canvas(self) -> QWidget:
        """The chart canvas, fed with what the viewport shows."""
        from rhytid.gui.canvas.chart_canvas import ChartCanvas

        session = self.session
        canvas = ChartCanvas(session.document, session.tools, session.selection, session.stroke_tool)
        canvas.input_arrived.connect(session.input_arrived)
        session.skin_color.changed.connect(canvas.set_albedo)
        if session.skin_color.latest is not None:
            canvas.set_albedo(session.skin_color.latest)

        def take(delivery: Delivery | None) -> None:
            if delivery is not None and delivery.maps is not None:
                canvas.set_maps(delivery.maps)

        session.delivered.connect(take)
        take(session.latest)
        keep_wheel_from_values(canvas)
        self.hand.add_chart(canvas)
        self.panel_links.follow_head(lambda head: canvas.set_landmarks(head.chart[head.landmarks]))
        return canvas

    # ---- layout, start and end -----------------------------------------------------------------------

    def restore_layout(self) -> None:
        """Window, docks and chart as they were when the program was last left."""
        geometry, state = self.preferences.layout("geometry"), self.preferences.layout("docks")
        if geometry is None:
            self.resize(self.size().boundedTo(self.screen().availableSize()))
        else:
            self.restoreGeometry(geometry)
        self._restored = state is not None and self.restoreState(state, LAYOUT_VERSION)
        if self._restored:
            sizes = self.preferences.layout("splitter")
            self.show_canvas(self.preferences.layout("canvas") == b"1")
            if sizes is not None:
                self.splitter.restoreState(sizes)

    def _take_preference(self, name: str, _value: object) -> None:
        if name in ("key_preset", "own_keys"):
            self.actions_by_name.take_keys(self.keys)
        elif name == "theme":
            change_theme(QApplication.instance(), self.preferences.theme)

    def remember_layout(self) -> None:
        self.docks.show_again()
        self.preferences.remember_layout(
            {
                "geometry": self.saveGeometry().data(),
                "docks": self.saveState(LAYOUT_VERSION).data(),
                "splitter": self.splitter.saveState().data(),
                "canvas": b"1" if self._chart_is_shown() else b"0",
            }
        )

    def reset_layout(self) -> None:
        """Everything back to where it was at the first start."""
        self.docks.reset()
        self.show_canvas(False)

    def _set_full_screen(self, on: bool) -> None:
        self.session.finish_edits()  # everything gets another place under the pen
        (self.showFullScreen if on else self.showNormal)()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.WindowUnblocked:
            self.activateWindow()  # a dialog has closed; not every system gives the keys back by itself
        return handled

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._restored:
            self._restored = True
            self.docks.reset()

    def _after_first_frame(self) -> None:
        """The face is there: compute its detail and fill the panels, one after the other."""
        self.session.start()
        self.fill_panels()

    def fill_panels(self) -> None:
        """Build the panels in sight, one after the other."""
        if self.docks.build_visible():
            QTimer.singleShot(0, self.fill_panels)

    def closeEvent(self, event: QCloseEvent) -> None:
        for one in (self.session.playback, self.session.show_me, self.session.live):
            one.cancel()
        self.session.finish_edits()
        if not self._close_agreed and self.session.document.is_modified:
            event.ignore()
            self.projects.ask_before_losing_work(self.close_now)
            return
        self.files.close()
        self.remember_layout()
        self.session.close()
        super().closeEvent(event)

    def close_now(self) -> None:
        """Close without asking about unsaved work."""
        self._close_agreed = True
        self.close()

    # ---- keys and files from outside -----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._give_up():
            return
        if event.key() == SEE_A_KEY and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.session.comparison.held = True
            return
        super().keyPressEvent(event)

    def _give_up(self) -> bool:
        """What Esc ends: the drag or stroke under the hand, else the reading of a photo, else what moves the face."""
        session = self.session
        moved = session.playback, session.show_me, session.live
        return self.viewport_input.cancel() or session.photos.cancel() or any(one.cancel() for one in moved)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == SEE_A_KEY and not event.isAutoRepeat():
            self.session.comparison.held = False
            return
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.session.comparison.held = False  # the release will go to another window
        super().changeEvent(event)

    def open_path(self, path: Path) -> None:
        """Open a project, photo, map, head, scan or environment, or drive the face by a recording."""
        kind = kind_of(path)
        if kind == "project":
            self.projects.open_path(path)
        elif kind == "photo" or (kind == "map" and self.dialogs.is_photo(path)):
            self.photos.take([path])
        elif kind == "environment" or (kind == "map" and self.environments.is_one(path)):
            self.environments.take(path)
        elif kind == "map":
            self.dialogs.import_map(path)
        elif kind in ("head", "scan"):
            self.scans.open(path)
        elif kind == "recording":
            self.drivers.take(path)
        else:
            said = tr("{0} is no project, photo, map, head, scan, environment or recording", path.name)
            self.session.post(said, "warning")
