"""Panel of the wrinkle library: pictures to drag onto the face, and what keeps the library in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QMessageBox, QWidget

from rhytid.core.document.document import Document
from rhytid.core.document.wrinkle_library import USUAL_FOLDER, LibraryItem
from rhytid.core.document.wrinkle_placing import Side
from rhytid.core.document.wrinkle_set import WrinkleSet
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.gui.controllers import library_edits
from rhytid.gui.controllers.edits import selected_strokes
from rhytid.gui.controllers.library import Library
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.tool_settings import ToolSettings
from rhytid.gui.panels.library_view import ItemForm, ItemView
from rhytid.gui.panels.panel import Panel
from rhytid.gui.panels.stroke_words import binding_summary
from rhytid.gui.theme import icon
from rhytid.gui.widgets.focus import SearchBox
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button
from rhytid.gui.widgets.segments import Segments
from rhytid.gui.widgets.slider_row import SliderRow


class LibraryPanel(Panel):
    """All items; a double click or Return puts one on the face, a drag puts it where it is dropped."""

    def __init__(
        self, document: Document, selection: Selection, tools: ToolSettings, library: Library,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(document, parent)
        self.selection, self.tools, self.library = selection, tools, library
        self._asked_for_items = False
        self.search = SearchBox(tr("Search wrinkles"))
        self.search.textChanged.connect(lambda _text: self._show())
        self.folder = QComboBox()
        self.folder.setToolTip(tr("Show one folder of the library, or all"))
        self.folder.currentIndexChanged.connect(lambda _index: self._show())
        self.save = tool_button("save", tr("Keep the selected wrinkles in the library"))
        self.save.clicked.connect(lambda: self.requested.emit("library_save"))
        self.bring = tool_button("import", tr("Bring a file of wrinkles into the library"))
        self.bring.clicked.connect(lambda: self.requested.emit("library_import"))
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 6)
        bar.setSpacing(2)
        bar.addWidget(self.search, 3)
        bar.addWidget(self.folder, 2)
        bar.addWidget(self.save)
        bar.addWidget(self.bring)
        self._stack.addLayout(bar)
        self.view = ItemView()
        self.view.chosen.connect(self.apply)
        self.view.delete_pressed.connect(self.delete)
        self.view.edit_pressed.connect(self.edit)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.depth_of_drag = lambda: self.depth.number
        self._stack.addWidget(self.view, 1)
        self.note = text_label("", "soft")
        self.note.setContentsMargins(8, 3, 8, 3)
        self._stack.addWidget(self.note)
        self.side = Segments((
            (Side.RIGHT.value, tr("Right"), tr("On the subject's right")),
            (Side.BOTH.value, tr("Both"), tr("On both halves of the face, as alike as the brush's mirror makes them")),
            (Side.LEFT.value, tr("Left"), tr("On the subject's left")),
        ))  # fmt: skip
        self.side.choose(Side.BOTH.value)
        self.side.chosen.connect(self._choose_side)
        self._side = Side.BOTH
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 5, 0)
        row.addWidget(self.side)
        self._stack.addLayout(row)
        self.depth = SliderRow(tr("Strength"), 0.25, 2.0, 1.0, step=0.05, tip=tr("Depth of what is put on the face"))
        self.depth.set_number(1.0)
        for signal in (self.depth.value_changing, self.depth.value_entered):
            signal.connect(self.depth.set_number)
        self.depth.reset_requested.connect(lambda _replaces: self.depth.set_number(1.0))
        self._stack.addWidget(self.depth)
        self.form = ItemForm()
        self.form.kept.connect(self._keep)
        self.form.hide()
        self._stack.addWidget(self.form)
        self._edited: LibraryItem | None = None
        library.changed.connect(self._items_changed)
        library.picture_made.connect(self.view.set_picture)
        selection.changed.connect(lambda _ids: self._show_selection())
        self._show_selection()
        self._show_folders()

    # --- showing -----------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked_for_items:
            self._asked_for_items = True
            self.library.reload()

    def _items_changed(self) -> None:
        self._show_folders()
        if self.library.problems:
            more = len(self.library.problems) - 1
            self.say(self.library.problems[0] + (tr(" ({0} more)", more) if more else ""))

    def _show_folders(self) -> None:
        chosen = self.folder.currentData()
        folders = dict.fromkeys(item.folder for item in self.library.items)
        self.folder.blockSignals(True)
        self.folder.clear()
        self.folder.addItem(tr("All"), "")
        for name in folders:
            self.folder.addItem(tr(shown(name)), name)
        self.folder.setCurrentIndex(max(self.folder.findData(chosen), 0))
        self.folder.blockSignals(False)
        self._show()

    def _show(self) -> None:
        folder, words = self.folder.currentData(), self.search.text()
        items = [i for i in self.library.items if (not folder or i.folder == folder) and i.answers_to(words)]
        self.view.show_items(items, self.library.picture if self.isVisible() else lambda _item: None)

    def _show_selection(self) -> None:
        self.save.setEnabled(bool(self.selection.ids))

    def say(self, text: str) -> None:
        """A line below the pictures."""
        self.note.setText(shown(text))

    def _choose_side(self, name: str) -> None:
        self._side = Side(name)

    # --- edits -------------------------------------------------------------------------------------------

    def apply(self, item: LibraryItem) -> None:
        """Put an item on the face at its site."""
        self.tell_added(library_edits.apply(self, item, self._side, self.depth.number))

    def tell_added(self, strokes: Sequence[Stroke]) -> None:
        """Say what was put on the face, and what brings it out."""
        if not strokes:
            return
        bound = [stroke for stroke in strokes if stroke.binding.onset is not Onset.ALWAYS]
        said = tr("{0} wrinkles, selected.", len(strokes)) if len(strokes) > 1 else tr("One wrinkle, selected.")
        self.say(f"{said} {binding_summary(bound[0].binding)}" if bound else said)

    def ask_name(self) -> None:
        """Ask under which name to keep the selected strokes."""
        strokes = selected_strokes(self)
        if not strokes:
            self.say(tr("Select the wrinkles to keep first."))
            return
        self._edited = None
        self.form.ask(strokes[-1].name or tr("Wrinkle"), USUAL_FOLDER, (), self._folders())

    def edit(self) -> None:
        """Change name, folder or tags of the chosen item."""
        item = self.view.current_item()
        if item is None:
            return
        if item.own:
            self.say(tr("{0} comes with the program: put it on the face and keep it under another name.", item.name))
            return
        self._edited = item
        self.form.ask(item.name, item.folder, item.wrinkles.tags, self._folders())

    def _folders(self) -> list[str]:
        mine = dict.fromkeys(item.folder for item in self.library.items if not item.own)
        return list(dict.fromkeys((*mine, USUAL_FOLDER)))

    def _keep(self, name: str, folder: str, tags: tuple[str, ...]) -> None:
        item, store = self._edited, self.library.library
        try:
            if item is not None:
                store.change(item, replace(item.wrinkles, name=name, tags=tags), folder)
            else:
                store.keep(WrinkleSet(selected_strokes(self), name, tags), folder)
        except (ValueError, OSError) as error:
            self.say(str(error))
            return
        self.form.hide()
        self.say(tr("Kept {0} in {1}.", name, folder))
        self.library.reload()

    def take(self, paths: Sequence[Path]) -> None:
        """Bring files of somebody else into the library; each that is none is told in a line."""
        taken, problems = 0, []
        for path in paths:
            try:
                self.library.library.take(path)
            except (ValueError, OSError) as error:
                problems.append(str(error))
            else:
                taken += 1
        if taken:
            self.library.reload()
        self.say(problems[0] if problems else tr("{0} files are in {1} now.", taken, USUAL_FOLDER))

    def delete(self) -> None:
        """Delete the chosen item, after a question."""
        item = self.view.current_item()
        if item is None:
            return
        if item.own:
            self.say(tr("{0} comes with the program and stays.", item.name))
            return
        text = tr("Delete {0} from the library? This cannot be undone.", shown(item.name))
        if QMessageBox.question(self, tr("Delete"), text) != QMessageBox.StandardButton.Yes:
            return
        try:
            self.library.library.delete(item)
        except (ValueError, OSError) as error:
            self.say(str(error))
        self.library.reload()

    def menu(self) -> QMenu:
        """The context menu of the chosen item."""
        menu, item = QMenu(self), self.view.current_item()
        some = item is not None
        for text, run in (
            (tr("Put on the face"), lambda: item is not None and self.apply(item)),
            (tr("Name, folder and tags…"), self.edit),
            (tr("Copy to a file…"), lambda: self.requested.emit("library_export")),
            (tr("Delete"), self.delete),
        ):
            menu.addAction(text, run).setEnabled(some)
        menu.actions()[-1].setIcon(icon("trash"))
        return menu

    def _open_menu(self, position: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(position))
