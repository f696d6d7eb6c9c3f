"""A fixture for tests with widgets: none may outlive its test."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication


def _alive() -> dict[int, str]:
    return {id(widget): f"{type(widget).__name__} {widget.objectName()!r}" for widget in QApplication.topLevelWidgets()}


@pytest.fixture(autouse=True)
def no_leaked_widgets(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a window, a menu or a parentless widget behind."""
    before = _alive()
    yield
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()
    leaked = [name for key, name in _alive().items() if key not in before]
    assert not leaked, f"widgets outlived the test: {leaked}"
