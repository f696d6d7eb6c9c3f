"""Panel of the light: environment, key light and exposure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from rhytid.core.document.channels import LIGHT_CHANNELS
from rhytid.core.document.commands import ResetLighting, SetLighting
from rhytid.core.document.commands.photo import PHOTO_LIGHT
from rhytid.core.document.commands.scene import PANORAMA
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState, Lighting
from rhytid.core.language import tr
from rhytid.core.maps.panorama import Panorama
from rhytid.gui.controllers.light_looks import LOOKS, lit_by, shown
from rhytid.gui.controllers.slider_gesture import Drag, bind_row
from rhytid.gui.panels.light_ball import Irradiance, LightBall, direction_of, sphere_image
from rhytid.gui.panels.panel import Panel
from rhytid.gui.render.environment import Environment, of_panorama, of_shading
from rhytid.gui.render.environment import environments as environment_presets
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

if TYPE_CHECKING:
    from rhytid.core.photo.light import PhotoLight

_PREVIEW_PX = 46
_DEFAULT = Lighting()


def turned(environment: Environment, yaw_deg: float, intensity: float) -> Irradiance:
    """Irradiance / pi of an environment that was turned about +Y."""
    yaw = math.radians(yaw_deg)
    cos, sin = math.cos(yaw), math.sin(yaw)
    head_from_turned = np.array([[cos, 0.0, -sin], [0.0, 1.0, 0.0], [sin, 0.0, cos]])
    return lambda normals: environment.irradiance(normals @ head_from_turned.T) * intensity


def _surroundings(light: Lighting) -> tuple[str, float, float, Panorama | None]:
    return light.environment, light.environment_yaw_deg, light.environment_intensity, light.panorama


def _photo_light(state: DocumentState) -> PhotoLight | None:
    return None if state.photo is None else state.photo.light


class LightingPanel(Panel):
    """Environments as small balls, a draggable ball for the key light, intensities and exposure."""

    def __init__(self, document: Document, environments: Sequence[Environment] | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(document, parent)
        found = environments if environments is not None else tuple(environment_presets().values())
        self.environments = {environment.name: environment for environment in found}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self.rows: dict[str, SliderRow] = {}
        column.addWidget(self._looks_group())
        column.addWidget(self._environment_group())
        column.addWidget(self._key_group())
        self.camera_group = FoldGroup(tr("Picture"))
        self._row(self.camera_group, "exposure", SliderRow(
            tr("Exposure"), -4.0, 4.0, _DEFAULT.exposure, step=0.05, suffix=" EV",
            tip=tr("Brightness of the picture in stops")
        ))  # fmt: skip
        column.addWidget(self.camera_group)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.refresh(document.state, None)

    def _row(self, group: FoldGroup, field: str, row: SliderRow) -> None:
        """Let a row of a group edit one field of the lighting."""
        bind_row(row, self.document, lambda value: SetLighting(**{field: value}))
        group.body.addWidget(row)
        self.rows[field] = row
        row.channels = (field,) if field in LIGHT_CHANNELS else ()

    def _looks_group(self) -> FoldGroup:
        group = FoldGroup(tr("Presets"))
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(4, 2, 4, 4)
        line.setSpacing(2)
        self.looks: dict[str, QToolButton] = {}
        for name, look in LOOKS.items():
            wanted = look.command
            environment = self.environments.get(wanted.environment or "")
            assert wanted.key_yaw_deg is not None
            assert wanted.key_pitch_deg is not None
            assert wanted.key_intensity is not None
            picture = self._ball_icon(
                None if environment is None else turned(environment, 0.0, wanted.environment_intensity or 0.0),
                direction_of(wanted.key_yaw_deg, wanted.key_pitch_deg), wanted.key_intensity,
            )  # fmt: skip
            button = QToolButton()
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setText(tr(name.capitalize()))
            button.setToolTip(look.tip)
            button.setAccessibleName(look.text.replace("&", ""))
            button.setIcon(picture)
            button.setIconSize(QSize(_PREVIEW_PX, _PREVIEW_PX))
            button.setMinimumWidth(68)
            button.clicked.connect(lambda _=False, command=wanted: self.execute(command))
            line.addWidget(button)
            self.looks[name] = button
        line.addStretch(1)
        group.body.addWidget(holder)
        return group

    def _ball_icon(
        self, light: Irradiance | None, key: tuple[float, float, float] | None = None, intensity: float = 0.0
    ) -> QIcon:
        ratio = self.devicePixelRatioF()
        picture = QPixmap.fromImage(sphere_image(round(_PREVIEW_PX * ratio), light, key, intensity))
        picture.setDevicePixelRatio(ratio)
        return QIcon(picture)

    def _environment_group(self) -> FoldGroup:
        group = FoldGroup(tr("Environment"), resettable=True)
        group.reset_requested.connect(lambda: self.execute(ResetLighting()))
        assert group.reset_button is not None
        group.reset_button.setToolTip(tr("Reset all lighting"))
        self.reset = group.reset_button
        self.buttons: dict[str, QToolButton] = {}
        self._choice = QButtonGroup(self)
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(4, 2, 4, 4)
        grid.setSpacing(2)
        none = of_shading(np.zeros((9, 3)))
        imported = Environment(PANORAMA, tr("The environment that was opened"), none.coefficients, none.mirrored)
        for at, environment in enumerate((*self.environments.values(), none, imported)):
            button = QToolButton()
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setText(tr(environment.name.replace("_", " ").capitalize()))
            button.setToolTip(tr(environment.label))
            button.setAccessibleName(tr(environment.label))
            button.setIconSize(QSize(_PREVIEW_PX, _PREVIEW_PX))
            button.setMinimumWidth(68)
            button.clicked.connect(lambda _=False, name=environment.name: self._choose(name))
            grid.addWidget(button, at // 4, at % 4)
            self._choice.addButton(button)
            self.buttons[environment.name] = button
            self._show_ball(environment)
        group.body.addWidget(holder)
        self.open_button = QPushButton(tr("Open Environment..."))
        self.open_button.setToolTip(tr("Light the face by an equirectangular .hdr or .exr"))
        self.open_button.clicked.connect(lambda: self.requested.emit("open_environment"))
        group.body.addWidget(self.open_button)
        self._row(group, "environment_intensity", SliderRow(
            tr("Intensity"), 0.0, 4.0, _DEFAULT.environment_intensity, step=0.02, tip=tr("Strength of the environment")
        ))  # fmt: skip
        self._row(group, "environment_yaw_deg", SliderRow(
            tr("Rotation"), -180.0, 180.0, _DEFAULT.environment_yaw_deg, step=1.0, suffix="°", decimals=0,
            tip=tr("Turns the environment about the head"),
        ))  # fmt: skip
        return group

    def _key_group(self) -> FoldGroup:
        group = FoldGroup(tr("Key light"))
        self.ball = LightBall()
        aim = Drag(self.document, tr("Move key light"))
        self.ball.direction_changing.connect(
            lambda yaw_deg, pitch_deg: aim.preview(SetLighting(key_yaw_deg=yaw_deg, key_pitch_deg=pitch_deg))
        )
        self.ball.drag_finished.connect(aim.finish)
        self.ball.reset_requested.connect(
            lambda: self.execute(SetLighting(key_yaw_deg=_DEFAULT.key_yaw_deg, key_pitch_deg=_DEFAULT.key_pitch_deg))
        )
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.ball)
        line.addStretch(1)
        group.body.addLayout(line)
        self._row(group, "key_intensity", SliderRow(
            tr("Intensity"), 0.0, 8.0, _DEFAULT.key_intensity, step=0.05, tip=tr("Strength of the key light; 0 is off")
        ))  # fmt: skip
        self._row(group, "key_yaw_deg", SliderRow(
            tr("Around"), -180.0, 180.0, _DEFAULT.key_yaw_deg, step=1.0, suffix="°", decimals=0,
            tip=tr("0° = from the front, positive = from the subject's left"),
        ))  # fmt: skip
        self._row(group, "key_pitch_deg", SliderRow(
            tr("Height"), -90.0, 90.0, _DEFAULT.key_pitch_deg, step=1.0, suffix="°", decimals=0,
            tip=tr("Positive = from above")
        ))  # fmt: skip
        return group

    def _choose(self, name: str) -> None:
        self.execute(lit_by(name, self.document.state.lighting))

    def _show_ball(self, environment: Environment) -> None:
        self.buttons[environment.name].setIcon(self._ball_icon(environment.irradiance))

    def _show_photo_light(self, light: PhotoLight | None) -> None:
        """The photo's light is among the environments as long as there is one."""
        self.buttons[PHOTO_LIGHT].setVisible(light is not None)
        self.environments.pop(PHOTO_LIGHT, None)
        if light is not None:
            self.environments[PHOTO_LIGHT] = of_shading(light.sh9)
            self._show_ball(self.environments[PHOTO_LIGHT])

    def _show_panorama(self, panorama: Panorama | None) -> None:
        """An imported environment is among the others as long as there is one."""
        button = self.buttons[PANORAMA]
        button.setVisible(panorama is not None)
        self.environments.pop(PANORAMA, None)
        if panorama is not None:
            self.environments[PANORAMA] = of_panorama(panorama)
            button.setToolTip(panorama.name)
            self._show_ball(self.environments[PANORAMA])

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        photo_light = _photo_light(new)
        other_photo = old is None or photo_light is not _photo_light(old)
        if old is not None and new.lighting is old.lighting and not other_photo:
            return
        if other_photo:
            self._show_photo_light(photo_light)
        light = new.lighting
        if old is None or light.panorama is not old.lighting.panorama:
            self._show_panorama(light.panorama)
        for field, row in self.rows.items():
            row.set_number(getattr(light, field))
        for name, look_button in self.looks.items():
            look_button.setChecked(shown(LOOKS[name], light))
        button = self.buttons.get(light.environment)
        self._choice.setExclusive(button is not None)
        for name, candidate in self.buttons.items():
            candidate.setChecked(name == light.environment)
        self.reset.setEnabled(light != _DEFAULT)
        before = old.lighting if old is not None else None
        if before is None or other_photo or _surroundings(light) != _surroundings(before):
            environment = self.environments.get(light.environment)
            self._irradiance = (
                None if environment is None
                else turned(environment, light.environment_yaw_deg, light.environment_intensity)
            )  # fmt: skip
        self.ball.show_light(light.key_yaw_deg, light.key_pitch_deg, light.key_intensity, light.exposure,
                             self._irradiance)  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels(self.rows.values(), self.width() - 16)
