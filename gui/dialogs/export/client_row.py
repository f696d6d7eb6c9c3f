"""Which program an export is for: one of the table, or a choice of the artist's under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QLineEdit, QWidget

from rhytid.core.files.text import shown
from rhytid.core.io.clients import CLIENTS
from rhytid.core.language import tr
from rhytid.gui.dialogs.export.page import Choice, Page
from rhytid.gui.dialogs.export.presets import client_choice, export_presets
from rhytid.gui.preferences import Preferences
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

_FIRST = "blender"


class ClientRow(Page):
    """See the module.

    Parameters
    ----------
    preferences : Preferences
        Keep the artist's own.
    chosen : callable
        Gives the whole choice of the dialog, to keep it.

    Attributes
    ----------
    client : str
        The program, also where a choice of the artist's is shown.

    Signals
    -------
    taken(dict)
        All pages are to take this choice.
    """

    taken = Signal(dict)

    def __init__(
        self, preferences: Preferences, chosen: Callable[[], dict[str, Any]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presets, self._chosen = export_presets(preferences), chosen
        self.client = _FIRST
        self.box = QComboBox()
        self.box.setToolTip(tr("Sets formats, unit, up axis and normal map as that program takes them; "
                               "the recipe card is written for it"))  # fmt: skip
        self.keep = tool_button("plus", tr("Keep these choices under a name"))
        self.rename = tool_button("keyboard", tr("Another name for this choice"))
        self.delete = tool_button("trash", tr("Forget this choice"))
        self.note = text_label("", "error")
        self.note.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.box, self.keep, self.rename, self.delete, self.note):
            row.addWidget(widget)
        row.addStretch(1)
        self._fill()
        self.box.activated.connect(self._take)
        self.keep.clicked.connect(lambda: self._ask(tr("Keep the choice"), "", self._keep))
        self.rename.clicked.connect(lambda: self._ask(tr("Another name"), self._own_name(), self._rename))
        self.delete.clicked.connect(self._delete)

    def choice(self) -> dict[str, Any]:
        """The program, and the name of the artist's choice."""
        return {"client": self.client, "preset": self._own_name()}

    def take(self, choice: Choice) -> None:
        if choice.get("client") in CLIENTS:
            self.client = str(choice["client"])
        self._fill(str(choice.get("preset", "")))

    def _own_name(self) -> str:
        kind, _, name = str(self.box.currentData()).partition(":")
        return name if kind == "own" else ""

    def _fill(self, own_name: str = "") -> None:
        """Show what there is to choose; the artist's own of that name is chosen, or else the program."""
        self.box.clear()
        for name, client in CLIENTS.items():
            self.box.addItem(tr(client.title), f"client:{name}")
        for name in self._presets.own():
            self.box.addItem(shown(name), f"own:{name}")
        at = self.box.findData(f"own:{own_name}")
        self.box.setCurrentIndex(at if at >= 0 else self.box.findData(f"client:{self.client}"))
        for button in (self.rename, self.delete):
            button.setEnabled(bool(self._own_name()))

    def _take(self) -> None:
        own_name = self._own_name()
        if own_name:
            choice = {**self._presets.own()[own_name], "preset": own_name}
        else:
            choice = client_choice(str(self.box.currentData()).partition(":")[2])
        self._tell("")
        self.taken.emit(choice)

    def _ask(self, title: str, before: str, then: Callable[[str], str]) -> None:
        name, agreed = QInputDialog.getText(self, title, tr("Name"), QLineEdit.EchoMode.Normal, before)
        if agreed:
            try:
                self._fill(then(name))
            except ValueError as error:
                self._tell(str(error))
            else:
                self._tell("")
                self.changed.emit()

    def _keep(self, name: str) -> str:
        return self._presets.keep(name, {key: value for key, value in self._chosen().items() if key != "preset"})

    def _rename(self, name: str) -> str:
        return self._presets.rename(self._own_name(), name)

    def _delete(self) -> None:
        self._presets.delete(self._own_name())
        self._fill()
        self.changed.emit()

    def _tell(self, problem: str) -> None:
        self.note.setText(problem)
        self.note.setVisible(bool(problem))
