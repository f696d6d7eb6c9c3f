"""What is exported, and in which pose."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QRadioButton, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import heading
from rhytid.gui.dialogs.export.page import Choice, Page

WHAT_TEXT = {
    "displaced_mesh": (tr("Displaced mesh"), tr("The face with its wrinkles as real geometry")),
    "base_mesh": (tr("Base mesh with shapes"),
                  tr("Light mesh for maps, with normal map and morph targets of expression and age in a GLB")),
    "hair": (tr("Hair"), tr("Brows, lashes and beard as ribbons, in the format of the displaced mesh")),
    "displacement": (tr("Displacement (EXR and 16-bit PNG)"), tr("In mm; a JSON beside the PNG states scale and zero")),
    "normal_map": (tr("Normal map"), tr("Tangent space")),
    "albedo": (tr("Albedo"), tr("Skin colour, sRGB")),
    "roughness": (tr("Roughness"), tr("Of forehead, nose and lips, as the viewport's")),
    "specular": (tr("Specular level"), tr("0.35 is open skin, less lies in pores")),
    "cavity": (tr("Cavity"), tr("Dark where pores and wrinkles are deep")),
    "occlusion": (tr("Ambient occlusion"), tr("How much of the surroundings the skin sees")),
    "line_map": (tr("Line map"), tr("All visible strokes, one texel wide")),
    "distance_field": (tr("Distance field"), tr("Distance to the nearest line")),
}
"""Name and explanation of each kind of file."""


class WhatPage(Page):
    """See the module.

    Attributes
    ----------
    what : dict of name to QCheckBox
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading(tr("What")))
        self.what: dict[str, QCheckBox] = {}
        for what, (title, tip) in WHAT_TEXT.items():
            box = QCheckBox(title)
            box.setToolTip(tip)
            box.setChecked(True)
            box.toggled.connect(self.changed)
            column.addWidget(box)
            self.what[what] = box
        column.addSpacing(8)
        column.addWidget(heading(tr("Pose")))
        self.pose_current = QRadioButton(tr("As on the screen"))
        self.pose_neutral = QRadioButton(tr("Neutral"))
        self.pose_neutral.setToolTip(tr("Without expression, with the detail of the neutral face"))
        self.pose_current.setChecked(True)
        self.pose_current.toggled.connect(self.changed)
        poses = QButtonGroup(self)
        for button in (self.pose_current, self.pose_neutral):
            poses.addButton(button)
            column.addWidget(button)
        column.addStretch(1)

    def names(self) -> set[str]:
        """What is chosen."""
        return {what for what, box in self.what.items() if box.isChecked()}

    def choice(self) -> dict[str, Any]:
        """What and pose."""
        return {"what": sorted(self.names()), "pose": "current" if self.pose_current.isChecked() else "neutral"}

    def take(self, choice: Choice) -> None:
        what = choice.get("what", ())
        if any(name in self.what for name in what):
            for name, box in self.what.items():
                box.setChecked(name in what)
        if choice.get("pose") in ("current", "neutral"):
            (self.pose_current if choice["pose"] == "current" else self.pose_neutral).setChecked(True)
