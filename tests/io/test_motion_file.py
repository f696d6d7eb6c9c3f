"""Recordings of expressions out of files that the tests write, with weights that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.files.reading import FileRefused
from rhytid.core.io import motion_file, motion_table
from rhytid.core.io.errors import MotionError
from rhytid.core.io.motion import Motion
from rhytid.core.io.motion_file import read_motion

ANGLES = tuple(f"{part}{turn}" for part in ("Head", "LeftEye", "RightEye") for turn in ("Yaw", "Pitch", "Roll"))
SMILE = ARKIT_INDEX["mouthSmileLeft"]


def pascal(name: str) -> str:
    return name[0].upper() + name[1:]


def known(n_rows: int) -> np.ndarray:
    return np.random.default_rng(3).uniform(0, 1, (n_rows, 52)).round(6)


def live_link(weights: np.ndarray, rate: int = 60, start: float = 13 * 3600 + 44 * 60 + 20.5) -> str:
    """As Live Link Face writes it; its columns have another order than ARKit's names here."""
    order = sorted(range(52), key=lambda k: ARKIT_NAMES[k][::-1])
    lines = [",".join(("Timecode", "BlendShapeCount", *(pascal(ARKIT_NAMES[k]) for k in order), *ANGLES))]
    for number, row in enumerate(weights):
        frames = round(start * rate) + number
        second, frame = divmod(frames, rate)
        second %= 86400
        code = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}:{frame:02d}.000"
        angles = [0.01 * number, -0.02, 0.03, *([0.0] * 6)]
        lines.append(",".join((code, "61", *(f"{row[k]:.6f}" for k in order), *(f"{a:.6f}" for a in angles))))
    return "\n".join(lines) + "\n"


def written(folder: Path, text: str | bytes, name: str = "take.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("rate", [24, 30, 60])
def test_a_live_link_recording_is_read_as_it_was_written(tmp_path, rate):
    weights = known(3 * rate)
    motion = read_motion(written(tmp_path, live_link(weights, rate)))
    np.testing.assert_allclose(motion.weights, weights, atol=1e-6)
    np.testing.assert_allclose(motion.times_s, np.arange(3 * rate) / rate, atol=1e-9)
    assert motion.fps == rate
    assert motion.head_rotation is not None
    np.testing.assert_allclose(motion.head_rotation[:, 0], 0.01 * np.arange(3 * rate), atol=1e-6)
    np.testing.assert_allclose(motion.head_rotation[:, 1:], [[-0.02, 0.03]] * (3 * rate), atol=1e-6)
    assert motion.remarks == ()
    assert motion.weights.dtype == np.float32
    assert not motion.weights.flags.writeable


def test_times_go_on_over_midnight(tmp_path):
    motion = read_motion(written(tmp_path, live_link(known(180), start=86398.9)))
    np.testing.assert_allclose(motion.times_s, np.arange(180) / 60, atol=1e-9)


def test_a_recording_within_one_second_says_which_rate_was_taken(tmp_path):
    path = written(tmp_path, live_link(known(20), 60, start=7.0))
    motion = read_motion(path)
    assert motion.fps == 30
    assert "30 frames a second" in motion.remarks[0]
    assert read_motion(path, fps=60).fps == 60


@pytest.mark.parametrize(
    "name", ["mouthSmileLeft", "mouthSmile_L", "MouthSmileLeft", "mouth_smile_left", "blendShape1.mouthSmile_L"]
)
def test_shapes_are_known_in_any_common_spelling(tmp_path, name):
    motion = read_motion(written(tmp_path, f"time,{name}\n0,0.25\n0.5,0.75\n"))
    assert list(motion.weights[:, SMILE]) == [0.25, 0.75]
    assert motion.weights.sum() == 1.0
    assert motion.duration_s == 0.5
    assert "and 45 more: read as 0" in motion.remarks[0]


def test_the_two_sides_of_a_whole_shape_are_its_mean(tmp_path):
    motion = read_motion(written(tmp_path, "time,browInnerUp_L,browInnerUp_R\n0,0.2,0.6\n1,1,0\n"))
    np.testing.assert_allclose(motion.weights[:, ARKIT_INDEX["browInnerUp"]], [0.4, 0.5])


def test_semicolons_decimal_commas_and_utf16(tmp_path):
    text = "\ufeffTime;jawOpen;Bemerkung\r\n0,0;0,5;früh\r\n0,1;0,75;spät\r\n"
    for data in (text.encode("utf-8"), text.encode("utf-16-le")):
        motion = read_motion(written(tmp_path, data))
        assert list(motion.weights[:, ARKIT_INDEX["jawOpen"]]) == [0.5, 0.75]
        assert motion.fps == pytest.approx(10)


def test_percent_is_recognised_and_said(tmp_path):
    motion = read_motion(written(tmp_path, "time,jawOpen,mouthSmileLeft\n0,100,0\n0.1,30,-4\n"))
    assert list(motion.weights[:, ARKIT_INDEX["jawOpen"]]) == pytest.approx([1.0, 0.3])
    assert motion.weights[1, SMILE] == 0
    assert any("percent" in remark for remark in motion.remarks)


def test_weights_that_overshoot_are_clipped(tmp_path):
    motion = read_motion(written(tmp_path, "time,jawOpen\n0,1.2\n0.1,-0.1\n"))
    assert list(motion.weights[:, ARKIT_INDEX["jawOpen"]]) == [1.0, 0.0]
    assert not any("percent" in remark for remark in motion.remarks)


@pytest.mark.parametrize(
    ("head", "cells", "times", "said"),
    [
        ("jawOpen", ["0.1", "0.2", "0.3"], [0, 1 / 30, 2 / 30], "no times"),
        ("frame,jawOpen", ["7,0.1", "8,0.2", "10,0.3"], [0, 1 / 30, 0.1], "frame numbers"),
        ("time,jawOpen", ["1000,0.1", "1020,0.2", "1040,0.3"], [0, 0.02, 0.04], "milliseconds"),
        ("time_ms,jawOpen", ["0,0.1", "20,0.2", "40,0.3"], [0, 0.02, 0.04], ""),
        ("timestamp,jawOpen", ["1.5e9,0.1", "1500000000.5,0.2", "1500000001,0.3"], [0, 0.5, 1.0], ""),
        ("timecode,jawOpen", ["00:00:01.5,0.1", "00:00:02,0.2", "00:01:00,0.3"], [0, 0.5, 58.5], ""),
    ],
)
def test_times_of_other_programs(tmp_path, head, cells, times, said):
    motion = read_motion(written(tmp_path, "\n".join((head, *cells))))
    np.testing.assert_allclose(motion.times_s, times, atol=1e-9)
    remarks = motion.remarks[1:]  # the first tells of missing shapes
    assert bool(remarks) == bool(said)
    assert said in "".join(remarks)


def test_rows_without_a_face_keep_the_expression_before_them(tmp_path):
    text = "Timecode,BlendShapeCount,JawOpen\n00:00:00:00.0,1,0.5\n00:00:01:01.0,0,\n00:00:01:02.0,1,0.7\n"
    motion = read_motion(written(tmp_path, text))
    np.testing.assert_allclose(motion.weights[:, ARKIT_INDEX["jawOpen"]], [0.5, 0.5, 0.7])
    assert any("1 rows show no face" in remark for remark in motion.remarks)


def test_rows_of_one_time_count_once(tmp_path):
    motion = read_motion(written(tmp_path, "time,jawOpen\n0,0.1\n0,0.9\n0.1,0.3\n"))
    np.testing.assert_allclose(motion.weights[:, ARKIT_INDEX["jawOpen"]], [0.1, 0.3])
    assert any("repeat the time" in remark for remark in motion.remarks)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column with the name of an ARKit shape"),
        ("time,left,right\n0,1,2\n", "no column with the name of an ARKit shape"),
        ("time,jawOpen\n", "no row of numbers"),
        ("time,jawOpen,mouthSmileLeft\n0,0.1,0.2\n0.1,0.3\n", "line 3 has 2 values where 3 names are"),
        ("time,jawOpen\n0,open\n", "line 2 holds 'open' where a number belongs"),
        ("time,jawOpen\n0,nan\n", "line 2 holds a number that is not finite"),
        ("time,jawOpen\n0,0.1\n0.2,0.1\n0.1,0.1\n", "line 4 has an earlier time"),
        ("time,jawOpen\nnow,0.1\n", "line 2 has the time 'now'"),
        ("Timecode,jawOpen\n0:1:2:x,0.1\n", "line 2 has the time '0:1:2:x'"),
        ("time,jawOpen,JawOpen\n0,0.1,0.1\n", "two columns are jawOpen"),
        ("time,jawOpen\n0,5000\n", "holds a weight of 5000"),
        ("Timecode,BlendShapeCount,JawOpen\n00:00:00:00.0,0,\n", "shows no face in any row"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is no text"),
        ('{"jawOpen": [0.1, 0.2]}', "no column with the name of an ARKit shape"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_remedy(tmp_path, text, reason):
    path = written(tmp_path, text)
    with pytest.raises(MotionError) as caught:
        read_motion(path)
    message = str(caught.value)
    assert reason in message
    assert str(path) in message
    assert "export the recording again" in message
    assert "\n" not in message


def test_what_is_too_large_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path, "time,jawOpen\n0,0.1\n0.1,0.2\n0.2,0.3\n")
    monkeypatch.setattr(motion_table, "MAX_ROWS", 2)
    with pytest.raises(MotionError, match="more than 2 rows"):
        read_motion(path)
    monkeypatch.setattr(motion_table, "MAX_COLUMNS", 1)
    with pytest.raises(MotionError, match="has 2 columns"):
        read_motion(path)
    monkeypatch.setattr(motion_file, "MAX_BYTES", 10)
    with pytest.raises(FileRefused, match="take a part of the recording"):
        read_motion(path)
    with pytest.raises(FileRefused, match="folder"):
        read_motion(tmp_path)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_damaged_recordings_are_read_or_refused(tmp_path_factory, seed, n_changes):
    rng = np.random.default_rng(seed)
    data = bytearray(live_link(known(4)).encode())
    for _ in range(n_changes):
        data[rng.integers(len(data))] = rng.integers(256)
    data = data[: rng.integers(len(data) // 2, len(data))]
    path = written(tmp_path_factory.mktemp("damaged"), bytes(data))
    try:
        motion = read_motion(path)
    except MotionError:
        return
    assert np.isfinite(motion.weights).all()
    assert (motion.weights >= 0).all()
    assert (motion.weights <= 1).all()
    assert (np.diff(motion.times_s) > 0).all()


def test_between_rows_weights_lie_on_the_straight_line():
    weights = known(3).astype(np.float32)
    motion = Motion("take", np.array([0.0, 0.1, 0.3]), weights, 10.0)
    np.testing.assert_allclose(motion.at(0.15), 0.75 * weights[1] + 0.25 * weights[2], atol=1e-6)
    assert np.array_equal(motion.at(0.1), weights[1])
    assert np.array_equal(motion.at(-1), weights[0])
    assert np.array_equal(motion.at(9), weights[2])


def test_frames_are_rows_or_lie_on_the_beat_that_is_asked_for():
    motion = Motion("take", np.arange(31) / 30, np.tile(known(1), (31, 1)).astype(np.float32), 30.0)
    assert np.array_equal(motion.frame_times(), motion.times_s)
    np.testing.assert_allclose(motion.frame_times(10), np.arange(11) / 10)
    np.testing.assert_allclose(motion.frame_times(4, 0.5, 0.9), [0.5, 0.75])
    assert list(motion.frame_times(start_s=0.9)) == list(motion.times_s[27:])
    assert list(Motion.still("face", known(1)).frame_times()) == [0.0]
    for wrong in ({"fps": 0.0}, {"fps": float("nan")}, {"start_s": 2.0}, {"start_s": 0.5, "end_s": 0.4}):
        with pytest.raises(ValueError, match=r"more than 0|nothing from"):
            motion.frame_times(**wrong)
