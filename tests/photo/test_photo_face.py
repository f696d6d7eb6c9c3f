"""Photo in, face out: the stages in order, cancelled, locked, with several photos."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from portraits import astronaut, needs_models

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.engine import Control
from rhytid.core.document.commands import RemovePhoto
from rhytid.core.document.state import DocumentState
from rhytid.core.face.from_photo import taken
from rhytid.core.face.resolve import resolve_pose
from rhytid.core.head.load import default_head
from rhytid.core.learned.weights import WeightsError
from rhytid.core.photo.face_finder import NoFace
from rhytid.core.photo.image import Photo
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.photo_face import SIDE, PhotoTools, Stage, read_photos
from rhytid.core.photo.registration import EDGES
from rhytid.core.photo.report import figures, report_picture
from rhytid.core.photo.tiles import SIDE as ALBEDO_SIDE

pytestmark = needs_models


def photo(pixels: np.ndarray, name: str = "portrait.png") -> Photo:
    _, packed = cv2.imencode(".png", pixels[..., ::-1])
    data = packed.tobytes()
    return Photo(name, data, hashlib.sha256(data).hexdigest(), pixels, None)


@pytest.fixture(scope="module")
def tools():
    return PhotoTools(default_head())


@pytest.fixture(scope="module")
def portrait():
    return photo(astronaut()[:320, 60:380].copy())


@pytest.fixture(scope="module")
def stages(tools, portrait):
    try:
        tools.relief_reader  # noqa: B018
    except WeightsError as missing:
        pytest.skip(str(missing))
    return list(read_photos([portrait], tools))


def test_each_stage_adds_to_the_one_before(stages):
    assert [face.stage for face in stages] == [Stage.FITTED, Stage.LIT, Stage.REFINED, Stage.READ]
    first, lit, refined, read = stages
    assert (first.albedo, first.relief, first.layer.light) == (None, None, None)
    assert lit.layer.fit is first.layer.fit
    assert lit.relief is None
    assert read.albedo.map.shape == (SIDE, SIDE, 3)
    assert read.relief.displacement.shape == (SIDE, SIDE)
    assert read.layer.fit is refined.layer.fit
    assert refined.layer.fit is not lit.layer.fit


def test_the_astronaut_smiles_and_is_seen_from_the_front(stages):
    fit, edges = stages[-1].layer.fit, stages[-1].layer.edges
    np.testing.assert_array_equal(edges, stages[-1].observation.landmarks.points[[*EDGES]])
    weights = {name: fit.expression[index] for name, index in ARKIT_INDEX.items()}
    assert weights["mouthSmileLeft"] > 0.2
    assert weights["mouthSmileRight"] > 0.2
    assert weights["jawOpen"] < 0.4
    assert fit.error_percent < 2
    assert all(abs(angle) < 25 for angle in fit.camera.yaw_pitch_deg)
    assert 300 < np.linalg.norm(fit.camera.position_mm) < 6000


def test_the_skins_colour_is_skin_and_has_less_light_in_it_than_the_photo(stages):
    albedo = stages[-1].albedo
    cheeks = [albedo.map[560:640, 240:320].reshape(-1, 3), albedo.map[560:640, 704:784].reshape(-1, 3)]
    for cheek in cheeks:
        red, green, blue = np.median(cheek, axis=0)
        assert red > green > blue > 0.01
    assert np.abs(np.log(np.median(cheeks[0], axis=0) / np.median(cheeks[1], axis=0))).max() < 0.35


def test_the_document_takes_all_of_it_in_one_step_and_gives_it_back(stages, tools):
    state = taken(stages[-1], 41.0).apply(DocumentState(age=41.0))
    assert state.albedo.srgb.shape == (ALBEDO_SIDE, ALBEDO_SIDE, 3)
    assert state.albedo.age == state.source.age == 41.0
    assert state.source.lines == stages[-1].relief.lines
    posed = resolve_pose(state, tools.head)
    np.testing.assert_allclose(posed.vertices, stages[-1].layer.fit.vertices(tools.head), atol=1e-3)
    assert RemovePhoto().apply(state).source is state.source


def test_a_later_run_keeps_what_is_locked(stages, tools, portrait):
    before = stages[-1].layer
    moved = replace(before, fit=replace(before.fit, expression=np.zeros(52, np.float32)))
    for locks, same, other in (
        (Locks(expression=True), "expression", "identity"),
        (Locks(identity=True), "identity", "expression"),
    ):
        fit = next(read_photos([portrait], tools, locks=locks, before=[moved])).layer.fit
        np.testing.assert_array_equal(getattr(fit, same), getattr(moved.fit, same))
        assert (getattr(fit, other) != getattr(moved.fit, other)).any()


def test_work_that_is_not_wanted_any_more_ends(tools, portrait):
    asked = []
    stages = read_photos([portrait], tools, control=Control(lambda: bool(asked)))
    asked.append(next(stages))
    with pytest.raises(Cancelled):
        next(stages)
    assert [face.stage for face in asked] == [Stage.FITTED]


def test_photos_of_one_person_share_the_identity(stages, tools, portrait):
    wide = photo(np.ascontiguousarray(astronaut()[:360, 30:420]), "wide.png")
    face = next(read_photos([portrait, wide], tools))
    assert len(face.others) == 1
    assert (face.layer.number, face.others[0].number) == (0, 1)
    assert face.others[0].data == wide.data
    np.testing.assert_array_equal(face.layer.fit.identity, face.others[0].fit.identity)


def test_a_picture_without_a_face_says_so(tools):
    sky = np.full((200, 300, 3), (90, 140, 220), np.uint8)
    with pytest.raises(NoFace, match="face"):
        list(read_photos([photo(sky)], tools))
    with pytest.raises(ValueError, match="no photo"):
        list(read_photos([], tools))


def test_the_report_shows_and_tells_what_was_found(stages):
    picture = report_picture(stages[-1])
    assert picture.shape == (1024, 3072, 3)
    told = figures(stages[-1])
    assert told["expression"]["mouthSmileLeft"] > 0.2
    assert told["lines"] == len(stages[-1].relief.lines)
    assert report_picture(stages[0]).shape == (1024, 1024, 3)
