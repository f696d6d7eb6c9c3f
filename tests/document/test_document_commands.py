"""Each command: what it does, clamps and refuses, and that doing nothing gives the same object."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from document_samples import albedo_map, rich_stroke, source, stroke

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.commands import (
    AddStrokes,
    AdoptGeneratedStrokes,
    ApplyExpressionPreset,
    Batch,
    BindStrokesToExpression,
    Command,
    CommandError,
    ImportSource,
    RandomIdentity,
    RemoveSource,
    RemoveStrokes,
    ReorderStrokes,
    ReplaceStrokes,
    ResetLighting,
    SetActionUnits,
    SetAge,
    SetAlbedo,
    SetCamera,
    SetEngine,
    SetExpressionWeights,
    SetHead,
    SetIdentity,
    SetIdentityMode,
    SetLighting,
    SetSourceLines,
    SetStrokeProperties,
    WearExpression,
)
from rhytid.core.document.state import Camera, DocumentState, HeadReference
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style, seed_of

EMPTY = DocumentState()
THREE = DocumentState(strokes=(stroke("a", 1), stroke("b", 2), stroke("c", 3)))


def weight(state: DocumentState, name: str) -> float:
    return state.expression[ARKIT_INDEX[name]]


def ids(state: DocumentState) -> str:
    return " ".join(item.id for item in state.strokes)


def test_fewer_and_more_lines_of_a_map_leave_edited_ones_and_drawn_strokes_alone() -> None:
    whole = source(n_lines=6)
    state = ImportSource(whole).apply(THREE)
    first, second = whole.lines[:2]
    deeper = replace(first, depth_mm=2 * first.depth_mm)
    state = RemoveStrokes((second.id,)).apply(ReplaceStrokes((deeper,)).apply(state))
    few = SetSourceLines(whole.lines[3:5]).apply(state)
    assert few.source is not None
    assert set(few.source.lines) == {first, second, *whole.lines[3:5]}  # the erased one stays erased
    assert {s for s in few.strokes if s.from_source} == {deeper, *whole.lines[3:5]}
    assert [s for s in few.strokes if not s.from_source] == list(THREE.strokes)
    again = SetSourceLines(whole.lines).apply(few)
    assert again.source is not None
    assert set(again.source.lines) == set(whole.lines)
    assert {s.id for s in again.strokes} == {s.id for s in state.strokes}
    assert SetSourceLines(whole.lines).apply(EMPTY) is EMPTY


def test_weights_are_set_and_clamped() -> None:
    state = SetExpressionWeights({"jawOpen": 2.0, "cheekPuff": -1.0, "browInnerUp": 0.25}).apply(EMPTY)
    assert [weight(state, n) for n in ("jawOpen", "cheekPuff", "browInnerUp")] == [1.0, 0.0, 0.25]
    assert sum(state.expression) == 1.25


def test_preset_and_reset() -> None:
    state = SetActionUnits({"AU4": 1}).apply(EMPTY)
    smile = ApplyExpressionPreset("smile").apply(state)
    assert smile.action_units == ()
    assert weight(smile, "mouthSmileLeft") > 0.4
    half = ApplyExpressionPreset("smile", 0.5).apply(EMPTY)
    assert weight(half, "mouthSmileLeft") == weight(smile, "mouthSmileLeft") / 2
    assert ApplyExpressionPreset("neutral").apply(smile) == EMPTY


def test_an_expression_is_worn_as_a_whole() -> None:
    state = SetActionUnits({"AU4": 1}).apply(SetExpressionWeights({"jawOpen": 0.7}).apply(EMPTY))
    smile = ApplyExpressionPreset("smile").apply(EMPTY)
    worn = WearExpression("other", (*smile.expression[:-1], 3.0)).apply(state)
    assert worn == replace(smile, expression=(*smile.expression[:-1], 1.0))
    assert WearExpression("other", EMPTY.expression).label == "Expression of other"


def test_action_units_stay_sorted_and_nonzero() -> None:
    state = SetActionUnits({"AU6": 0.5, "AU12L": 3.0, "AU4": 0.1}).apply(EMPTY)
    assert state.action_units == (("AU12L", 1.0), ("AU4", 0.1), ("AU6", 0.5))
    assert SetActionUnits({"AU4": 0.0, "AU6": 0.0}).apply(state).action_units == (("AU12L", 1.0),)


def test_age_and_identity_are_clamped() -> None:
    assert SetAge(5).apply(EMPTY).age == 16
    assert SetAge(500).apply(EMPTY).age == 80
    assert SetIdentity((1.0, -9.0, 0.0)).apply(EMPTY).identity == (1.0, -5.0)
    assert (SetIdentity((1.0,)).label, SetIdentity((1.0,), "jaw width").label) == ("Set identity", "Set jaw width")
    state = SetIdentityMode(2, 1.5).apply(EMPTY)
    assert state.identity == (0.0, 0.0, 1.5)
    assert SetIdentityMode(2, 0.0).apply(state).identity == ()


def test_random_identity_repeats() -> None:
    first = RandomIdentity(7, 30).apply(EMPTY)
    assert first == RandomIdentity(7, 30).apply(EMPTY)
    assert first.identity != RandomIdentity(8, 30).apply(EMPTY).identity
    assert len(first.identity) == 30


def test_engine_light_and_camera_change_only_what_is_named() -> None:
    engine = SetEngine(strength=9.0, seed=2**40, generate_wrinkles=False).apply(EMPTY).settings
    assert (engine.strength, engine.seed, engine.generate_wrinkles) == (2.0, 2**31 - 1, False)
    assert isinstance(engine.seed, int)
    assert engine.pores == EMPTY.settings.pores
    light = SetLighting(key_yaw_deg=190.0, exposure=-9).apply(EMPTY).lighting
    assert (light.key_yaw_deg, light.exposure) == (-170.0, -4.0)
    assert light.environment == EMPTY.lighting.environment
    assert ResetLighting().apply(SetLighting(exposure=1).apply(EMPTY)) == EMPTY
    camera = SetCamera(yaw_deg=-540.0, distance_mm=0.0, target_mm=(0, 1, 2)).apply(EMPTY).camera
    assert (camera.yaw_deg, camera.distance_mm, camera.target_mm) == (-180.0, 20.0, (0.0, 1.0, 2.0))
    wanted = Camera(10.0, 20.0, 300.0, (1.0, 2.0, 3.0), 40.0)
    assert SetCamera.of(wanted).apply(EMPTY).camera == wanted


def test_strokes_are_added_replaced_removed_and_moved() -> None:
    state = AddStrokes((stroke("d", 4),)).apply(THREE)
    assert ids(state) == "a b c d"
    assert ids(RemoveStrokes(("a", "c")).apply(state)) == "b d"
    assert ids(ReorderStrokes(("c", "a"), 1).apply(state)) == "b a c d"
    new = stroke("b", 9, depth_mm=0.4)
    replaced = ReplaceStrokes((new,)).apply(THREE)
    assert replaced.strokes[1] is new
    assert replaced.strokes[0] is THREE.strokes[0]


def test_values_of_strokes_are_clamped() -> None:
    wild = Stroke("w", np.array([[-1.0, 0.5], [0.5, 7.0]]), np.array([2.0, -1.0]), width=9.0, depth_mm=-99.0)
    added = AddStrokes((wild,)).apply(EMPTY).strokes[0]
    assert added.points.tolist() == [[0.0, 0.5], [0.5, 1.0]]
    assert added.pressure.tolist() == [1.0, 0.0]
    assert (added.width, added.depth_mm) == (0.25, -5.0)


def test_properties_change_only_the_chosen_strokes() -> None:
    binding = Binding(Onset.ACTION_UNITS, (("AU12", 1.0),))
    command = SetStrokeProperties(
        ("a", "c"), depth_mm=0.3, profile=Profile.FOLD, binding=binding, visible=False
    )
    state = command.apply(THREE)
    assert [s.depth_mm for s in state.strokes] == [0.3, 0.15, 0.3]
    assert state.strokes[2].profile is Profile.FOLD
    assert state.strokes[0].binding == binding
    assert state.strokes[1] is THREE.strokes[1]


def test_a_stroke_that_becomes_natural_gets_a_seed_and_keeps_it() -> None:
    natural = SetStrokeProperties(("a",), style=Style.NATURAL).apply(THREE)
    assert [s.style for s in natural.strokes] == [Style.NATURAL, Style.AS_DRAWN, Style.AS_DRAWN]
    assert natural.strokes[0].seed == seed_of("a")
    there_and_back = SetStrokeProperties(("a",), style=Style.AS_DRAWN).apply(natural)
    assert there_and_back.strokes[0].seed == seed_of("a")


def test_strokes_bound_on_the_smile_take_the_whole_expression() -> None:
    smiling = SetActionUnits({"AU12": 0.8}).apply(SetExpressionWeights({"cheekSquintLeft": 0.5}).apply(THREE))
    bound = BindStrokesToExpression(("b",)).apply(smiling)
    binding = bound.strokes[1].binding
    assert binding.onset is Onset.EXPRESSION
    assert dict(binding.weights) == pytest.approx(
        {"cheekSquintLeft": 0.5, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}
    )
    assert list(binding.weights) == sorted(binding.weights)
    assert bound.strokes[0] is smiling.strokes[0]
    later = BindStrokesToExpression(("b",)).apply(ApplyExpressionPreset("neutral").apply(bound))
    assert later.strokes[1].binding == Binding()


def test_neutral_face_binds_to_nothing() -> None:
    bound = BindStrokesToExpression(("s",)).apply(DocumentState(strokes=(rich_stroke("s"),)))
    assert bound.strokes[0].binding == Binding()


def test_what_made_a_command_does_not_change_it_afterwards() -> None:
    weights, chosen = {"jawOpen": 0.5}, ["a"]
    command, removal = SetExpressionWeights(weights), RemoveStrokes(chosen)  # type: ignore[arg-type]
    weights["jawOpen"] = 1.0
    chosen.append("b")
    assert weight(command.apply(EMPTY), "jawOpen") == 0.5
    assert ids(removal.apply(THREE)) == "b c"
    assert hash(command) == hash(SetExpressionWeights((("jawOpen", 0.5),)))


def test_source_brings_its_lines_and_takes_them_away() -> None:
    first, second = source(seed=0), source(seed=50, n_lines=2)
    state = ImportSource(first).apply(THREE)
    assert ids(state) == "source-0 source-1 source-2 a b c"
    assert state.strokes[0] is first.lines[0]
    state = ImportSource(second).apply(state)
    assert ids(state) == "source-0 source-1 a b c"
    assert state.source is second
    removed = RemoveSource().apply(state)
    assert (ids(removed), removed.source) == ("a b c", None)


def test_a_map_can_be_imported_beside_own_lines_of_the_same_ids() -> None:
    imported = ImportSource(source(seed=0)).apply(THREE)
    own = tuple(replace(s, from_source=False) if s.from_source else s for s in imported.strokes)
    kept = replace(RemoveSource().apply(imported), strokes=own)
    taken = AddStrokes((stroke("source-1.2"),)).apply(kept)
    state = ImportSource(source(seed=50, n_lines=2)).apply(taken)
    assert ids(state) == "source-0 source-1 source-0.2 source-1.3 source-2 a b c source-1.2"
    assert [s.from_source for s in state.strokes[:3]] == [True, True, False]
    assert state.strokes[2] == replace(kept.strokes[0], id="source-0.2")
    assert state.strokes[5] is THREE.strokes[0]


def test_importing_the_same_again_changes_nothing() -> None:
    state = ImportSource(source()).apply(EMPTY)
    assert ImportSource(source()).apply(state) is state
    assert ImportSource(replace(source(), age=50.0)).apply(state).source is not state.source
    erased = RemoveStrokes(("source-1",)).apply(state)
    again = ImportSource(source()).apply(erased)
    assert ids(again) == "source-0 source-1 source-2"
    assert again.source is state.source


def test_adopted_strokes_switch_generation_off_and_keep_edits() -> None:
    generated = (stroke("g1", 1), stroke("g2", 2))
    state = AdoptGeneratedStrokes(generated).apply(EMPTY)
    assert ids(state) == "g1 g2"
    assert not state.settings.generate_wrinkles
    edited = SetStrokeProperties(("g1",), depth_mm=0.9).apply(state)
    assert AdoptGeneratedStrokes(generated).apply(edited) is edited


def test_batch_is_all_or_nothing() -> None:
    state = Batch((SetAge(50), RemoveStrokes(("a",))), "Both").apply(THREE)
    assert (state.age, ids(state)) == (50, "b c")
    with pytest.raises(CommandError):
        Batch((SetAge(50), RemoveStrokes(("x",)))).apply(THREE)


NOTHING: list[tuple[Command, DocumentState]] = [
    (SetExpressionWeights({"jawOpen": 0.0}), EMPTY),
    (ApplyExpressionPreset("neutral"), EMPTY),
    (WearExpression("other", EMPTY.expression), EMPTY),
    (SetActionUnits({"AU12": 0.0}), EMPTY),
    (SetAge(30), EMPTY),
    (SetIdentity((0.0, 0.0)), EMPTY),
    (SetIdentityMode(5, 0.0), EMPTY),
    (SetHead(HeadReference()), EMPTY),
    (SetAlbedo(None), EMPTY),
    (SetEngine(), EMPTY),
    (SetEngine(strength=1.0), EMPTY),
    (SetLighting(exposure=0.0), EMPTY),
    (ResetLighting(), EMPTY),
    (SetCamera(yaw_deg=0.0), EMPTY),
    (AddStrokes(()), THREE),
    (ReplaceStrokes((stroke("b", 2),)), THREE),
    (RemoveStrokes(()), THREE),
    (ReorderStrokes(("b",), 1), THREE),
    (SetStrokeProperties(("a",), depth_mm=0.15), THREE),
    (BindStrokesToExpression(("a",)), THREE),
    (RemoveSource(), THREE),
    (Batch(()), THREE),
]


@pytest.mark.parametrize(("command", "state"), NOTHING, ids=lambda value: type(value).__name__)
def test_command_that_changes_nothing_returns_the_same_object(command: Command, state: DocumentState) -> None:
    assert command.apply(state) is state
    assert command.label


BAD_MAP = np.zeros((64, 64), np.float32)
BAD_MAP[3, 3] = np.nan
WRONG: list[tuple[Command, str]] = [
    (SetExpressionWeights({"smile": 1.0}), "smile"),
    (SetExpressionWeights({"jawOpen": math.nan}), "jawOpen"),
    (SetExpressionWeights({"jawOpen": "wide"}), "jawOpen"),  # type: ignore[dict-item]
    (ApplyExpressionPreset("no such"), "no such"),
    (ApplyExpressionPreset("smile", math.inf), "strength"),
    (WearExpression("other", (1.0,)), "52 weights"),
    (WearExpression("other", (math.nan,) * 52), "weight"),
    (SetActionUnits({"AU99": 1.0}), "AU99"),
    (SetActionUnits({"AU12": math.nan}), "AU12"),
    (SetAge(math.nan), "age"),
    (SetIdentity((math.inf,)), "identity"),
    (SetIdentity((0.0,) * 1000), "512"),
    (SetIdentityMode(-1, 0.0), "-1"),
    (RandomIdentity(-1), "seed"),
    (SetEngine(pores=math.nan), "pores"),
    (SetEngine(name=""), "name"),
    (SetLighting(exposure=math.inf), "exposure"),
    (SetCamera(target_mm=(0.0, 0.0)), "target_mm"),  # type: ignore[arg-type]
    (AddStrokes((stroke("a", 5),)), "'a'"),
    (AddStrokes((stroke("x"), stroke("x"))), "'x'"),
    (AddStrokes((stroke(""),)), "id"),
    (AddStrokes((stroke("x", depth_mm=math.nan),)), "depth_mm"),
    (ReplaceStrokes((stroke("x"),)), "'x'"),
    (ReplaceStrokes((stroke("a"), stroke("a", 2))), "twice"),
    (RemoveStrokes(("x",)), "'x'"),
    (ReorderStrokes(("x",), 0), "'x'"),
    (SetStrokeProperties(("x",), width=0.1), "'x'"),
    (SetStrokeProperties(("a",), width=math.nan), "width"),
    (SetStrokeProperties(("a",), profile="round"), "round"),  # type: ignore[arg-type]
    (BindStrokesToExpression(("x",)), "'x'"),
    (ImportSource(replace(source(), displacement=np.zeros((64, 32), np.float32))), "square"),
    (ImportSource(replace(source(), displacement=np.zeros((8, 8), np.float32))), "64"),
    (ImportSource(replace(source(), displacement=np.zeros((64, 64)))), "float32"),
    (ImportSource(replace(source(), displacement=BAD_MAP)), "finite"),
    (ImportSource(replace(source(), expression=(0.0,))), "52"),
    (ImportSource(replace(source(), lines=(stroke("s"),))), "from_source"),
    (ImportSource(replace(source(), lines=(stroke("s", from_source=True),) * 2)), "'s'"),
]


@pytest.mark.parametrize(("command", "reason"), WRONG, ids=lambda value: type(value).__name__)
def test_wrong_command_says_why(command: Command, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        command.apply(THREE)


def test_the_colour_of_a_heads_file_goes_with_that_head_and_another_stays() -> None:
    own = replace(albedo_map(), head="d1")
    on_head = SetAlbedo(own).apply(SetHead(HeadReference("a.glb", "d1")).apply(EMPTY))
    assert on_head.albedo is own
    assert SetHead(HeadReference("a.glb", "d1")).apply(on_head) is on_head
    other = SetHead(HeadReference()).apply(on_head)
    assert other.albedo is None
    assert other.iris == EMPTY.iris
    photos = SetAlbedo(albedo_map()).apply(on_head)
    assert SetHead(HeadReference()).apply(photos).albedo is photos.albedo
    assert (SetAlbedo(own).label, SetAlbedo(photos.albedo).label) == ("Skin colour of the head", "Import skin colour")
    unknown_iris = replace(on_head, albedo=replace(own, iris=None))
    assert unknown_iris.iris == EMPTY.iris
    assert replace(on_head, albedo=replace(albedo_map(), iris=None)).iris is None
    with pytest.raises(CommandError, match="square"):
        SetAlbedo(replace(own, srgb=own.srgb[:32])).apply(EMPTY)
