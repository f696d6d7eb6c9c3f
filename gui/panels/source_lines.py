"""How many of an imported map's own lines are strokes: the row of the detail panel."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from rhytid.core.document.commands import SetSourceLines
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.widgets.slider_row import SliderRow

_MOST = 300


class SourceLines(SliderRow):
    """A slider over the map's lines, the most important first; reset gives those that one sees."""

    def __init__(self, document: Document, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Lines"), 0, _MOST, 0, step=1, decimals=0, parent=parent,
            tip=tr("How many of the map's wrinkles are strokes, the most important first; a double click takes those "
                   "that one sees. Edited ones stay"),
        )  # fmt: skip
        self._document, self._jobs = document, jobs
        self.value_changing.connect(self.set_number)
        self.value_entered.connect(self._keep)
        self.drag_finished.connect(lambda: self._keep(self.number))
        self.drag_cancelled.connect(lambda: self.show_state(document.state))
        self.reset_requested.connect(lambda _: self._keep(None))

    def show_state(self, state: DocumentState) -> None:
        self.setVisible(state.source is not None)
        if state.source is not None:
            self.set_number(len(state.source.lines))

    def _keep(self, most: float | None) -> None:
        """Find the lines in the background and keep the first of them; None: those that one sees."""
        source = self._document.state.source
        if source is None:
            return

        def work(_control: object) -> tuple[Stroke, ...]:
            from rhytid.core.lines.extract import found_lines

            found = found_lines(source.displacement)
            return found.seen() if most is None else found.strokes[: round(most)]

        def done(lines: tuple[Stroke, ...]) -> None:
            if self._document.state.source is source:
                execute(self._document, SetSourceLines(lines))
            self.show_state(self._document.state)

        self._jobs.start(tr("Extract lines"), work, done)
