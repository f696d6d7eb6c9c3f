"""The manual's window: pages, anchors, history, search."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor, QTextTable
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from rhytid.gui.manual.pages import START, manual_pages
from rhytid.gui.manual.window import Manual


@pytest.fixture
def manual(qtbot):
    parent = QMainWindow()
    qtbot.addWidget(parent)
    window = Manual(parent)
    window.show()
    qtbot.waitExposed(window)
    yield window
    parent.close()


def anchors(manual: Manual) -> set[str]:
    found, block = set(), manual.view.document().begin()
    while block.isValid():
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        found.update(cursor.charFormat().anchorNames())
        block = block.next()
    return found


def test_it_opens_at_its_front_page_and_lists_all_pages(manual):
    assert manual.place == START
    names = [manual.contents.topLevelItem(i).text(0) for i in range(manual.contents.topLevelItemCount())]
    assert names == [page.title for page in manual_pages()]


@pytest.mark.parametrize("page", manual_pages(), ids=lambda page: page.name)
def test_every_heading_of_a_page_is_an_anchor_in_its_document(manual, page):
    manual.open(page.name)
    assert anchors(manual) == {section.anchor for section in page.sections if section.anchor}
    assert page.title in manual.view.toPlainText()


def test_a_place_is_scrolled_to(manual):
    manual.open("exporting")
    assert manual.view.verticalScrollBar().value() == 0
    manual.open("exporting#unity")
    assert manual.view.verticalScrollBar().value() > 100
    assert manual.place == "exporting#unity"
    assert manual.contents.currentItem().text(0) == "Loading it elsewhere", "the chapter that it is in"
    marked = [mark.cursor.block().text() for mark in manual.view.extraSelections()]
    assert marked == ["Unity"]
    manual.open("drawing#eraser")
    assert manual.contents.currentItem().text(0) == "Eraser"
    manual.open("drawing")
    assert manual.contents.currentItem().text(0) == "Drawing and erasing"
    assert manual.view.extraSelections() == []


def test_an_unknown_page_is_refused(manual):
    with pytest.raises(ValueError, match="no page"):
        manual.open("nowhere")


def test_back_and_forward_go_through_the_pages(manual):
    assert not manual.back.isEnabled()
    manual.open("drawing#depth")
    manual.open("chart")
    QTest.mouseClick(manual.back, Qt.MouseButton.LeftButton)
    assert manual.place == "drawing#depth"
    QTest.mouseClick(manual.forward, Qt.MouseButton.LeftButton)
    assert manual.place == "chart"
    assert not manual.forward.isEnabled()


def test_a_link_between_pages_is_followed(manual):
    manual.open("face")
    manual.view.setSource(manual.view.source().resolved("limits.md#age"))
    assert manual.place == "limits#age"
    assert "age" in anchors(manual)


def test_a_search_lists_paragraphs_and_marks_the_words(manual):
    QTest.keyClicks(manual.search, "edge padding")
    assert manual.lists.currentWidget() is manual.hits
    QTest.keyClick(manual.search, Qt.Key.Key_Return)
    assert manual.place == "exporting#edge-padding"
    marked = {mark.cursor.selectedText().lower() for mark in manual.view.extraSelections()}
    assert marked == {"", "edge", "padding"}, "the line of the heading, and the words"
    QTest.keyClick(manual, Qt.Key.Key_Escape)
    assert manual.search.text() == ""
    assert manual.lists.currentWidget() is manual.contents
    assert len(manual.view.extraSelections()) == 1
    QTest.keyClick(manual, Qt.Key.Key_Escape)
    assert not manual.isVisible()


def test_a_search_without_a_hit_says_so(manual):
    QTest.keyClicks(manual.search, "xyzzy")
    assert manual.lists.currentWidget() is manual.nothing
    assert "xyzzy" in manual.nothing.text()


def test_pictures_and_tables_are_shown(manual):
    manual.open("getting-started")
    assert manual.view.document().size().height() > 1000, "the pictures take room"
    manual.open("keys")
    tables = [frame for frame in manual.view.document().rootFrame().childFrames() if isinstance(frame, QTextTable)]
    assert len(tables) == 8
