"""Which paragraph of the manual explains which control.

A control is named by the class of the widget that made it and the attribute that holds it there:
``ExportDialog.padding``, ``ToolOptionsPanel.rows.depth_mm``. A name of a class alone speaks for all controls
inside that have no paragraph of their own, an object name for an action or a dock.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QToolButton, QWidget

from rhytid.gui.manual.pages import START
from rhytid.gui.manual.topic_table import TOPICS


def topic_of(control: QWidget | QAction | None) -> str:
    """The paragraph about a control, as "drawing#depth": its own, or that of the nearest parent that has one."""
    while control is not None:
        for name in names_of(control):
            if name in TOPICS:
                return TOPICS[name]
        parent = control.parent() if isinstance(control, QAction) else control.parentWidget()
        control = parent if isinstance(parent, QWidget | QAction) else None
    return START


def topic_in_menu(menu: QMenu) -> str:
    """The paragraph about the entry of a menu that is highlighted, else about the menu."""
    entry = menu.activeAction()
    topic = topic_of(entry)
    return topic if topic != START else topic_of(menu)


def names_of(control: QWidget | QAction) -> Iterator[str]:
    """Names by which `TOPICS` may know a control, the closest first."""
    if isinstance(control, QLabel) and control.buddy() is not None:
        yield from names_of(control.buddy())
    if isinstance(control, QToolButton) and control.defaultAction() is not None:
        yield control.defaultAction().objectName()
    if isinstance(control, QWidget):
        owner = control.parentWidget()
        while owner is not None:
            for attribute in _attributes(owner, control):
                yield from (f"{cls.__name__}.{attribute}" for cls in _own_classes(owner))
            owner = owner.parentWidget()
    yield control.objectName()
    yield from (cls.__name__ for cls in _own_classes(control))


def _attributes(owner: QWidget, control: QWidget) -> Iterator[str]:
    """Attributes of `owner` that hold `control`, or hold it by a key."""
    for name, value in getattr(owner, "__dict__", {}).items():
        if value is control:
            yield name
        elif isinstance(value, dict):
            for key, held in value.items():
                if held is control:
                    yield from (f"{name}.{_key_text(key)}", name)


def _key_text(key: Any) -> str:
    return str(key.value if isinstance(key, Enum) else key)


def _own_classes(control: object) -> list[type]:
    """Classes of this program that a widget is of, the most special first."""
    return [cls for cls in type(control).__mro__ if cls.__module__.startswith("rhytid.")]
