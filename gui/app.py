"""Starting the editor: surface format, window, first frame; and the smoke run that tests and set-up use."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from types import TracebackType

from rhytid.core.files.writing import write_text
from rhytid.core.language import spoken, tr

SMOKE_LIMIT_S = 120.0
_LONG_WAIT_MS = 700  # without a face, before the panels are filled around it


def run_editor(arguments: argparse.Namespace) -> int:
    """Open the window and run until it is closed.

    Parameters
    ----------
    arguments : Namespace
        `project`, `head`, `size`, `smoke`, `screenshot` and `timings` of `gui.cli.editor`. `timings` is a
        file that gets ``{"first_frame_unix_s": seconds since the epoch}``.

    Returns
    -------
    int
        0; with `smoke` 1 when the window did not get to show its detail.

    Raises
    ------
    OSError
        The screen offers no OpenGL 4.1.
    """
    started_s = time.perf_counter()
    editor = Editor(arguments, started_s)
    return editor.run()


class Editor:
    """The running program.

    Parameters
    ----------
    arguments : Namespace
        As for `run_editor`.
    started_s : float
        `time.perf_counter()` from which the time to the first frame counts.
    """

    def __init__(self, arguments: argparse.Namespace, started_s: float) -> None:
        self.arguments = arguments
        self.started_s = started_s
        self.exit_code = 0
        if arguments.smoke:
            self._use_private_state()
        self.app = make_application()
        from rhytid.core.document.document import Document
        from rhytid.gui.controllers.session import EditorSession
        from rhytid.gui.preferences import Preferences
        from rhytid.gui.render import beforehand
        from rhytid.gui.theme import apply_theme
        from rhytid.gui.window.main_window import MainWindow

        self._beforehand = beforehand.begin()
        self.preferences = Preferences()
        apply_theme(self.app, self.preferences.theme)
        self.session = EditorSession(
            Document(history_limit_bytes=self.preferences.undo_memory_mb << 20), preferences=self.preferences
        )
        self.preferences.not_kept.connect(lambda text: self.session.post(text, "warning"))
        self.window = MainWindow(self.session)
        if arguments.size is not None:
            self.window.resize(*arguments.size)
        elif not arguments.smoke:
            self.window.restore_layout()
        self.window.viewport.first_frame_painted.connect(self._note_first_frame)

    def _survive(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """An error that nothing else caught, inside of Qt's callbacks mostly: tell, log and go on."""
        if issubclass(kind, Exception):
            self.session.fail(error.with_traceback(trace), tr("The last step"))
        else:
            sys.__excepthook__(kind, error, trace)

    def run(self) -> int:
        """Show the face, then everything else; until the window is closed."""
        sys.excepthook = self._survive
        self._show_head_first()
        self._beforehand.join()
        self.window.show()
        if not self.arguments.smoke:
            self.window.viewport.first_frame_painted.connect(self._greet)
        self._open_arguments()
        if self.arguments.smoke:
            from rhytid.gui.smoke import SmokeRun

            self.smoke = SmokeRun(
                self.session, self.window.viewport, self.window, self.arguments.screenshot, SMOKE_LIMIT_S
            )
            self.smoke.finished.connect(self._end_smoke)
            self.smoke.start()
        code = int(self.app.exec())
        return self.exit_code or code

    def _use_private_state(self) -> None:
        """A smoke run reads and writes none of the user's settings."""
        import tempfile

        self._state_folder = tempfile.TemporaryDirectory(prefix="rhytid-smoke-")
        os.environ["RHYTID_STATE_DIR"] = self._state_folder.name

    def _show_head_first(self) -> None:
        """The first frame shows the default head without detail, which takes no time to make.

        A file that was named is waited for; if it cannot be opened, the default head is there to work on.
        """
        if self.arguments.head or (self.arguments.project and self._kind in ("project", "head")):
            from PySide6.QtCore import QTimer

            # A head that nobody has seen takes seconds to be registered.
            QTimer.singleShot(_LONG_WAIT_MS, self.window, self.window.fill_panels)
            self.session.jobs.job_failed.connect(self._show_default_head)
            self.window.viewport.first_frame_painted.connect(
                lambda: self.session.jobs.job_failed.disconnect(self._show_default_head)
            )
        else:
            self._show_default_head()

    def _show_default_head(self) -> None:
        from rhytid.core.head.load import default_head

        head = default_head()
        self.window.viewport.show_shape(head, head.neutral)

    def _open_arguments(self) -> None:
        from PySide6.QtCore import QTimer

        files, named = self.window.files, self.arguments.project
        if named is not None:
            path = Path(named).resolve()
            if self._kind == "project":
                files.open_project(path)
            elif self._kind == "head":
                files.use_head(path)
            else:  # which may ask, over a window that is there
                QTimer.singleShot(0, self.window, lambda: self.window.open_path(path))
        if self.arguments.head is not None:
            files.use_head(Path(self.arguments.head).resolve())

    @property
    def _kind(self) -> str:
        """What the file is that was named; what is nothing else is read as a project, and told of."""
        from rhytid.core.scan.kind import may_be_scan
        from rhytid.gui.controllers.files import kind_of

        path = Path(self.arguments.project)
        kind = kind_of(path) or "project"
        return "scan" if kind == "head" and may_be_scan(path) else kind

    def _note_first_frame(self) -> None:
        from rhytid.gui.render import beforehand

        beforehand.go_on()
        self.session.latencies.add("first_frame", (time.perf_counter() - self.started_s) * 1e3)
        if self.arguments.timings is not None:
            timings = json.dumps({"first_frame_unix_s": time.time()})
            write_text(self.arguments.timings, timings)

    def _greet(self) -> None:
        window = self.window
        exported = self.preferences.remembered("export").get("folder")
        written = [str(Path(project).parent) for project in self.preferences.recent_files]
        window.files.tidy({Path(folder) for folder in (*written, exported) if folder and isinstance(folder, str)})
        window.projects.offer_recovery()
        named = self.arguments.project is not None or self.arguments.head is not None
        if named or not window.first_minute.at_start():
            window.dialogs.hint_at_first_start()
        self._apply_autosave()
        self.preferences.changed.connect(lambda _name, _value: self._apply_autosave())

    def _apply_autosave(self) -> None:
        preferences = self.preferences
        self.window.files.set_autosave(preferences.autosave, preferences.autosave_interval_s)

    def _end_smoke(self, reason: str) -> None:
        if reason:
            print(f"smoke run failed: {reason}", file=sys.stderr)
            self.exit_code = 1
        self.window.close_now()
        self.app.exit(self.exit_code)


def make_application():  # type: ignore[no-untyped-def]
    """The QApplication with OpenGL 4.1 core surfaces and the theme; the running one if there is one.

    Raises
    ------
    OSError
        The screen offers no OpenGL 4.1.
    """
    from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, Qt, QTranslator
    from PySide6.QtGui import QSurfaceFormat

    from rhytid.gui.qt_start import start_qt
    from rhytid.gui.render.opengl_help import GL_VERSION, opengl_help
    from rhytid.gui.viewport.opengl import opengl_problem

    running = QCoreApplication.instance()
    if running is not None:
        return running
    surface = QSurfaceFormat()
    surface.setVersion(*GL_VERSION)
    surface.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    surface.setDepthBufferSize(24)
    surface.setSwapInterval(1)
    QSurfaceFormat.setDefaultFormat(surface)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, True)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_CompressTabletEvents, False)
    QCoreApplication.setOrganizationName("Rhytid")
    QCoreApplication.setApplicationName("Rhytid")
    app, reason = start_qt(sys.argv[:1], lambda: opengl_problem(GL_VERSION))
    if reason:
        raise OSError(" ".join(opengl_help(reason).split()))
    app.setApplicationDisplayName("Rhytid")
    app.setDesktopFileName("rhytid")
    from rhytid.gui.theme import apply_theme, icon

    apply_theme(app)
    words, folder = QTranslator(app), QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if spoken() and words.load(QLocale(spoken()), "qtbase", "_", folder):  # Qt's own, as on "Cancel"
        app.installTranslator(words)
    app.setWindowIcon(icon("rhytid"))
    # The pen's thread must not wait 5 ms for the one that computes detail.
    sys.setswitchinterval(0.001)
    return app
