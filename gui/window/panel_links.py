"""What a panel is given once it is made: the actions it asks for, and the head on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QWidget

from rhytid.core.arkit import expression_array
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.panels.panel import Panel
from rhytid.gui.viewport.reference_overlay import ReferenceOverlay
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.window.docks import Docks
from rhytid.gui.window.window_actions import WindowActions

if TYPE_CHECKING:
    from rhytid.core.document.expression_presets import ExpressionPreset
    from rhytid.core.head.head import Head

PRESET_PX = 120  # twice their size on the screen, for HiDPI


class PanelLinks(QObject):
    """Links panels to the window as they are made.

    Parameters
    ----------
    docks : Docks
    session : EditorSession
    viewport : Viewport
    window_actions : WindowActions
    action : callable
        An action of the window by its name.
    """

    def __init__(
        self, docks: Docks, session: EditorSession, viewport: Viewport, window_actions: WindowActions,
        action: Callable[[str], QAction],
    ) -> None:  # fmt: skip
        super().__init__(docks)
        self._session, self._viewport, self._window_actions = session, viewport, window_actions
        self._action = action
        docks.panel_built.connect(self._link)

    def follow_head(self, show: Callable[[Head], None]) -> None:
        """Call `show` with the head on the screen, now and whenever it changes."""
        shown: list[Head] = []

        def take(_delivery: object = None) -> None:
            pose = self._viewport.pose
            if pose is not None and pose.head not in shown:
                shown[:] = [pose.head]
                show(pose.head)

        self._session.delivered.connect(take)
        take()

    def _link(self, name: str, panel: QWidget) -> None:
        if isinstance(panel, Panel):
            panel.requested.connect(lambda name: self._action(name).trigger())
        if name == "expression":
            self.follow_head(lambda head: panel.show_head(head.made_shapes, self._preset_picture))
        if name == "identity":
            self.follow_head(panel.set_head)
        if name == "history":
            panel.keep_asked.connect(self._window_actions.keep_step)
        if name == "line_check":
            panel.place_asked.connect(self._window_actions.show_place)
        if name == "reference":
            panel.overlay_changed.connect(ReferenceOverlay(self._viewport).show_picture)

    def _preset_picture(self, preset: ExpressionPreset) -> QImage | None:
        """The present head with a preset's expression, for the panel's strip."""
        pose, state = self._viewport.pose, self._session.document.state
        if pose is None:
            return None
        shape = pose.head.shape(state.identity[: pose.head.n_identity], expression_array(preset.weights))
        return self._viewport.portrait(pose.head, shape, PRESET_PX)
