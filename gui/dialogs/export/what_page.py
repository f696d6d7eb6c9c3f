"""What is exported, and in which pose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from rhytid.core.io.export_options import FURTHER, WHAT
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import heading
from rhytid.gui.dialogs.export.page import Choice, Page

_MESHES = ("displaced_mesh", "base_mesh", "hair")
WHAT_TEXT = {
    "displaced_mesh": (tr("Displaced mesh"), tr("The face with its wrinkles as real geometry")),
    "base_mesh": (tr("Base mesh with shapes"),
                  tr("Light mesh for maps, with normal map and morph targets of expression and age in a GLB")),
    "hair": (tr("Hair"), tr("Brows, lashes and beard as ribbons, in the format of the displaced mesh")),
    "displacement": (tr("Displacement"), tr("In mm; a JSON beside the PNG states scale and zero")),
    "normal_map": (tr("Normal map"), tr("Tangent space")),
    "albedo": (tr("Albedo"), tr("Skin colour, sRGB")),
    "roughness": (tr("Roughness"), tr("Of forehead, nose and lips, as the viewport's")),
    "specular": (tr("Specular level"), tr("0.35 is open skin, less lies in pores")),
    "cavity": (tr("Cavity"), tr("Dark where pores and wrinkles are deep")),
    "occlusion": (tr("Ambient occlusion"), tr("How much of the surroundings the skin sees")),
    "line_map": (tr("Line map"), tr("All visible strokes, one texel wide")),
    "distance_field": (tr("Distance field"), tr("Distance to the nearest line")),
    "vector_displacement": (tr("Vector displacement"), tr("In mm: tangent, normal and bitangent")),
    "vector_displacement_object": (tr("Vector displacement, object space"), tr("In mm, in the space of the OBJ")),
    "object_normals": (tr("Object-space normals"), tr("Of the displaced skin, for still heads and baking")),
    "curvature": (tr("Curvature"), tr("In 1/mm: bumps above 0, furrows below")),
    "bands": (tr("Bands"), tr("Folds, fine lines and pores, which add up to the displacement")),
    "region_masks": (tr("Region masks"), tr("Forehead, nose, cheeks and so on, with soft edges")),
    "detail_mask": (tr("Detail mask"), tr("White where all of the drawn detail applies")),
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
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(24)
        self.what: dict[str, QCheckBox] = {}
        column = self._group(tr("Meshes"), [what for what in WHAT if what in _MESHES])
        columns.addLayout(column)
        maps = self._group(tr("Maps"), [what for what in WHAT if what not in _MESHES])
        further = self._group(tr("Further maps"), FURTHER)
        for group in (maps, further):
            group.addStretch(1)
            columns.addLayout(group)
        columns.addStretch(1)
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

    def _group(self, title: str, names: Iterable[str]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(heading(title))
        for what in names:
            text, tip = WHAT_TEXT[what]
            box = QCheckBox(text)
            box.setToolTip(tip)
            box.setChecked(what in WHAT)
            box.toggled.connect(self.changed)
            column.addWidget(box)
            self.what[what] = box
        return column

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
