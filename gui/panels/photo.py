"""Panel of the photo that the face was made from: what was found, what stays locked, looking through its camera."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.commands import Batch, ChoosePhoto, RefitPhoto, RemovePhoto, SetPhotoAge
from rhytid.core.document.document import Document
from rhytid.core.document.state import AGE_DEFAULT, DocumentState
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.photo.image import FILM_DIAGONAL_MM
from rhytid.core.photo.layer import PhotoLayer
from rhytid.gui.controllers.open_photo import OpenPhoto
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.controllers.view_settings import ViewSettings
from rhytid.gui.panels.light_ball import sphere_image
from rhytid.gui.panels.panel import Panel
from rhytid.gui.panels.photo_choice import PhotoChoice, fitting
from rhytid.gui.render.environment import of_shading
from rhytid.gui.theme import icon
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

LEAST_WEIGHT = 0.05
_THUMBNAIL_PX, _BALL_PX = 112, 72
_LOCKS = (
    ("identity", tr("Identity"), tr("A new fit leaves the shape of the head as it is")),
    ("expression", tr("Expression"), tr("A new fit leaves the expression as it is")),
    ("light", tr("Light"), tr("A new fit leaves the light as it is")),
    ("albedo", tr("Skin colour"), tr("A new fit leaves the colour of the skin as it is")),
    ("detail", tr("Detail"), tr("A new fit leaves relief and lines as they are")),
)


def camera_text(layer: PhotoLayer) -> str:
    """Focal length on film of 36 x 24 mm, and how far away the camera was."""
    camera = layer.fit.camera
    focal_mm = camera.focal_px * FILM_DIAGONAL_MM / math.hypot(*camera.size)
    return tr("{focal_mm:.0f} mm lens, {0:.2f} m away", np.linalg.norm(camera.position_mm) / 1000, focal_mm=focal_mm)


def weights_text(layer: PhotoLayer) -> str:
    """Weights of the expression in the photo that can be seen, the strongest first, a line each."""
    found = sorted(zip(ARKIT_NAMES, layer.fit.expression, strict=True), key=lambda pair: -pair[1])
    return "\n".join(f"{name}  {weight:.2f}" for name, weight in found if weight > LEAST_WEIGHT)


class PhotoPanel(Panel):
    """Empty until there is a photo: then a button says how to get one.

    Parameters
    ----------
    document : Document
    open_photo : OpenPhoto
    view : ViewSettings
    """

    def __init__(
        self, document: Document, open_photo: OpenPhoto, view: ViewSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, parent)
        self._open_photo = open_photo
        self._view = view
        self.empty = QWidget()
        column = QVBoxLayout(self.empty)
        column.setContentsMargins(10, 12, 10, 10)
        column.setSpacing(8)
        column.addWidget(text_label(tr("A portrait becomes this head: shape, expression, skin, light and lines."),
                                    "soft"))
        self.new_button = QPushButton(icon("photo"), tr("New from Photo\u2026"))
        self.new_button.setToolTip(tr("Choose a photo of a face, or several of one person; or drop them on the window"))
        self.new_button.clicked.connect(lambda: self.requested.emit("new_from_photo"))
        column.addWidget(self.new_button)
        column.addStretch(1)
        inside = QWidget()
        self.found = scroll_area(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self._photo_group())
        column.addWidget(self._fit_group())
        column.addWidget(self._expression_group())
        column.addStretch(1)
        self._stack.addWidget(self.empty, 1)
        self._stack.addWidget(self.found, 1)
        open_photo.changed.connect(self._show_picture)
        open_photo.thumbnails_changed.connect(self._show_picture)
        view.events.connect(lambda _info: self._show_view())
        self.refresh(document.state, None)
        self._show_picture()
        self._show_view()

    def _photo_group(self) -> FoldGroup:
        self.photo_group = FoldGroup(tr("Photo"))
        self.picture = QLabel()
        self.picture.setAccessibleName(tr("The photo"))
        self.picture.setFixedSize(QSize(_THUMBNAIL_PX, _THUMBNAIL_PX))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.ball = QLabel()
        self.ball.setAccessibleName(tr("Light of the photo"))
        self.ball.setToolTip(tr("A white ball in the light of the photo"))
        self.ball.setFixedSize(QSize(_BALL_PX, _BALL_PX))
        self.facts = text_label("", "soft")
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.facts.setContentsMargins(6, 0, 6, 4)
        line = QHBoxLayout()
        line.setContentsMargins(6, 4, 6, 4)
        line.setSpacing(14)
        line.addWidget(self.picture)
        line.addWidget(self.ball, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        self.photo_group.body.addLayout(line)
        self.choice = PhotoChoice(self._open_photo.thumbnails)
        self.choice.chosen.connect(lambda number: self.execute(ChoosePhoto(number)))
        self.photo_group.body.addWidget(self.choice)
        self.photo_group.body.addWidget(self.facts)
        self.through = QPushButton(icon("camera"), tr("Through the photo's camera"))
        self.through.setCheckable(True)
        self.through.setToolTip(tr("The photo with the head over it; drag the head there to pin it  (P)"))
        self.through.clicked.connect(lambda on: self._view.look(through_photo=on))
        self.inside = QPushButton(icon("in_photo"), tr("In the photo"))
        self.inside.setCheckable(True)
        self.inside.setToolTip(tr("The photo with every edit in it; draw there as on the face, hold Q to compare  (I)"))
        self.inside.clicked.connect(lambda on: self._view.look(in_photo=on))
        self.opacity = SliderRow(tr("Head"), 0.0, 1.0, ViewSettings.head_opacity, step=0.05,
                                 tip=tr("How much of the photo the head hides"))  # fmt: skip
        for changes in (self.opacity.value_changing, self.opacity.value_entered):
            changes.connect(lambda value: setattr(self._view, "head_opacity", value))
        self.opacity.reset_requested.connect(
            lambda _click: setattr(self._view, "head_opacity", ViewSettings.head_opacity)
        )
        self.age = SliderRow(tr("Age in it"), AGE_MIN, LIFE_MAX, AGE_DEFAULT, step=1.0, decimals=0, suffix=" y",
                             tip=tr("How old the person in the photo is; skin and lines are aged from there")
        )  # fmt: skip
        bind_row(self.age, self.document, SetPhotoAge)
        self.photo_group.body.addWidget(self.through)
        self.photo_group.body.addWidget(self.inside)
        self.photo_group.body.addWidget(self.opacity)
        self.photo_group.body.addWidget(self.age)
        return self.photo_group

    def _fit_group(self) -> FoldGroup:
        group = FoldGroup(tr("Fit"))
        self.locks: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        grid.setContentsMargins(6, 2, 6, 4)
        grid.addWidget(text_label(tr("Keep:"), "soft"), 0, 0)
        for at, (name, text, tip) in enumerate(_LOCKS, start=1):
            box = QCheckBox(text)
            box.setToolTip(tip)
            box.clicked.connect(lambda on, name=name: self._lock(name, on))
            grid.addWidget(box, at // 3, at % 3)
            self.locks[name] = box
        self.refit = QPushButton(icon("regenerate"), tr("Refine"))
        self.refit.setToolTip(tr("Read the photo again from here, with its pins; what is kept stays as it is"))
        self.refit.clicked.connect(lambda: self.requested.emit("refit_photo"))
        self.remove = QPushButton(icon("trash"), tr("Remove Photo"))
        self.remove.setToolTip(tr("Head, expression and lines stay; skin colour and light of the photo go"))
        self.remove.clicked.connect(lambda: self.execute(RemovePhoto()))
        self.stale = text_label(tr("Colour, light and detail are those of before the pin: press Refine"), "warning")
        self.stale.setContentsMargins(6, 2, 6, 2)
        group.body.addWidget(self.stale)
        line = QHBoxLayout()
        line.setContentsMargins(6, 0, 6, 2)
        line.addWidget(self.refit, 1)
        line.addWidget(self.remove, 1)
        group.body.addLayout(line)
        group.body.addLayout(grid)
        return group

    def _expression_group(self) -> FoldGroup:
        group = FoldGroup(tr("Expression in the photo"))
        self.weights = text_label("", "soft")
        self.weights.setContentsMargins(8, 2, 6, 2)
        self.weights.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        group.body.addWidget(self.weights)
        return group

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or new.albedo is not old.albedo or new.age != old.age:
            self.age.set_number(new.age if new.albedo is None else new.albedo.age)
        if old is not None and new.photo is old.photo and new.other_photos is old.other_photos:
            return
        layer = new.photo
        self.empty.setVisible(layer is None)
        self.found.setVisible(layer is not None)
        if layer is None:
            return
        self.photo_group.set_note(shown(layer.name))
        pins = {0: "", 1: ", 1 pin"}.get(len(layer.pins), f", {len(layer.pins)} pins")
        self.facts.setText(tr("{0}\nLandmarks {1:.1f} % off{pins}", camera_text(layer), layer.fit.error_percent,
                              pins=pins))
        self.stale.setVisible(any(photo.stale for photo in new.photos))
        self.choice.show_photos(new.photos, layer.number)
        self.weights.setText(weights_text(layer) or tr("A face at rest"))
        for name, box in self.locks.items():
            box.setChecked(getattr(layer.locks, name))
        if old is None or old.photo is None or layer.light is not old.photo.light:
            self._show_ball(layer)

    def _show_ball(self, layer: PhotoLayer) -> None:
        self.ball.setVisible(layer.light is not None)
        if layer.light is not None:
            ratio = self.devicePixelRatioF()
            ball = QPixmap.fromImage(sphere_image(round(_BALL_PX * ratio), of_shading(layer.light.sh9).irradiance))
            ball.setDevicePixelRatio(ratio)
            self.ball.setPixmap(ball)

    def _show_picture(self) -> None:
        state = self.document.state
        layer, shown = state.photo, self._open_photo.photo
        if layer is not None:
            self.choice.show_photos(state.photos, layer.number)
        image = None if shown is None else self._open_photo.thumbnails.get(shown.digest)
        if image is None:
            self.picture.setText("\u2026")
        else:
            self.picture.setPixmap(fitting(image, _THUMBNAIL_PX, self.devicePixelRatioF()))

    def _show_view(self) -> None:
        self.through.setChecked(self._view.through_photo)
        self.inside.setChecked(self._view.in_photo)
        self.opacity.set_number(self._view.head_opacity)
        self.opacity.setEnabled(self._view.through_photo)

    def _lock(self, name: str, on: bool) -> None:
        layer = self.document.state.photo
        if layer is not None:
            locks = replace(layer.locks, **{name: on})
            self.execute(Batch((RefitPhoto(replace(layer, locks=locks)),), tr("Keep in the photo's fit")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels([self.opacity, self.age], self.width() - 16)
