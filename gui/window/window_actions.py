"""What the actions of the window do. Dialogs are imported when they are first opened."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from rhytid.core.document.commands import RemoveSecondFace, SetEngine, ShowLayers
from rhytid.core.document.project import PROJECT_SUFFIX
from rhytid.core.document.state import Mix
from rhytid.gui.controllers import comparing, edits, second_face
from rhytid.gui.controllers.files import HEAD_SUFFIXES, MAP_SUFFIXES, Files, kind_of
from rhytid.gui.controllers.slider_gesture import finish_pending
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.controllers.view_settings import VIEW_MODES
from rhytid.gui.picture_file import PICTURE_SUFFIXES, encoded, write_picture
from rhytid.gui.window.dialog_actions import DialogActions

if TYPE_CHECKING:
    from rhytid.core.document.expression_presets import ExpressionPreset
    from rhytid.core.head.head import Head
    from rhytid.gui.controllers.detail_scheduler import Delivery
    from rhytid.gui.window.main_window import MainWindow

PROJECT_FILTER = f"Rhytid projects (*{PROJECT_SUFFIX})"
MAP_FILTER = "Displacement maps (" + " ".join(f"*{suffix}" for suffix in MAP_SUFFIXES) + ")"
FACE_FILTER = f"Projects and maps (*{PROJECT_SUFFIX} " + " ".join(f"*{suffix}" for suffix in MAP_SUFFIXES) + ")"
HEAD_FILTER = "Heads (" + " ".join(f"*{suffix}" for suffix in HEAD_SUFFIXES) + ")"
PICTURE_FILTER = "Pictures (" + " ".join(f"*{suffix}" for suffix in PICTURE_SUFFIXES) + ")"
THUMBNAIL_PX = 256
PRESET_PX = 120  # twice their size on the screen, for HiDPI
LAYERS = {"both": (True, True), "static": (True, False), "dynamic": (False, True)}
SIZE_LEAP = 10  # steps of Shift+[ and Shift+]


class WindowActions(QObject):
    """Handlers for `gui.window.actions.SPECS`.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._document = window.session.document
        self.files = Files(window.session, window.preferences.add_recent, self.thumbnail, self)
        self.files.replace_asked.connect(self._ask_replace)
        self.dialogs = DialogActions(window, self.files)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        session, window, viewport = self._session, self._window, self._window.viewport
        tools = session.tools
        return {
            "new": self.new,
            "open": self.open,
            "save": self.save,
            "save_as": self.save_as,
            "import_map": self.import_map,
            "remove_source": self._edit(self.files.remove_source),
            "export": self._edit(self.dialogs.export),
            "save_picture": self.save_picture,
            "quit": window.close,
            "undo": self._edit(self._document.undo),
            "redo": self._edit(self._document.redo),
            "delete": self._edit(partial(edits.delete_selected, session)),
            "duplicate": self._edit(partial(edits.duplicate_selected, session)),
            "select_all": partial(edits.select_all, session),
            "select_none": session.selection.clear,
            "preferences": self.dialogs.preferences,
            **{tool.value: partial(self._set_tool, tool) for tool in Tool},
            "mirror": lambda on: setattr(tools, "mirror_x", on),
            "smaller": partial(tools.scale_size, -1),
            "larger": partial(tools.scale_size, 1),
            "much_smaller": partial(tools.scale_size, -SIZE_LEAP),
            "much_larger": partial(tools.scale_size, SIZE_LEAP),
            "show_strokes": lambda on: setattr(tools, "show_strokes", on),
            **{f"view_{mode}": partial(self._set_view, mode) for mode, _ in VIEW_MODES},
            "frame_face": viewport.frame_here,
            "frame_all": viewport.frame_all,
            "look_front": partial(viewport.turn_to, 0.0, 0.0),
            "look_left": partial(viewport.turn_to, 90.0, 0.0),
            "look_right": partial(viewport.turn_to, -90.0, 0.0),
            "look_top": partial(viewport.turn_to, 0.0, 89.0),
            "show_canvas": window.show_canvas,
            "keep_a": partial(comparing.keep_as_a, session),
            "split": partial(comparing.show_split, session),
            "see_a": self._see_a,
            "swap_ab": self._edit(partial(comparing.swap, session)),
            "statistics": self._set_statistics,
            "reset_layout": window.reset_layout,
            "full_screen": self._set_full_screen,
            "head_default": self._edit(partial(self.files.use_head, None)),
            "head_open": self.open_head,
            "extract_lines": self._edit(partial(edits.extract_lines_again, session)),
            "adopt": self._edit(partial(edits.adopt_generated, session)),
            "mirror_selected": self._edit(partial(edits.mirror_selected, session)),
            "smooth_selected": self._edit(partial(edits.smooth_selected, session)),
            "bind": self._edit(partial(edits.bind_selected, session)),
            "unbind": self._edit(partial(edits.unbind_selected, session)),
            **{f"layers_{name}": partial(self._show_layers, *shown) for name, shown in LAYERS.items()},
            "random_face": self._edit(lambda: second_face.roll_face(session, viewport.pose)),
            "blend_face": self._edit(partial(self.mix_in, Mix.BLEND)),
            "take_wrinkles": self._edit(partial(self.mix_in, Mix.WRINKLES)),
            "keep_mix": self._edit(self.keep_mix),
            "remove_second": self._edit(lambda: self._document.execute(RemoveSecondFace())),
            "hint": self.dialogs.hint,
            "manual": self.dialogs.manual,
            "explain": self.dialogs.explain,
            "shortcuts": self.dialogs.shortcuts,
            "about": self.dialogs.about,
        }

    def _edit(self, run: Callable[[], object]) -> Callable[[], None]:
        """An action that edits: pending slider steps end first, and nothing happens while a pen or mouse is at work."""

        def guarded() -> None:
            finish_pending(self._document)
            if self._session.stroke_tool.active or self._document.gesture_active:
                return
            try:
                run()
            except (ValueError, OSError) as error:
                self._session.fail(error, "Edit")

        return guarded

    def choose_engine(self, name: str) -> None:
        """Let another engine draw, as one undo step."""
        self._edit(lambda: self._document.execute(SetEngine(name=name)))()

    def _show_layers(self, static: bool, dynamic: bool, _checked: bool = True) -> None:
        self._edit(lambda: self._document.execute(ShowLayers(static, dynamic)))()
        self._window.follow_document()

    # ---- tools and views -----------------------------------------------------------------------------

    def _set_tool(self, tool: Tool, _checked: bool = True) -> None:
        self._session.tools.tool = tool
        self._window.follow_tools()

    def _set_view(self, mode: str, _checked: bool = True) -> None:
        self._session.view.view_mode = mode
        self._window.follow_tools()

    def _see_a(self, on: bool) -> None:
        comparison = self._session.comparison
        comparison.pinned = on and (comparison.kept is not None or comparing.keep_as_a(self._session))

    def _set_statistics(self, shown: bool) -> None:
        self._session.view.show_statistics = shown
        self._window.preferences.show_statistics = shown

    def _set_full_screen(self, on: bool) -> None:
        self._session.finish_edits()  # everything gets another place under the pen
        if on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    # ---- projects ------------------------------------------------------------------------------------

    def new(self) -> None:
        self.ask_before_losing_work(self.files.new_project)

    def open(self) -> None:
        def choose() -> None:
            path = self._ask_open("Open Project", PROJECT_FILTER)
            if path is not None:
                self.files.open_project(path)

        self.ask_before_losing_work(choose)

    def open_recent(self, path: Path) -> None:
        self.ask_before_losing_work(lambda: self.files.open_project(path))

    def open_any(self, path: Path) -> None:
        """A project, map or head that was dropped on the window or named on the command line."""
        kind = kind_of(path)
        if kind == "project":
            self.open_recent(path)
        elif kind == "map":
            self.import_map(path)
        elif kind == "head":
            self.files.use_head(path)
        else:
            self._session.post(f"{path.name} is no project, displacement map or head", "warning")

    def save(self, then: Callable[[], None] | None = None) -> None:
        path = self._document.path
        if path is None:
            self.save_as(then)
        else:
            finish_pending(self._document)
            self.files.save_project(path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        finish_pending(self._document)
        name, _ = QFileDialog.getSaveFileName(self._window, "Save Project", self._folder(), PROJECT_FILTER)
        path = self._noted(name)
        if path is not None:
            # The dialog has asked about a file of the very name that it gives, and of no other.
            self.files.save_project(path, then, replace=path.suffix == PROJECT_SUFFIX)

    def _ask_replace(self, path: Path, was_ours: bool, then: Callable[[], None] | None) -> None:
        from rhytid.gui.dialogs.replace_question import Answer, ask_replace

        answer = ask_replace(path, was_ours, self._window)
        if answer is Answer.REPLACE:
            self.files.save_project(path, then, replace=True)
        elif answer is Answer.SAVE_AS:
            self.save_as(then)

    def ask_before_losing_work(self, then: Callable[[], None]) -> None:
        """Run `then` once nothing would be lost: at once, after saving, or when the artist says so."""
        self._session.finish_edits()
        if not self._document.is_modified:
            then()
            return
        name = self._document.path.name if self._document.path is not None else "this face"
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self._window,
            "Unsaved work",
            f"Save the changes to {name}?",
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            self.save(then)
        elif answer == buttons.Discard:
            then()

    def thumbnail(self) -> bytes | None:
        """A small PNG of the viewport for the project file."""
        picture = self._window.viewport.picture_of_b()
        if picture.isNull():
            return None
        side = min(picture.width(), picture.height())
        square = picture.copy((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
        small = square.scaled(
            THUMBNAIL_PX,
            THUMBNAIL_PX,
            mode=Qt.TransformationMode.SmoothTransformation,
        )
        return encoded(small)

    def save_picture(self) -> None:
        path = self._ask_save("Save Picture", PICTURE_FILTER, PICTURE_SUFFIXES)
        if path is not None:
            picture, name = self._window.viewport.picture(), path.name
            self._session.jobs.start(
                f"Save {name}", lambda _: write_picture(path, picture), lambda _: self._session.post(f"Saved {name}")
            )

    # ---- heads and maps ------------------------------------------------------------------------------

    def open_head(self) -> None:
        path = self._ask_open("Open Head", HEAD_FILTER)
        if path is not None:
            self.files.use_head(path)

    def import_map(self, path: Path | None = None) -> None:
        path = path if path is not None else self._ask_open("Import Displacement", MAP_FILTER)
        if path is not None:
            self.dialogs.import_map(path)

    def mix_in(self, mix: Mix, path: Path | None = None) -> None:
        """Mix in the detail of a project or map, asking for one when none is named."""
        path = path if path is not None else self._ask_open("Another Face", FACE_FILTER)
        pose = self._window.viewport.pose
        if path is None or pose is None:
            return
        load = self.dialogs.map_as_face(path) if kind_of(path) == "map" else second_face.face_of_project(path)
        if load is not None:
            second_face.mix_in(self._session, load, path.name, mix, pose)

    def keep_mix(self) -> None:
        pose = self._window.viewport.pose
        if pose is not None:
            second_face.keep_mix(self._session, pose)

    # ---- windows beside the window -------------------------------------------------------------------

    def make_canvas(self) -> QWidget:
        """The chart canvas, fed with what the viewport shows."""
        from rhytid.gui.canvas.chart_canvas import ChartCanvas

        session = self._session
        canvas = ChartCanvas(self._document, session.tools, session.selection, session.stroke_tool)
        canvas.input_arrived.connect(session.input_arrived)
        session.skin_color.changed.connect(canvas.set_albedo)
        if session.skin_color.latest is not None:
            canvas.set_albedo(session.skin_color.latest)

        def take(delivery: Delivery | None) -> None:
            if delivery is not None and delivery.maps is not None:
                canvas.set_maps(delivery.maps)

        session.delivered.connect(take)
        take(session.latest)
        self._follow_head(lambda head: canvas.set_landmarks(head.chart[head.landmarks]))
        return canvas

    def connect_panel(self, name: str, panel: QWidget) -> None:
        """Requests of panels that need more than a command."""
        actions = self._window.actions_by_name
        for signal, action in (
            ("adopt_requested", "adopt"),
            ("import_requested", "import_map"),
            ("extract_requested", "extract_lines"),
            ("second_requested", "blend_face"),
            ("keep_mix_requested", "keep_mix"),
            ("face_requested", "random_face"),
        ):
            if hasattr(panel, signal):
                getattr(panel, signal).connect(actions[action].trigger)
        if name == "expression":
            self._follow_head(lambda _head: panel.presets.set_thumbnail_source(self._preset_picture))
        if name == "identity":
            self._follow_head(panel.set_head)

    def _preset_picture(self, preset: ExpressionPreset) -> QImage | None:
        """The present head with a preset's expression, for the panel's strip."""
        from rhytid.core.arkit import expression_array

        viewport, state = self._window.viewport, self._document.state
        if viewport.pose is None:
            return None
        head = viewport.pose.head
        vertices = head.shape(state.identity[: head.n_identity], expression_array(preset.weights))
        return viewport.portrait(vertices, PRESET_PX)

    def _follow_head(self, show: Callable[[Head], None]) -> None:
        """Call `show` with the head on the screen, now and whenever it changes."""
        shown: list[Head] = []

        def take(_delivery: object = None) -> None:
            pose = self._window.viewport.pose
            if pose is not None and pose.head not in shown:
                shown[:] = [pose.head]
                show(pose.head)

        self._session.delivered.connect(take)
        take()

    def tell_no_opengl(self, reason: str) -> None:
        """Say what is missing and how to get it."""
        from rhytid.gui.app import opengl_help

        text = opengl_help(reason)
        print(text, file=sys.stderr)
        self._session.post(text.partition("\n")[0], "error")
        box = QMessageBox(QMessageBox.Icon.Critical, "OpenGL 4.1 is needed", text, parent=self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def leave(self) -> None:
        """The window closes: end what runs in the background."""
        self.files.close()

    # ---- asking --------------------------------------------------------------------------------------

    def _ask_open(self, title: str, file_filter: str) -> Path | None:
        name, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), file_filter)
        return self._noted(name)

    def _ask_save(self, title: str, file_filter: str, suffixes: tuple[str, ...]) -> Path | None:
        from rhytid.gui.dialogs.save_file import ask_save

        path = ask_save(self._window, title, file_filter, suffixes, self._folder())
        return None if path is None else self._noted(str(path))

    def _folder(self) -> str:
        return self._window.preferences.last_folder

    def _noted(self, name: str) -> Path | None:
        if not name:
            return None
        path = Path(name)
        self._window.preferences.last_folder = str(path.parent)
        return path
