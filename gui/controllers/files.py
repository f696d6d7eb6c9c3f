"""Opening, saving, importing and exporting in the background; the open work survives every failure.

No widgets: the window asks for paths and options and hands them in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.autosave import INTERVAL_S, Autosave, Recovery, recoverable
from rhytid.core.document.commands import Batch, Command, ImportSource, RemoveSource, SetHead
from rhytid.core.document.project import PROJECT_SUFFIX
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.gui.controllers.detail_scheduler import CoreBackend
from rhytid.gui.controllers.jobs import JobControl
from rhytid.gui.controllers.session import EditorSession

MAP_SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".npy")
HEAD_SUFFIXES = (".npz", ".safetensors", ".obj")
AUTOSAVE_LOOK_MS = 5000


class Files(QObject):
    """The file side of a session.

    Parameters
    ----------
    session : EditorSession
    remember : callable, optional
        Told every project that was opened or saved, for the list of recent ones.
    thumbnail : callable, optional
        Gives a small PNG to put into a project.
    """

    _autosave_failed = Signal(Exception)

    def __init__(
        self,
        session: EditorSession,
        remember: Callable[[Path], None] | None = None,
        thumbnail: Callable[[], bytes | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._document = session.document
        self._remember = remember or (lambda _path: None)
        self._thumbnail = thumbnail or (lambda: None)
        self._autosave: Autosave | None = None
        self._timer = QTimer(self, interval=AUTOSAVE_LOOK_MS)
        self._timer.timeout.connect(self.autosave_if_due)
        self._autosave_failed.connect(lambda error: session.post(f"Autosave failed: {error}", "warning"))
        self._document.history_changed.connect(self._note_edit)
        self._document.modified_changed.connect(self._forget_saved)

    # ---- projects ------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project; until it has been read the present one stays."""
        from rhytid.core.document.project import load_project_with_thumbnail

        def done(result: tuple[DocumentState, bytes | None]) -> None:
            self._session.stroke_tool.cancel()
            self._session.selection.clear()
            self._document.adopt(result[0], path, result[1])
            self._remember(path)
            self._session.post(f"Opened {path.name}")

        self._session.jobs.start(f"Open {path.name}", lambda _: load_project_with_thumbnail(path), done)

    def save_project(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Write the document as it is now; edits made meanwhile count as unsaved."""
        from rhytid.core.document.project import save_project

        if path.suffix != PROJECT_SUFFIX:
            path = path.with_name(path.name + PROJECT_SUFFIX)
        state, thumbnail = self._document.committed_state, self._thumbnail() or self._document.thumbnail

        def done(_result: None) -> None:
            self._document.mark_saved(state, path, thumbnail)
            self._remember(path)
            self._session.post(f"Saved {path.name}")
            if then is not None:
                then()

        self._session.jobs.start(f"Save {path.name}", lambda _: save_project(path, state, thumbnail), done)

    def new_project(self) -> None:
        """Start over."""
        self._session.stroke_tool.cancel()
        self._session.selection.clear()
        self._document.new(self._session.engines.new_state())

    # ---- heads and maps ------------------------------------------------------------------------------

    def use_head(self, path: Path | None) -> None:
        """Change the head: a file or folder, None for the default one.

        One OBJ of an ICT-FaceKit model stands for its folder.
        """
        if path is None:
            self._document.execute(SetHead(HeadReference()))
            return
        if path.suffix.lower() == ".obj":
            path = path.parent
        from rhytid.core.head.load import load_head

        def done(head: object) -> None:
            from rhytid.core.head.head import Head

            assert isinstance(head, Head)
            backend = self._session.worker.backend
            if isinstance(backend, CoreBackend):
                backend.adopt(str(path), head)
            self._session.execute(SetHead(HeadReference(str(path), head.digest)))
            self._session.post(f"Head: {head.name}")

        self._session.jobs.start(f"Open head {path.name}", lambda _control: load_head(path), done)

    def import_map(
        self, load: Callable[[JobControl], SourceDetail], name: str, pose: Command | None = None
    ) -> None:
        """Import a displacement map.

        Parameters
        ----------
        load : callable
            Reads the map and finds its lines, on the job's thread.
        pose : Command, optional
            Poses the face for the map, in the same undo step.
        """

        def done(source: SourceDetail) -> None:
            command = ImportSource(source)
            self._session.execute(command if pose is None else Batch((command, pose), command.label))
            self._session.post(f"Imported {source.name}: {len(source.lines)} lines found")

        self._session.jobs.start(f"Import {name}", load, done)

    def import_map_file(self, path: Path) -> None:
        """Import with the convention that the file states or suggests, captured in the present pose."""
        from rhytid.core.document.resolve import effective_expression
        from rhytid.core.io.displacement_file import source_detail

        state = self._document.state
        expression = tuple(float(w) for w in effective_expression(state))
        self.import_map(lambda _control: source_detail(path, expression, state.age), path.name)

    def remove_source(self) -> None:
        self._document.execute(RemoveSource())

    # ---- autosave ------------------------------------------------------------------------------------

    def set_autosave(self, wanted: bool, interval_s: float = INTERVAL_S) -> None:
        """Keep the work safe from now on, or no longer; without a writable place the artist is told once."""
        if not wanted:
            self.close()
        elif self._autosave is not None:
            self._autosave.interval_s = interval_s
        else:
            try:
                self._autosave = Autosave(failed=self._autosave_failed.emit, interval_s=interval_s)
            except OSError as error:
                self._session.post(f"Autosave is off: {error}", "warning")
                return
            if self._document.is_modified:
                self._autosave.note_edit()
            self._timer.start()

    def autosave_if_due(self) -> None:
        if self._autosave is not None and self._autosave.due() and self._document.is_modified:
            self._autosave.save(self._document.committed_state, self._document.path)

    def recoveries(self) -> list[Recovery]:
        """Work of crashed runs, newest first."""
        try:
            return recoverable()
        except OSError:
            return []

    def recover(self, recovery: Recovery) -> None:
        """Take over the work of a crashed run."""

        def done(state: DocumentState) -> None:
            self._session.stroke_tool.cancel()
            self._document.recover(state, recovery.original)
            if self._autosave is not None:
                self._autosave.save(state, recovery.original)
                self._autosave.wait(5.0)
            recovery.discard()
            self._session.post("Recovered; save it to keep it")

        self._session.jobs.start("Recover", lambda _control: recovery.load(), done)

    def close(self) -> None:
        """Clean exit, or no autosave any more: nothing is left to recover."""
        self._timer.stop()
        if self._autosave is not None:
            self._autosave.close()
            self._autosave = None

    def _note_edit(self) -> None:
        if self._autosave is not None:
            self._autosave.note_edit()

    def _forget_saved(self, modified: bool) -> None:
        if not modified and self._autosave is not None:
            self._autosave.forget()


def kind_of(path: Path) -> str:
    """What a dropped file is taken for: "project", "map", "head" or ""."""
    suffix = path.suffix.lower()
    if suffix == PROJECT_SUFFIX:
        return "project"
    if suffix in MAP_SUFFIXES:
        return "map"
    return "head" if path.is_dir() or suffix in HEAD_SUFFIXES else ""
