"""About: version, renderer, licences."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.panels.panel import text_label
from rhytid.gui.theme import RESOURCES

_LIBRARIES = (
    ("PySide6-Essentials", "Qt for Python", "LGPL-3.0"), ("numpy", "NumPy", "BSD-3-Clause"),
    ("scipy", "SciPy", "BSD-3-Clause"), ("opencv-python-headless", "OpenCV", "Apache-2.0"),
    ("scikit-image", "scikit-image", "BSD-3-Clause"), ("moderngl", "ModernGL", "MIT"),
    ("pyqtgraph", "PyQtGraph", "MIT"), ("psygnal", "psygnal", "BSD-3-Clause"), ("trimesh", "trimesh", "MIT"),
    ("pygltflib", "pygltflib", "MIT"), ("OpenEXR", "OpenEXR", "BSD-3-Clause"), ("tifffile", "tifffile", "BSD-3-Clause"),
    ("platformdirs", "platformdirs", "MIT"),
)  # fmt: skip


def program_version() -> str:
    """Version of the program, "development" when it was not installed."""
    try:
        return version("rhytid")
    except PackageNotFoundError:
        return "development"


def system_facts(renderer: str = "") -> str:
    """What to put into a report of a fault."""
    lines = [f"Rhytid {program_version()}", f"{platform.system()} {platform.release()}, {platform.machine()}",
             f"Python {platform.python_version()}, PySide6 {PySide6.__version__}"]  # fmt: skip
    if renderer:
        lines.append(f"OpenGL: {renderer}")
    return "\n".join(lines)


class AboutDialog(Dialog):
    """Version and licences.

    Parameters
    ----------
    renderer : str
        What OpenGL says it is.
    """

    def __init__(self, renderer: str = "", parent: QWidget | None = None) -> None:
        super().__init__("About Rhytid", "", parent)
        row = QHBoxLayout()
        row.setSpacing(16)
        mark = QLabel()
        mark.setPixmap(QIcon(str(RESOURCES / "icons" / "rhytid.svg")).pixmap(64, 64))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.addWidget(text_label("Rhytid", "title"))
        column.addWidget(text_label("An editor for the fine detail of 3D faces. Rhytid is medical Latin for a skin "
                                    "wrinkle.", "soft"))  # fmt: skip
        row.addLayout(column, 1)
        self.body.addLayout(row)
        tabs = QTabWidget()
        self.facts = _text(system_facts(renderer))
        tabs.addTab(self.facts, "This machine")
        tabs.addTab(_text(_licences()), "Licences")
        self.body.addWidget(tabs, 1)
        self.finish_layout()
        self.resize(500, 380)


def _text(text: str) -> QPlainTextEdit:
    field = QPlainTextEdit(text)
    field.setReadOnly(True)
    return field


def _licences() -> str:
    lines = ["The default head is this project's own topology, registered to faces sampled from ICT-FaceKit Light",
             "(MIT licence, University of Southern California).", "", "Libraries:"]  # fmt: skip
    for package, name, licence in _LIBRARIES:
        try:
            found = version(package)
        except PackageNotFoundError:
            found = ""
        lines.append(f"  {name} {found}  –  {licence}")
    return "\n".join(lines)
