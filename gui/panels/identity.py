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
        ("Wider face", "Narrower face"): apart(1, 15), ("Longer face", "Shorter face"): apart(27, 8),
        ("Wider jaw", "Narrower jaw"): apart(5, 11), ("Longer chin", "Shorter chin"): apart(57, 8),
        ("Longer nose", "Shorter nose"): apart(27, 33), ("Wider nose", "Narrower nose"): apart(31, 35),
        ("Sharper nose", "Flatter nose"): depth(30, 33), ("Wider mouth", "Narrower mouth"): apart(48, 54),
        ("Fuller lips", "Thinner lips"): apart(51, 57), ("Eyes apart", "Eyes closer"): apart(39, 42),
        ("Wider eyes", "Smaller eyes"): apart(36, 39), ("Rounder eyes", "Narrower eyes"): apart(37, 41),
        ("Higher brows", "Lower brows"): apart(19, 37), ("Chin forward", "Chin back"): depth(8, 57),
        ("Deeper eyes", "Flatter brow"): depth(21, 39), ("Long upper lip", "Short upper lip"): apart(33, 51),
    }  # fmt: skip
    scores = np.array([values / (np.linalg.norm(values) + 1e-9) for values in measures.values()])  # (measure, mode)
    names = [f"Mode {i + 1}" for i in range(head.n_identity)]
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
        self.seed.setToolTip("Seed of a random person; the same number gives the same person on every machine")
        self.seed.setAccessibleName("Identity seed")
        self.seed.setKeyboardTracking(False)
        self.seed.valueChanged.connect(self._apply_seed)
        self.dice = QPushButton(icon("dice"), "Random")
        self.dice.setToolTip("Another random person")
        self.dice.setStyleSheet("QPushButton { padding: 4px 9px; }")
        self.dice.clicked.connect(self.roll)
        self.average = tool_button("reset", "Back to the average person")
        self.average.clicked.connect(lambda: self.execute(SetIdentity(())))
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 6)
        bar.setSpacing(4)
        bar.addWidget(self.dice)
        bar.addWidget(text_label("Seed", "soft", wrap=False))
        bar.addWidget(self.seed, 1)
        bar.addWidget(self.average)
        self._stack.addLayout(bar)
        self.face = QPushButton(icon("dice"), "Random face with skin")
        self.face.setToolTip("Another random person: shape, pores and wrinkles; without an imported map")
        self.face.clicked.connect(lambda: self.requested.emit("random_face"))
        line = QHBoxLayout()
        line.setContentsMargins(6, 0, 5, 6)
        line.addWidget(self.face)
        self._stack.addLayout(line)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        self.group = FoldGroup("Shape")
        column.addWidget(self.group)
        self.rest = text_label("", "soft")
        self.rest.setContentsMargins(8, 2, 8, 6)
        self.group.body.addWidget(self.rest)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.rows: list[SliderRow] = []
        for index in range(N_SHOWN):
            row = SliderRow(f"Mode {index + 1}", -_SPREAD, _SPREAD, 0.0, step=0.05,
                            tip=f"Identity mode {index + 1}, in standard deviations of people")  # fmt: skip
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
            self.rest.setText("This head has no identity modes; it is the person it was loaded as.")
        else:
            self.rest.setText(f"{hidden} finer modes follow" + (f", {active} of them set by the seed." if active else
                                                                 "; a random person sets them too."))  # fmt: skip
        self.rest.setVisible(hidden > 0 or not self._n_modes)
        shown = sum(value != 0.0 for value in state.identity[:N_SHOWN])
        self.group.set_note(str(shown) if shown else "")

    def _align(self) -> None:
        align_labels(self.rows, self.width() - 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align()
