"""Films and series of pictures: the right states, the right frames, and nothing half written."""

from __future__ import annotations

import stat
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key, Tangent
from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.face.face import Face
from rhytid.core.head.load import default_head
from rhytid.core.io import film as film_module
from rhytid.core.io.film import NoFilmError, film
from rhytid.gui.render.face_picture import FacePictures
from rhytid.gui.render.filming import FilmOptions, clip_states, turntable_states, write_frames

JAW = ARKIT_INDEX["jawOpen"]
SMALL = FilmOptions((96, 64), 4.0, 1, 256)


def keyed() -> DocumentState:
    keys = [("jawOpen", Key(0.0, 0.0, Tangent.LINEAR)), ("jawOpen", Key(1.0, 1.0, Tangent.LINEAR))]
    state = DocumentState(clip=with_keys(Clip(fps=4.0, end_s=1.0), keys))
    return replace(state, settings=replace(state.settings, name="procedural", generate_wrinkles=False))


def test_a_clip_has_a_state_for_each_frame_of_its_part():
    assert [state.expression[JAW] for state in clip_states(keyed())] == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])
    part = clip_states(keyed(), fps=10.0, start_s=0.5, end_s=0.7)
    assert [state.expression[JAW] for state in part] == pytest.approx([0.5, 0.6, 0.7])
    with pytest.raises(ValueError, match="no keys"):
        clip_states(DocumentState())
    with pytest.raises(ValueError, match="nothing"):
        clip_states(keyed(), start_s=2.0, end_s=1.0)
    with pytest.raises(ValueError, match="too many"):
        clip_states(keyed(), fps=240.0, end_s=3000.0)


def test_a_turn_is_even_and_ends_one_step_before_its_beginning():
    state = replace(keyed(), camera=Camera(yaw_deg=170.0))
    assert [one.camera.yaw_deg for one in turntable_states(state, 1.0, 360.0, 4.0)] == pytest.approx(
        [170.0, -100.0, -10.0, 80.0]
    )
    assert [one.camera.yaw_deg for one in turntable_states(state, 1.0, -90.0, 3.0)] == pytest.approx([170, 140, 110])
    for wrong in ((0.0, 360.0, 4.0), (1.0, 1e9, 4.0), (1e6, 360.0, 60.0)):
        with pytest.raises(ValueError, match=r"."):
            turntable_states(state, *wrong)


def test_pictures_are_those_of_the_states(tmp_path, few_rays):
    states = clip_states(keyed())[::2]
    told: list[float] = []
    files = write_frames(Face.of(states[0], default_head()), states, tmp_path / "out", SMALL, told.append)
    assert [file.name for file in files] == ["frame_000001.png", "frame_000002.png", "frame_000003.png"]
    assert told == pytest.approx([0, 1 / 3, 2 / 3])
    for file, state in zip(files, states, strict=True):
        with FacePictures(Face.of(state, default_head()), "detailed", (96, 64), resolution=256, samples=1) as pictures:
            np.testing.assert_array_equal(cv2.imread(str(file))[..., ::-1], pictures.picture()[..., :3])
    assert (cv2.imread(str(files[0])) != cv2.imread(str(files[2]))).any()


@pytest.mark.parametrize("name", ["out", "out.mp4"])
def test_what_is_cancelled_leaves_nothing(tmp_path, few_rays, name):
    if name.endswith("mp4"):
        pytest.importorskip("av", reason="PyAV writes films")

    class Stop(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.5:
            raise Stop

    with pytest.raises(Stop):
        write_frames(Face.of(keyed(), default_head()), clip_states(keyed()), tmp_path / name, SMALL, stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a first line")
def test_without_pyav_the_program_ffmpeg_gets_the_pictures(tmp_path, monkeypatch):
    stand_in = tmp_path / "bin" / "ffmpeg"
    stand_in.parent.mkdir()
    stand_in.write_text(
        f"#!{sys.executable}\nimport sys\ndata = sys.stdin.buffer.read()\n"
        "if b'broken' in ' '.join(sys.argv).encode(): sys.exit('no such codec')\n"
        "open(sys.argv[-1], 'wb').write(' '.join(sys.argv[1:-1]).encode() + b'|' + data)\n"
    )
    stand_in.chmod(stand_in.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(film_module.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(stand_in.parent))
    frames = np.random.default_rng(1).integers(0, 256, (3, 5, 7, 3)).astype(np.uint8)
    with film(tmp_path / "a.mp4", 24.0) as take:
        for frame in frames:
            take(frame)
    told, _, raw = (tmp_path / "a.mp4").read_bytes().partition(b"|")
    assert b"-s 6x4 -r 24" in told
    assert raw == frames[:, :4, :6].tobytes()
    monkeypatch.setattr(film_module, "_QUALITY", "broken")
    with pytest.raises(NoFilmError, match="no such codec"), film(tmp_path / "b.mp4", 24.0) as take:
        take(frames[0])
    assert not (tmp_path / "b.mp4").exists()
    monkeypatch.setenv("PATH", str(Path(tmp_path)))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(NoFilmError, match="PyAV"), film(tmp_path / "c.mp4", 24.0):
        pass
