"""Opening, saving, importing and exporting in the background; the open work survives every failure.

No widgets: the window asks for paths and options and hands them in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.autosave import INTERVAL_S, Autosave
from rhytid.core.document.commands import Batch, Command, ImportSource, RemoveSource, SetHead
from rhytid.core.document.project import PROJECT_SUFFIX
from rhytid.core.document.project_lock import ProjectInUseError, ProjectLock, clear_locks
from rhytid.core.document.recovery import Comparison, Recovery, recoverable
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.face.engine_choice import new_state_so_far
from rhytid.core.files.digest import file_digest
from rhytid.core.files.leftovers import clear_leftovers
from rhytid.core.head.pins import HeadPin
from rhytid.core.io.motion_file import MOTION_SUFFIXES
from rhytid.core.language import tr
from rhytid.core.photo.image import PHOTO_SUFFIXES
from rhytid.gui.controllers.detail_scheduler import CoreBackend
from rhytid.gui.controllers.heads import open_head
from rhytid.gui.controllers.session import EditorSession

MAP_SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".npy")
ENVIRONMENT_SUFFIX = ".hdr"
HEAD_SUFFIXES = (
    ".glb", ".gltf", ".vrm", ".usd", ".usda", ".usdc", ".usdz", ".fbx", ".obj", ".npz", ".pkl", ".h5", ".hdf5",
    ".safetensors",
)  # fmt: skip
SCAN_SUFFIXES = (".ply", ".obj", ".glb", ".gltf")
OWN_HEAD_SUFFIXES = (".npz", ".safetensors")
AUTOSAVE_LOOK_MS = 5000


class _Changed(Exception):
    """A file is not as the document last knew it."""


@dataclass(frozen=True)
class _Opened:
    """What opening a project found; `free` is False where another window has it."""

    state: DocumentState
    thumbnail: bytes | None
    digest: str | None
    lock: ProjectLock | None
    free: bool


class Files(QObject):
    """The file side of a session.

    Parameters
    ----------
    session : EditorSession
    remember : callable, optional
        Told every project that was opened or saved, for the list of recent ones.
    thumbnail : callable, optional
        Gives a small PNG to put into a project.

    Signals
    -------
    replace_asked(path, was_ours, then)
        A project was not saved, because a file of that name is not as the document last knew it; `was_ours` when
        it is the document's own file, changed by somebody else since.
    """

    replace_asked = Signal(Path, bool, object)
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
        self._told_that_autosave_is_off = False
        self._recovered: Recovery | None = None
        self._lock: ProjectLock | None = None
        self._digest: str | None = None
        self._timer = QTimer(self, interval=AUTOSAVE_LOOK_MS)
        self._timer.timeout.connect(self.autosave_if_due)
        self._autosave_failed.connect(self._tell_autosave_failure)
        self._document.history_changed.connect(self._note_edit)
        self._document.modified_changed.connect(self._forget_saved)

    # ---- projects ------------------------------------------------------------------------------------

    def open_project(self, path: Path) -> None:
        """Open a project; until it has been read the present one stays.

        A project that another window has open comes as a copy without a file.
        """
        from rhytid.core.document.project import load_project_with_thumbnail

        def work(_control: Control) -> _Opened:
            clear_leftovers(path.parent)
            lock, free = self._lock_of(path)
            try:
                # Before it is read: a change in between is then taken for one, and asked about.
                digest = file_digest(path)
                return _Opened(*load_project_with_thumbnail(path), digest, lock, free)
            except BaseException:
                if lock is not None and lock is not self._lock:
                    lock.release()
                raise

        def done(opened: _Opened) -> None:
            self._session.stroke_tool.cancel()
            self._session.selection.clear()
            self._session.engines.cache.clear()
            if isinstance(self._session.worker.backend, CoreBackend):
                self._session.worker.backend.try_refused_head_again()
            self._hold(opened.lock, opened.digest if opened.free else None)
            self._document.adopt(opened.state, path if opened.free else None, opened.thumbnail)
            self._remember(path)
            if opened.free:
                self._session.post(tr("Opened {0}", path.name))
            else:
                self._session.post(
                    tr("{0} is open in another window of Rhytid: this is a copy; save it under another name.",
                       path.name),
                    "warning",
                )

        self._session.jobs.start(tr("Open {0}", path.name), work, done)

    def save_project(self, path: Path, then: Callable[[], None] | None = None, replace: bool = False) -> None:
        """Write the document as it is now; edits made meanwhile count as unsaved.

        Parameters
        ----------
        path : Path
            The suffix is added where it is missing.
        then : callable, optional
            Called once it is written.
        replace : bool
            Whoever chose the name has agreed to lose what has it. Otherwise a file that is not as this document
            last knew it stays, and `replace_asked` is emitted.
        """
        from rhytid.core.document.project import save_project

        if path.suffix != PROJECT_SUFFIX:
            path = path.with_name(path.name + PROJECT_SUFFIX)
            replace = False
        state, thumbnail = self._document.committed_state, self._thumbnail() or self._document.thumbnail
        known = self._digest if path == self._document.path else None

        def work(_control: Control) -> tuple[ProjectLock | None, str | None] | None:
            lock, free = self._lock_of(path)
            if not free:
                raise ProjectInUseError(tr("{0} is open in another window of Rhytid; choose another name", path.name))
            try:
                if not replace and file_digest(path) not in (None, known):
                    raise _Changed
                save_project(path, state, thumbnail)
                return lock, file_digest(path)
            except BaseException as error:
                if lock is not None and lock is not self._lock:
                    lock.release()
                if isinstance(error, _Changed):
                    return None
                raise

        def done(written: tuple[ProjectLock | None, str | None] | None) -> None:
            if written is None:
                self.replace_asked.emit(path, known is not None, then)
                return
            self._hold(*written)
            self._document.mark_saved(state, path, thumbnail)
            self._remember(path)
            self._session.post(tr("Saved {0}", path.name))
            if then is not None:
                then()

        self._session.jobs.start(tr("Save {0}", path.name), work, done)

    def new_project(self, state: DocumentState | None = None) -> None:
        """Start over, with a plain face or the one given."""
        self._session.stroke_tool.cancel()
        self._session.selection.clear()
        self._hold(None, None)
        self._session.engines.cache.clear()
        self._document.new(new_state_so_far(self._session.engines) if state is None else state)

    def _lock_of(self, path: Path) -> tuple[ProjectLock | None, bool]:
        """The right to write a project, None where there are no locks, and whether no other window has it."""
        held = self._lock
        if held is not None and held.is_for(path):
            return held, True
        try:
            return ProjectLock(path), True
        except ProjectInUseError:
            return None, False
        except OSError:
            return None, True

    def _hold(self, lock: ProjectLock | None, digest: str | None) -> None:
        """The document has another file, or none: keep the right to write it and what it is known to hold."""
        if self._lock is not None and self._lock is not lock:
            self._lock.release()
        self._lock, self._digest = lock, digest

    # ---- heads and maps ------------------------------------------------------------------------------

    def use_head(self, path: Path | None, pins: tuple[HeadPin, ...] | None = None) -> None:
        """Change the head: a file or folder, None for the default one; or the pins that it is registered by."""
        if path is None:
            self._document.execute(SetHead(HeadReference()))
        else:
            open_head(self._session, path, pins)

    def import_map(
        self, load: Callable[[Control], SourceDetail], name: str, pose: Command | None = None
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
            self._session.post(tr("Imported {0}: {1} lines found", source.name, len(source.lines)))

        self._session.jobs.start(tr("Import {name}", name=name), load, done)

    def remove_source(self) -> None:
        self._document.execute(RemoveSource())

    # ---- autosave ------------------------------------------------------------------------------------

    def set_autosave(self, wanted: bool, interval_s: float = INTERVAL_S) -> None:
        """Keep the work safe from now on, or no longer; without a writable place the artist is told once."""
        if not wanted:
            self._stop_autosave()
        elif self._autosave is not None:
            self._autosave.interval_s = interval_s
        else:
            try:
                self._autosave = Autosave(failed=self._autosave_failed.emit, interval_s=interval_s)
            except OSError as error:
                if not self._told_that_autosave_is_off:
                    self._told_that_autosave_is_off = True
                    self._session.post(tr("Autosave is off: {error}", error=error), "warning")
                return
            if self._document.is_modified:
                self._autosave.note_edit()
            self._timer.start()

    def autosave_if_due(self) -> None:
        if self._autosave is not None and self._autosave.due() and self._document.is_modified:
            self._autosave.save(self._document.committed_state, self._document.path, self._digest)

    def tidy(self, folders: Iterable[Path] = ()) -> None:
        """Clear away what killed runs left in the state folder and in `folders`, in the background."""

        def work() -> None:
            with suppress(OSError):
                clear_locks()
            for folder in folders:
                clear_leftovers(folder)

        # No job: a folder of a network that is gone may keep it waiting, and nothing else must wait for that.
        threading.Thread(target=work, name="tidy", daemon=True).start()

    def recoveries(self) -> list[Recovery]:
        """Work of crashed runs, newest first."""
        try:
            return recoverable()
        except OSError:
            return []

    def compare(self, found: Sequence[Recovery], then: Callable[[list[Comparison]], None]) -> None:
        """Set kept work beside the files that it belongs to, then call `then`."""
        self._session.jobs.start(tr("Look at kept work"), lambda _control: [item.compared() for item in found], then)

    def recover(self, recovery: Recovery, failed: Callable[[], None] | None = None) -> None:
        """Take over the work of a crashed run; until it is saved it stays where it is.

        Parameters
        ----------
        failed : callable, optional
            Called when it cannot be opened; it stays where it is then too.
        """

        def done(state: DocumentState) -> None:
            self._session.stroke_tool.cancel()
            if self._recovered is not None:
                self._recovered.release()
            self._recovered = recovery
            lock, free = (None, True) if recovery.original is None else self._lock_of(recovery.original)
            self._hold(lock, recovery.digest if free else None)
            self._document.recover(state, recovery.original if free else None)
            self._session.post(tr("Recovered; save it to keep it"))

        def tell(_error: BaseException) -> None:
            if failed is not None:
                failed()

        self._session.jobs.start(tr("Recover"), lambda _control: recovery.load(), done, tell)

    def close(self) -> None:
        """Clean exit: nothing is left to recover, and the project is free for other windows."""
        self._stop_autosave()
        self._discard_recovered()
        self._hold(None, None)

    def _stop_autosave(self) -> None:
        self._timer.stop()
        if self._autosave is not None:
            self._autosave.close()
            self._autosave = None

    def _discard_recovered(self) -> None:
        if self._recovered is not None:
            self._recovered.discard()
            self._recovered = None

    def _tell_autosave_failure(self, error: Exception) -> None:
        self._session.post(tr("Autosave failed and will be tried again: {error}", error=error), "warning")

    def _note_edit(self) -> None:
        if self._autosave is not None:
            self._autosave.note_edit()

    def _forget_saved(self, modified: bool) -> None:
        if modified:
            return
        if self._autosave is not None:
            self._autosave.forget()
        self._discard_recovered()


def kind_of(path: Path) -> str:
    """What a dropped file is taken for: "project", "map", "photo", "recording", "head", "scan", "environment" or "".

    PNG and TIFF may be either picture, and an EXR a map or an environment.
    """
    suffix = path.suffix.lower()
    if suffix == PROJECT_SUFFIX:
        return "project"
    if suffix in MAP_SUFFIXES:
        return "map"
    if suffix in PHOTO_SUFFIXES:
        return "photo"
    if suffix in MOTION_SUFFIXES:
        return "recording"
    if suffix == ENVIRONMENT_SUFFIX:
        return "environment"
    if path.is_dir() or suffix in HEAD_SUFFIXES:
        return "head"
    return "scan" if suffix in SCAN_SUFFIXES else ""
