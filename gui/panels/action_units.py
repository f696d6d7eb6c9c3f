"""Panel of FACS action units."""

from __future__ import annotations

from math import ceil

from PySide6.QtWidgets import QWidget

from rhytid.core.document.action_units import REGIONS, ActionUnit, action_unit_table
from rhytid.core.document.commands import Batch, Command, SetActionUnits
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.weights import Entry, WeightsPanel
from rhytid.gui.widgets.pair_row import PairRow
from rhytid.gui.widgets.slider_row import SliderRow

INTENSITIES = "ABCDE"  # trace, slight, marked, severe, maximum (FACS manual, intensity scoring)
_WORDS = (tr("trace"), tr("slight"), tr("marked"), tr("severe"), tr("maximum"))
_MARKS = tuple((step / 5.0, "") for step in range(1, 6))


def intensity_letter(value: float) -> str:
    """FACS intensity letter of 0..1 in five equal steps; "" for 0."""
    return INTENSITIES[min(ceil(value * 5.0 - 1e-9), 5) - 1] if value > 0.0 else ""


class ActionUnitsPanel(WeightsPanel):
    """Action units with number, FACS name and muscles; left and right linked until set apart."""

    search_hint = tr("Search number, name or muscle")
    all_noun = tr("action units")
    label_share = 0.52

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        table = action_unit_table()
        self._sided: dict[str, str] = {}  # "AU12L" -> "AU12", for units that also exist as both sides
        for region in REGIONS:
            units = [unit for unit in table.units if unit.region == region]
            if not units:
                continue
            group = self.add_group(region, tr(region.capitalize()))
            group.reset_requested.connect(lambda region=region: self._reset_region(region))
            for unit in units:
                if unit.side and unit.name[:-1] in table.by_name:
                    continue
                left = table.by_name.get(f"{unit.name}L")
                right = table.by_name.get(f"{unit.name}R")
                if unit.side or left is None or right is None:
                    self.add_entry(self._single(unit))
                else:
                    entry = self._pair(unit, left, right)
                    self.add_entry(entry)
                    for row in entry.rows:
                        row.channels = (unit.name, *row.channels)
        self.finish_building()

    def _row(self, unit: ActionUnit, side: str = "") -> SliderRow:
        label = f"{unit.facs}  {unit.title}"
        if side:
            label = f"{label} · {side}"
        shapes = "<br>".join(f"{name} {value:g}" for name, value in unit.weights)
        scale = ", ".join(f"{letter} {word}" for letter, word in zip(INTENSITIES, _WORDS, strict=True))
        note = f"<br><br><i>{unit.note}</i>" if unit.note else ""
        tip = (tr("<b>{0}  {1}</b><br>{2}<br><br>{shapes}{note}<br><br>Intensity: {scale}", unit.name, unit.title,
                  ", ".join(unit.muscles), shapes=shapes, note=note, scale=scale))  # fmt: skip
        muscle = "" if side == "R" and unit.name[:-1] in action_unit_table().by_name else ", ".join(unit.muscles)
        return SliderRow(label, marks=_MARKS, annotate=intensity_letter, secondary=muscle, tip=tip)

    @staticmethod
    def _words(unit: ActionUnit) -> str:
        return f"{unit.name} {unit.facs} {unit.title} {' '.join(unit.muscles)}".lower()

    def _single(self, unit: ActionUnit) -> Entry:
        row = self._row(unit, unit.side)
        bind_row(row, self.document, lambda value: SetActionUnits({unit.name: value}))
        return Entry((unit.name,), row, unit.region, self._words(unit))

    def _pair(self, unit: ActionUnit, left: ActionUnit, right: ActionUnit) -> Entry:
        both, rows = self._row(unit), (self._row(left, "L"), self._row(right, "R"))
        pair = PairRow(both, *rows)
        self._sided[left.name] = self._sided[right.name] = unit.name

        def set_both(value: float) -> Command:
            return self._labelled(unit, {unit.name: value, left.name: 0.0, right.name: 0.0})

        def set_left(value: float) -> Command:
            return self._labelled(left, {unit.name: 0.0, left.name: value, right.name: pair.right.number})

        def set_right(value: float) -> Command:
            return self._labelled(right, {unit.name: 0.0, left.name: pair.left.number, right.name: value})

        bind_row(both, self.document, set_both)
        bind_row(pair.left, self.document, set_left)
        bind_row(pair.right, self.document, set_right)
        pair.link_requested.connect(lambda: self.execute(set_both(pair.both.number)))
        return Entry((left.name, right.name), pair, unit.region, self._words(unit))

    @staticmethod
    def _labelled(unit: ActionUnit, values: dict[str, float]) -> Command:
        return Batch((SetActionUnits(values),), tr("Set {0}", unit.name))

    def _reset_region(self, region: str) -> None:
        zero = {unit.name: 0.0 for unit in action_unit_table().units if unit.region == region}
        self.execute(Batch((SetActionUnits(zero),), tr("Reset action units: {region}", region=region)))

    def reset_everything(self) -> None:
        zero = {unit.name: 0.0 for unit in action_unit_table().units}
        self.execute(Batch((SetActionUnits(zero),), tr("Reset action units")))

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is not None and new.action_units == old.action_units:
            return
        after, before = self._shown(new), self._shown(old) if old is not None else {}
        self.show_weights((name, value) for name, value in after.items() if before.get(name) != value)

    def _shown(self, state: DocumentState) -> dict[str, float]:
        """What each row shows: a unit of both sides counts for either."""
        units = dict(state.action_units)
        return {
            name: min(units.get(name, 0.0) + units.get(self._sided.get(name, ""), 0.0), 1.0) for name in self._by_name
        }
