"""Folders of training records: written once, read lazily, appended to, and refused when damaged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from record_samples import made_up_group

from rhytid.core.training.make_records import make_records
from rhytid.core.training.record_shards import INDEX_NAME, MAP_NAMES, RecordsError, read_index
from rhytid.core.training.records import Records


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_records(folder, range(20), made_up_group, workers=0)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy, which a test may damage."""
    return Path(shutil.copytree(made, tmp_path, dirs_exist_ok=True))


def test_maps_come_back_as_they_were_made(folder: Path) -> None:
    records = Records(folder)
    assert (len(records), records.n_groups) == (70, 20)
    at = int(np.flatnonzero(records.person == 17)[2])
    made = made_up_group(17).poses[2]
    read = records.maps([3, at])
    for name in MAP_NAMES:
        np.testing.assert_array_equal(read[name][1], made.maps[name].astype(np.float16).astype(np.float32))
    np.testing.assert_array_equal(records.expression[at], made.expression)
    assert records.age[at] == made.age
    assert records.key_expression[at] == 2


def test_pairs_are_of_one_person_and_line_pairs_are_marked(folder: Path) -> None:
    records = Records(folder)
    poses = records.draw_pairs(200, np.random.default_rng(1))
    np.testing.assert_array_equal(records.person[poses[0::2]], records.person[poses[1::2]])
    marked = records.is_line_pair(poses)
    assert 0.15 < marked.mean() < 0.35
    assert (poses[0::2] != poses[1::2]).all()
    with_line, without = poses[0::2][marked][0], poses[1::2][marked][0]
    maps = records.maps([with_line, without])
    assert maps["relief"][0].min() < -3
    assert not maps["relief"][1].any()
    np.testing.assert_allclose(maps["x"][0] - maps["relief"][0], maps["x"][1], atol=0.02)


def test_all_pairs_leave_out_twins(folder: Path) -> None:
    records = Records(folder)
    pairs = records.same_person_pairs()
    assert len(pairs) == 10 * 3 + 10 * (6 - 1)
    np.testing.assert_array_equal(records.person[pairs[:, 0]], records.person[pairs[:, 1]])
    assert len(records.line_pairs()) == 10


def test_the_same_seeds_give_the_same_bytes(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    make_records(other, range(14), made_up_group, workers=0)
    name = read_index(other)[0].file
    assert (other / name).read_bytes() == (folder / name).read_bytes()


def test_appending_makes_only_what_is_missing(folder: Path) -> None:
    records = Records(folder)
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.safetensors")}
    assert make_records(folder, range(16, 23), made_up_group, workers=0) == 3
    assert all((folder / name).stat().st_mtime_ns == time for name, time in before.items())
    age = records.age.copy()
    assert records.refresh() == 81
    np.testing.assert_array_equal(records.age[:70], age)
    assert set(records.person.tolist()) == set(range(23))


def test_stopping_keeps_finished_shards(tmp_path: Path) -> None:
    stop = threading.Event()
    added = make_records(tmp_path, range(100), made_up_group, 0, stop, lambda n: stop.set())
    assert added == 14
    assert Records(tmp_path).n_groups == 14


def test_worker_processes_make_the_same_records(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("workers")
    make_records(other, range(20), made_up_group, workers=2)
    shards = sorted(folder.glob("*.safetensors"))
    assert shards
    for path in shards:
        assert (other / path.name).read_bytes() == path.read_bytes()


WORKERS = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
from rhytid.core.training.make_records import in_workers
from record_samples import tell_and_sleep
list(in_workers(tell_and_sleep, [[0], [1]], 2))
"""


def test_workers_end_with_a_parent_that_was_killed() -> None:
    script = WORKERS.format(root=str(Path(__file__).parents[2]), tests=str(Path(__file__).parent))
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    numbers = [int(parent.stdout.readline()) for _ in range(2)]
    try:
        parent.kill()
        # The pipe ends when the last process that can write to it is gone.
        assert parent.communicate(timeout=60) == ("", None)
    finally:
        for number in numbers:
            with suppress(OSError):
                os.kill(number, signal.SIGTERM)


def test_persons_can_be_held_back(folder: Path) -> None:
    held, others = Records(folder, persons_to=4), Records(folder, persons_from=4)
    assert set(held.person.tolist()) == {0, 1, 2, 3}
    assert len(held) + len(others) == 70
    pairs = others.line_pairs()
    np.testing.assert_array_equal(others.person[pairs[:, 0]], others.person[pairs[:, 1]])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "rhytid-records", "version": 9}', "[" * 5000])
def test_damaged_index_is_told(folder: Path, content: str) -> None:
    (folder / INDEX_NAME).write_text(content, "utf-8")
    with pytest.raises(RecordsError, match=r"index\.json.*make the records again"):
        Records(folder)


def test_index_may_not_point_elsewhere(folder: Path) -> None:
    content = json.loads((folder / INDEX_NAME).read_text("utf-8"))
    content["shards"][0]["file"] = "../elsewhere.safetensors"
    (folder / INDEX_NAME).write_text(json.dumps(content), "utf-8")
    with pytest.raises(RecordsError, match="no shard of this folder"):
        Records(folder)


def test_damaged_shards_are_told(folder: Path) -> None:
    path = sorted(folder.glob("*.safetensors"))[0]
    whole = path.read_bytes()
    for damaged in (whole[:100], whole[: len(whole) // 2], b"\xff" * 64, b""):
        path.write_bytes(damaged)
        with pytest.raises(RecordsError, match=path.name):
            Records(folder)
    path.unlink()
    with pytest.raises(RecordsError, match=path.name):
        Records(folder)


def test_no_records_yet(tmp_path: Path) -> None:
    records = Records(tmp_path)
    assert (len(records), records.n_groups) == (0, 0)
    assert records.same_person_pairs().shape == (0, 2)
    with pytest.raises(RecordsError, match="no records"):
        records.draw_pairs(2, np.random.default_rng(0))
