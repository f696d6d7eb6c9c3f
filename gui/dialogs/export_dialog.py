"""Export dialog: what, for which program, how fine, where."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLineEdit, QTabWidget, QWidget

from rhytid.core.head.head import Float32, Head
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.planned_export import layout_of, planned_for
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.export.client_row import ClientRow
from rhytid.gui.dialogs.export.format_page import FormatPage
from rhytid.gui.dialogs.export.map_page import MapPage
from rhytid.gui.dialogs.export.mesh_page import MeshPage
from rhytid.gui.dialogs.export.page import Choice, form
from rhytid.gui.dialogs.export.presets import choice_from, client_choice, text_of
from rhytid.gui.dialogs.export.what_page import WhatPage
from rhytid.gui.dialogs.place_row import folder_row
from rhytid.gui.preferences import Preferences
from rhytid.gui.widgets.labels_and_buttons import text_label

_REMEMBERED = "export"
_MOST_NAMED = 10


class ExportDialog(Dialog):
    """Asks for `ExportOptions` and a folder; remembers what was chosen last.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Present shape in mm, for the estimate of the mesh's density.
    preferences : Preferences
    name : str
        First part of the file names, as the project's name.
    displacement : float32 (H, H), optional
        What the viewport shows, mm: how much of it a displaced mesh keeps is measured.
    """

    def __init__(
        self, head: Head, vertices: Float32, preferences: Preferences, name: str = "face",
        parent: QWidget | None = None, displacement: Float32 | None = None,
    ) -> None:  # fmt: skip
        super().__init__(tr("Export"), tr("Export"), parent)
        self._preferences = preferences
        self.client = ClientRow(preferences, self._choice)
        self._head, self._layout = head, layout_of(head)
        self.what, self.meshes = WhatPage(), MeshPage(head, vertices, displacement)
        self.maps = MapPage(self._layout)
        self.formats = FormatPage()
        self._pages = (self.client, self.what, self.meshes, self.maps, self.formats)
        rows = form()
        rows.addRow(tr("For"), self.client)
        self.body.addLayout(rows)
        self.tabs = QTabWidget()
        self.tabs.addTab(_beside(self.what), tr("What"))
        self.tabs.addTab(_beside(self.meshes), tr("Meshes"))
        self.tabs.addTab(_beside(self.maps, self.formats), tr("Maps"))
        self.body.addWidget(self.tabs)
        self.verify = QCheckBox(tr("Read everything back and compare"))
        self.verify.setToolTip(tr("Proves that the files hold what the viewport showed"))
        self.verify.setChecked(True)
        self.body.addLayout(self._folder_row(name))
        self.body.addWidget(self.verify)
        self.summary = text_label("", "soft")
        self.summary.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.summary)
        self.finish_layout()
        self.setMinimumWidth(660)
        self._restore()
        self._connect()
        self._update()

    def _folder_row(self, name: str) -> QFormLayout:
        rows = form()
        self.name = QLineEdit(name)
        self.name.setToolTip(tr("First part of every file name"))
        rows.addRow(tr("Name"), self.name)
        self._folder = folder_row(self, tr("Folder of the export"))
        self.folder_line = self._folder.line
        rows.addRow(tr("Folder"), self._folder)
        return rows

    def _connect(self) -> None:
        for page in self._pages:
            page.changed.connect(self._update)
        self.client.taken.connect(self._take)
        self.verify.toggled.connect(self._update)
        for line in (self.name, self.folder_line):
            line.textChanged.connect(self._update)

    # --- answers ---------------------------------------------------------------------------------------

    def options(self) -> ExportOptions:
        """What was chosen.

        Raises
        ------
        ValueError
            The choice makes no export; the message says why.
        """
        what = self.what.choice()
        return ExportOptions(
            what=frozenset(what["what"]),
            pose=what["pose"],
            client=self.client.client,
            **self.meshes.fields(),
            **self.maps.choice(),
            **self.formats.fields(self.what.names()),
            name=self.name.text().strip(),
            verify=self.verify.isChecked(),
        )

    def folder(self) -> Path:
        """Where to write."""
        return self._folder.path

    def accept(self) -> None:
        values = {"choice": text_of(self._choice()), "folder": self._folder.text}
        self._preferences.remember(_REMEMBERED, values)
        super().accept()

    # --- showing ---------------------------------------------------------------------------------------

    def _update(self) -> None:
        what = self.what.names()
        self.meshes.show_use(what)
        self.maps.show_use(what)
        self.formats.show_use(what)
        problem, waits = "", False
        try:
            options = self.options()
            self.meshes.show_density(options)
        except ValueError as error:
            problem = str(error)
        else:
            files = planned_for(self._head, options, self._layout)
            named = ", ".join(files[:_MOST_NAMED])
            if len(files) > _MOST_NAMED:
                named = tr("{0} and {1} more", named, len(files) - _MOST_NAMED)
            self.summary.setText(tr("Writes {0} files: {1}", len(files), named))
            self.summary.setToolTip(tr("All files:\n{0}", "\n".join(files)))
            if not self._folder.text:
                problem, waits = tr("Choose a folder."), True
            elif self.folder().exists() and not self.folder().is_dir():
                problem = tr("{0} is a file. Choose a folder.", self.folder())
            elif self.folder().is_dir() and (self.folder() / "export.json").exists():
                self.summary.setText(self.summary.text() + tr("\nThe folder holds an earlier export; files of the same "
                                                              "name are replaced."))  # fmt: skip
        if problem and not what:
            problem = tr("Choose at least one thing to export.")
        self.tell_problem(problem, waits)

    def _choice(self) -> dict[str, Any]:
        return {name: value for page in self._pages for name, value in page.choice().items()}

    def _take(self, choice: Choice) -> None:
        for page in self._pages:
            page.take(choice)

    def _restore(self) -> None:
        stored = self._preferences.remembered(_REMEMBERED)
        self._take(client_choice(self.client.client))
        with suppress(ValueError):  # a store edited by hand
            self._take(choice_from(str(stored.get("choice", "{}"))))
        self.folder_line.setText(str(stored.get("folder", "")))


def _beside(*pages: QWidget) -> QWidget:
    """Pages beside each other, for a tab."""
    tab = QWidget()
    columns = QHBoxLayout(tab)
    columns.setContentsMargins(14, 14, 14, 10)
    columns.setSpacing(24)
    for page in pages:
        columns.addWidget(page, 1)
    return tab
