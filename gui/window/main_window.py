"""The main window: viewport and chart in the middle, panels around them, menus and bars."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QToolBar, QVBoxLayout, QWidget

from rhytid.core.files.text import shown
from rhytid.gui.controllers.files import kind_of
from rhytid.gui.controllers.second_face import reason_against_mixing
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.controllers.view_settings import VIEW_MODES
from rhytid.gui.manual.opening import MenuHelp
from rhytid.gui.preferences import Preferences
from rhytid.gui.theme import icon
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.viewport.viewport_input import ViewportInput
from rhytid.gui.window.actions import MENUS, TOOLBAR, Actions
from rhytid.gui.window.docks import Docks
from rhytid.gui.window.engine_menu import EngineMenu
from rhytid.gui.window.message_bar import MessageBar
from rhytid.gui.window.status import StatusBar
from rhytid.gui.window.window_actions import LAYERS, WindowActions

LAYOUT_VERSION = 1
SEE_A_KEY = Qt.Key.Key_Q


class MainWindow(QMainWindow):
    """The editor's window.

    Parameters
    ----------
    session : EditorSession
    preferences : Preferences
    """

    def __init__(self, session: EditorSession, preferences: Preferences) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.session = session
        self.preferences = preferences
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setMinimumSize(900, 600)
        self.resize(1440, 900)
        self._restored = False
        self._close_agreed = False

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
        self.messages = MessageBar(center)
        self.setCentralWidget(center)
        self.canvas: QWidget | None = None

        self.window_actions = WindowActions(self)
        self.actions_by_name = Actions(self, self.window_actions.handlers())
        self.docks = Docks(self, session)
        self.docks.panel_built.connect(self.window_actions.connect_panel)
        self.status = StatusBar(session)
        self.setStatusBar(self.status)
        self._build_menus()
        self._build_tool_bar()
        self._connect()
        self.follow_document()
        self.follow_tools()

    # ---- building ------------------------------------------------------------------------------------

    def _build_menus(self) -> None:
        bar = self.menuBar()
        for title, names in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(False)
            for name in names:
                if name == "-":
                    menu.addSeparator()
                elif name == "#recent":
                    self.recent_menu = menu.addMenu(icon("history"), "Open &Recent")
                    self.recent_menu.aboutToShow.connect(self._fill_recent)
                elif name == "#engines":
                    self.engine_menu = EngineMenu(menu, self.session, self.window_actions.choose_engine)
                elif name == "#panels":
                    panels = menu.addMenu("&Panels")
                    panels.addActions(self.docks.toggle_actions())
                else:
                    menu.addAction(self.actions_by_name[name])
        MenuHelp(self)

    def _build_tool_bar(self) -> None:
        bar = QToolBar("Tools", self)
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
        document.history_changed.connect(self.follow_document)
        document.path_changed.connect(lambda _path: self.follow_document())
        document.modified_changed.connect(lambda _modified: self.follow_document())
        document.state_changed.connect(lambda _new, _old: self._enable_wrinkle_actions())
        session.selection.changed.connect(lambda _ids: self._enable_wrinkle_actions())
        session.tools.events.connect(lambda _info: self.follow_tools())
        session.engines.changed.connect(self._enable_wrinkle_actions)
        session.view.events.connect(lambda _info: self.follow_tools())
        session.comparison.events.connect(lambda _info: self.follow_tools())
        session.message_posted.connect(self.messages.show_message)
        self.viewport.hovered.connect(self.status.show_point)
        self.viewport.unavailable.connect(self.window_actions.tell_no_opengl)
        self.viewport.first_frame_painted.connect(self._after_first_frame)

    # ---- following the session -----------------------------------------------------------------------

    def follow_document(self) -> None:
        """Title and the actions that depend on history and file."""
        document = self.session.document
        name = shown(document.path.name) if document.path is not None else "Untitled"
        self.setWindowTitle(f"{name}[*] \u2013 Rhytid")
        self.setWindowModified(document.is_modified)
        undo, redo = self.actions_by_name["undo"], self.actions_by_name["redo"]
        undo.setEnabled(document.can_undo)
        redo.setEnabled(document.can_redo)
        labels, position = document.labels, document.position
        undo.setText(f"&Undo {labels[position]}" if document.can_undo and position else "&Undo")
        redo.setText(f"&Redo {labels[position + 1]}" if document.can_redo else "&Redo")
        self._enable_wrinkle_actions()

    def _enable_wrinkle_actions(self) -> None:
        state = self.session.document.state
        some, strokes = len(self.session.selection) > 0, len(state.strokes) > 0
        source = state.source is not None
        self.actions_by_name.set_enabled(
            delete=some, duplicate=some, mirror_selected=some, smooth_selected=some, bind=some, unbind=some,
            select_all=strokes, select_none=some, extract_lines=source, remove_source=source,
            adopt=state.settings.generate_wrinkles, head_default=bool(state.head.path),
        )  # fmt: skip
        reason, second = reason_against_mixing(self.session), state.second is not None
        self.actions_by_name.set_enabled(
            blend_face=not reason, take_wrinkles=not reason, keep_mix=second and not reason, remove_second=second
        )
        settings = state.settings
        shown = settings.static_strength > 0, settings.dynamic_strength > 0
        for name, layers in LAYERS.items():
            self.actions_by_name.set_checked(f"layers_{name}", shown == layers)

    def follow_tools(self) -> None:
        """Check marks of tools and views."""
        tools, view = self.session.tools, self.session.view
        self.actions_by_name.set_checked(Tool(tools.tool).value)
        self.actions_by_name.set_checked("mirror", tools.mirror_x)
        self.actions_by_name.set_checked("show_strokes", tools.show_strokes)
        self.actions_by_name.set_checked("statistics", view.show_statistics)
        comparison = self.session.comparison
        self.actions_by_name.set_checked("split", comparison.kept is not None and comparison.split)
        self.actions_by_name.set_checked("see_a", comparison.kept is not None and comparison.pinned)
        self.actions_by_name.set_enabled(swap_ab=comparison.kept is not None)
        if view.view_mode in dict(VIEW_MODES):
            self.actions_by_name.set_checked(f"view_{view.view_mode}")

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for text in self.preferences.recent_files:
            path = Path(text)
            action = self.recent_menu.addAction(shown(path.name).replace("&", "&&"))
            action.setStatusTip(shown(text))
            action.triggered.connect(lambda _checked=False, path=path: self.window_actions.open_recent(path))
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction("Nothing yet").setEnabled(False)

    # ---- chart ---------------------------------------------------------------------------------------

    def show_canvas(self, shown: bool) -> None:
        """Show or hide the chart beside the face; it is made when it is first shown."""
        if shown and self.canvas is None:
            self.canvas = self.window_actions.make_canvas()
            self.splitter.addWidget(self.canvas)
        if self.canvas is not None:
            self.canvas.setVisible(shown)
            # New, or squeezed to nothing while it was hidden, as by a window that became smaller meanwhile.
            if shown and self.splitter.sizes()[-1] == 0:
                half = max(self.splitter.width() // 2, 1)
                self.splitter.setSizes([half, half])
        self.actions_by_name.set_checked("show_canvas", shown)

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
            if self.preferences.layout("canvas") == QByteArray(b"1"):
                self.show_canvas(True)
            if sizes is not None:
                self.splitter.restoreState(sizes)

    def remember_layout(self) -> None:
        shown = self.canvas is not None and self.canvas.isVisible()
        self.preferences.remember_layout(
            {
                "geometry": self.saveGeometry(),
                "docks": self.saveState(LAYOUT_VERSION),
                "splitter": self.splitter.saveState(),
                "canvas": QByteArray(b"1" if shown else b"0"),
            }
        )

    def reset_layout(self) -> None:
        """Everything back to where it was at the first start."""
        self.docks.reset()
        self.show_canvas(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._restored:
            self._restored = True
            self.docks.reset()

    def _after_first_frame(self) -> None:
        """The face is there: compute its detail and fill the panels, one after the other."""
        self.session.start()
        self._build_next_panel()

    def _build_next_panel(self) -> None:
        if self.docks.build_visible():
            QTimer.singleShot(0, self._build_next_panel)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.session.finish_edits()
        if not self._close_agreed and self.session.document.is_modified:
            event.ignore()
            self.window_actions.ask_before_losing_work(self.close_now)
            return
        self.window_actions.leave()
        self.remember_layout()
        self.session.close()
        super().closeEvent(event)

    def close_now(self) -> None:
        """Close without asking about unsaved work."""
        self._close_agreed = True
        self.close()

    # ---- keys and files from outside -----------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.viewport_input.cancel():
            return
        if event.key() == SEE_A_KEY and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.session.comparison.held = True
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == SEE_A_KEY and not event.isAutoRepeat():
            self.session.comparison.held = False
            return
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.session.comparison.held = False  # the release will go to another window
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self._dropped(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.window_actions.open_any(path)

    @staticmethod
    def _dropped(data: QMimeData) -> Path | None:
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        return paths[0] if len(paths) == 1 and kind_of(paths[0]) else None


