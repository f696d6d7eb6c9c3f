"""Panel of the complexion: colours of skin and eyes."""

from __future__ import annotations

from random import SystemRandom

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from rhytid.core.document.commands import RandomComplexion, SetAlbedo, SetComplexion
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.maps.complexion import COMPLEXION_FIELDS, TONES, Complexion, Tone
from rhytid.core.maps.complexion_map import tone_srgb
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.painted_layer import PaintedLayerGroup
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import icon
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

_SWATCH_PX = 26
_SEEDS = 100_000
_DEFAULT = Complexion()
_GROUPS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (tr("Tone"), (
        ("melanin", tr("Melanin"), tr("From the palest people to the darkest")),
        ("warmth", tr("Warmth"), tr("Red melanin in the brown, from cool to warm")),
        ("blood", tr("Blood"), tr("Blood in all skin, from wan to ruddy")),
        ("yellow", tr("Yellow"), tr("Carotene and bilirubin, from pink to golden and sallow")),
    )),
    (tr("Redness"), (
        ("flush", tr("Cheeks and nose"), tr("Blood in cheeks, nose, chin and ears")),
        ("blotches", tr("Blotches"), tr("Unevenly spread blood")),
    )),
    (tr("Marks"), (
        ("mottling", tr("Mottling"), tr("Fine unevenness and pores; the finest is in exported maps from 2048 on")),
        ("freckles", tr("Freckles"), tr("How many, and how dark")),
        ("moles", tr("Moles"), tr("How many, and how dark")),
        ("age_spots", tr("Age spots"), tr("How many the years bring, and how early")),
    )),
    (tr("Features"), (
        ("lips", tr("Lips"), tr("Redness of the lips; their tone follows the skin's")),
        ("lids", tr("Eyelids"), tr("Red-brown of upper lids and inner corners")),
        ("dark_circles", tr("Dark circles"), tr("Darkness under the eyes")),
        ("beard", tr("Beard shadow"), tr("Shadow of a shaved beard")),
    )),
    (tr("Eyes and teeth"), (
        ("iris", tr("Irises"), tr("Light blue, grey, green, hazel, brown, nearly black")),
        ("teeth", tr("Teeth"), tr("Shade at thirty, from B1 over A2 to C4; the years darken and wear them")),
    )),
)  # fmt: skip


class SkinColorPanel(Panel):
    """Tones to begin with, a die, and a slider for every layer of the colour."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.dice = QPushButton(icon("dice"), tr("Random"))
        self.dice.setToolTip(tr("The colours of another random person, skin, irises and hair"))
        self.dice.setStyleSheet("QPushButton { padding: 4px 9px; }")
        self.dice.clicked.connect(lambda: self.execute(RandomComplexion(SystemRandom().randrange(_SEEDS))))
        self.usual = tool_button("reset", tr("Reset all colours"))
        self.usual.clicked.connect(lambda: self._reset(COMPLEXION_FIELDS, "Reset skin colour"))
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 4)
        bar.addWidget(self.dice)
        bar.addStretch(1)
        bar.addWidget(self.usual)
        self._stack.addLayout(bar)
        self.tones: dict[str, QToolButton] = {}
        strip = QHBoxLayout()
        strip.setContentsMargins(6, 0, 5, 4)
        strip.setSpacing(2)
        for tone in TONES:
            self.tones[tone.name] = self._swatch(tone)
            strip.addWidget(self.tones[tone.name])
        strip.addStretch(1)
        self._stack.addLayout(strip)
        self.brought = self._notice()
        self._stack.addWidget(self.brought)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self.rows: dict[str, SliderRow] = {}
        self.groups: dict[str, FoldGroup] = {}
        self.painted = PaintedLayerGroup(document)
        column.addWidget(self.painted)
        for title, entries in _GROUPS:
            column.addWidget(self._group(title, entries))
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.refresh(document.state, None)

    def _notice(self) -> QWidget:
        """What is told of a colour that was brought in, and the way to be rid of it."""
        notice = QWidget()
        row = QHBoxLayout(notice)
        row.setContentsMargins(8, 2, 5, 4)
        text = tr("This face has the colour of a photo or of a file; these sliders wait until that is removed.")
        row.addWidget(text_label(text, "soft"), 1)
        self.remove = QPushButton(tr("Remove"))
        self.remove.setToolTip(tr("Take that colour away; Undo brings it back"))
        self.remove.clicked.connect(lambda: self.execute(SetAlbedo(None)))
        row.addWidget(self.remove)
        return notice

    def _swatch(self, tone: Tone) -> QToolButton:
        button = QToolButton()
        picture = QPixmap(QSize(_SWATCH_PX, _SWATCH_PX))
        picture.fill(QColor(*tone_srgb(tone)))
        button.setIcon(QIcon(picture))
        button.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
        button.setAutoRaise(True)
        button.setToolTip(tr(f"{tone.name} skin"))
        button.setAccessibleName(tr(f"{tone.name} skin"))
        values = {name: getattr(tone, name) for name in ("melanin", "warmth", "blood", "yellow")}
        button.clicked.connect(lambda: self.execute(SetComplexion(values, tr(f"{tone.name} skin"))))
        return button

    def _group(self, title: str, entries: tuple[tuple[str, str, str], ...]) -> FoldGroup:
        group = FoldGroup(title, resettable=True)
        names = tuple(name for name, _, _ in entries)
        group.reset_requested.connect(lambda: self._reset(names, tr("Reset {0}", title.lower())))
        for name, label, tip in entries:
            row = SliderRow(label, 0.0, 1.0, getattr(_DEFAULT, name), step=0.01, tip=tip)
            bind_row(row, self.document, lambda value, name=name: SetComplexion({name: value}))
            group.body.addWidget(row)
            self.rows[name] = row
        self.groups[title] = group
        return group

    def _reset(self, names: tuple[str, ...], text: str) -> None:
        self.execute(SetComplexion({name: getattr(_DEFAULT, name) for name in names}, text))

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or (new.albedo is None) != (old.albedo is None):
            self.brought.setVisible(new.albedo is not None)
        if old is None or new.paint is not old.paint:
            self.painted.show_state(new)
        if old is not None and new.complexion is old.complexion:
            return
        for name, row in self.rows.items():
            row.set_number(getattr(new.complexion, name))
        self.usual.setEnabled(new.complexion != _DEFAULT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels(self.rows.values(), self.width() - 16)
