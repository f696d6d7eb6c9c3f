"""Keys as files: JSON that reads back, CSV of Live Link Face that the program's own reader takes, and CSV as keys."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key, Tangent
from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.state import DocumentState
from rhytid.core.face.clip_motion import clip_of_motion, motion_of_clip
from rhytid.core.files.reading import FileRefused
from rhytid.core.io.clip_file import clip_to_json, read_clip, write_clip
from rhytid.core.io.motion import Motion
from rhytid.core.io.motion_file import read_motion
from rhytid.core.io.motion_writing import write_motion
from rhytid.core.read_only import read_only

CLIP = with_keys(
    Clip(fps=24.0, start_s=0.5, end_s=2.5, loop=False, now_s=0.5),
    [("jawOpen", Key(0.0, 0.0)), ("jawOpen", Key(1 / 3, 0.7, Tangent.STEP)), ("AU12", Key(1.0, 0.5)),
     ("key_yaw_deg", Key(2.0, -77.7, Tangent.LINEAR)), ("age", Key(0.5, 40.0, Tangent.FREE, 1 / 3, -2.5))],
)  # fmt: skip


def motion(rate: float, n_rows: int) -> Motion:
    times = np.arange(n_rows) / rate
    weights = np.zeros((n_rows, N_EXPRESSION), np.float32)
    weights[:, ARKIT_INDEX["jawOpen"]] = 0.5 - 0.5 * np.cos(3 * times)
    weights[:, ARKIT_INDEX["mouthSmileLeft"]] = np.clip(np.sin(2 * times), 0, 1)
    weights[:, ARKIT_INDEX["cheekPuff"]] = 0.004
    return Motion("take", read_only(times), read_only(weights), rate)


def test_a_clip_reads_back_as_it_was(tmp_path):
    write_clip(tmp_path / "a.json", CLIP)
    assert read_clip(tmp_path / "a.json") == CLIP


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"}, {"version": 2}, {"fps": "30"}, {"end_s": 0.1}, {"tracks": []},
        {"tracks": {"nobody": [[0, 0, "auto"]]}}, {"tracks": {"age": [[0, 5, "auto"]]}},
        {"tracks": {"jawOpen": [[0, 0.5]]}}, {"tracks": {"jawOpen": [[0, 0.5, "bent"]]}},
        {"tracks": {"jawOpen": [[0, 0.5, "free"]]}}, {"tracks": {"jawOpen": [[0, 0.5, "auto", 1, 1]]}},
        {"tracks": {"jawOpen": [[0, 0.5, "free", 1, 1e9]]}}, {"tracks": {"jawOpen": [[0, 0.5, "free", 1, "steep"]]}},
        {"tracks": {"jawOpen": [[float("nan"), 0.5, "auto"]]}}, {"tracks": {"jawOpen": [[-1, 0.5, "auto"]]}},
    ],
)  # fmt: skip
def test_a_wrong_clip_is_refused_by_its_name(tmp_path, change):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(json.loads(clip_to_json(CLIP)) | change))
    with pytest.raises(FileRefused, match=r"wrong\.json"):
        read_clip(path)


@pytest.mark.parametrize(("rate", "n_rows"), [(12.0, 40), (29.97, 61), (30.0, 20), (60.0, 130), (120.0, 30)])
def test_a_written_recording_is_read_as_it_was(tmp_path, rate, n_rows):
    given = motion(rate, n_rows)
    write_motion(tmp_path / "take.csv", given)
    read = read_motion(tmp_path / "take.csv")
    np.testing.assert_allclose(read.times_s, given.times_s, atol=2e-5)
    np.testing.assert_allclose(read.weights, given.weights, atol=1e-6)
    assert read.fps == pytest.approx(rate, rel=2e-3)


def test_a_recording_becomes_few_keys_that_pass_it_within_the_error():
    given = motion(60.0, 300)
    clip = clip_of_motion(given)
    assert [track.name for track in clip.tracks] == ["jawOpen", "mouthSmileLeft"]  # a weight that stays 0 has none
    assert clip.n_keys < 60
    for track in clip.tracks:
        errors = track.values(given.times_s) - given.weights[:, ARKIT_INDEX[track.name]]
        assert np.abs(errors).max() <= 0.005
    assert (clip.fps, clip.start_s, clip.end_s) == (60.0, 0.0, given.duration_s)
    kept = clip_of_motion(given, with_keys(Clip(), [("age", Key(0.0, 50.0)), ("cheekPuff", Key(0.0, 1.0))]))
    assert [track.name for track in kept.tracks] == ["age", "jawOpen", "mouthSmileLeft"]


def test_turns_of_the_head_become_keys_and_a_recording_again(tmp_path):
    given = motion(60.0, 240)
    angles = np.stack([0.7 * np.sin(given.times_s), 0.2 * np.cos(2 * given.times_s), np.zeros(240)], axis=1)
    write_motion(tmp_path / "take.csv", replace(given, head_rotation=read_only(angles.astype(np.float32))))
    clip = clip_of_motion(read_motion(tmp_path / "take.csv"), with_keys(Clip(), [("head_roll_deg", Key(0.0, 9.0))]))
    assert [track.name for track in clip.tracks if track.name.startswith("head")] == ["head_pitch_deg", "head_yaw_deg"]
    assert clip.n_keys < 120
    again = motion_of_clip(DocumentState(clip=clip), "again")
    assert np.degrees(np.abs(again.head_rotation - angles)).max() < 0.3
    kept = clip_of_motion(given, with_keys(Clip(), [("head_roll_deg", Key(0.0, 9.0))]))  # it says nothing of the head
    assert "head_roll_deg" in kept.by_name
    far = replace(given, head_rotation=read_only(np.full((240, 3), 3.0, np.float32)))
    assert clip_of_motion(far).by_name["head_yaw_deg"].keys[0].value == 90.0
    assert motion_of_clip(DocumentState(clip=CLIP), "still").head_rotation is None


def test_keys_become_the_expressions_that_the_face_wears():
    units = action_unit_table().weights["AU12"]
    state = DocumentState(clip=CLIP)
    rows = motion_of_clip(state, "clip")
    assert (rows.fps, len(rows.times_s), rows.times_s[0]) == (24.0, 49, 0.0)
    np.testing.assert_allclose(rows.weights[:, ARKIT_INDEX["jawOpen"]], 0.7)
    np.testing.assert_allclose(rows.weights[:, ARKIT_INDEX["mouthSmileLeft"]],
                               0.5 * units[ARKIT_INDEX["mouthSmileLeft"]], atol=1e-6)  # fmt: skip
    assert motion_of_clip(replace(state, clip=replace(CLIP, start_s=1.0)), "clip").times_s[0] == 0.0
