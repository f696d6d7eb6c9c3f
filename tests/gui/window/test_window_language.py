"""Every text that people read can be translated: in the pseudo language, nothing shows without brackets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QGroupBox, QLabel, QLineEdit, QScrollArea, QTabWidget, QWidget
from test_window_help import dialogs, driver, subjects  # noqa: F401 (fixtures)

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.language import PSEUDO

IN_PSEUDO = os.environ.get("RHYTID_LANGUAGE") == PSEUDO
TAG = re.compile(r"<[^>]*>|&\w+;")
WORD = re.compile(r"[^\W\d_]{3,}")
# Names that are the same in every language, and what files, people and the machine are called.
NAMES = {
    "Rhytid", "SEMM", "DeTail", "FaceDet", "Maya", "Blender", "ZBrush", "Painter", "GLB", "OBJ", "PLY", "EXR", "PNG",
    "USDA", "USDC", "USDZ", "FBX", "ABC", "TIFF",
    "map", "png", "Tab", "Ctrl", "Shift", "Alt", "Esc", "Return", "Space", "Home", "Del", "Backspace", "Num",
} | set(ARKIT_NAMES)  # fmt: skip


# Qt's own texts, for which it has its own translations; what files and the machine say of themselves.
NOT_OURS = ("QDialogButtonBox > ", "PanelDock > QAbstractButton", "QKeySequenceEdit > ", "QTabBar > ")
SAID_BY_CORE = (
    "ComputePage > QLabel", "ExportReportDialog > QLabel", "ImportDialog > QLabel", "WrinklePackReportDialog > QLabel",
)  # fmt: skip


def texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """What shows on a widget and those in it, with where it is."""
    for widget in subjects(root):
        owner = widget.parentWidget()
        while type(owner) in (QWidget, QScrollArea):
            owner = owner.parentWidget()
        where = f"{type(owner).__name__} > {type(widget).__name__}"
        yield where, widget.toolTip()
        yield where, widget.windowTitle()
        yield where, widget.accessibleName()
        if isinstance(widget, QLabel | QAbstractButton):
            yield where, widget.text()
        elif isinstance(widget, QComboBox):
            yield from ((where, widget.itemText(i)) for i in range(widget.count()))
        elif isinstance(widget, QLineEdit):
            yield where, widget.placeholderText()
        elif isinstance(widget, QGroupBox):
            yield where, widget.title()
        elif isinstance(widget, QTabWidget):
            yield from ((where, widget.tabText(i)) for i in range(widget.count()))
    for action in (action for action in root.findChildren(QAction) if isinstance(action.parent(), QWidget)):
        yield f"action {action.objectName()}", action.text()
        yield f"action {action.objectName()}", action.toolTip()


def forgotten(text: str) -> bool:
    """Whether words stand in it outside of all brackets."""
    plain = TAG.sub(" ", text.replace("\n", " "))
    plain = re.sub(r"^\[[^\[\]]*$", " ", plain)  # the name of a button is the first line of its tip
    while (fewer := re.sub(r"\[[^\[\]]*\]", " ", plain)) != plain:
        plain = fewer
    return any(word not in NAMES for word in WORD.findall(plain))


@pytest.mark.skipif(IN_PSEUDO, reason="it starts the other one")
def test_no_text_of_the_window_and_its_dialogs_is_left_out_of_translation():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{__file__}::test_walk"],
        env={**{name: value for name, value in os.environ.items() if "PYTEST" not in name}, "RHYTID_LANGUAGE": PSEUDO},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-6000:]
    assert run.stdout.startswith("."), run.stdout  # neither skipped nor empty


@pytest.mark.skipif(not IN_PSEUDO, reason="started by the other one")
def test_walk(driver, dialogs):  # noqa: F811
    left = {(where, text) for root in (driver.window, *dialogs) for where, text in texts(root)
            if forgotten(text) and not where.startswith(NOT_OURS + SAID_BY_CORE)}
    assert not left, "\n".join(f"{where}: {text!r}" for where, text in sorted(left))
