"""Panel of the 52 ARKit expression weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, linked_name
from rhytid.core.document.commands import ApplyExpressionPreset, Batch, Command, SetExpressionWeights
from rhytid.core.document.document import Document
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.expression_presets import ExpressionPreset, expression_presets
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.head_pose import HeadPoseGroup
from rhytid.gui.panels.preset_strip import PresetStrip
from rhytid.gui.panels.weights import Entry, WeightsPanel
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.pair_row import PairRow
from rhytid.gui.widgets.slider_row import SliderRow

REGIONS = ("brow", "eye", "cheek", "jaw", "mouth", "nose", "tongue")
_ASIDE = {"jawLeft": tr("To the left"), "jawRight": tr("To the right")}
_ASIDE |= {name.replace("jaw", "mouth"): title for name, title in _ASIDE.items()}


def region_of(name: str) -> str:
    """Region that an ARKit name begins with."""
    return next(region for region in REGIONS if name.startswith(region))


def title_of(name: str) -> str:
    """What an artist reads in its group: "Look down" for eyeLookDownLeft, "Smile" for mouthSmileLeft."""
    if name in _ASIDE:
        return _ASIDE[name]
    bare = name[len(region_of(name)) :]
    if "LookIn" in name or "LookOut" in name:  # linked by where both eyes look, not by what each does
        return tr("Look left") if name in ("eyeLookOutLeft", "eyeLookInRight") else tr("Look right")
    if linked_name(name) != name:
        bare = re.sub("(Left|Right)$", "", bare)
    return tr(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare).capitalize())


class ExpressionPanel(WeightsPanel):
    """52 weights by region, left and right linked until the artist sets them apart, and presets."""

    search_hint = tr("Search 52 shapes")
    all_noun = tr("weights")

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.presets = PresetStrip(expression_presets().values())
        self.presets.preset_chosen.connect(lambda name: self.execute(ApplyExpressionPreset(name)))
        self.preset_group = FoldGroup(tr("Presets"))
        self.preset_group.body.addWidget(self.presets)
        self.preset_group.body.setContentsMargins(0, 0, 0, 2)
        self.column.addWidget(self.preset_group)
        for region in REGIONS:
            group = self.add_group(region, tr(region.capitalize()))
            group.reset_requested.connect(lambda region=region: self._reset_region(region))
        done: set[str] = set()
        for region in REGIONS:
            for name in (n for n in ARKIT_NAMES if region_of(n) == region and n not in done):
                partner = linked_name(name)
                done.update((name, partner))
                self.add_entry(self._single(name) if partner == name else self._pair(name, partner))
        self.head_pose = HeadPoseGroup(document)
        self.column.addWidget(self.head_pose)
        self.finish_building()

    def _single(self, name: str) -> Entry:
        row = SliderRow(title_of(name), tip=f"<b>{name}</b>")
        bind_row(row, self.document, lambda value: SetExpressionWeights({name: value}))
        return Entry((name,), row, region_of(name), f"{name} {title_of(name)}".lower())

    def _pair(self, left: str, right: str) -> Entry:
        title = title_of(left)
        both = SliderRow(title, tip=tr("<b>{left}</b> and <b>{right}</b>", left=left, right=right))
        rows = [SliderRow(f"{title} · {side}", tip=tr("<b>{name}</b>, the subject's {word} side", name=name, word=word))
                for name, side, word in ((left, "L", tr("left")), (right, "R", tr("right")))]  # fmt: skip
        bind_row(both, self.document, lambda value: self._both(left, right, value))
        for row, name in zip(rows, (left, right), strict=True):
            bind_row(row, self.document, lambda value, name=name: SetExpressionWeights({name: value}))
        pair = PairRow(both, rows[0], rows[1])
        pair.link_requested.connect(lambda: self.execute(self._both(left, right, pair.both.number)))
        return Entry((left, right), pair, region_of(left), f"{left} {right} {title}".lower())

    def show_head(
        self, made_shapes: Collection[str], picture: Callable[[ExpressionPreset], QImage | None]
    ) -> None:
        """Show presets on another head, and mark shapes that are not its own but made from the default head's."""
        self.presets.set_thumbnail_source(picture)
        for entry in self.entries:
            rows = entry.rows[-len(entry.names) :]
            marked = [(row, name in made_shapes) for row, name in zip(rows, entry.names, strict=True)]
            if isinstance(entry.widget, PairRow):
                marked.append((entry.widget.both, any(is_made for _, is_made in marked)))
            for row, is_made in marked:
                row.set_note(tr("Made from the default head's shape, not measured on this head") if is_made else "")

    def _both(self, left: str, right: str, value: float) -> Command:
        label = tr("Set {0}: {1}", region_of(left), title_of(left).lower())
        return Batch((SetExpressionWeights({left: value, right: value}),), label)

    def _reset_region(self, region: str) -> None:
        zero = {name: 0.0 for name in ARKIT_NAMES if region_of(name) == region}
        self.execute(Batch((SetExpressionWeights(zero),), tr("Reset {region}", region=region)))

    def reset_everything(self) -> None:
        self.execute(Batch((SetExpressionWeights(dict.fromkeys(ARKIT_NAMES, 0.0)),), tr("Reset expression")))

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or new.head_pose != old.head_pose:
            self.head_pose.show_pose(new)
        same_weights = old is not None and new.expression is old.expression
        if same_weights and old is not None and new.action_units is old.action_units:
            return
        if not same_weights:
            before = old.expression if old is not None else (None,) * len(ARKIT_NAMES)
            triples = zip(ARKIT_NAMES, new.expression, before, strict=True)
            self.show_weights((name, value) for name, value, was in triples if value != was)
        self.presets.show_worn(_worn_preset(new))
        self._show_ghosts(new)

    def _show_ghosts(self, state: DocumentState) -> None:
        """Mark where action units push a shape beyond its own weight."""
        effective = effective_expression(state) if state.action_units else state.expression
        for entry in self.entries:
            for name in entry.names:
                row = self._by_name[name][1]
                index = ARKIT_INDEX[name]
                added = float(effective[index]) - state.expression[index] > 5e-3
                row.set_ghost(float(effective[index]) if added else None)
            if isinstance(entry.widget, PairRow):
                ghosts = [row.ghost for row in (entry.widget.left, entry.widget.right) if row.ghost is not None]
                entry.widget.both.set_ghost(max(ghosts, default=None))


def _worn_preset(state: DocumentState) -> str:
    """Name of the preset that is the expression of a state, "" for none."""
    if state.action_units:
        return ""
    worn = {name: value for name, value in zip(ARKIT_NAMES, state.expression, strict=True) if value}
    presets = expression_presets().values()
    return next((one.name for one in presets if {n: v for n, v in one.weights if v} == worn), "")
