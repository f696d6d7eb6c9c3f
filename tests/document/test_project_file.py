"""Project files: exact round trips, equal bytes, and what a failed write leaves."""

from __future__ import annotations

import json
import os
import random
import stat
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from document_samples import PNG, full_state, stroke

from rhytid.core.document import project
from rhytid.core.document.commands import ImportSource
from rhytid.core.document.project import load_project, load_project_with_thumbnail, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.files.file_set import clear_after_kills
from rhytid.core.lines.stroke import Style


def assert_same(a: DocumentState, b: DocumentState) -> None:
    assert replace(a, source=None) == replace(b, source=None)
    assert (a.source is None) == (b.source is None)
    if a.source is not None and b.source is not None:
        assert a.source.displacement.tobytes() == b.source.displacement.tobytes()
        assert replace(a.source, displacement=None) == replace(b.source, displacement=None) or all(
            getattr(a.source, name) == getattr(b.source, name)
            for name in ("expression", "age", "name", "lines", "digest")
        )


@pytest.mark.parametrize("state", [DocumentState(), full_state()], ids=["empty", "full"])
@pytest.mark.parametrize("compress", [True, False])
def test_save_open_save_gives_the_same_bytes(state: DocumentState, compress: bool, tmp_path: Path) -> None:
    first, second = tmp_path / "a.rhytid", tmp_path / "b.rhytid"
    save_project(first, state, PNG, compress=compress)
    opened, thumbnail = load_project_with_thumbnail(first)
    assert_same(opened, state)
    save_project(second, opened, thumbnail, compress=compress)
    assert first.read_bytes() == second.read_bytes()


def test_nothing_in_the_file_depends_on_when_and_in_which_order(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", full_state(), PNG)
    with zipfile.ZipFile(tmp_path / "a.rhytid") as archive:
        names = [info.filename for info in archive.infolist()]
        assert names == ["project.json", "points.npy", "source.npy", "thumbnail.png"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        text = archive.read("project.json").decode()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_opened_arrays_cannot_be_written_and_lines_are_shared(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", full_state())
    state = load_project(tmp_path / "a.rhytid")
    assert state.source is not None
    assert not state.source.displacement.flags.writeable
    assert state.source.displacement.dtype == np.float32
    assert state.strokes[0] is state.source.lines[0]
    assert state.strokes[1] is not state.source.lines[1]


def test_strokes_of_older_projects_are_as_drawn_and_new_ones_keep_their_style(tmp_path: Path) -> None:
    made = replace(stroke("new"), style=Style.NATURAL, seed=-12)
    save_project(tmp_path / "a.rhytid", DocumentState(strokes=(made,)))
    assert load_project(tmp_path / "a.rhytid").strokes == (made,)
    with zipfile.ZipFile(tmp_path / "a.rhytid") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    document["schema"] = 5
    del document["state"]["strokes"][0]["style"], document["state"]["strokes"][0]["seed"]
    with zipfile.ZipFile(tmp_path / "b.rhytid", "w") as archive:
        for name, content in {**members, "project.json": json.dumps(document).encode()}.items():
            archive.writestr(name, content)
    assert load_project(tmp_path / "b.rhytid").strokes == (replace(made, style=Style.AS_DRAWN, seed=0),)


def test_integers_in_float_fields_make_no_difference(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", DocumentState(age=30, identity=(1, 0, 2)))
    save_project(tmp_path / "b.rhytid", DocumentState(age=30.0, identity=(1.0, 0.0, 2.0)))
    assert (tmp_path / "a.rhytid").read_bytes() == (tmp_path / "b.rhytid").read_bytes()


def test_thumbnail_is_optional_and_must_be_a_png(tmp_path: Path) -> None:
    path = tmp_path / "a.rhytid"
    save_project(path, DocumentState())
    assert load_project_with_thumbnail(path)[1] is None
    with pytest.raises(ValueError, match="PNG"):
        save_project(path, DocumentState(), b"GIF89a")


def test_state_out_of_range_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.rhytid"
    for wrong in (
        DocumentState(age=300.0),
        DocumentState(identity=(float("nan"),)),
        DocumentState(strokes=(stroke("a"), stroke("a"))),
        DocumentState(strokes=(stroke("a", width=3.0),)),
    ):
        with pytest.raises(ValueError, match=r"age|identity|id|range"):
            save_project(path, wrong)
    assert not path.exists()


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.rhytid"
    save_project(path, DocumentState())
    before = path.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project, "write_array", full_disk)
    with pytest.raises(OSError, match="the disk is full"):
        save_project(path, full_state())
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.rhytid"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.rhytid", tmp_path / "link.rhytid"
    save_project(target, DocumentState())
    link.symlink_to(target)
    save_project(link, DocumentState(age=50.0))
    assert link.is_symlink()
    assert load_project(target).age == 50


@pytest.mark.parametrize(
    "name", ["ü" * 122 + ".rhytid", "a" * 248 + ".rhytid", "佐藤 v.002.rhytid", "-a.rhytid", ".a.rhytid"]
)
def test_any_name_that_the_disk_takes_can_be_saved_again(name: str, tmp_path: Path) -> None:
    for age in (30.0, 40.0):
        save_project(tmp_path / name, DocumentState(age=age))
    assert load_project(tmp_path / name).age == 40
    assert os.listdir(tmp_path) == [name]


@pytest.mark.skipif(os.name == "nt", reason="modes and hard links of POSIX")
def test_the_shape_s_own_age_and_its_parts_are_kept(tmp_path: Path) -> None:
    state = DocumentState(age=52.0, shape_age=77.0, age_parts=(("ears", 0.5), ("jowls", 1.5)))
    save_project(tmp_path / "a.rhytid", state)
    assert load_project(tmp_path / "a.rhytid") == state
    with pytest.raises(ValueError, match="age of the shape"):
        save_project(tmp_path / "b.rhytid", DocumentState(shape_age=90.0))
    with pytest.raises(ValueError, match="ageing of jowls"):
        save_project(tmp_path / "b.rhytid", DocumentState(age_parts=(("jowls", 3.0),)))


def test_mode_and_hard_links_stay(tmp_path: Path) -> None:
    path, other = tmp_path / "a.rhytid", tmp_path / "b.rhytid"
    save_project(path, DocumentState())
    path.chmod(0o640)
    save_project(path, DocumentState(age=50.0))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    os.link(path, other)
    save_project(path, DocumentState(age=60.0))
    assert path.samefile(other)
    assert load_project(other).age == 60


SAVING = """
import itertools, sys
from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
print("ready", flush=True)
for number in itertools.count():
    save_project(sys.argv[1], DocumentState(age=20.0 + number % 50), b"\\x89PNG\\r\\n\\x1a\\n" + bytes(2_000_000))
"""


@pytest.mark.skipif(os.name == "nt", reason="kills of POSIX")
@pytest.mark.parametrize("linked", [False, True])
def test_killed_saves_leave_a_whole_project_and_nothing_after_the_next_start(
    linked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path / "state"))
    folder = tmp_path / "projects"
    folder.mkdir()
    path = folder / "a.rhytid"
    save_project(path, DocumentState(age=20.0))
    names = ["a.rhytid"]
    if linked:
        os.link(path, folder / "b.rhytid")
        names.append("b.rhytid")
    left = 0
    for number in range(12):
        with subprocess.Popen([sys.executable, "-c", SAVING, path], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.Random(number).uniform(0.0, 0.05))
            process.kill()
        left += sorted(os.listdir(folder)) != names
        clear_after_kills()
        assert sorted(os.listdir(folder)) == names
        assert 20 <= load_project(path).age < 70
    assert left > 0  # otherwise nothing was tried
    assert not linked or path.samefile(folder / "b.rhytid")


def test_a_map_of_16_bits_is_packed_and_floats_of_older_projects_open(tmp_path: Path) -> None:
    state = full_state()
    assert state.source is not None
    grid = np.float32(2.0 / 32767.5)
    map_mm = (np.rint(state.source.displacement / grid).astype(np.int32) * grid).astype(np.float32)
    state = ImportSource(replace(state.source, displacement=map_mm)).apply(DocumentState())
    save_project(tmp_path / "packed.rhytid", state)
    save_project(tmp_path / "plain.rhytid", state, compress=False)  # floats, as all projects had them
    with zipfile.ZipFile(tmp_path / "packed.rhytid") as archive:
        assert "source_values.npy" in archive.namelist()
    with zipfile.ZipFile(tmp_path / "plain.rhytid") as archive:
        assert archive.getinfo("source.npy").file_size > 4 * map_mm.size
    assert_same(load_project(tmp_path / "packed.rhytid"), state)
    assert_same(load_project(tmp_path / "plain.rhytid"), state)
