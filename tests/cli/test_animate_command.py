"""`animate`: its frames are the pictures of the same weights, and a film or a folder is whole or goes on."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import rhytid
from rhytid.core.arkit import expression_array
from rhytid.core.document.commands import TakePhoto
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.face.face import Face
from rhytid.core.head.load import default_head
from rhytid.core.io.film import NO_PYAV
from rhytid.core.photo.camera import FACING, PhotoCamera
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.gui.cli.program import main
from rhytid.gui.render.camera import view_from_head
from rhytid.gui.render.face_picture import FacePictures
from rhytid.gui.render.offscreen import render_image

COMMON = ("--size", "97x65", "--resolution", "256")
WEIGHTS = ((0.0, 0.0, 0.0), (0.5, 0.8, 0.2), (1.0, 0.1, 0.9))
pytestmark = pytest.mark.usefixtures("few_rays")


def recording(folder: Path) -> Path:
    path = folder / "take.csv"
    rows = "".join(",".join(map(str, (time, smile, smile, jaw))) + "\n" for time, smile, jaw in WEIGHTS)
    path.write_text("time,MouthSmileLeft,mouthSmile_R,jawOpen\n" + rows)
    return path


@pytest.fixture
def person(tmp_path: Path) -> Path:
    face = rhytid.Face()
    face.engine = "procedural"
    face.be_random(4)
    face.age = 60
    face.action_units = {"AU4": 1.0}
    face.save(tmp_path / "person.rhytid")
    return tmp_path / "person.rhytid"


def worn(person: Path, smile: float, jaw: float) -> np.ndarray:
    face = rhytid.Face(person)
    face.action_units = {}
    face.expression = {"mouthSmileLeft": smile, "mouthSmileRight": smile, "jawOpen": jaw}
    return face.picture(size=(97, 65), resolution=256)


def animate(*arguments: object) -> int:
    return main(["animate", *map(str, arguments)])


def pictures_in(folder: Path) -> list[np.ndarray]:
    return [cv2.imread(str(file))[..., ::-1] for file in sorted(folder.glob("*.png"))]


def test_frames_are_the_pictures_of_the_same_weights(person, tmp_path, capsys) -> None:
    out = tmp_path / "frames"
    assert animate(person, "--driver", recording(tmp_path), out, *COMMON) == 0
    frames = pictures_in(out)
    assert [file.name for file in sorted(out.glob("*.png"))] == [f"frame_00000{k}.png" for k in (1, 2, 3)]
    for frame, (_, smile, jaw) in zip(frames, WEIGHTS, strict=True):
        np.testing.assert_array_equal(frame, worn(person, smile, jaw))
    assert "read as 0" in capsys.readouterr().err


def test_a_part_at_another_rate(person, tmp_path) -> None:
    out = tmp_path / "frames"
    code = animate(
        person, "--driver", recording(tmp_path), out, *COMMON, "--fps", "4", "--from", "0.25", "--to", "0.6"
    )
    assert code == 0
    first, second = pictures_in(out)
    np.testing.assert_array_equal(first, worn(person, 0.4, 0.1))
    np.testing.assert_array_equal(second, worn(person, 0.8, 0.2))


def test_a_film_shows_the_frames_in_their_colours(person, tmp_path) -> None:
    av = pytest.importorskip("av", reason="PyAV reads and writes films")
    assert animate(person, "--driver", recording(tmp_path), tmp_path / "out.mp4", *COMMON) == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", 96, 64)
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        assert stream.average_rate == 2
        shown = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
    assert [time for time, _ in shown] == [0, 0.5, 1.0]
    for (_, frame), (_, smile, jaw) in zip(shown, WEIGHTS, strict=True):
        off = frame.astype(float) - worn(person, smile, jaw)[:64, :96]
        assert np.sqrt((off**2).mean()) < 4
        assert np.abs(off.mean(axis=(0, 1))).max() < 2.5  # another matrix or range is off by 5 to 20


def test_a_run_that_was_stopped_goes_on_and_leaves_nothing_half_written(person, tmp_path, monkeypatch, capsys) -> None:
    out, take, drawn = tmp_path / "frames", recording(tmp_path), []
    draw = FacePictures.picture

    def stopped_at_the_third(self):
        drawn.append(1)
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return draw(self)

    monkeypatch.setattr(FacePictures, "picture", stopped_at_the_third)
    assert animate(person, "--driver", take, out, *COMMON) == 130
    assert sorted(file.name for file in out.iterdir()) == ["frame_000001.png", "frame_000002.png", "frames.json"]
    (out / "frame_000001.png").write_bytes(b"mine")
    assert animate(person, "--driver", take, out, *COMMON) == 2
    assert "frame_000001.png was not written by Rhytid or changed since" in capsys.readouterr().err
    assert animate(person, "--driver", take, out, *COMMON, "--overwrite") == 0
    assert len(drawn) == 5  # the changed one and the last
    assert animate(person, "--driver", take, out, *COMMON) == 0
    assert len(drawn) == 5
    np.testing.assert_array_equal(pictures_in(out)[0], worn(person, 0.0, 0.0))
    take.write_text(take.read_text().replace("0.9", "0.8"))
    assert animate(person, "--driver", take, out, *COMMON) == 0
    np.testing.assert_array_equal(pictures_in(out)[2], worn(person, 0.1, 0.8))
    assert animate(person, "--driver", take, out, *COMMON, "--to", "0.5") == 2
    assert "frames of a longer film" in capsys.readouterr().err


def test_a_film_that_was_stopped_is_not_there(person, tmp_path, monkeypatch) -> None:
    pytest.importorskip("av", reason="PyAV reads and writes films")

    def stopped(_self):
        raise KeyboardInterrupt

    monkeypatch.setattr(FacePictures, "picture", stopped)
    before = sorted(tmp_path.iterdir())
    take = recording(tmp_path)
    assert animate(person, "--driver", take, tmp_path / "out.mp4", *COMMON) == 130
    assert sorted(tmp_path.iterdir()) == sorted([*before, take])


def test_without_pyav_a_film_is_refused_before_any_work(person, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    assert animate(person, "--driver", tmp_path / "missing.csv", tmp_path / "out.mp4") == 2
    assert capsys.readouterr().err == f"rhytid: {NO_PYAV}\n"
    assert "rhytid[video]" in NO_PYAV


@pytest.mark.parametrize(
    ("driver", "output", "reason"),
    [
        ("missing.csv", "out", "no such file"),
        ("person.rhytid", "out.avi", "films are written as .mp4"),
        ("notes.txt", "out", "drives no face"),
        ("bad.csv", "out", "no column with the name of an ARKit shape"),
        ("bad.rhytid", "out", "bad.rhytid"),
    ],
)
def test_bad_drivers_and_outputs_are_one_line(person, tmp_path, capsys, driver, output, reason) -> None:
    for name in ("notes.txt", "bad.csv", "bad.rhytid"):
        (tmp_path / name).write_text("time,price\n1,2\n")
    assert animate(person, "--driver", tmp_path / driver, tmp_path / output, *COMMON) == 2
    told = capsys.readouterr().err
    assert reason in told
    assert told.count("\n") == 1
    assert not (tmp_path / output).exists()


def test_the_face_of_another_project_is_a_single_frame(person, tmp_path) -> None:
    other = rhytid.Face()
    other.expression = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "jawOpen": 0.2}
    other.save(tmp_path / "other.rhytid")
    assert animate(person, "--driver", tmp_path / "other.rhytid", tmp_path / "out", *COMMON) == 0
    (frame,) = pictures_in(tmp_path / "out")
    np.testing.assert_array_equal(frame, worn(person, 0.8, 0.2))


SIDE = 192
CAMERA = Camera(distance_mm=700.0, target_mm=(0.0, 10.0, 50.0), fov_deg=20.0)
SH9 = (np.array([0.9, 0.3, 0.3, -0.4, 0, 0, 0, 0, 0])[:, None] * np.ones(3)).astype(np.float32)


def photographed() -> Face:
    """The head of the program as a photo of it shows it."""
    head = default_head()
    neutral = expression_array({})
    pixels = render_image(head, camera=CAMERA, size=(SIDE, SIDE), samples=1)
    data = cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()
    view, focal_px = view_from_head(CAMERA), SIDE / 2 / np.tan(np.radians(CAMERA.fov_deg) / 2)
    camera = PhotoCamera(FACING @ view[:3, :3], FACING @ view[:3, 3], focal_px, np.full(2, SIDE / 2), (SIDE, SIDE))
    fit = HeadFit(np.zeros(head.n_identity, np.float32), neutral, camera, None, 1.0)
    light = PhotoLight(SH9, np.broadcast_to(SH9, (MAP_SIDE, MAP_SIDE, 9, 3)).copy())
    layer = PhotoLayer("head.png", data, hashlib.sha256(data).hexdigest(), fit, light)
    return rhytid.Face.of(TakePhoto(layer).apply(DocumentState()), head)


def test_in_the_photo_each_frame_is_the_photo_with_the_same_edit(tmp_path) -> None:
    face = photographed()
    face.save(tmp_path / "photo.rhytid")
    out = tmp_path / "frames"
    assert animate(tmp_path / "photo.rhytid", "--driver", recording(tmp_path), out, "--in-photo") == 0
    frames = pictures_in(out)
    photo = cv2.imdecode(np.frombuffer(face.state.photo.data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(frames[0], photo)
    for frame, _ in zip(frames, face.driven_by(tmp_path / "take.csv"), strict=True):
        np.testing.assert_array_equal(frame, face.in_photo())
    assert (frames[1] != frames[0]).any(axis=2).mean() > 0.02


def test_in_the_photo_needs_a_photo(person, tmp_path, capsys) -> None:
    assert animate(person, "--driver", recording(tmp_path), tmp_path / "frames", "--in-photo") == 2
    assert "was not made from a photo" in capsys.readouterr().err
    assert not (tmp_path / "frames").exists()
