"""The actions of the clip: playing, stepping, keys, recordings as keys, keys as files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QDialog

from rhytid.core.detail.engine import Control
from rhytid.core.document.commands import TakeClip
from rhytid.core.language import tr
from rhytid.gui.controllers.edits import guarded
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.timeline.slider_keys import SliderKeys
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.window.docks import Docks
from rhytid.gui.window.path_questions import KEYS_FILTER, PathQuestions

if TYPE_CHECKING:
    from rhytid.core.animation.clip import Clip
    from rhytid.core.io.motion import Motion
    from rhytid.gui.dialogs.live_link_dialog import LiveLinkDialog

CLIP_SUFFIXES = (".json", ".csv")


class TimeActions(QObject):
    """What these actions do.

    Parameters
    ----------
    docks : Docks
        Their sliders are marked.
    session : EditorSession
    paths : PathQuestions
    viewport : Viewport
        Its head is filmed.
    action : callable
        An action of the window by its name.
    """

    def __init__(
        self, docks: Docks, session: EditorSession, paths: PathQuestions, viewport: Viewport,
        action: Callable[[str], QAction],
    ) -> None:  # fmt: skip
        super().__init__(docks)
        self._docks, self._session, self._paths, self._viewport = docks, session, paths, viewport
        self._action = action
        self._timeline = session.timeline
        self._live_link: LiveLinkDialog | None = None
        self.slider_keys = SliderKeys(session.timeline, self)
        docks.panel_built.connect(lambda _name, panel: self.slider_keys.add(panel))

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        timeline, edit = self._timeline, partial(guarded, self._session)
        return {
            "play_clip": timeline.toggle,
            "set_key": edit(self.set_key),
            "remove_key": edit(self.remove_key),
            "auto_key": partial(setattr, timeline, "auto_key"),
            "previous_key": lambda: timeline.step_key(-1),
            "next_key": lambda: timeline.step_key(1),
            "previous_frame": lambda: timeline.step_frames(-1),
            "next_frame": lambda: timeline.step_frames(1),
            "import_keys": edit(self.import_keys),
            "export_keys": self.export_keys,
            "live_link": self.live_link,
            "freeze_live": self._session.live.toggle_frozen,
            "export_clip": edit(self.export_clip),
        }

    def set_key(self) -> None:
        """Key what the slider under the pointer sets, or the whole expression."""
        channels = self.slider_keys.channels_under(QCursor.pos())
        names = self._timeline.names_of(channels) if channels else self._timeline.names_of_pose()
        if self._timeline.set_keys(names):
            self._docks.show_timeline()

    def remove_key(self) -> None:
        """Remove the keys at the playhead of the slider under the pointer, or of all."""
        channels = self.slider_keys.channels_under(QCursor.pos())
        if not self._timeline.remove_keys_now(channels or tuple(self._session.document.state.clip.by_name)):
            self._session.post(tr("There is no key at the playhead"))

    def import_keys(self) -> None:
        """Ask for a recording or a clip, and take it as keys."""
        path = self._paths.open(tr("Import Keys"), KEYS_FILTER)
        if path is not None:
            self.take(path)

    def take(self, path: Path) -> None:
        """Read a file in the background; its keys replace those of the same numbers."""
        keep = self._session.document.state.clip

        def work(_control: Control) -> tuple[Clip, tuple[str, ...]]:
            from rhytid.core.face.clip_motion import clip_of_file

            return clip_of_file(path, keep)

        def done(found: tuple[Clip, tuple[str, ...]]) -> None:
            clip, remarks = found
            self._take_clip(path.name, remarks, clip)

        self._session.jobs.start(tr("Read {name}", name=path.name), work, done)

    def live_link(self) -> None:
        """Ask where to listen, and stay beside the work."""
        from rhytid.gui.dialogs.live_link_dialog import LiveLinkDialog

        if self._live_link is None:
            self._live_link = LiveLinkDialog(self._session.live, self._action("freeze_live"), self._viewport.window())
            self._live_link.recorded.connect(self.take_recording)
        self._live_link.show()
        self._live_link.raise_()

    def take_recording(self, motion: Motion | None) -> None:
        """Make what was recorded keys, in the background."""
        if motion is None:
            self._session.post(tr("Nothing was recorded"), "warning")
            return
        keep = self._session.document.state.clip

        def work(_control: Control) -> Clip:
            from rhytid.core.face.clip_motion import clip_of_motion

            return clip_of_motion(motion, keep)

        self._session.jobs.start(tr("Keys of {0}", motion.name), work, partial(self._take_clip, motion.name, ()))

    def _take_clip(self, name: str, remarks: tuple[str, ...], clip: Clip) -> None:
        self._session.execute(TakeClip(clip, tr("Keys of {0}", name)))
        self._docks.show_timeline()
        told = tr("{0}: {1} keys on {2} tracks", name, clip.n_keys, len(clip.tracks))
        self._session.post("; ".join((told, *remarks)))

    def export_clip(self) -> None:
        """Ask how, then draw the clip or a turn round the head in the background."""
        from rhytid.gui.dialogs.film_dialog import FilmDialog

        session, pose = self._session, self._viewport.pose
        if pose is None:
            return
        state, head = session.document.state, pose.head
        dialog = FilmDialog(state, self._viewport.window())
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        states, options, as_film = dialog.states(), dialog.options(), dialog.as_film
        if as_film:
            output = self._paths.save(tr("Export Film"), (".mp4",), tr("Films"))
        else:
            output = self._paths.folder(tr("Folder for the Pictures"))
        if output is None:
            return

        def work(control: Control) -> list[Path]:
            from rhytid.core.face.face import Face
            from rhytid.gui.render.filming import write_frames

            face = Face.of(state, head, session.engines)
            return write_frames(face, states, output, options, control, overwrite=as_film)

        def done(files: list[Path]) -> None:
            session.post(tr("Saved {name}", name=output.name) if as_film
                         else tr("{0} pictures are in {1}", len(files), output))  # fmt: skip

        session.jobs.start(tr("Draw {name}", name=output.name), work, done)

    def export_keys(self) -> None:
        """Ask for a file and write the clip there: JSON with every key, or CSV with a row a frame."""
        state = self._session.document.state
        path = self._paths.save(tr("Export Keys"), CLIP_SUFFIXES, tr("Clips and recordings"))
        if path is None:
            return

        def work(_control: Control) -> None:
            from rhytid.core.face.clip_motion import motion_of_clip
            from rhytid.core.io.clip_file import CLIP_SUFFIX, write_clip
            from rhytid.core.io.motion_writing import write_motion

            if path.suffix.lower() == CLIP_SUFFIX:
                write_clip(path, state.clip)
            else:
                write_motion(path, motion_of_clip(state, path.name))

        self._session.jobs.start(tr("Save {name}", name=path.name), work,
                                 lambda _: self._session.post(tr("Saved {name}", name=path.name)))  # fmt: skip
