"""Panel of the engine's settings and of the imported displacement map."""

from __future__ import annotations

from random import SystemRandom

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import RemoveSource, SetEngine, ShowDetail
from rhytid.core.document.document import Document
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.limits import SEED_MAX
from rhytid.core.document.state import DocumentState
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.engines import EngineChoices
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.finish import FinishGroup
from rhytid.gui.panels.panel import Panel
from rhytid.gui.panels.second_face import SecondFaceGroup
from rhytid.gui.panels.source_lines import SourceLines
from rhytid.gui.theme import icon
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.segments import Segments
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

_ROWS = (
    ("strength", tr("Strength"), tr("Scale of all detail")),
    ("static_strength", tr("Static"),
     tr("Scale of what the person always has: pores, lines of age, strokes that always show")),
    ("dynamic_strength", tr("Dynamic"), tr("Scale of what the expression brings")),
    ("pores", tr("Pores"), tr("Scale of pores and fine skin texture (seen from 1024 texels)")),
)


def expression_name(weights: tuple[float, ...]) -> str:
    """Title of the preset that has these 52 weights, else the strongest shapes."""
    named = {name: round(value, 3) for name, value in zip(ARKIT_NAMES, weights, strict=True) if value > 0.005}
    for preset in expression_presets().values():
        if {name: round(value, 3) for name, value in preset.weights} == named:
            return preset.title
    strongest = sorted(named, key=lambda name: -named[name])[:2]
    return ", ".join(strongest) + (", …" if len(named) > 2 else "")


class DetailPanel(Panel):
    """Engine, strengths, seed, generated wrinkles, the source map and the second face."""

    def __init__(self, document: Document, engines: EngineChoices | None = None, jobs: Jobs | None = None,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(document, parent)
        self.lines = SourceLines(document, jobs if jobs is not None else Jobs(self))
        self._engines = engines if engines is not None else EngineChoices(document, Engines(), self)
        self._engines.changed.connect(lambda: self.refresh(self.document.state, None))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self._engine_group())
        column.addWidget(self._wrinkles_group())
        self.finish = FinishGroup(document)
        column.addWidget(self.finish)
        column.addWidget(self._source_group())
        self.second = SecondFaceGroup(document)
        self.second.second_requested.connect(lambda: self.requested.emit("blend_face"))
        self.second.keep_requested.connect(lambda: self.requested.emit("keep_mix"))
        column.addWidget(self.second)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.refresh(document.state, None)

    def _engine_group(self) -> FoldGroup:
        group = FoldGroup(tr("Engine"))
        self.engine = QComboBox()
        self.engine.setAccessibleName(tr("Engine"))
        self.engine.setToolTip(tr("The method that makes the detail"))
        self.engine.activated.connect(lambda _: self.execute(SetEngine(name=self.engine.currentData())))
        line = _line(tr("Method"), self.engine)
        group.body.addLayout(line)
        self.engine_note = text_label("", "warning")
        self.engine_note.setTextFormat(Qt.TextFormat.PlainText)  # a project may name any engine
        self.engine_note.setContentsMargins(6, 0, 6, 4)
        group.body.addWidget(self.engine_note)
        self.layers = Segments(
            (("both", tr("Both"), tr("Static and dynamic detail")),
             ("static", tr("Static only"), tr("What the person always has, on any expression")),
             ("dynamic", tr("Dynamic only"), tr("What the expression brings, alone")))
        )  # fmt: skip
        self.layers.setAccessibleName(tr("Static and dynamic detail"))
        self.layers.chosen.connect(lambda name: self.execute(ShowDetail(name != "dynamic", name != "static")))
        group.body.addLayout(_line(tr("Show"), self.layers))
        self.rows: dict[str, SliderRow] = {}
        for field, label, tip in _ROWS:
            row = SliderRow(label, 0.0, 2.0, 1.0, step=0.02, tip=tip)
            bind_row(row, self.document, lambda value, field=field: SetEngine(**{field: value}))
            group.body.addWidget(row)
            self.rows[field] = row
        return group

    def _wrinkles_group(self) -> FoldGroup:
        group = FoldGroup(tr("Generated wrinkles"))
        self.generate = QCheckBox(tr("Add wrinkles where faces have them"))
        self.generate.setToolTip(tr("The engine adds its own wrinkles, driven by expression and age"))
        self.generate.clicked.connect(lambda on: self.execute(SetEngine(generate_wrinkles=on)))
        self.seed = QSpinBox()
        self.seed.setRange(0, SEED_MAX)
        self.seed.setKeyboardTracking(False)
        self.seed.setAccessibleName(tr("Detail seed"))
        self.seed.setToolTip(tr("Seed of pores and generated wrinkles: the same number gives the same skin"))
        self.seed.valueChanged.connect(lambda seed: self.execute(SetEngine(seed=seed)))
        dice = tool_button("dice", tr("Another random skin"))
        dice.clicked.connect(lambda: self.execute(SetEngine(seed=SystemRandom().randrange(1, 100_000))))
        self.adopt = QPushButton(icon("adopt"), tr("Make them strokes"))
        self.adopt.setToolTip(tr("Turn the generated wrinkles into strokes that can be erased, moved and deepened"))
        self.adopt.clicked.connect(lambda: self.requested.emit("adopt"))
        self.adopted_hint = text_label("", "soft")
        check = QHBoxLayout()
        check.setContentsMargins(6, 2, 6, 2)
        check.addWidget(self.generate)
        group.body.addLayout(check)
        line = _line(tr("Seed"), self.seed)
        line.addWidget(dice)
        group.body.addLayout(line)
        button = QHBoxLayout()
        button.setContentsMargins(6, 3, 6, 0)
        button.addWidget(self.adopt, 1)
        group.body.addLayout(button)
        self.adopted_hint.setContentsMargins(6, 3, 6, 0)
        group.body.addWidget(self.adopted_hint)
        return group

    def _source_group(self) -> FoldGroup:
        group = FoldGroup(tr("Source map"))
        group.body.setContentsMargins(8, 5, 8, 7)
        group.body.setSpacing(4)
        self.source_name = QLabel()
        self.source_name.setTextFormat(Qt.TextFormat.PlainText)
        self.source_name.setProperty("role", "heading")
        self.source_facts = text_label("", "soft")
        self.no_source = text_label(
            tr("No scan yet. Import a displacement map, and its wrinkles become strokes that you can erase, move and "
               "deepen."), "soft")  # fmt: skip
        self.import_button = QPushButton(icon("import"), tr("Import map…"))
        self.import_button.setToolTip(tr("Import a displacement map (Ctrl+I)"))
        self.import_button.clicked.connect(lambda: self.requested.emit("import_map"))
        self.extract = QPushButton(icon("regenerate"), tr("Extract lines again"))
        self.extract.setToolTip(tr("Find the map's own lines again; drops changes that were made to them"))
        self.extract.clicked.connect(lambda: self.requested.emit("extract_lines"))
        self.remove = QPushButton(icon("trash"), tr("Remove"))
        self.remove.setToolTip(tr("Take the map and its lines away; strokes you drew stay"))
        self.remove.clicked.connect(lambda: self.execute(RemoveSource()))
        for widget in (self.no_source, self.source_name, self.source_facts, self.lines, self.import_button,
                       self.extract, self.remove):  # fmt: skip
            group.body.addWidget(widget)
        return group

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or new.settings is not old.settings:
            settings = new.settings
            self._show_engines(new)
            static, dynamic = settings.static_strength > 0, settings.dynamic_strength > 0
            self.layers.choose({(True, True): "both", (True, False): "static", (False, True): "dynamic"}.get(
                (static, dynamic), ""))  # fmt: skip
            for field, row in self.rows.items():
                row.set_number(getattr(settings, field))
            self.generate.setChecked(settings.generate_wrinkles)
            self.adopt.setEnabled(settings.generate_wrinkles)
            self.adopted_hint.setText(tr("The engine adds no wrinkles of its own now; those in the list remain."))
            self.adopted_hint.setVisible(not settings.generate_wrinkles)
            self.seed.blockSignals(True)
            self.seed.setValue(settings.seed)
            self.seed.blockSignals(False)
        if old is None or new.source is not old.source:
            self._show_source(new)
        if old is None or new.finish != old.finish:
            self.finish.show_state(new)
        if old is None or new.second is not old.second:
            self.second.show_state(new, self._engines.reason_against_mixing())

    def _show_engines(self, state: DocumentState) -> None:
        """List the engines; those that cannot run are grey and say why."""
        choices = self._engines.choices()
        self.engine.clear()
        for row, choice in enumerate(choices):
            self.engine.addItem(choice.title if not choice.reason else tr("{0} (cannot run)", choice.title),
                                choice.name)
            self.engine.setItemData(row, choice.reason or choice.tip, Qt.ItemDataRole.ToolTipRole)
            model = self.engine.model()
            if choice.reason and isinstance(model, QStandardItemModel):
                model.item(row).setEnabled(False)
        self.engine.setCurrentIndex(self.engine.findData(state.settings.name))
        reason = self._engines.reason_against(state.settings.name)
        self.engine_note.setText(tr("Cannot run: {reason}. The procedural engine draws.",
                                    reason=reason) if reason else "")
        self.engine_note.setVisible(bool(reason))

    def _show_source(self, state: DocumentState) -> None:
        source = state.source
        self.lines.show_state(state)
        for widget in (self.source_name, self.source_facts, self.extract, self.remove):
            widget.setVisible(source is not None)
        self.no_source.setVisible(source is None)
        self.import_button.setText(tr("Import map…") if source is None else tr("Replace map…"))
        if source is not None:
            size = len(source.displacement)
            low, high = float(source.displacement.min()), float(source.displacement.max())
            self.source_name.setText(shown(source.name) or tr("Imported map"))
            self.source_facts.setText(
                tr("{size} × {size} texels, {low:+.2f} to {high:+.2f} mm\nCaptured at {0}, age {1:.0f}\n{2} lines "
                   "found", expression_name(source.expression), source.age, len(source.lines), size=size, low=low,
                   high=high)
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels((*self.rows.values(), *self.finish.rows.values(), self.second.share), self.width() - 16)


def _line(label: str, widget: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setContentsMargins(6, 2, 4, 3)
    line.setSpacing(4)
    caption = text_label(label, "soft", wrap=False)
    caption.setFixedWidth(68)
    caption.setBuddy(widget)
    line.addWidget(caption)
    line.addWidget(widget, 1)
    return line
