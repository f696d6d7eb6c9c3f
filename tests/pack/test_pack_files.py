"""A pack on the disk: complete, read back, played, and refused where it was damaged."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.cancelled import Cancelled
from rhytid.core.face.face import Face
from rhytid.core.files.failures import WriteError
from rhytid.core.files.reading import FileRefused
from rhytid.core.io.errors import ExportError
from rhytid.core.pack.expressions import held_out_samples
from rhytid.core.pack.options import CSV_NAME, JSON_NAME, README_NAME, PackOptions
from rhytid.core.pack.playing import read_pack
from rhytid.core.pack.sampling import Sampler
from rhytid.core.pack.writing import PackReport, write_pack

NEUTRAL = (0.0,) * 52


def test_a_pack_has_its_files_and_tells_what_it_does_not_show(pack: PackReport) -> None:
    assert {path.name for path in pack.folder.iterdir()} == {name for name, _ in pack.files}
    residual = pack.residual
    assert residual.mean_um < 0.85 * residual.without_um
    assert len(residual.regions) == 13
    assert len(residual.worst) == 5
    assert residual.worst[0].mean_um == max(one.mean_um for one in residual.expressions)
    card = (pack.folder / README_NAME).read_text("utf-8")
    assert f"mean {residual.mean_um:.1f}" in card
    assert residual.worst[0].name in card


def test_the_table_is_the_same_in_json_and_csv(pack: PackReport) -> None:
    table = json.loads((pack.folder / JSON_NAME).read_text("utf-8"))
    rows = list(csv.DictReader((pack.folder / CSV_NAME).read_text("utf-8").splitlines()))
    from_json = {
        (driver["name"], shape, str(weight), str(driver["curve"]))
        for driver in table["drivers"] for shape, weight in driver["shapes"].items()
    }  # fmt: skip
    assert from_json == {(row["driver"], row["shape"], row["weight"], row["curve"]) for row in rows}
    assert all(len(f"{row['driver']}{row['shape']}") < 255 for row in rows)


def test_the_files_play_what_the_editor_shows_better_than_the_neutral_map(pack: PackReport, old_face: Face) -> None:
    files = read_pack(pack.folder)
    sampler = Sampler(old_face.state, old_face.head, old_face.engines, files.side)
    before, neutral = sampler.look(NEUTRAL).slopes, files.slopes(NEUTRAL)
    left, without = 0.0, 0.0
    for sample in held_out_samples(8):
        wanted = sampler.look(sample.weights).slopes - before
        left += float(np.square(files.slopes(sample.weights) - neutral - wanted).sum())
        without += float(np.square(wanted).sum())
    assert left < 0.6 * without


def test_a_pack_comes_whole_or_not_at_all(old_face: Face, few_samples: None, tmp_path: Path) -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 20

    with pytest.raises(Cancelled):
        write_pack(old_face.state, old_face.head, old_face.engines, tmp_path, PackOptions(size=256), cancel=stop)
    assert not list(tmp_path.iterdir())
    foreign = tmp_path / JSON_NAME
    foreign.write_text("mine")
    with pytest.raises((ExportError, WriteError), match="not written by Rhytid"):
        write_pack(old_face.state, old_face.head, old_face.engines, tmp_path, PackOptions(size=256))
    assert foreign.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [foreign]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"map": 1', '"map": 9'),
        ('"curve": ', '"curve": -'),
        ('face_wm1_normal.png"', '../face_wm1_normal.png"'),
        ("forehead_left", "elbow"),
        ("rhytid-wrinkle-pack", "another"),
        ('"green": "opengl"', '"green": "blue"'),
    ],
)
def test_a_damaged_table_is_refused(pack: PackReport, tmp_path: Path, old: str, new: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(pack.folder, folder)
    path = folder / JSON_NAME
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(FileRefused, match="write the pack again"):
        read_pack(folder)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"layout": "metahuman", "budget": 4}, "room for 3"),
        ({"budget": 0}, "budget"),
        ({"size": 1000}, "size"),
        ({"budget": 6, "size": 4096}, "memory"),
        ({"name": "a/b"}, "file name"),
        ({"layout": "unity"}, "layout"),
    ],
)
def test_options_that_make_no_pack_are_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        PackOptions(**options)  # type: ignore[arg-type]


def test_layouts_have_the_names_of_their_engine() -> None:
    names = PackOptions("metahuman").files()
    assert {"head_normal_map.png", "head_wm3_normal_map.png", "head_cm1_color_map.png"} <= set(names)
    assert PackOptions("metahuman").normal_green == "directx"
    assert PackOptions("metahuman", green="opengl").normal_green == "opengl"
    assert all(len(set(PackOptions(layout).files())) == len(PackOptions(layout).files()) for layout in
               ("generic", "metahuman", "character-creator"))  # fmt: skip
