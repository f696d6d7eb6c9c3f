"""Shows one page of the manual in the program's colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QTextEdit, QWidget

from rhytid.gui.manual.pages import anchor_of
from rhytid.gui.theme import FONT_POINTS, colour, dress

COLUMN_PX = 800  # longer lines are hard to read
MARGIN_PX = 26
MARK_LIMIT = 400
_MONO = ["DejaVu Sans Mono", "Menlo", "Consolas", "monospace"]
_HEADING_POINTS = {1: FONT_POINTS + 8, 2: FONT_POINTS + 4, 3: FONT_POINTS + 1.5, 4: FONT_POINTS}
_SPACE_ABOVE = {1: 4, 2: 26, 3: 18, 4: 12}


class PageView(QTextBrowser):
    """A browser of the manual's pages, with anchors at all headings and the words of a search marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenExternalLinks(False)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.document().setDocumentMargin(MARGIN_PX)
        dress(self, "QTextBrowser { background: @canvas@; border: 0; padding: 0; }")
        self._words: Sequence[str] = ()
        self._anchor = ""
        self.sourceChanged.connect(self._loaded)  # also by going back, which asks no virtual function

    def _loaded(self, url: QUrl) -> None:
        """Dress the page, which is read anew even for another anchor of it, and go there: headings have grown."""
        _dress(self.document())
        self._fit()
        self._anchor = url.fragment()
        self._show_marks()
        if self._anchor:
            self.scrollToAnchor(self._anchor)

    def take_theme(self) -> None:
        self.reload()  # a page brings its colours

    def loadResource(self, kind: int, url: QUrl) -> Any:
        """Pictures come smoothly scaled; the document would scale them by the nearest pixel."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, url)
        picture = QImage(self.source().resolved(url).toLocalFile())
        ratio = self.devicePixelRatioF()
        picture = picture.scaledToWidth(round(self._room() * ratio), Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(ratio)
        return picture

    def mark(self, words: Sequence[str]) -> None:
        """Mark every place of these words, on this page and those that follow."""
        self._words = words
        self._show_marks()

    def _show_marks(self) -> None:
        """Mark the heading that was asked for, over the whole width, and the words of the search."""
        line, shade = QTextCharFormat(), QTextCharFormat()
        line.setBackground(colour("selected"))
        line.setProperty(QTextFormat.Property.FullWidthSelection, True)
        shade.setBackground(colour("accent_dim"))
        shade.setForeground(colour("text"))
        marks = [_mark(QTextCursor(block), line) for block in _blocks(self.document())
                 if block.blockFormat().headingLevel() > 1 and anchor_of(block.text()) == self._anchor]  # fmt: skip
        for word in self._words:
            cursor = self.document().find(word)
            while not cursor.isNull() and len(marks) < MARK_LIMIT:
                marks.append(_mark(cursor, shade))
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _room(self) -> int:
        """Width of the text in pixels."""
        return max(min(self.viewport().width() - 2 * MARGIN_PX, COLUMN_PX), 100)

    def _fit(self) -> None:
        """Lines and pictures as wide as the window allows."""
        room = self._room()
        self.setLineWrapColumnOrWidth(room + 2 * MARGIN_PX)
        for block in _blocks(self.document()):
            pieces = block.begin()
            while not pieces.atEnd():
                fragment = pieces.fragment()
                if fragment.charFormat().isImageFormat():
                    picture = fragment.charFormat().toImageFormat()
                    if picture.width() != room:
                        picture.setWidth(room)
                        cursor = QTextCursor(self.document())
                        cursor.setPosition(fragment.position())
                        cursor.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
                        cursor.setCharFormat(picture)
                        break
                pieces += 1


def _mark(cursor: QTextCursor, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    mark.cursor, mark.format = cursor, look
    return mark


def _blocks(document: QTextDocument) -> list[QTextBlock]:
    found, block = [], document.begin()
    while block.isValid():
        found.append(block)
        block = block.next()
    return found


def _dress(document: QTextDocument) -> None:
    """Give a page that was read from Markdown its anchors, sizes and colours."""
    whole = QTextCursor(document)
    whole.beginEditBlock()  # one layout for all of it
    for block in _blocks(document):
        level = block.blockFormat().headingLevel()
        if level:
            _dress_heading(block, level)
        elif _is_code(block):
            _dress_code(block)
        else:
            _dress_text(block)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame)
    whole.endEditBlock()


def _select(block: QTextBlock) -> QTextCursor:
    cursor = QTextCursor(block)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _is_code(block: QTextBlock) -> bool:
    kind = QTextFormat.Property
    return block.blockFormat().hasProperty(kind.BlockCodeFence) or block.blockFormat().hasProperty(
        kind.BlockCodeLanguage
    )


def _dress_heading(block: QTextBlock, level: int) -> None:
    text = QTextCharFormat()
    text.setFontPointSize(_HEADING_POINTS[min(level, 4)])
    text.setFontWeight(QFont.Weight.DemiBold)
    text.setForeground(colour("text"))
    if level > 1:
        text.setAnchor(True)
        text.setAnchorNames([anchor_of(block.text())])
    space = QTextBlockFormat()
    space.setTopMargin(_SPACE_ABOVE[min(level, 4)])
    space.setBottomMargin(7)
    cursor = _select(block)
    cursor.mergeCharFormat(text)
    cursor.mergeBlockFormat(space)


def _dress_code(block: QTextBlock) -> None:
    text = QTextCharFormat()
    text.setFontFamilies(_MONO)
    text.setForeground(colour("text"))
    shade = QTextBlockFormat()
    shade.setBackground(colour("field_hover"))
    shade.setLeftMargin(10)
    cursor = _select(block)
    cursor.mergeCharFormat(text)
    cursor.mergeBlockFormat(shade)


def _dress_text(block: QTextBlock) -> None:
    pieces = block.begin()
    spans: list[tuple[int, int]] = []
    is_picture = False
    while not pieces.atEnd():
        fragment = pieces.fragment()
        is_picture |= fragment.charFormat().isImageFormat()
        if fragment.charFormat().fontFixedPitch():
            spans.append((fragment.position(), fragment.length()))
        pieces += 1
    code = QTextCharFormat()
    code.setFontFamilies(_MONO)
    code.setForeground(colour("accent"))
    for start, length in spans:
        cursor = QTextCursor(block)
        cursor.setPosition(start)
        cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(code)
    if not is_picture:
        space = QTextBlockFormat()
        space.setLineHeight(135.0, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        QTextCursor(block).mergeBlockFormat(space)


def _dress_table(table: QTextTable) -> None:
    look = table.format()
    look.setBorder(1)
    look.setBorderBrush(colour("line_soft"))
    look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    look.setBorderCollapse(True)
    look.setCellPadding(5)
    look.setCellSpacing(0)
    look.setTopMargin(6)
    look.setBottomMargin(12)
    look.setWidth(QTextLength())
    table.setFormat(look)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        header = cell.format()
        header.setBackground(colour("panel"))
        cell.setFormat(header)
