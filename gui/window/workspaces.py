"""Workspaces: which panels are up for which work; the program's own four, and those that an artist keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMainWindow, QMenu

from rhytid.core.language import tr
from rhytid.gui.preferences import Preferences
from rhytid.gui.window.docks import Docks

LAYOUT_VERSION = 1
_KEPT = "workspace/"
NAME_LIMIT = 40


@dataclass(frozen=True)
class Workspace:
    """One of the program's own.

    Attributes
    ----------
    title : str
    docks : tuple of str
        The panels that are up.
    front : tuple of str
        Those in front of their tabs.
    chart : bool
        The chart is beside the face.
    """

    title: str
    docks: tuple[str, ...]
    front: tuple[str, ...]
    chart: bool = False


WORKSPACES: dict[str, Workspace] = {
    "draw": Workspace(tr("&Draw"), ("tool", "strokes", "history", "reference", "detail", "lighting"),
                      ("strokes", "detail"), chart=True),
    "expression": Workspace(tr("&Expression"), ("expression", "action_units", "pad", "age", "history", "lighting"),
                            ("expression", "pad", "age")),
    "age": Workspace(tr("&Age"), ("age", "pad", "identity", "detail", "strokes", "lighting"), ("identity", "age")),
    "animation": Workspace(tr("A&nimation"), ("expression", "action_units", "age", "lighting", "timeline"),
                           ("expression", "age")),
    "export": Workspace(tr("E&xport"), ("identity", "photo", "detail", "age", "lighting"), ("identity", "detail")),
}  # fmt: skip


class Workspaces:
    """Puts panels up and keeps layouts by name.

    Parameters
    ----------
    window : QMainWindow
    docks : Docks
    preferences : Preferences
        Keep the artist's own.
    show_chart : callable
        Shows or hides the chart.
    chart_shown : callable
    """

    def __init__(
        self,
        window: QMainWindow,
        docks: Docks,
        preferences: Preferences,
        show_chart: Callable[[bool], None],
        chart_shown: Callable[[], bool],
    ) -> None:
        self._window, self._docks, self._preferences = window, docks, preferences
        self._show_chart, self._chart_shown = show_chart, chart_shown

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        own = {f"workspace_{name}": partial(self.use, workspace) for name, workspace in WORKSPACES.items()}
        return own | {"keep_workspace": self.ask_name}

    def use(self, workspace: Workspace) -> None:
        """Put up the panels of one of the program's own."""
        self._docks.reset()
        for name, dock in self._docks.docks.items():
            dock.setVisible(name in workspace.docks)
        for name in workspace.front:
            self._docks[name].raise_()
        self._docks.give_timeline_room()
        self._show_chart(workspace.chart)

    def names(self) -> list[str]:
        """The artist's own."""
        stored = (key.removeprefix(f"layout/{_KEPT}") for key in self._preferences.store.names(f"layout/{_KEPT}"))
        return [name for name in stored if self._preferences.layout(_KEPT + name)]

    def keep(self, name: str) -> None:
        """Keep the present layout under a name."""
        self._docks.show_again()
        chart = b"1" if self._chart_shown() else b"0"
        self._preferences.remember_layout({_KEPT + name: chart + self._window.saveState(LAYOUT_VERSION).data()})

    def bring(self, name: str) -> bool:
        """Put up a layout that was kept; False where there is none that fits."""
        kept = self._preferences.layout(_KEPT + name)
        if not kept or not self._window.restoreState(kept[1:], LAYOUT_VERSION):
            return False
        self._show_chart(kept[:1] == b"1")
        return True

    def forget(self, name: str) -> None:
        """Keep a layout no longer."""
        self._preferences.remember_layout({_KEPT + name: b""})

    def ask_name(self) -> None:
        """Ask for a name and keep the present layout under it."""
        name, agreed = QInputDialog.getText(self._window, tr("Keep workspace"), tr("Name of the layout"))
        name = name.strip()[:NAME_LIMIT]
        if agreed and name:
            self.keep(name)

    def fill(self, menu: QMenu, action: Callable[[str], QAction]) -> None:
        """The program's own in a menu, and those of the artist at its end whenever it opens."""
        menu.addActions([action(f"workspace_{name}") for name in WORKSPACES])
        menu.addAction(action("keep_workspace"))
        end = menu.addSeparator()

        def fill() -> None:
            for action in menu.actions()[menu.actions().index(end) + 1 :]:
                menu.removeAction(action)
            for name in self.names():
                menu.addAction(name.replace("&", "&&"), partial(self.bring, name))
            if self.names():
                away = menu.addMenu(tr("Forget"))
                for name in self.names():
                    away.addAction(name.replace("&", "&&"), partial(self.forget, name))

        menu.aboutToShow.connect(fill)
