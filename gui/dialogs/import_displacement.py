"""Dialog before a displacement map is imported: what the file is, what it will become, when it was captured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
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

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.arkit import expression_array
from rhytid.core.document.commands import ApplyExpressionPreset, Batch, Command, SetAge
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.state import DocumentState
from rhytid.core.head.head import Head
from rhytid.core.io.errors import ChoiceNeeded
from rhytid.core.io.map_channels import SUM
from rhytid.core.io.map_meaning import MapReading, doubts
from rhytid.core.io.map_no_data import FILL
from rhytid.core.io.map_statement import Scaling
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog, heading
from rhytid.gui.dialogs.import_convention import ConventionBox
from rhytid.gui.dialogs.import_layout import LayoutBox
from rhytid.gui.dialogs.map_picture import PREVIEW_PX, map_picture
from rhytid.gui.dialogs.map_preview import LoadedMap, MapReader, without_options
from rhytid.gui.widgets.labels_and_buttons import text_label

_NORMALS = (
    (tr("If the file suggests it, ask"), None), (tr("Normals, green as it fits best"), "auto"),
    (tr("Normals, green up (OpenGL)"), "opengl"), (tr("Normals, green down (DirectX)"), "directx"), (tr("None"), "no"),
)  # fmt: skip
_PARTS = (
    (tr("Whole picture"), None), (tr("Square on the left"), "left"), (tr("Square in the middle"), "centre"),
    (tr("Square on the right"), "right"), (tr("Square at the top"), "top"), (tr("Square at the bottom"), "bottom"),
)  # fmt: skip


class ImportDialog(Dialog):
    """How a map is to be read, expression and age at capture.

    After `exec` gave Accepted: `reading()`, `expression()` and `age()` are what to import with.

    Parameters
    ----------
    path : path
    state : DocumentState
    head : Head, optional
        In whose own layout the map may lie; only the chart's can be chosen without.
    """

    def __init__(
        self, path: Path | str, state: DocumentState, parent: QWidget | None = None, head: Head | None = None
    ) -> None:
        super().__init__(tr("Import displacement"), tr("Import"), parent)
        self.path = Path(path)
        self._state = state
        self._loaded: LoadedMap | None = None
        self._exact = Scaling()
        self._is_first = True
        self.layout_box = LayoutBox(head)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addLayout(self._preview_column())
        row.addLayout(self._form_column(), 1)
        self.body.addLayout(row)
        self.finish_layout()
        self._set_ready(False)
        self._let_scale(False)
        self._reader = MapReader(self.path, self.layout_box.own, head)
        self._reader.listed.connect(self._list_channels)
        self._reader.done.connect(self._show_loaded)
        self._reader.unclear.connect(self._ask)
        self._reader.failed.connect(self._show_failure)
        self._reader.start(self._wanted())

    def _preview_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(5)
        self.picture = QLabel(tr("Reading…"))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(PREVIEW_PX + 2, PREVIEW_PX + 2)
        self.picture.setStyleSheet("QLabel { background: #1f1f1f; border: 1px solid #1d1d1d; border-radius: 3px; }")
        self.facts = text_label("\n", "soft", wrap=False)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
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
        column.addWidget(heading(tr("What is read")))
        column.addLayout(self._choices())
        column.addSpacing(4)
        column.addWidget(heading(tr("What the values mean")))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(10)
        self.convention_box = ConventionBox()
        self.convention_box.activated.connect(self._choose_convention)
        form.addRow(tr("Convention"), self.convention_box)
        self.reason = text_label("", "soft")
        self.reason.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        form.addRow("", self.reason)
        self.scale = QDoubleSpinBox(decimals=4, minimum=-1000.0, maximum=1000.0, suffix=" mm")
        self.scale.setToolTip(tr("mm from value 0 to 1 (16 bits span 0 to 1); negative turns valleys into ridges"))
        self.mid = QDoubleSpinBox(decimals=5, minimum=-1000.0, maximum=1000.0, singleStep=0.01)
        self.mid.setToolTip(tr("The value that stands for no displacement"))
        form.addRow(tr("Scale"), self.scale)
        form.addRow(tr("Zero at"), self.mid)
        self.flip_x = QCheckBox(tr("Left and right"))
        self.flip_y = QCheckBox(tr("Top and bottom"))
        self.transpose = QCheckBox(tr("Rows and columns"))
        exchange = QGridLayout()
        exchange.addWidget(self.flip_x, 0, 0)
        exchange.addWidget(self.flip_y, 0, 1)
        exchange.addWidget(self.transpose, 1, 0)
        form.addRow(tr("Exchange"), exchange)
        column.addLayout(form)
        hint = text_label(tr("The forehead belongs on top, the subject's right on the left."), "soft")
        column.addWidget(hint)
        column.addSpacing(4)
        column.addWidget(heading(tr("When it was captured")))
        capture = QFormLayout()
        capture.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        capture.setHorizontalSpacing(10)
        self.expression_box = QComboBox()
        self.expression_box.setMaxVisibleItems(24)
        self.expression_box.addItem(tr("The face as it is now"), "")
        for preset in expression_presets().values():
            self.expression_box.addItem(preset.title, preset.name)
        self.expression_box.setToolTip(tr("Detail of the map that belongs to this expression fades with it"))
        self.expression_box.setCurrentIndex(max(self.expression_box.findData(self._guess_expression()), 0))
        capture.addRow(tr("Expression"), self.expression_box)
        self.age_box = QSpinBox()
        self.age_box.setRange(int(AGE_MIN), int(AGE_MAX))
        self.age_box.setSuffix(" years")
        self.age_box.setValue(round(self._state.age))
        self.age_box.setToolTip(tr("Age of the person at capture; other ages add and take away from there"))
        capture.addRow(tr("Age"), self.age_box)
        self.wear_box = QCheckBox(tr("Show the face like this"))
        self.wear_box.setChecked(True)
        self.wear_box.setToolTip(tr("Give the face this expression and age, in which the map comes out unchanged"))
        capture.addRow("", self.wear_box)
        column.addLayout(capture)
        column.addStretch(1)
        self._fields = (self.scale, self.mid)
        for field in self._fields:
            field.valueChanged.connect(self._edited)
        for box in (self.flip_x, self.flip_y, self.transpose):
            box.toggled.connect(self._edited)
        return column

    def _choices(self) -> QFormLayout:
        """Fields whose change has the file read again, and the box that fills what is missing."""
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(10)
        self.channel_box = QComboBox()
        self.channel_box.addItem(tr("As the file suggests"), None)
        self.channel_box.setToolTip(tr("Channel, layer, part or page that holds the displacement"))
        self.normal_box = QComboBox()
        for text, value in _NORMALS:
            self.normal_box.addItem(text, value)
        self.normal_box.setToolTip(tr("The colours of a normal map are no displacement, but can be integrated to it"))
        self.part_box = QComboBox()
        for text, value in _PARTS:
            self.part_box.addItem(text, value)
        self.part_box.setToolTip(tr("The part of the picture that is the chart; a map is square"))
        for label, box in ((tr("Layout"), self.layout_box), (tr("Channel"), self.channel_box),
                           (tr("Normal map"), self.normal_box), (tr("Part"), self.part_box)):
            box.activated.connect(self._read_again)
            form.addRow(label, box)
        form.setRowVisible(self.layout_box, self.layout_box.own is not None)
        self.fill_box = QCheckBox(tr("Fill texels without a value"))
        self.fill_box.setToolTip(tr("From what surrounds them; the file holds NaN or a value that stands for no data"))
        self.fill_box.setEnabled(False)
        self.fill_box.toggled.connect(self._show_result)
        form.addRow("", self.fill_box)
        return form

    def _guess_expression(self) -> str:
        """The preset that the file is named after; the present face when none is."""
        words = self.path.stem.lower().replace("-", "_")
        names = sorted(expression_presets(), key=len, reverse=True)
        return next((name for name in names if name in words), "")

    # --- answers ---------------------------------------------------------------------------------------

    def scaling(self) -> Scaling:
        """Scale and zero that the fields say."""
        # The fields show few digits: a preset's number counts in full until it is changed by hand.
        exact = self._exact
        scale_mm, mid = self.scale.value(), self.mid.value()
        if abs(exact.scale_mm - scale_mm) < 1e-4:
            scale_mm = exact.scale_mm
        if abs(exact.mid - mid) < 1e-5:
            mid = exact.mid
        return Scaling(scale_mm, mid)

    def reading(self) -> MapReading:
        """What the fields say."""
        scaling, fill = self.scaling(), FILL if self.fill_box.isChecked() else None
        known = {} if self._has_own_size() else {"scale_mm": scaling.scale_mm, "mid": scaling.mid, "no_data": fill}
        return replace(self._wanted(), flip_x=self.flip_x.isChecked(), flip_y=self.flip_y.isChecked(),
                       transpose=self.transpose.isChecked(), **known)  # fmt: skip

    def _wanted(self) -> MapReading:
        """What the file is read for."""
        return MapReading(
            channel=self.channel_box.currentData(), crop=self.part_box.currentData(),
            normal_map=self.normal_box.currentData(), **self.layout_box.place()._asdict(),
        )  # fmt: skip

    def _has_own_size(self) -> bool:
        """Normals in the head's own layout are integrated on its skin, whose size is known."""
        return self.layout_box.place().layout == "own" and self.normal_box.currentData() not in (None, "no")

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
        return Batch((*expression, SetAge(self.age())), tr("Pose as captured"))

    # --- showing ---------------------------------------------------------------------------------------

    def _set_ready(self, ready: bool) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(ready)

    def _let_scale(self, has_values: bool) -> None:
        for field in (self.convention_box, *self._fields):
            field.setEnabled(has_values)

    def _list_channels(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.channel_box.addItem(name, name)
        if len(names) > 1:
            self.channel_box.addItem(tr("Sum of all that belong together"), SUM)
        self.channel_box.setEnabled(len(names) > 1)
        self.normal_box.setEnabled(len(names) > 2)

    def _read_again(self) -> None:
        self._loaded = None
        self._set_ready(False)
        self._reader.start(self._wanted())

    def _show_loaded(self, number: int, loaded: LoadedMap) -> None:
        if number != self._reader.number:
            return
        if self._is_first:
            # Only now is known what the file states of its layout.
            self._is_first, last = False, self.layout_box.place()
            self.layout_box.take(loaded.probe.layout)
            if self.layout_box.place() != last:
                self._read_again()
                return
        self._loaded = loaded
        probe, header = loaded.probe, loaded.probe.header
        facts = [tr("{0.width} × {0.height} texels, {0.dtype}, {1}", header, header.kind.upper()),
                 tr("Values {0:.5g} to {1:.5g}", probe.value_min, probe.value_max)]  # fmt: skip
        if len(header.channels) > 1:
            facts.insert(1, tr("Channel {0}", probe.channel))
        elide, middle = self.facts.fontMetrics().elidedText, Qt.TextElideMode.ElideMiddle
        self.facts.setText("\n".join(elide(fact, middle, PREVIEW_PX) for fact in facts))
        self.fill_box.setEnabled(bool(probe.missing))
        self._let_scale(not self._has_own_size())
        self._set_role("warning")
        self.convention_box.setCurrentIndex(self.convention_box.findData("suggested"))
        self._take(probe.suggested)

    def _ask(self, number: int, choice: ChoiceNeeded) -> None:
        """The file can be read in several ways: say so, and wait for the field that tells."""
        if number != self._reader.number:
            return
        self._show_nothing(tr("One of the fields must tell"), str(choice), "warning")
        field = {"channel": self.channel_box, "normal_map": self.normal_box, "crop": self.part_box}.get(choice.question)
        if field is not None:
            field.setFocus()

    def _show_failure(self, number: int, text: str) -> None:
        if number == self._reader.number:
            self._show_nothing(tr("This file cannot be imported"), text, "error")

    def _show_nothing(self, headline: str, text: str, role: str) -> None:
        self.picture.setText(tr("No picture"))
        self.facts.setText("")
        self.range.setText(headline)
        self._set_role(role)
        self.warning.setText(without_options(text).replace(str(self.path), self.path.name))
        self._let_scale(False)

    def _set_role(self, role: str) -> None:
        self.warning.setProperty("role", role)
        self.warning.style().polish(self.warning)

    def _take(self, scaling: Scaling) -> None:
        self._exact = scaling
        for widget, value in ((self.scale, scaling.scale_mm), (self.mid, scaling.mid)):
            widget.blockSignals(True)
            widget.setValue(value)
            widget.blockSignals(False)
        self._show_result()

    def _choose_convention(self) -> None:
        if self._loaded is None:
            return
        chosen = self.convention_box.chosen(self._loaded.probe.suggested)
        self._take(self.scaling() if chosen is None else chosen)

    def _edited(self) -> None:
        self.convention_box.setCurrentIndex(self.convention_box.findData("own"))
        self._show_result()

    def _show_result(self) -> None:
        """Picture and range in mm of what the import would give."""
        if self._loaded is None:
            return
        probe, is_suggested = self._loaded.probe, self.convention_box.currentData() == "suggested"
        self.reason.setText(("" if probe.certain else tr("Likely: ")) + probe.reason if is_suggested else "")
        if self.scale.value() == 0.0:
            self.warning.setText(tr("A scale of 0 makes everything flat."))
            self._set_ready(False)
            return
        scaling = self.scaling()
        ends = [(value - self._zero()) * scaling.scale_mm for value in (probe.value_min, probe.value_max)]
        low_mm, high_mm = min(ends), max(ends)
        digits = 3 if max(ends) - min(ends) > 0.01 else 6
        low, high = (f"{value:+.{digits}f}".replace("-", "−") for value in (low_mm, high_mm))
        self.range.setText(tr("Becomes {low} to {high} mm", low=low, high=high))
        must_fill = bool(probe.missing) and not self.fill_box.isChecked()
        problem = doubts(low_mm, high_mm)
        if must_fill:
            problem = tr("{0}. Fill them, or export the map whole.", probe.missing)
        elif scaling == probe.suggested and probe.warnings:
            problem = without_options(" ".join(probe.warnings))
        problem = " ".join(filter(None, (problem, self._loaded.doubt)))
        self.warning.setText(problem)
        self._set_ready(not must_fill)
        self._show_picture(scaling)

    def _zero(self) -> float:
        """The value that becomes 0 mm; channels that were added up have a zero each."""
        assert self._loaded is not None
        probe, mid = self._loaded.probe, self.scaling().mid
        return mid + (probe.n_added - 1) * (mid - probe.suggested.mid)

    def _show_picture(self, scaling: Scaling) -> None:
        assert self._loaded is not None
        mm = (self._loaded.values - self._zero()) * scaling.scale_mm
        if self.transpose.isChecked():
            mm = mm.T
        mm = mm[:: -1 if self.flip_y.isChecked() else 1, :: -1 if self.flip_x.isChecked() else 1]
        picture, range_mm = map_picture(mm, self._loaded.islands)
        self.picture.setPixmap(picture)
        self.picture.setToolTip(tr("Blue is deeper, red is higher; full colour at ±{range_mm:g} mm", range_mm=range_mm))
