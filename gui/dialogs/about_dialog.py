"""About: version, renderer, licences."""

from __future__ import annotations

import platform
import re
from importlib.metadata import PackageNotFoundError, version

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.theme import RESOURCES
from rhytid.gui.widgets.labels_and_buttons import text_label

_ROW = re.compile(r"^\| ([\w., -]+) \| [^|]+ \| ([\w. -]+) \|$", re.MULTILINE)


def program_version() -> str:
    """Version of the program, "development" when it was not installed."""
    try:
        return version("rhytid")
    except PackageNotFoundError:
        return "development"


def system_facts(renderer: str = "") -> str:
    """What to put into a report of a fault."""
    lines = [tr("Rhytid {0}", program_version()), f"{platform.system()} {platform.release()}, {platform.machine()}",
             tr("Python {0}, PySide6 {1}", platform.python_version(), PySide6.__version__)]  # fmt: skip
    if renderer:
        lines.append(tr("OpenGL: {renderer}", renderer=renderer))
    return "\n".join(lines)


class AboutDialog(Dialog):
    """Version and licences.

    Parameters
    ----------
    renderer : str
        What OpenGL says it is.
    """

    def __init__(self, renderer: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tr("About Rhytid"), "", parent)
        row = QHBoxLayout()
        row.setSpacing(16)
        mark = QLabel()
        mark.setPixmap(QIcon(str(RESOURCES / "icons" / "rhytid.svg")).pixmap(64, 64))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.addWidget(text_label(tr("Rhytid"), "title"))
        column.addWidget(text_label(tr("An editor for the fine detail of 3D faces. Rhytid is medical Latin for a skin "
                                       "wrinkle."), "soft"))  # fmt: skip
        row.addLayout(column, 1)
        self.body.addLayout(row)
        tabs = QTabWidget()
        self.facts = _text(system_facts(renderer))
        tabs.addTab(self.facts, tr("This machine"))
        tabs.addTab(_text(_licences()), tr("Licences"))
        self.body.addWidget(tabs, 1)
        self.finish_layout()
        self.resize(500, 380)


def _text(text: str) -> QPlainTextEdit:
    field = QPlainTextEdit(text)
    field.setReadOnly(True)
    return field


def libraries() -> dict[str, str]:
    """Licence of each package that the program uses, as `resources/README.md` lists them."""
    _, _, text = (RESOURCES / "README.md").read_text(encoding="utf-8").partition("\n## Libraries\n")
    rows = [(names, licence) for names, licence in _ROW.findall(text) if names != "package"]
    return {name: licence for names, licence in rows for name in names.split(", ")}


def _licences() -> str:
    head = (tr("The default head is this project's own topology, registered to faces sampled from ICT-FaceKit Light "
               "(MIT "
               "licence, University of Southern California)."))  # fmt: skip
    lines = [tr("Rhytid is under the MIT licence. {head}", head=head), "", tr("Libraries:")]
    for package, licence in libraries().items():
        try:
            lines.append(f"  {package} {version(package)}  –  {licence}")
        except PackageNotFoundError:
            continue  # for training and tests only
    return "\n".join(lines)
