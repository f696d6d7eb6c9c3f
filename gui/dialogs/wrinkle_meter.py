"""The wrinkle meter: count, length, depth and area of the lines that show, as table, plot and CSV."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHeaderView, QPushButton, QTableWidget, QTableWidgetItem, QWidget

from rhytid.core.face.wrinkle_meter import SiteMeasure, measures_csv
from rhytid.core.files.writing import write_text
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.save_file import ask_save
from rhytid.gui.widgets.bars import Bars
from rhytid.gui.widgets.labels_and_buttons import text_label

_COLUMNS = ((tr("Lines"), "count", "{:.0f}"), (tr("Length mm"), "length_mm", "{:.1f}"),
            (tr("Depth mm"), "depth_mm", "{:.3f}"),
            (tr("Area mm\u00b2"), "area_mm2", "{:.1f}"))  # fmt: skip
PLOTTED = 7  # sites with the largest values
_NONE = SiteMeasure("", 0, 0.0, 0.0, 0.0)


class WrinkleMeter(Dialog):
    """Measures of the face, beside those of A where one is kept.

    Parameters
    ----------
    now : sequence of SiteMeasure
    before : sequence of SiteMeasure or None
        Of A.
    """

    def __init__(
        self, now: Sequence[SiteMeasure], before: Sequence[SiteMeasure] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Wrinkle meter"), "", parent)
        self.now, self.before = list(now), None if before is None else list(before)
        sites = list(dict.fromkeys(one.site for one in (*self.now, *(self.before or ()))))
        about = tr("Lines that show at the present expression and age, measured along the skin.")
        if self.before is not None:
            about += tr(" In brackets: A.")
        self.body.addWidget(text_label(about, "soft"))
        self.table = QTableWidget(len(sites) + 1, 1 + len(_COLUMNS))
        self.table.setHorizontalHeaderLabels([tr("Site"), *(title for title, _field, _form in _COLUMNS)])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, 1 + len(_COLUMNS)):
            self.table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for row, site in enumerate((*sites, "")):
            self._fill(row, site)
        self.body.addWidget(self.table, 3)
        self.choice = QComboBox()
        self.choice.addItems([title for title, _field, _form in _COLUMNS])
        self.choice.setCurrentIndex(1)
        self.choice.currentIndexChanged.connect(lambda _at: self._plot(sites))
        self.body.addWidget(self.choice)
        self.plot = Bars()
        self.body.addWidget(self.plot, 2)
        self._plot(sites)
        self.save = QPushButton(tr("Save CSV\u2026"))
        self.save.clicked.connect(self._save)
        self.buttons.addButton(self.save, self.buttons.ButtonRole.ActionRole)
        self.finish_layout()
        self.resize(620, 640)

    def _fill(self, row: int, site: str) -> None:
        """One line of the table; "" is the total."""
        self.table.setItem(row, 0, QTableWidgetItem(site or tr("Together")))
        for column, (_title, field, form) in enumerate(_COLUMNS, start=1):
            text = form.format(_value(self.now, site, field))
            if self.before is not None:
                text += f"  ({form.format(_value(self.before, site, field))})"
            item = QTableWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)

    def _plot(self, sites: Sequence[str]) -> None:
        _title, field, form = _COLUMNS[self.choice.currentIndex()]
        sets = [self.now] if self.before is None else [self.now, self.before]
        most = sorted(sites, key=lambda site: -_value(self.now, site, field))[:PLOTTED]
        values = [[_value(measures, site, field) for site in most] for measures in sets]
        self.plot.show_values(most, values, form)

    def _save(self) -> None:
        path = ask_save(self, tr("Save Measures"), "CSV (*.csv)", (".csv",), "wrinkles.csv")
        if path is not None:
            write_text(path, measures_csv(self.now))


def _value(measures: Sequence[SiteMeasure], site: str, field: str) -> float:
    """A measure of one site; of all together for ""; depth is the mean over lines."""
    if site:
        return float(getattr(next((one for one in measures if one.site == site), _NONE), field))
    if field == "depth_mm":
        lines = sum(one.count for one in measures)
        return sum(one.depth_mm * one.count for one in measures) / lines if lines else 0.0
    return float(sum(getattr(one, field) for one in measures))
