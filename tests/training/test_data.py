"""Data that are made while a run trains: enough before it starts, more later, and an end when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from record_samples import made_up_group

from rhytid.core.training import data
from rhytid.core.training.config import RunConfig
from rhytid.core.training.data import open_data
from rhytid.core.training.distributed import Ranks
from rhytid.core.training.make_records import GROUPS_PER_SHARD, make_records
from rhytid.core.training.record_shards import Group
from rhytid.core.training.records import Records

CPU = Ranks(0, 1, torch.device("cpu"))


def waited_for(condition: Callable[[], bool]) -> bool:
    """Whether `condition()` came true within a minute."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(data, "START_GROUPS", 5)


def test_records_grow_while_the_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def group_of(seed: int) -> Group:
        if seed >= GROUPS_PER_SHARD:
            gate.wait(60)
        return made_up_group(seed)

    monkeypatch.setattr(data, "synthetic_group", group_of)
    with open_data(RunConfig("semm", groups=20, workers=0), tmp_path, CPU, lambda message: None) as opened:
        assert opened.source.n_groups == GROUPS_PER_SHARD
        gate.set()
        assert waited_for(lambda: opened.source.refresh() == 70)
        batch = opened.source.batch(3, np.random.default_rng(0))
        assert batch["x"].shape == (6, 256, 256)
        assert batch["line_pair"].shape == (3,)
        np.testing.assert_array_equal(batch["person"][0::2], batch["person"][1::2])


def test_making_ends_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "synthetic_group", made_up_group)
    with open_data(RunConfig("semm", groups=10**6, workers=0), tmp_path, CPU, lambda message: None):
        pass
    n_made = Records(tmp_path).n_groups
    assert n_made < 1000
    assert not any(thread.name == "records" for thread in threading.enumerate())


def test_what_goes_wrong_while_making_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def group_of(seed: int) -> Group:
        raise OSError("the disk is full")

    monkeypatch.setattr(data, "synthetic_group", group_of)
    with (
        pytest.raises(OSError, match="the disk is full"),
        open_data(RunConfig("semm", workers=0), tmp_path, CPU, print),
    ):
        pass


def test_some_persons_are_held_back_where_there_are_many(tmp_path: Path) -> None:
    make_records(tmp_path, range(40), made_up_group, workers=0)
    config = RunConfig("semm", records=str(tmp_path))
    with open_data(config, tmp_path, CPU, print) as opened:
        assert (opened.source.n_groups, opened.held.n_groups) == (32, 8)
        held = opened.held.batch(4, np.random.default_rng(0))["person"]
        assert held.max() < 8 <= opened.records.person.min()
