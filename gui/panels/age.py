"""Panel of the age."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.document.commands import ResetAgeParts, SetAge, SetAgePart, SetShapeAge
from rhytid.core.document.document import Document
from rhytid.core.document.state import AGE_DEFAULT, DocumentState
from rhytid.core.head.ageing import AGED_PARTS
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.panel import Panel
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

# Order of appearance after the clinical wrinkle scales of Lemperle et al. 2001 ("A classification of facial
# wrinkles") and the age series behind them; words for an artist, the engine has its own table of sites.
DECADES: tuple[tuple[float, str, str], ...] = (
    (16.0, tr("Teens"), tr("Smooth at rest. Lines come only with strong expressions and leave with them.")),
    (20.0, tr("Twenties"),
     tr("The first fine lines at the outer eye corners when smiling; faint forehead lines when the "
        "brows go up.")),
    (30.0, tr("Thirties"),
     tr("Crow's feet and forehead lines begin to stay. Frown lines show between the brows, fine lines "
        "under the eyes.")),
    (40.0, tr("Forties"),
     tr("The folds from nose to mouth deepen, forehead and frown lines stay at rest, the lower lid "
        "grows creased.")),
    (50.0, tr("Fifties"),
     tr("Marionette lines below the mouth corners, fine lines across the upper lip, rings on the neck.")),
    (60.0, tr("Sixties"), tr("All lines deepen and join; the chin puckers, cheeks carry fine crossing lines.")),
    (70.0, tr("Seventies"),
     tr("Deep folds at rest, and a net of fine lines over cheeks and lips; skin hangs on lids, jaw "
        "and neck.")),
    (80.0, tr("Eighty"),
     tr("Cheeks and temples are hollow, lips thin; nose and ears are longer than ever. Skin stays as at "
        "seventy.")),
)  # fmt: skip


def decade_of(age: float) -> tuple[str, str]:
    """Name of the decade and what it brings."""
    _, name, text = max((entry for entry in DECADES if entry[0] <= max(age, AGE_MIN)), key=lambda entry: entry[0])
    return name, text


class AgePanel(Panel):
    """One large slider from 16 to 80 with the decades marked, and what the decade brings."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.row = SliderRow(
            tr("Age"), AGE_MIN, LIFE_MAX, AGE_DEFAULT, step=1.0, decimals=0, suffix=" y",
            marks=tuple((decade, f"{decade:.0f}" if decade != AGE_MIN else "") for decade, _, _ in DECADES),
            tip=tr("Age of the person in years: of shape and skin while both are linked. Double click for 30."),
        )  # fmt: skip
        bind_row(self.row, document, SetAge)
        self.row.channels = ("age",)
        self.linked = QCheckBox(tr("Shape and skin together"))
        self.linked.setToolTip(tr("Off: the shape of the head has an age of its own, and the slider above is the "
                                  "skin's"))
        self.linked.clicked.connect(self._link)
        self.shape = SliderRow(tr("Shape"), AGE_MIN, LIFE_MAX, AGE_DEFAULT, step=1.0, decimals=0, suffix=" y",
                               tip=tr("Age of the head's shape in years. Double click for that of the skin.")
        )  # fmt: skip
        bind_row(self.shape, document, SetShapeAge, lambda: document.state.age)
        self.shape.channels = ("shape_age",)
        self.parts = FoldGroup(tr("Parts"), resettable=True, folded=True)
        self.parts.reset_requested.connect(lambda: self.execute(ResetAgeParts()))
        self.part_rows = {name: self._part_row(name) for name in AGED_PARTS}
        self.decade = text_label("", "heading")
        self.text = text_label("", "soft")
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setMinimumHeight(self.fontMetrics().lineSpacing() * 3)
        jumps = QHBoxLayout()
        jumps.setSpacing(3)
        for age in (20, 30, 40, 50, 60, 70, 80):
            button = QPushButton(str(age))
            button.setMinimumWidth(20)
            button.setStyleSheet("QPushButton { padding: 3px 0; }")
            button.setToolTip(tr("Set the age to {age}", age=age))
            button.clicked.connect(lambda _=False, age=age: self.execute(SetAge(float(age))))
            jumps.addWidget(button)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 8, 6, 8)
        column.setSpacing(6)
        column.addWidget(self.row)
        column.addLayout(jumps)
        for label in (self.decade, self.text):
            label.setContentsMargins(4, 0, 4, 0)
            column.addWidget(label)
        for widget in (self.linked, self.shape, self.parts):
            column.addWidget(widget)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.refresh(document.state, None)

    def _part_row(self, name: str) -> SliderRow:
        label = tr(name.replace("_", " ").capitalize())
        row = SliderRow(label, 0.0, 200.0, 100.0, step=5.0, decimals=0, suffix=" %",
                        tip=tr("{label}: how much of what the years do to it shows. Double click for 100 %.",
                               label=label))  # fmt: skip
        bind_row(row, self.document, lambda percent: SetAgePart(name, percent / 100))
        self.parts.body.addWidget(row)
        return row

    def _link(self, together: bool) -> None:
        self.execute(SetShapeAge(None if together else self.document.state.age))

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or new.age != old.age:
            self.row.set_number(new.age)
            name, text = decade_of(round(new.age))  # as the slider shows it
            self.decade.setText(name)
            self.text.setText(text)
        if old is None or new.shape_age != old.shape_age:
            together = new.shape_age is None
            self.linked.setChecked(together)
            self.shape.setVisible(not together)
            self.row.label = tr("Age") if together else tr("Skin")
            self.row.update()
            if new.shape_age is not None:
                self.shape.set_number(new.shape_age)
        if old is None or new.age_parts != old.age_parts:
            factors = dict(new.age_parts)
            for part, row in self.part_rows.items():
                row.set_number(100 * factors.get(part, 1.0))
            self.parts.set_note(str(len(factors)) if factors else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels([self.row, self.shape], self.width(), 0.3)
        align_labels(self.part_rows.values(), self.width() - 16)
