"""What the stages are asked for: expression, pose, request, identity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from document_samples import FakeHead, FakeTension, photo_layer, source, stroke

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import (
    ImportSource,
    SetActionUnits,
    SetAge,
    SetAgePart,
    SetExpressionWeights,
    SetIdentity,
    SetShapeAge,
)
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.identity import seeded_identity
from rhytid.core.document.state import DocumentState
from rhytid.core.face import resolve as module
from rhytid.core.face.resolve import resolve, resolve_pose
from rhytid.core.head.load import default_head
from rhytid.core.maps.albedo_map import AlbedoMap


@pytest.fixture
def tension(monkeypatch: pytest.MonkeyPatch) -> FakeTension:
    """Stands for the tension model of all heads."""
    model = FakeTension()
    monkeypatch.setattr(module, "tension_model", lambda head: model)
    return model


def posed(state: DocumentState, head: Any, previous: Any = None) -> Any:
    return resolve_pose(state, head, previous)


def test_action_units_add_to_the_weights_and_are_clipped() -> None:
    state = SetExpressionWeights({"mouthSmileLeft": 0.6, "jawOpen": 0.2}).apply(DocumentState())
    state = SetActionUnits({"AU12": 0.7, "AU12R": 0.1}).apply(state)
    expected = expression_array({"mouthSmileLeft": 1.0, "mouthSmileRight": 0.8, "jawOpen": 0.2})
    assert effective_expression(state) == pytest.approx(expected)
    assert effective_expression(state).dtype == np.float32


def test_unknown_action_units_of_a_larger_table_count_as_nothing() -> None:
    assert not effective_expression(DocumentState(action_units=(("AU99", 1.0),))).any()


def test_unchanged_pose_is_the_same_object_and_the_rest_is_reused(tension: FakeTension) -> None:
    head = FakeHead()
    state = SetIdentity((1.0, 2.0)).apply(DocumentState())
    first = posed(state, head)
    assert (head.calls, tension.calls) == (2, 1)
    assert posed(SetAge(28.0).apply(state), head, first) is first  # before the part's onset
    assert (head.calls, tension.calls) == (2, 1)
    smiling = posed(SetActionUnits({"AU12": 1.0}).apply(state), head, first)
    assert smiling.rest is first.rest
    assert (head.calls, tension.calls) == (3, 2)
    assert smiling.vertices[0].tolist() == [3.0, 2.0, 0.0]
    assert not smiling.vertices.flags.writeable
    other = posed(SetIdentity((5.0,)).apply(state), head, smiling)
    assert head.calls == 5
    assert other.rest[0, 0] == 5.0
    assert posed(state, FakeHead(), first) is not first


def test_years_move_the_head_and_are_no_tension(tension: FakeTension) -> None:
    head = FakeHead()
    state = SetActionUnits({"AU12": 1.0}).apply(DocumentState())
    young = posed(state, head)
    old = posed(SetAge(70.0).apply(state), head, young)
    assert (head.calls, tension.calls) == (4, 1)
    assert old.rest[0].tolist() == [0.0, 0.0, 1.0]
    assert old.vertices[0].tolist() == [0.0, 2.0, 1.0]
    assert old.tension is young.tension
    frowning = posed(SetAge(70.0).apply(SetActionUnits({"AU4": 1.0}).apply(DocumentState())), head, old)
    assert frowning.rest is old.rest


@pytest.mark.usefixtures("tension")
def test_shape_and_skin_age_apart_once_they_are_not_linked() -> None:
    head: Any = FakeHead()
    state = SetShapeAge(30.0).apply(SetAge(70.0).apply(DocumentState()))
    assert posed(state, head).rest[0, 2] == 0
    assert resolve(state, head, 256, Engines()).pose.age == 70.0
    young_skin = SetShapeAge(70.0).apply(SetAge(20.0).apply(DocumentState()))
    assert posed(young_skin, head).rest[0, 2] == 1
    assert posed(SetShapeAge(None).apply(young_skin), head).rest[0, 2] == 0
    half = SetAgePart("jowls", 0.5).apply(SetAge(70.0).apply(DocumentState()))
    assert posed(half, head).rest[0, 2] == 0.5
    assert posed(SetAgePart("jowls", 1.0).apply(half), head).rest[0, 2] == 1


@pytest.mark.usefixtures("tension")
def test_no_engine_is_asked_beyond_seventy() -> None:
    head: Any = FakeHead()
    request = resolve(SetAge(80.0).apply(DocumentState()), head, 256, Engines())
    assert request.pose.age == 70.0


@pytest.mark.usefixtures("tension")
def test_a_head_from_a_photo_is_as_fitted_at_the_age_in_it() -> None:
    head: Any = FakeHead()
    albedo = AlbedoMap.of(np.full((4, 4, 3), 128, np.uint8), 61.0)
    layer = photo_layer(3)
    layer = replace(layer, fit=replace(layer.fit, offsets=None))
    state = replace(DocumentState(age=61.0), photo=layer, albedo=albedo)
    assert posed(state, head).ageing == ()
    older, younger = (posed(SetAge(age).apply(state), head).rest[0, 2] for age in (75.0, 45.0))
    assert younger < posed(state, head).rest[0, 2] < older


@pytest.mark.usefixtures("tension")
def test_identity_modes_that_the_head_lacks_are_left_out() -> None:
    pose = posed(SetIdentity((0.0, 0.0, 0.0, 1.0, 1.0)).apply(DocumentState()), FakeHead())
    assert pose.identity == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.usefixtures("tension")
def test_request_holds_all_that_detail_depends_on() -> None:
    head: Any = FakeHead()
    imported = source()
    state = DocumentState(strokes=(stroke("a"),), age=55.0)
    state = SetActionUnits({"AU12L": 0.6}).apply(ImportSource(imported).apply(state))
    request = resolve(state, head, 256, Engines())
    assert (request.resolution, request.pose.age) == (256, 55.0)
    assert request.source is imported
    assert request.strokes is state.strokes
    assert request.pose.settings is state.settings
    assert request.pose.expression[ARKIT_INDEX["mouthSmileLeft"]] == np.float32(0.6)
    assert not request.pose.expression.flags.writeable
    assert request.pose.tension.shape == (256, 256)
    assert request.pose.action_units == pytest.approx({"AU12": 0.3, "AU12L": 0.6})


@pytest.mark.usefixtures("tension")
def test_it_does_not_matter_which_slider_was_moved() -> None:
    head: Any = FakeHead()
    by_unit = SetActionUnits({"AU12": 0.6}).apply(DocumentState())
    by_weights = SetExpressionWeights({"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6}).apply(DocumentState())
    engines = Engines()
    first = resolve(by_unit, head, 256, engines)
    second = resolve(by_weights, head, 256, engines)
    assert first.pose.action_units == second.pose.action_units
    assert first.pose.expression.tobytes() == second.pose.expression.tobytes()
    assert first.pose.tension.tobytes() == second.pose.tension.tobytes()


def test_identity_of_a_seed_never_changes() -> None:
    assert seeded_identity(3, 4) == (-1.256308, -0.678316, 0.798006, 0.197862)
    assert seeded_identity(3, 8)[:4] == seeded_identity(3, 4)
    assert seeded_identity(3, 0) == ()


def test_random_identities_are_spread_like_people() -> None:
    values = np.array([seeded_identity(seed, 30) for seed in range(100)])
    assert np.abs(values).max() <= 2.0
    assert abs(values.mean()) < 0.05
    assert 0.8 < values.std() < 0.95  # of a normal distribution truncated at two standard deviations: 0.88


def test_default_head_in_a_smile() -> None:
    head = default_head()
    neutral = resolve_pose(DocumentState(), head)
    assert np.array_equal(neutral.rest, neutral.vertices)
    assert np.abs(neutral.tension).max() < 1e-5
    smile = resolve_pose(
        SetActionUnits({"AU12": 1.0, "AU6": 1.0}).apply(DocumentState()), head, neutral
    )
    assert smile.rest is neutral.rest
    assert smile.vertices.shape == head.neutral.shape
    assert smile.tension.max() > 0.02


def test_the_offsets_of_a_photos_person_move_rest_and_pose_alike() -> None:
    head = default_head()
    smile = SetExpressionWeights({"mouthSmileLeft": 0.7}).apply(DocumentState())
    photo = photo_layer(len(head.neutral))
    with_photo = replace(smile, photo=photo)
    plain, moved = posed(smile, head), posed(with_photo, head)
    np.testing.assert_allclose(moved.rest - plain.rest, photo.fit.offsets, atol=1e-4)
    np.testing.assert_allclose(moved.vertices - plain.vertices, photo.fit.offsets, atol=1e-4)
    assert posed(with_photo, head, moved) is moved
    assert posed(smile, head, moved) is not moved
    frown = SetExpressionWeights({"mouthSmileLeft": 0.0}).apply(with_photo)
    assert posed(frown, head, moved).rest is moved.rest
    foreign = replace(smile, photo=photo_layer(12))
    np.testing.assert_array_equal(posed(foreign, head).vertices, plain.vertices)
