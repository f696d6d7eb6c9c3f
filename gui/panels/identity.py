"""Panel of the identity: who the head is."""

from __future__ import annotations

from random import SystemRandom

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QVBoxLayout, QWidget

from rhytid.core.document.commands import RandomIdentity, SetIdentity, SetIdentityMode
from rhytid.core.document.document import Document
from rhytid.core.document.identity import seeded_identity
from rhytid.core.document.limits import SEED_MAX
from rhytid.core.document.state import DocumentState
from rhytid.core.head.head import Head
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import icon
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

N_SHOWN = 12
_SPREAD = 3.0  # standard deviations that the sliders reach


def mode_names(head: Head) -> tuple[str, ...]:
    """What a positive weight of each identity mode does, "Mode 7" where nothing stands out.

    Told from how the modes move the 68 landmarks.

    Each measure is compared with its own spread over all modes, so that a mode is named after what it changes
    more than the others do. A measure names one mode only: the one that changes it most.
    """
    if not head.n_identity:
        return ()
    base = head.neutral[head.landmarks].astype(np.float64)
    moved = base + head.identity[:, head.landmarks].astype(np.float64)

    def apart(a: int, b: int) -> np.ndarray:
        return np.linalg.norm(moved[:, a] - moved[:, b], axis=1) - np.linalg.norm(base[a] - base[b])

    def depth(a: int, b: int) -> np.ndarray:
        return (moved[:, a, 2] - moved[:, b, 2]) - (base[a, 2] - base[b, 2])

    measures = {
        (tr("Wider face"), tr("Narrower face")): apart(1, 15), (tr("Longer face"), tr("Shorter face")): apart(27, 8),
        (tr("Wider jaw"), tr("Narrower jaw")): apart(5, 11), (tr("Longer chin"), tr("Shorter chin")): apart(57, 8),
        (tr("Longer nose"), tr("Shorter nose")): apart(27, 33), (tr("Wider nose"), tr("Narrower nose")): apart(31, 35),
        (tr("Sharper nose"), tr("Flatter nose")): depth(30, 33),
        (tr("Wider mouth"), tr("Narrower mouth")): apart(48, 54),
        (tr("Fuller lips"), tr("Thinner lips")): apart(51, 57), (tr("Eyes apart"), tr("Eyes closer")): apart(39, 42),
        (tr("Wider eyes"), tr("Smaller eyes")): apart(36, 39), (tr("Rounder eyes"), tr("Narrower eyes")): apart(37, 41),
        (tr("Higher brows"), tr("Lower brows")): apart(19, 37), (tr("Chin forward"), tr("Chin back")): depth(8, 57),
        (tr("Deeper eyes"), tr("Flatter brow")): depth(21, 39),
        (tr("Long upper lip"), tr("Short upper lip")): apart(33, 51),
    }  # fmt: skip
    scores = np.array([values / (np.linalg.norm(values) + 1e-9) for values in measures.values()])  # (measure, mode)
    names = [tr("Mode {0}", i + 1) for i in range(head.n_identity)]
    titles = list(measures)
    order = np.dstack(np.unravel_index(np.argsort(-np.abs(scores), axis=None), scores.shape))[0]
    used_modes: set[int] = set()
    used_measures: set[int] = set()
    for measure, mode in order.tolist():
        if abs(scores[measure, mode]) < 0.3:
            break
        if mode not in used_modes and measure not in used_measures:
            used_modes.add(mode)
            used_measures.add(measure)
            names[mode] = titles[measure][int(scores[measure, mode] < 0)]
    return tuple(names)


class IdentityPanel(Panel):
    """A seed with a die, and sliders for the first modes of the head."""

    def __init__(self, document: Document, head: Head | None = None, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._n_modes = 30
        self.seed = QSpinBox()
        self.seed.setRange(0, SEED_MAX)
        self.seed.setToolTip(tr("Seed of a random person; the same number gives the same person on every machine"))
        self.seed.setAccessibleName(tr("Identity seed"))
        self.seed.setKeyboardTracking(False)
        self.seed.valueChanged.connect(self._apply_seed)
        self.dice = QPushButton(icon("dice"), tr("Random"))
        self.dice.setToolTip(tr("Another random person"))
        self.dice.setStyleSheet("QPushButton { padding: 4px 9px; }")
        self.dice.clicked.connect(self.roll)
        self.average = tool_button("reset", tr("Back to the average person"))
        self.average.clicked.connect(lambda: self.execute(SetIdentity(())))
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 6)
        bar.setSpacing(4)
        bar.addWidget(self.dice)
        bar.addWidget(text_label(tr("Seed"), "soft", wrap=False))
        bar.addWidget(self.seed, 1)
        bar.addWidget(self.average)
        self._stack.addLayout(bar)
        self.face = QPushButton(icon("dice"), tr("Random face with skin"))
        self.face.setToolTip(tr("Another random person: shape, pores and wrinkles; without an imported map"))
        self.face.clicked.connect(lambda: self.requested.emit("random_face"))
        line = QHBoxLayout()
        line.setContentsMargins(6, 0, 5, 6)
        line.addWidget(self.face)
        self._stack.addLayout(line)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        self.group = FoldGroup(tr("Shape"))
        column.addWidget(self.group)
        self.rest = text_label("", "soft")
        self.rest.setContentsMargins(8, 2, 8, 6)
        self.group.body.addWidget(self.rest)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.rows: list[SliderRow] = []
        for index in range(N_SHOWN):
            row = SliderRow(tr("Mode {0}", index + 1), -_SPREAD, _SPREAD, 0.0, step=0.05,
                            tip=tr("Identity mode {0}, in standard deviations of people", index + 1))  # fmt: skip
            bind_row(row, document, lambda value, index=index: SetIdentityMode(index, value))
            self.rows.append(row)
            self.group.body.insertWidget(index, row)
        if head is not None:
            self.set_head(head)
        self.refresh(document.state, None)

    def set_head(self, head: Head) -> None:
        """Show the modes of another head."""
        self._n_modes = head.n_identity
        names = mode_names(head)
        for index, row in enumerate(self.rows):
            row.setVisible(index < len(names))
            if index < len(names):
                row.label = names[index]
                row.setAccessibleName(row.label)
                row.update()
        self.dice.setEnabled(bool(names))
        self.seed.setEnabled(bool(names))
        self._align()
        self._tell_rest(self.document.state)

    def roll(self) -> None:
        """Another random person."""
        self.execute(RandomIdentity(SystemRandom().randrange(100_000), self._n_modes))

    def _apply_seed(self, seed: int) -> None:
        self.execute(RandomIdentity(seed, self._n_modes))

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is not None and new.identity is old.identity:
            return
        for row, value in zip(self.rows, (*new.identity, *(0.0,) * N_SHOWN), strict=False):
            row.set_number(value)
        self.average.setEnabled(bool(new.identity))
        self._tell_rest(new)
        label = self.document.labels[self.document.position]
        seed = label.removeprefix("Random identity ").removeprefix("Random face ")
        self.seed.blockSignals(True)
        if not new.identity:
            self.seed.setValue(0)
        elif label != seed and seed.isdigit() and seeded_identity(int(seed), self._n_modes) == new.identity:
            self.seed.setValue(int(seed))
        self.seed.blockSignals(False)

    def _tell_rest(self, state: DocumentState) -> None:
        hidden = max(self._n_modes - N_SHOWN, 0)
        active = sum(value != 0.0 for value in state.identity[N_SHOWN:])
        if not self._n_modes:
            self.rest.setText(tr("This head has no identity modes; it is the person it was loaded as."))
        else:
            if active:
                said = tr("{0} finer modes follow, {1} of them set by the seed.", hidden, active)
            else:
                said = tr("{hidden} finer modes follow; a random person sets them too.", hidden=hidden)
            self.rest.setText(said)
        self.rest.setVisible(hidden > 0 or not self._n_modes)
        shown = sum(value != 0.0 for value in state.identity[:N_SHOWN])
        self.group.set_note(str(shown) if shown else "")

    def _align(self) -> None:
        align_labels(self.rows, self.width() - 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align()
