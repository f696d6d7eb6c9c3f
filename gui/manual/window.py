"""The window of the manual: contents and search on the left, a page on the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.language import tr
from rhytid.gui.manual.page_view import PageView
from rhytid.gui.manual.pages import START, find, manual_pages
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

_PLACE = Qt.ItemDataRole.UserRole
_SECTION_LEVEL = 2  # deeper headings are not in the contents


class Manual(QWidget):
    """Stays open beside the work; a window of its own.

    Parameters
    ----------
    parent : QWidget
        The window that it lies over: while a dialog waits for an answer, only its own windows take input.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("manual")
        self.setWindowTitle(tr("Manual \u2013 Rhytid"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pages = {page.name: page for page in manual_pages()}
        self.view = PageView()
        self.contents = self._contents()
        self.hits = QListWidget()
        self.hits.setAccessibleName(tr("Found"))
        self.hits.setWordWrap(True)
        self.hits.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hits.setStyleSheet("QListWidget::item { padding: 5px 6px; }")
        self.hits.itemActivated.connect(self._open_item)
        self.hits.currentItemChanged.connect(lambda item, _before: self._open_item(item))
        self.nothing = text_label("", "soft")
        self.nothing.setContentsMargins(12, 10, 12, 10)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.lists = QStackedWidget()
        for widget in (self.contents, self.hits, self.nothing):
            self.lists.addWidget(widget)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addWidget(self.lists, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(left)
        splitter.addWidget(self.view)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([270, 860])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter)
        for keys, run in (
            (QKeySequence.StandardKey.Find, self.search.setFocus),
            (QKeySequence.StandardKey.Back, self.view.backward),
            (QKeySequence.StandardKey.Forward, self.view.forward),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(run)
        self.view.backwardAvailable.connect(self.back.setEnabled)
        self.view.forwardAvailable.connect(self.forward.setEnabled)
        self.view.sourceChanged.connect(self._show_place)
        self.resize(QSize(1130, 780).boundedTo(self.screen().availableSize()))
        self.view.setFocus()
        self.open(START)

    @property
    def place(self) -> str:
        """Where the reader is, as "drawing#depth"."""
        return _place_of(self.view.source())

    def open(self, place: str) -> None:
        """Go to a page, or to a paragraph of it.

        Raises
        ------
        ValueError
            There is no such page.
        """
        name, _, anchor = place.partition("#")
        if name not in self._pages:
            raise ValueError(f"the manual has no page {name!r}")
        url = QUrl.fromLocalFile(str(self._pages[name].path))
        if anchor:
            url.setFragment(anchor)
        self.view.setSource(url)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.search.text():
            self.search.clear()
        else:
            self.close()

    def _bar(self) -> QHBoxLayout:
        self.back = tool_button("arrow_left", tr("Back (Alt+Left)"))
        self.forward = tool_button("arrow_right", tr("Forward (Alt+Right)"))
        self.back.clicked.connect(self.view.backward)
        self.forward.clicked.connect(self.view.forward)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search the manual"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "text_faint"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(lambda: self.hits.setCurrentRow(0))
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 6, 6)
        bar.setSpacing(3)
        for button in (self.back, self.forward):
            button.setEnabled(False)
            bar.addWidget(button)
        bar.addWidget(self.search, 1)
        return bar

    def _contents(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderHidden(True)
        tree.setAccessibleName(tr("Contents"))
        tree.setIndentation(14)
        tree.setIconSize(QSize(0, 0))
        for page in self._pages.values():
            item = QTreeWidgetItem([page.title])
            item.setData(0, _PLACE, page.name)
            tree.addTopLevelItem(item)
            for section in page.sections:
                if section.level == _SECTION_LEVEL:
                    child = QTreeWidgetItem([section.title])
                    child.setData(0, _PLACE, section.place)
                    item.addChild(child)
        tree.itemClicked.connect(lambda item, _column: self.open(item.data(0, _PLACE)))
        tree.itemActivated.connect(lambda item, _column: self.open(item.data(0, _PLACE)))
        return tree

    def _show_place(self, url: QUrl) -> None:
        """Mark page and section in the contents."""
        name, _, anchor = _place_of(url).partition("#")
        place = chapter = name
        for section in self._pages[name].sections if name in self._pages else ():
            chapter = section.place if section.level == _SECTION_LEVEL else chapter
            if section.anchor == anchor:
                place = chapter
        for row in range(self.contents.topLevelItemCount()):
            page = self.contents.topLevelItem(row)
            here = page.data(0, _PLACE) == name
            page.setExpanded(here)
            if here:
                sections = (page.child(i) for i in range(page.childCount()))
                exact = next((item for item in sections if item.data(0, _PLACE) == place), page)
                self.contents.setCurrentItem(exact)

    def _search(self, text: str) -> None:
        self.hits.clear()
        words = text.split()
        self.view.mark(words)
        if not words:
            self.lists.setCurrentWidget(self.contents)
            return
        for hit in find(tuple(self._pages.values()), text):
            page, section = self._pages[hit.section.page], hit.section
            title = page.title if section.level == 1 else f"{page.title} \u203a {section.title}"
            item = QListWidgetItem(f"{title}\n{hit.snippet}")
            item.setData(_PLACE, section.place)
            self.hits.addItem(item)
        self.nothing.setText(tr("No paragraph holds “{0}”.", text.strip()))
        self.lists.setCurrentWidget(self.hits if self.hits.count() else self.nothing)

    def _open_item(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.open(item.data(_PLACE))


def _place_of(url: QUrl) -> str:
    name = url.fileName().removesuffix(".md")
    return f"{name}#{url.fragment()}" if url.hasFragment() else name
