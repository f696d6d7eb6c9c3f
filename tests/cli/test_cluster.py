"""Work sent to a Ray cluster of this machine: results, workers that die, and clusters that are not there."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rhytid.core.cli.cluster import run_on_cluster

ray = pytest.importorskip("ray", reason="Ray is not installed (the optional extra cluster)")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster with two workers."""
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=80_000_000)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


def lost(job: str, why: str) -> str:
    return f"{job} lost: {why}"


def test_all_results_come_back(address: str) -> None:
    def shout(job: str) -> str:
        return job.upper()

    assert sorted(run_on_cluster(address, shout, ["a", "b", "c"], lost)) == ["A", "B", "C"]


def test_a_job_whose_worker_is_killed_is_done_again(address: str, tmp_path: Path) -> None:
    def work(job: str) -> str:
        place = tmp_path / job
        if not place.exists():
            place.write_text(str(os.getpid()))
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
        return job

    assert sorted(run_on_cluster(address, work, ["a", "b"], lost)) == ["a", "b"]


def test_a_job_that_kills_every_worker_is_lost_and_the_others_are_done(address: str) -> None:
    def work(job: str) -> str:
        if job == "bad":
            os.kill(os.getpid(), signal.SIGKILL)
        return job

    told = sorted(run_on_cluster(address, work, ["a", "bad", "c"], lost))
    assert told[::2] == ["a", "c"]
    assert told[1].startswith("bad lost: its worker died 3 times")


def test_a_cluster_that_is_not_there_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(ValueError, match=r"nothing answers.*ray start --head"):
        list(run_on_cluster(f"127.0.0.1:{port}", str, ["a"], lost))
    assert time.monotonic() - started < 15
