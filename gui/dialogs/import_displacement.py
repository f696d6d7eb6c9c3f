"""Dialog before a displacement map is imported: what the file is, what it will become, when it was captured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.arkit import expression_array
from rhytid.core.document.commands import ApplyExpressionPreset, Batch, Command, SetAge
from rhytid.core.document.expressions import expression_presets
from rhytid.core.document.resolve import effective_expression
from rhytid.core.document.state import AGE_MAX, AGE_MIN, DocumentState
from rhytid.core.io.displacement_file import (
    FACESCAPE,
    DisplacementConvention,
    DisplacementProbe,
    probe_displacement,
    read_displacement,
)
from rhytid.gui.dialogs.dialog import Dialog, heading
from rhytid.gui.panels.panel import text_label
from rhytid.gui.render.colormaps import diverging, nice_range

PREVIEW_PX = 300
IMPLAUSIBLE_MM = 5.0
# The preview is read with a tiny scale, so that the reader's own limit in mm never stops it.
_PREVIEW_SCALE = 1e-3


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A probe and the values of the map in at most `PREVIEW_PX` texels, as they lie in the file."""

    probe: DisplacementProbe
    values: npt.NDArray[np.float32]


class _Reader(QObject):
    """Reads a map on a thread of its own; the thread keeps it alive when the dialog is closed before."""

    done = Signal(object)
    failed = Signal(str)

    def read(self, path: Path) -> None:
        """What the thread does."""
        try:
            probe = probe_displacement(path)
            plain = DisplacementConvention(
                scale_mm=_PREVIEW_SCALE, mid=probe.suggested.mid, channel=probe.suggested.channel,
                crop=probe.suggested.crop,
            )  # fmt: skip
            values: npt.NDArray[Any] = read_displacement(path, plain) / _PREVIEW_SCALE + probe.suggested.mid
            if len(values) > PREVIEW_PX:
                values = cv2.resize(values, (PREVIEW_PX, PREVIEW_PX), interpolation=cv2.INTER_AREA)
            self.done.emit(_Loaded(probe, np.asarray(values, np.float32)))
        except (ValueError, OSError) as error:
            self.failed.emit(str(error))


class ImportDialog(Dialog):
    """Convention, expression and age of a map at capture.

    After `exec` gave Accepted: `convention()`, `expression()` and `age()` are what to import with.
    """

    def __init__(self, path: Path | str, state: DocumentState, parent: QWidget | None = None) -> None:
        super().__init__("Import displacement", "Import", parent)
        self.path = Path(path)
        self._state = state
        self._loaded: _Loaded | None = None
        self._colours = diverging()
        self._exact = DisplacementConvention()
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addLayout(self._preview_column())
        row.addLayout(self._form_column(), 1)
        self.body.addLayout(row)
        self.finish_layout()
        self._set_ready(False)
        self._reader = _Reader()
        self._reader.done.connect(self._show_loaded)
        self._reader.failed.connect(self._show_failure)
        Thread(target=self._reader.read, args=(self.path,), name="map preview", daemon=True).start()

    def _preview_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(5)
        self.picture = QLabel("Reading…")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(PREVIEW_PX + 2, PREVIEW_PX + 2)
        self.picture.setStyleSheet("QLabel { background: #1f1f1f; border: 1px solid #1d1d1d; border-radius: 3px; }")
        self.facts = text_label("\n", "soft", wrap=False)
        self.range = text_label(" ", "heading", wrap=False)
        self.warning = text_label("", "warning")
        # Room for two lines from the start, so that a warning does not push the dialog about.
        self.warning.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.warning.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget in (self.picture, self.facts, self.range, self.warning):
            widget.setMaximumWidth(PREVIEW_PX + 2)
            column.addWidget(widget)
        column.addStretch(1)
        return column

    def _form_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        name = text_label(self.path.name, "title")
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(name)
        column.addWidget(heading("What the values mean"))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(10)
        self.convention_box = QComboBox()
        self.convention_box.addItem("As the file suggests", "suggested")
        self.convention_box.addItem("FaceScape (16 bit, ±0.914 mm)", "facescape")
        self.convention_box.addItem("16 bit, middle grey is zero", "centred")
        self.convention_box.addItem("Millimetres (floating point)", "mm")
        self.convention_box.addItem("Centimetres (floating point)", "cm")
        self.convention_box.addItem("My own", "own")
        self.convention_box.activated.connect(self._choose_convention)
        form.addRow("Convention", self.convention_box)
        self.reason = text_label("", "soft")
        form.addRow("", self.reason)
        self.scale = QDoubleSpinBox()
        self.scale.setDecimals(4)
        self.scale.setRange(-1000.0, 1000.0)
        self.scale.setSuffix(" mm")
        self.scale.setToolTip("mm from value 0 to value 1 (16-bit values run from 0 to 1); negative turns valleys into "
                              "ridges")  # fmt: skip
        self.mid = QDoubleSpinBox()
        self.mid.setDecimals(5)
        self.mid.setRange(-1000.0, 1000.0)
        self.mid.setSingleStep(0.01)
        self.mid.setToolTip("The value that stands for no displacement")
        form.addRow("Scale", self.scale)
        form.addRow("Zero at", self.mid)
        self.flip_x = QCheckBox("Left and right")
        self.flip_y = QCheckBox("Top and bottom")
        self.transpose = QCheckBox("Rows and columns")
        exchange = QGridLayout()
        exchange.addWidget(self.flip_x, 0, 0)
        exchange.addWidget(self.flip_y, 0, 1)
        exchange.addWidget(self.transpose, 1, 0)
        form.addRow("Exchange", exchange)
        column.addLayout(form)
        hint = text_label("The forehead belongs on top, the subject's right on the left.", "soft")
        column.addWidget(hint)
        column.addSpacing(4)
        column.addWidget(heading("When it was captured"))
        capture = QFormLayout()
        capture.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        capture.setHorizontalSpacing(10)
        self.expression_box = QComboBox()
        self.expression_box.setMaxVisibleItems(24)
        self.expression_box.addItem("The face as it is now", "")
        for preset in expression_presets().values():
            self.expression_box.addItem(preset.title, preset.name)
        self.expression_box.setToolTip("Detail of the map that belongs to this expression fades with it")
        self.expression_box.setCurrentIndex(max(self.expression_box.findData(self._guess_expression()), 0))
        capture.addRow("Expression", self.expression_box)
        self.age_box = QSpinBox()
        self.age_box.setRange(int(AGE_MIN), int(AGE_MAX))
        self.age_box.setSuffix(" years")
        self.age_box.setValue(round(self._state.age))
        self.age_box.setToolTip("Age of the person at capture; other ages add and take away from there")
        capture.addRow("Age", self.age_box)
        self.wear_box = QCheckBox("Show the face like this")
        self.wear_box.setChecked(True)
        self.wear_box.setToolTip("Give the face this expression and age, in which the map comes out unchanged")
        capture.addRow("", self.wear_box)
        column.addLayout(capture)
        column.addStretch(1)
        self._fields = (self.scale, self.mid)
        for field in self._fields:
            field.valueChanged.connect(self._edited)
        for box in (self.flip_x, self.flip_y, self.transpose):
            box.toggled.connect(self._edited)
        return column

    def _guess_expression(self) -> str:
        """The preset that the file is named after; the present face when none is."""
        words = self.path.stem.lower().replace("-", "_")
        names = sorted(expression_presets(), key=len, reverse=True)
        return next((name for name in names if name in words), "")

    # --- answers ---------------------------------------------------------------------------------------

    def convention(self) -> DisplacementConvention:
        """What the fields say."""
        base = self._loaded.probe.suggested if self._loaded is not None else DisplacementConvention(1.0, 0.0)
        # The fields show few digits: a preset's number counts in full until it is changed by hand.
        exact = self._exact
        scale_mm, mid = self.scale.value(), self.mid.value()
        if abs(exact.scale_mm - scale_mm) < 1e-4:
            scale_mm = exact.scale_mm
        if abs(exact.mid - mid) < 1e-5:
            mid = exact.mid
        return replace(base, scale_mm=scale_mm, mid=mid, flip_x=self.flip_x.isChecked(),
                       flip_y=self.flip_y.isChecked(), transpose=self.transpose.isChecked())  # fmt: skip

    def expression(self) -> tuple[float, ...]:
        """52 weights at capture."""
        name = self.expression_box.currentData()
        if not name:
            return tuple(float(weight) for weight in effective_expression(self._state))
        return tuple(float(weight) for weight in expression_array(expression_presets()[name].weights))

    def age(self) -> float:
        """Years at capture."""
        return float(self.age_box.value())

    def pose_command(self) -> Command | None:
        """What gives the face the expression and age of the capture; None when it is to stay as it is."""
        if not self.wear_box.isChecked():
            return None
        name = self.expression_box.currentData()
        expression = (ApplyExpressionPreset(name),) if name else ()
        return Batch((*expression, SetAge(self.age())), "Pose as captured")

    # --- showing ---------------------------------------------------------------------------------------

    def _set_ready(self, ready: bool) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(ready)

    def _show_loaded(self, loaded: _Loaded) -> None:
        self._loaded = loaded
        header = loaded.probe.header
        self.facts.setText(
            f"{header.width} × {header.height} texels, {header.dtype}, {header.kind.upper()}\n"
            f"Values {loaded.probe.value_min:.5g} to {loaded.probe.value_max:.5g}"
        )
        mark = "" if loaded.probe.certain else "Likely: "
        self.reason.setText(mark + loaded.probe.reason)
        self._take(loaded.probe.suggested)
        self.convention_box.setCurrentIndex(self.convention_box.findData("suggested"))

    def _show_failure(self, text: str) -> None:
        self.picture.setText("No picture")
        self.facts.setText("")
        self.range.setText("This file cannot be imported")
        self.warning.setProperty("role", "error")
        self.warning.style().polish(self.warning)
        self.warning.setText(text)
        self.convention_box.setEnabled(False)

    def _take(self, convention: DisplacementConvention) -> None:
        self._exact = convention
        for widget, value in ((self.scale, convention.scale_mm), (self.mid, convention.mid)):
            widget.blockSignals(True)
            widget.setValue(value)
            widget.blockSignals(False)
        for box, on in ((self.flip_x, convention.flip_x), (self.flip_y, convention.flip_y),
                        (self.transpose, convention.transpose)):  # fmt: skip
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)
        self._show_result()

    def _choose_convention(self) -> None:
        if self._loaded is None:
            return
        suggested = self._loaded.probe.suggested
        chosen = {
            "suggested": suggested,
            "facescape": replace(suggested, scale_mm=FACESCAPE.scale_mm, mid=FACESCAPE.mid),
            "centred": replace(suggested, mid=FACESCAPE.mid),
            "mm": replace(suggested, scale_mm=1.0, mid=0.0),
            "cm": replace(suggested, scale_mm=10.0, mid=0.0),
        }.get(self.convention_box.currentData())
        self.reason.setVisible(self.convention_box.currentData() == "suggested")
        if chosen is not None:
            self._take(chosen)

    def _edited(self) -> None:
        self.convention_box.setCurrentIndex(self.convention_box.findData("own"))
        self._show_result()

    def _show_result(self) -> None:
        """Picture and range in mm of what the import would give."""
        if self._loaded is None:
            return
        if self.scale.value() == 0.0:
            self.warning.setText("A scale of 0 makes everything flat.")
            self._set_ready(False)
            return
        convention, probe = self.convention(), self._loaded.probe
        ends = [(value - convention.mid) * convention.scale_mm for value in (probe.value_min, probe.value_max)]
        low_mm, high_mm = min(ends), max(ends)
        self.range.setText(f"Becomes {low_mm:+.3f} to {high_mm:+.3f} mm".replace("-", "−"))
        problem = self._problem(low_mm, high_mm)
        self.warning.setText(problem)
        self._set_ready(True)
        self._show_picture(convention)

    @staticmethod
    def _problem(low_mm: float, high_mm: float) -> str:
        largest = max(abs(low_mm), abs(high_mm))
        if largest > IMPLAUSIBLE_MM:
            rarely = f"Skin detail rarely exceeds {IMPLAUSIBLE_MM:g} mm"
            return f"{rarely}, this reaches {largest:.3g} mm. Check scale and zero."
        if largest < 0.01:
            return f"This is nearly flat: {largest:.2g} mm at most. Check the scale."
        if low_mm > 0.0 or high_mm < 0.0:
            return "Everything lies on one side of the skin. Check which value stands for zero."
        return ""

    def _show_picture(self, convention: DisplacementConvention) -> None:
        assert self._loaded is not None
        mm = (self._loaded.values - convention.mid) * convention.scale_mm
        if convention.transpose:
            mm = mm.T
        mm = mm[:: -1 if convention.flip_y else 1, :: -1 if convention.flip_x else 1]
        range_mm = nice_range(mm)
        index = np.clip(mm / range_mm * 127.5 + 128.0, 0, 255).astype(np.uint8)
        rgb = np.ascontiguousarray(self._colours[index])
        height, width = rgb.shape[:2]
        image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        picture = QPixmap.fromImage(image).scaled(
            PREVIEW_PX, PREVIEW_PX, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self.picture.setPixmap(picture)
        self.picture.setToolTip(f"Blue is deeper, red is higher; full colour at ±{range_mm:g} mm")
