"""How a film is drawn: the clip or a turn round the head, its size, rate, part and smoothness."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from rhytid.core.animation.clip import FPS_MOST, LONGEST_S
from rhytid.core.document.state import DocumentState
from rhytid.core.io.film import NoFilmError, check_can_film
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.render.filming import FilmOptions, clip_states, turntable_states
from rhytid.gui.widgets.labels_and_buttons import text_label

SIZES = ((1280, 720), (1920, 1080), (3840, 2160), (1080, 1080), (1080, 1920))
SAMPLES = (1, 4, 8, 16, 32)
RESOLUTIONS = (256, 512, 1024, 2048)
_LEAST_PX, _MOST_PX = 16, 8192


class FilmDialog(Dialog):
    """Asks for `FilmOptions` and for what is drawn.

    Parameters
    ----------
    state : DocumentState
        With the clip and the camera that a turn begins at.
    """

    def __init__(self, state: DocumentState, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export film"), tr("Export..."), parent)
        self._state = state
        clip = state.clip
        self.of_clip, self.turntable = QRadioButton(tr("The clip")), QRadioButton(tr("A turn round the head"))
        self.film, self.pictures = QRadioButton(tr("Film (MP4)")), QRadioButton(tr("Numbered pictures (PNG)"))
        self.fps = _number(1.0, FPS_MOST, clip.fps, tr(" fps"), 3)
        self.start = _number(0.0, LONGEST_S, clip.start_s, " s", 2)
        self.end = _number(0.0, LONGEST_S, clip.end_s, " s", 2)
        self.seconds = _number(0.1, LONGEST_S, 6.0, " s", 2)
        self.degrees = _number(-3600.0, 3600.0, 360.0, "°", 1)
        self.width_px, self.height_px = QSpinBox(), QSpinBox()
        for box, value in ((self.width_px, SIZES[0][0]), (self.height_px, SIZES[0][1])):
            box.setRange(_LEAST_PX, _MOST_PX)
            box.setValue(value)
            box.setSuffix(" px")
        self.sizes = QComboBox()
        self.sizes.addItems([f"{width} × {height}" for width, height in SIZES])
        self.sizes.activated.connect(self._take_size)
        self.samples = QComboBox()
        self.samples.addItems([tr("{0} per pixel", count) for count in SAMPLES])
        self.samples.setCurrentIndex(SAMPLES.index(8))
        self.resolution = QComboBox()
        self.resolution.addItems([str(side) for side in RESOLUTIONS])
        self.resolution.setCurrentIndex(RESOLUTIONS.index(1024))
        self.count = text_label("", "soft")
        self._lay_out()
        self._groups = [QButtonGroup(self) for _pair in range(2)]
        for group, pair in zip(self._groups, ((self.of_clip, self.turntable), (self.film, self.pictures)), strict=True):
            for button in pair:
                group.addButton(button)
                button.toggled.connect(self._show)
        self.of_clip.setEnabled(bool(clip.tracks))
        (self.of_clip if clip.tracks else self.turntable).setChecked(True)
        reason = _no_film()
        self.film.setEnabled(not reason)
        self.film.setToolTip(reason)
        (self.pictures if reason else self.film).setChecked(True)
        for one in (self.fps, self.start, self.end, self.seconds, self.degrees):
            one.valueChanged.connect(self._show)
        if reason:
            self.body.addWidget(text_label(reason[:1].upper() + reason[1:], "warning"))
        self.finish_layout()
        self._show()

    # ---- what was answered ---------------------------------------------------------------------------

    @property
    def as_film(self) -> bool:
        """One file, and no folder of pictures."""
        return self.film.isChecked()

    def states(self) -> list[DocumentState]:
        """The document at each frame.

        Raises
        ------
        ValueError
            There is none, or there are too many.
        """
        if self.of_clip.isChecked():
            return clip_states(self._state, self.fps.value(), self.start.value(), self.end.value())
        return turntable_states(self._state, self.seconds.value(), self.degrees.value(), self.fps.value())

    def options(self) -> FilmOptions:
        size = self.width_px.value(), self.height_px.value()
        samples, side = SAMPLES[self.samples.currentIndex()], RESOLUTIONS[self.resolution.currentIndex()]
        return FilmOptions(size, self.fps.value(), samples, side)

    # ---- showing -------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(tr("What"), _row(self.of_clip, self.turntable))
        self.part = _row(self.start, self.end)
        form.addRow(tr("From, to"), self.part)
        self.turn = _row(self.seconds, self.degrees)
        form.addRow(tr("Turn"), self.turn)
        form.addRow(tr("As"), _row(self.film, self.pictures))
        form.addRow(tr("Rate"), self.fps)
        form.addRow(tr("Size"), _row(self.width_px, self.height_px, self.sizes))
        form.addRow(tr("Samples"), self.samples)
        form.addRow(tr("Detail"), self.resolution)
        self.body.addLayout(form)
        self.body.addWidget(self.count)

    def _take_size(self, at: int) -> None:
        self.width_px.setValue(SIZES[at][0])
        self.height_px.setValue(SIZES[at][1])

    def _show(self) -> None:
        self.part.setEnabled(self.of_clip.isChecked())
        self.turn.setEnabled(self.turntable.isChecked())
        try:
            n_frames, reason = len(self.states()), ""
        except ValueError as error:
            n_frames, reason = 0, str(error)
        self.count.setText(reason or tr("{0} frames, {1} s", n_frames, f"{n_frames / self.fps.value():.2f}"))
        if self.accept_button is not None:
            self.accept_button.setEnabled(n_frames > 0)


def _no_film() -> str:
    """Why no film can be written here; "" where one can."""
    try:
        check_can_film()
    except NoFilmError as error:
        return str(error)
    return ""


def _number(low: float, high: float, value: float, unit: str, decimals: int) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(decimals)
    box.setValue(value)
    box.setSuffix(unit)
    return box


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return holder
