"""Hands that bring photos to the window."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication


def drop(driver, *paths) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(200, 200), copy, data, left, no_key)
    QApplication.sendEvent(driver.window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(driver.window, QDropEvent(QPointF(200, 200), copy, data, left, no_key))


def read(driver) -> None:
    driver.wait(lambda: not driver.session.jobs.busy and not driver.session.photos.active)
    driver.settle()


def made(driver, *paths) -> None:
    drop(driver, *paths)
    read(driver)
    assert driver.document.state.photo is not None, driver.window.messages.text
