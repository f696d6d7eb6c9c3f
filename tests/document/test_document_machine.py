"""Random edits, gestures, undo, redo, save and open, against a model made of plain dictionaries."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from document_samples import source, stroke
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.commands import (
    AddStrokes,
    ApplyExpressionPreset,
    Command,
    CommandError,
    ImportSource,
    RemoveSource,
    RemoveStrokes,
    ReorderStrokes,
    SetActionUnits,
    SetAge,
    SetCamera,
    SetEngine,
    SetExpressionWeights,
    SetIdentityMode,
    SetLighting,
    SetStrokeProperties,
)
from rhytid.core.document.document import Document, Gesture, GestureError
from rhytid.core.document.state import DocumentState

Plain = dict[str, Any]
Edit = tuple[Command, Callable[[Plain], None]]

SOURCES = (source(seed=1, n_lines=2), source(seed=2, n_lines=3))
NUMBERS = st.floats(-2, 3, allow_nan=False, width=32)
IDS = st.sampled_from(["a", "b", "c", "d", "source-0", "source-1"])


def plain(state: DocumentState) -> Plain:
    """What the model keeps of a state, camera left out."""
    return {
        "age": state.age,
        "expression": {n: v for n, v in zip(ARKIT_NAMES, state.expression, strict=True) if v},
        "units": dict(state.action_units),
        "identity": {i: v for i, v in enumerate(state.identity) if v},
        "strokes": [[s.id, s.points.tobytes(), s.depth_mm, s.visible, s.from_source] for s in state.strokes],
        "strength": state.settings.strength,
        "exposure": state.lighting.exposure,
        "source": None if state.source is None else state.source.displacement.tobytes(),
    }


def clamped(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def put(values: Plain, key: Any, value: float) -> None:
    """Set a value of a sparse mapping that leaves zeros out."""
    values.pop(key, None)
    if value:
        values[key] = value


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """A command and the same edit of the model; the model raises KeyError where the command must refuse."""
    kind = draw(st.sampled_from([*range(12), 8, 8, 9, 10, 11]))
    number = draw(NUMBERS)
    if kind == 0:
        name = draw(st.sampled_from(ARKIT_NAMES[:4]))
        return SetExpressionWeights({name: number}), lambda m: put(
            m["expression"], name, clamped(number, 0, 1)
        )
    if kind == 1:
        unit = draw(st.sampled_from(["AU1", "AU12", "AU12L"]))
        return SetActionUnits({unit: number}), lambda m: put(m["units"], unit, clamped(number, 0, 1))
    if kind == 2:
        return ApplyExpressionPreset("neutral"), lambda m: m.update(expression={}, units={})
    if kind == 3:
        age = draw(st.floats(0, 100, width=32))
        return SetAge(age), lambda m: m.update(age=clamped(age, 16, 80))
    if kind == 4:
        mode = draw(st.integers(0, 3))
        return SetIdentityMode(mode, number), lambda m: put(m["identity"], mode, number)
    if kind == 5:
        return SetEngine(strength=number), lambda m: m.update(strength=clamped(number, 0, 2))
    if kind == 6:
        return SetLighting(exposure=number), lambda m: m.update(exposure=number)
    if kind == 7:
        return _source_edit(draw(st.sampled_from([*SOURCES, None])))
    chosen = draw(st.lists(IDS, min_size=1, max_size=2, unique=True))
    return _stroke_edit(kind, tuple(chosen), number, draw(st.integers(0, 5)))


def _source_edit(new: Any) -> Edit:
    def change(model: Plain) -> None:
        own = [s for s in model["strokes"] if not s[4]]
        if new is None:
            if model["source"] is not None:
                model.update(source=None, strokes=own)
            return
        lines = plain(DocumentState(strokes=new.lines))["strokes"]
        of_lines = {s[0] for s in lines}
        for one in own:
            if one[0] in of_lines:
                taken = of_lines | {s[0] for s in own}
                one[0] = next(f"{one[0]}.{i}" for i in range(2, 99) if f"{one[0]}.{i}" not in taken)
        model.update(source=new.displacement.tobytes(), strokes=lines + own)

    return (RemoveSource() if new is None else ImportSource(new)), change


def _stroke_edit(kind: int, ids: tuple[str, ...], number: float, seed: int) -> Edit:
    def need(model: Plain) -> list[list[Any]]:
        if set(ids) - {s[0] for s in model["strokes"]}:
            raise KeyError
        return [s for s in model["strokes"] if s[0] in ids]

    def add(model: Plain) -> None:
        if set(ids) & {s[0] for s in model["strokes"]}:
            raise KeyError
        model["strokes"] += plain(DocumentState(strokes=new))["strokes"]

    def remove(model: Plain) -> None:
        gone = need(model)
        model["strokes"] = [s for s in model["strokes"] if s not in gone]

    def reorder(model: Plain) -> None:
        moved = need(model)
        rest = [s for s in model["strokes"] if s not in moved]
        model["strokes"] = rest[:seed] + moved + rest[seed:]

    def properties(model: Plain) -> None:
        for item in need(model):
            item[2], item[3] = number, seed % 2 == 0

    new = tuple(stroke(stroke_id, seed) for stroke_id in ids)
    choices: dict[int, Edit] = {
        8: (AddStrokes(new), add),
        9: (RemoveStrokes(ids), remove),
        10: (ReorderStrokes(ids, seed), reorder),
        11: (SetStrokeProperties(ids, depth_mm=number, visible=seed % 2 == 0), properties),
    }
    return choices[kind]


class DocumentMachine(RuleBasedStateMachine):
    """The model: a list of plain states, a position in it, a gesture, what was saved and the camera."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.document = Document()
        self.stack: list[Plain] = [plain(self.document.state)]
        self.position = 0
        self.ids = [self.document.entry_id]
        self.used = set(self.ids)  # those of entries that were forgotten too
        self.gesture: Gesture | None = None  # the last one, alive or not
        self.shown: Plain | None = None  # of the gesture, while it is alive
        self.exclusive = False
        self.saved: Plain | None = self.stack[0]
        self.yaw_deg = 0.0
        self.events: list[tuple[DocumentState, DocumentState]] = []
        self.seen: dict[int, tuple[DocumentState, Plain]] = {}
        self.document.state_changed.connect(lambda new, old: self.events.append((new, old)))

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)
            for state, then in self.seen.values():
                assert plain(state) == then, "a state that was given out changed afterwards"

    def changed(self, change: Callable[[Plain], None], before: Plain | None = None) -> Plain | None:
        """The model after an edit of `before` or the committed state; None where the edit must be refused."""
        model = copy.deepcopy(self.stack[self.position] if before is None else before)
        try:
            change(model)
        except KeyError:
            return None
        return model

    def push(self, model: Plain) -> None:
        if model != self.stack[self.position]:
            self.entered(model, self.document.entry_id)

    def entered(self, model: Plain, entry_id: int | None) -> None:
        assert entry_id is not None
        assert entry_id not in self.used
        self.used.add(entry_id)
        self.stack = [*self.stack[: self.position + 1], model]
        self.ids = [*self.ids[: self.position + 1], entry_id]
        self.position += 1

    def end(self) -> None:
        """The gesture ends and is kept, by itself or by its owner."""
        if self.shown is not None:
            model, self.shown = self.shown, None
            assert self.gesture is not None
            if model != self.stack[self.position]:
                self.entered(model, self.gesture.entry_id)
            else:
                assert self.gesture.entry_id is None

    @property
    def refuses(self) -> bool:
        return self.shown is not None and self.exclusive

    @precondition(lambda self: not self.refuses)
    @rule(several=st.lists(edits(), min_size=1, max_size=6))
    def execute(self, several: list[Edit]) -> None:
        for command, change in several:
            shown = self.shown
            model = self.changed(change, shown)
            if model is None:
                with pytest.raises(CommandError):
                    self.document.execute(command)
                assert self.shown is shown
            else:
                self.document.execute(command)
                self.end()
                self.push(model)
            self.same_as_the_model()

    @precondition(lambda self: not self.refuses)
    @rule(exclusive=st.booleans())
    def begin(self, exclusive: bool) -> None:
        gesture = self.document.begin_gesture("Gesture", exclusive=exclusive)
        self.end()
        self.gesture, self.exclusive = gesture, exclusive
        self.shown = self.stack[self.position]

    @precondition(lambda self: self.refuses)
    @rule(edit=edits())
    def disturb(self, edit: Edit) -> None:
        with pytest.raises(GestureError):
            self.document.execute(edit[0])
        with pytest.raises(GestureError):
            self.document.begin_gesture()
        assert not self.document.settle()

    @precondition(lambda self: not self.refuses)
    @rule()
    def settle(self) -> None:
        assert self.document.settle()
        self.end()

    @precondition(lambda self: self.gesture is not None)
    @rule(edit=edits())
    def preview(self, edit: Edit) -> None:
        command, change = edit
        assert self.gesture is not None
        model = self.changed(change)
        if self.shown is None:
            with pytest.raises(GestureError):
                self.gesture.preview(command)
        elif model is None:
            with pytest.raises(CommandError):
                self.gesture.preview(command)
        else:
            self.gesture.preview(command)
            self.shown = model

    @precondition(lambda self: self.gesture is not None)
    @rule()
    def commit(self) -> None:
        assert self.gesture is not None
        made = self.gesture.commit()
        assert made == (self.shown is not None and self.shown != self.stack[self.position])
        self.end()

    @precondition(lambda self: self.gesture is not None)
    @rule()
    def cancel(self) -> None:
        assert self.gesture is not None
        self.gesture.cancel()
        self.shown = None

    @rule()
    def undo(self) -> None:
        self.document.undo()
        if self.shown is not None:
            self.shown = None
        else:
            self.position = max(0, self.position - 1)

    @rule()
    def redo(self) -> None:
        self.document.redo()
        if self.shown is None:
            self.position = min(len(self.stack) - 1, self.position + 1)

    @rule(share=st.floats(0, 1))
    def go_to(self, share: float) -> None:
        self.position = round(share * (len(self.stack) - 1))
        self.document.go_to(self.position)
        self.shown = None

    @rule(yaw_deg=st.floats(-170, 170, width=32))
    def turn(self, yaw_deg: float) -> None:
        self.document.execute(SetCamera(yaw_deg=yaw_deg))
        self.yaw_deg = yaw_deg

    @rule()
    def save(self) -> None:
        self.document.save(self.folder / "a.rhytid")
        self.saved = self.stack[self.position]

    @precondition(lambda self: self.document.path is not None)
    @rule()
    def save_and_open(self) -> None:
        first, second = self.folder / "a.rhytid", self.folder / "b.rhytid"
        self.document.save(first)
        self.document.open(first)
        self.stack, self.position, self.shown = [self.stack[self.position]], 0, None
        assert self.document.entry_id not in self.used
        self.ids = [self.document.entry_id]
        self.used.add(self.document.entry_id)
        self.saved = self.stack[0]
        self.document.save(second)
        self.document.mark_saved(self.document.state, first)
        assert first.read_bytes() == second.read_bytes()

    @precondition(lambda self: self.document.path is not None)
    @rule()
    def open_damaged(self) -> None:
        path = self.folder / "damaged.rhytid"
        path.write_bytes((self.folder / "a.rhytid").read_bytes()[:-7])
        with pytest.raises(ValueError, match="cut off"):
            self.document.open(path)

    @invariant()
    def same_as_the_model(self) -> None:
        if not hasattr(self, "document"):
            return
        document = self.document
        expected = self.stack[self.position] if self.shown is None else self.shown
        assert plain(document.state) == expected
        assert plain(document.committed_state) == self.stack[self.position]
        assert document.state.camera.yaw_deg == self.yaw_deg
        assert (len(document.labels), document.position) == (len(self.stack), self.position)
        assert document.entry_id == self.ids[self.position]
        assert document.gesture_active == (self.shown is not None)
        assert self.gesture is None or self.gesture.alive == (self.shown is not None)
        assert document.can_undo == (self.position > 0 or self.shown is not None)
        assert document.can_redo == (self.position < len(self.stack) - 1 and self.shown is None)
        assert document.is_modified == (self.stack[self.position] != self.saved)
        self.seen.setdefault(id(document.state), (document.state, copy.deepcopy(expected)))

    @invariant()
    def events_form_a_chain(self) -> None:
        if not hasattr(self, "document"):
            return
        for (new, _), (_, old) in zip(self.events, self.events[1:], strict=False):
            assert new is old
        assert not self.events or self.events[-1][0] is self.document.state
        self.events = self.events[-1:]


DocumentMachine.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestDocumentMachine = DocumentMachine.TestCase
