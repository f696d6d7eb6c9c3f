"""The first minute: the page of the start and the tour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from rhytid.core.face.resolve import resolve_pose
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.starters import STARTERS
from rhytid.gui.viewport.viewport import Viewport

if TYPE_CHECKING:
    from rhytid.gui.dialogs.tour import Tour
    from rhytid.gui.dialogs.welcome import Welcome


class FirstMinute(QObject):
    """Shows them.

    Parameters
    ----------
    session : EditorSession
    viewport : Viewport
        They lie over it.
    action : callable
        An action of the window by its name.
    open_path : callable
        Opens a recent project.
    parent : QWidget
    """

    def __init__(
        self,
        session: EditorSession,
        viewport: Viewport,
        action: Callable[[str], QAction],
        open_path: Callable[[Path], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._viewport = session, viewport
        self._action, self._open_path = action, open_path
        self.page: Welcome | None = None
        self.card: Tour | None = None

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        return {"welcome": self.welcome, "tour": self.tour}

    def at_start(self) -> bool:
        """Show the page if it is wanted; whether it was."""
        if self._session.preferences.welcome:
            self.welcome()
        return self._session.preferences.welcome

    def welcome(self) -> None:
        """The page of the start."""
        from rhytid.gui.dialogs.welcome import Welcome

        preferences = self._session.preferences
        if self.page is not None:
            self.page.deleteLater()
        recent = [Path(text) for text in preferences.recent_files if Path(text).exists()]
        titles = {name: starter.title for name, starter in STARTERS.items()}
        self.page = Welcome(titles, recent, preferences, self._viewport, self._viewport.window())
        self.page.action_chosen.connect(lambda name: self._action(name).trigger())
        self.page.path_chosen.connect(self._open_path)
        self.page.show()
        self.page.setFocus()
        self._session.delivered.connect(self._draw_faces)
        self._draw_faces()

    def tour(self) -> None:
        """The tour, from its beginning."""
        from rhytid.gui.dialogs.tour import Tour

        if self.card is not None:
            self.card.close()
        self.card = Tour(self._session.document, self._viewport)
        self.card.destroyed.connect(self._forget_card)
        self.card.show()

    def _forget_card(self) -> None:
        self.card = None

    def _draw_faces(self, _delivery: object = None) -> None:
        """Portraits of the starters, once there is a head."""
        from rhytid.gui.dialogs.welcome import FACE_PX

        pose, page = self._viewport.pose, self.page
        if pose is None or page is None:
            return
        self._session.delivered.disconnect(self._draw_faces)
        plain = self._session.document.state
        for name, starter in STARTERS.items():
            vertices = resolve_pose(starter.of(plain), pose.head).vertices
            picture = self._viewport.portrait(pose.head, vertices, 2 * FACE_PX)
            if picture is not None:
                page.show_face(name, picture)
