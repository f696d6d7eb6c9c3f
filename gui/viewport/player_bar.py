"""The bar under the viewport while a recording drives the face."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QStyle, QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.playback import MOST_FPS, Playback
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import tool_button

_NAME_PX = 220


class Scrubber(QSlider):
    """A slider whose handle comes to where it is pressed."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            x = round(event.position().x())
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, self.width()))
        super().mousePressEvent(event)


class PlayerBar(QWidget):
    """Play and pause, time, frames a second, loop, and keeping the frame that is shown; hidden without a recording."""

    def __init__(self, playback: Playback, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playback = playback
        self.toggle = tool_button("pause", tr("Play or pause"))
        self.toggle.clicked.connect(lambda: playback.pause() if playback.playing else playback.play())
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setMaximumWidth(_NAME_PX)
        self.slider = Scrubber()
        self.slider.setToolTip(tr("Time in the recording; drag to look at a frame"))
        self.slider.setAccessibleName(tr("Time in the recording"))
        self.slider.valueChanged.connect(lambda value: playback.scrub(value / 1000))
        self.time = QLabel()
        self.fps = QSpinBox()
        self.fps.setRange(1, MOST_FPS)
        self.fps.setSuffix(" fps")
        self.fps.setToolTip(tr("Frames a second that are shown at most; time runs as it was recorded"))
        self.fps.setAccessibleName(tr("Frames a second"))
        self.fps.valueChanged.connect(lambda value: setattr(playback, "fps", value))
        self.loop = tool_button("loop", tr("Begin again at the end"), checkable=True)
        self.loop.setChecked(playback.loop)
        self.loop.toggled.connect(lambda on: setattr(playback, "loop", on))
        self.use = QPushButton(icon("check"), tr("Use This Frame"))
        self.use.setToolTip(tr("Keep the expression that is shown: one undo step"))
        self.use.clicked.connect(playback.use_frame)
        self.close_button = tool_button("close", tr("Give the former expression back (Esc)"))
        self.close_button.clicked.connect(playback.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 3, 6, 3)
        row.addWidget(self.toggle)
        row.addWidget(self.name)
        row.addWidget(self.slider, 1)
        for widget in (self.time, self.fps, self.loop, self.use, self.close_button):
            row.addWidget(widget)
        playback.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        playback, motion = self._playback, self._playback.motion
        self.setVisible(motion is not None)
        if motion is None:
            return
        self.toggle.setIcon(icon("pause" if playback.playing else "play"))
        self.name.setText(shown(motion.name))
        self.time.setText(f"{playback.time_s:.2f} / {motion.duration_s:.2f} s")
        with QSignalBlocker(self.slider), QSignalBlocker(self.fps):
            self.slider.setRange(0, round(1000 * motion.duration_s))
            self.slider.setSingleStep(max(round(1000 / motion.fps), 1))
            self.slider.setPageStep(10 * self.slider.singleStep())
            self.slider.setValue(round(1000 * playback.time_s))
            self.fps.setValue(playback.fps)
