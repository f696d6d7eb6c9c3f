"""The engines in the Engine menu: one is checked, those that cannot run are grey and say why."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession


class EngineMenu:
    """Keeps the first entries of a menu in step with the engines and the document.

    Parameters
    ----------
    menu : QMenu
        Still empty.
    choose : callable
        Gets the name of the engine that was picked.
    """

    def __init__(self, menu: QMenu, session: EditorSession, choose: Callable[[str], object]) -> None:
        self._menu = menu
        self._session = session
        self._choose = choose
        self._group = QActionGroup(menu)
        self._end = menu.addSeparator()
        menu.setToolTipsVisible(True)
        session.engine_choices.changed.connect(self.refresh)
        session.document.state_changed.connect(
            lambda new, old: self.refresh() if new.settings.name != old.settings.name else None
        )
        self.refresh()

    @property
    def actions(self) -> list[QAction]:
        """One per engine, in the order of the menu."""
        return self._group.actions()

    def refresh(self) -> None:
        """List the engines as they are known now."""
        for action in self._group.actions():
            self._group.removeAction(action)
            self._menu.removeAction(action)
            action.deleteLater()
        for choice in self._session.engine_choices.choices():
            action = QAction(choice.title, self._menu)
            action.setObjectName(f"engine_{choice.name}")
            action.setCheckable(True)
            action.setChecked(choice.name == self._session.document.state.settings.name)
            action.setEnabled(not choice.reason)
            action.setToolTip(tr("Cannot run: {0}", choice.reason) if choice.reason else choice.tip)
            action.setStatusTip(action.toolTip())
            action.triggered.connect(lambda _on=False, name=choice.name: self._choose(name))
            self._group.addAction(action)
            self._menu.insertAction(self._end, action)
