"""Panel of the age."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.document.commands import SetAge
from rhytid.core.document.document import Document
from rhytid.core.document.state import AGE_DEFAULT, DocumentState
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.panel import Panel
from rhytid.gui.widgets.labels_and_buttons import text_label
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

# Order of appearance after the clinical wrinkle scales of Lemperle et al. 2001 ("A classification of facial
# wrinkles") and the age series behind them; words for an artist, the engine has its own table of sites.
DECADES: tuple[tuple[float, str, str], ...] = (
    (16.0, "Teens", "Smooth at rest. Lines come only with strong expressions and leave with them."),
    (20.0, "Twenties", "The first fine lines at the outer eye corners when smiling; faint forehead lines when the "
                       "brows go up."),
    (30.0, "Thirties", "Crow's feet and forehead lines begin to stay. Frown lines show between the brows, fine lines "
                       "under the eyes."),
    (40.0, "Forties", "The folds from nose to mouth deepen, forehead and frown lines stay at rest, the lower lid "
                      "grows creased."),
    (50.0, "Fifties", "Marionette lines below the mouth corners, fine lines across the upper lip, rings on the neck."),
    (60.0, "Sixties", "All lines deepen and join; the chin puckers, cheeks carry fine crossing lines."),
    (70.0, "Seventies", "Deep folds at rest, and a net of fine lines over cheeks and lips; skin hangs on lids, jaw "
                        "and neck."),
    (80.0, "Eighty", "Cheeks and temples are hollow, lips thin; nose and ears are longer than ever. Skin stays as at "
                     "seventy."),
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
            "Age", AGE_MIN, LIFE_MAX, AGE_DEFAULT, step=1.0, decimals=0, suffix=" y",
            marks=tuple((decade, f"{decade:.0f}" if decade != AGE_MIN else "") for decade, _, _ in DECADES),
            tip="Age of the skin in years. Double click for 30.",
        )  # fmt: skip
        bind_row(self.row, document, SetAge)
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
            button.setToolTip(f"Set the age to {age}")
            button.clicked.connect(lambda _=False, age=age: self.execute(SetAge(float(age))))
            jumps.addWidget(button)
        self._stack.setContentsMargins(4, 8, 6, 8)
        self._stack.setSpacing(6)
        self._stack.addWidget(self.row)
        self._stack.addLayout(jumps)
        for label in (self.decade, self.text):
            label.setContentsMargins(4, 0, 4, 0)
            self._stack.addWidget(label)
        self._stack.addStretch(1)
        self.refresh(document.state, None)

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or new.age != old.age:
            self.row.set_number(new.age)
            name, text = decade_of(round(new.age))  # as the slider shows it
            self.decade.setText(name)
            self.text.setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels([self.row], self.width(), 0.3)
