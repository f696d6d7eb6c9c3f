"""Long work: progress, cancel, failure, and the log that it leaves."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.files.failure_log import log_path
from rhytid.core.photo.image import PhotoError
from rhytid.gui.controllers.detail_worker import DetailWorker
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.memory import give_back_memory


@pytest.fixture
def jobs(qapp):
    jobs = Jobs()
    heard = []
    for name in ("job_started", "job_progressed", "job_finished", "job_cancelled", "job_failed"):
        getattr(jobs, name).connect(lambda *args, name=name: heard.append((name, *args)))
    yield jobs, heard
    jobs.close()


def finish(qtbot, jobs: Jobs) -> None:
    qtbot.waitUntil(lambda: not jobs.busy, timeout=5000)


def test_a_job_that_waits_runs_though_the_one_before_cannot_be_taken(jobs, qtbot):
    jobs, _heard = jobs
    got = []

    def fail(_result):
        raise RuntimeError("the document does not take it")

    with qtbot.captureExceptions() as raised:
        jobs.start("first", lambda _control: 1, fail)
        jobs.start("second", lambda _control: 2, got.append)
        qtbot.waitUntil(lambda: got == [2], timeout=5000)
    assert len(raised) == 1


def test_no_job_outlives_the_program(jobs):
    jobs, _heard = jobs
    ended, began = [], threading.Event()

    def work(control):
        began.set()
        while not control.cancel():
            time.sleep(0.01)
        time.sleep(0.1)  # as native code does that cannot be interrupted
        ended.append(True)

    jobs.start("Export", work)
    assert began.wait(10)
    jobs.close()
    assert ended == [True]


def test_a_job_reports_progress_and_hands_over_its_result(jobs, qtbot):
    jobs, heard = jobs
    results = []

    def work(control):
        control(0.5)
        return 42

    jobs.start("Count", work, results.append)
    finish(qtbot, jobs)
    assert results == [42]
    assert heard == [("job_started", "Count"), ("job_progressed", "Count", 0.5), ("job_finished", "Count")]


def test_cancel_ends_a_job_without_a_result(jobs, qtbot):
    jobs, heard = jobs
    results = []

    def work(control):
        while True:
            control(0.1)
            time.sleep(0.002)

    jobs.start("Forever", work, results.append)
    jobs.cancel()
    finish(qtbot, jobs)
    assert results == []
    assert heard[-1] == ("job_cancelled", "Forever")


def test_a_failure_is_told_in_words_and_logged_in_full(jobs, qtbot, private_state, capsys):
    jobs, heard = jobs
    failures = []

    def work(_control):
        raise ValueError("face.png is not a map; choose another file")

    jobs.start("Import", work, failed=failures.append)
    finish(qtbot, jobs)
    assert heard[-1] == ("job_failed", "Import", "face.png is not a map; choose another file")
    assert len(failures) == 1
    log = log_path().read_text(encoding="utf-8")
    assert log_path().parent == private_state
    assert "Traceback" in log
    assert "face.png is not a map" in log
    assert "Traceback" in capsys.readouterr().err


def test_what_is_refused_on_purpose_is_one_line_of_the_log(jobs, qtbot, private_state, capsys):
    jobs, heard = jobs

    def refuse(_control):
        raise PhotoError("face.jpg: is no picture that can be read;\n save it as JPEG or PNG")

    def wrap(_control):
        try:
            [][0]
        except IndexError as error:
            raise PhotoError("face.png: cannot be read") from error

    jobs.start("New from photo", refuse)
    finish(qtbot, jobs)
    assert heard[-1][0] == "job_failed"
    (line,) = log_path().read_text(encoding="utf-8").splitlines()
    assert line.endswith("New from photo: face.jpg: is no picture that can be read; save it as JPEG or PNG")
    assert capsys.readouterr().err.count("\n") == 1
    jobs.start("New from photo", wrap)
    finish(qtbot, jobs)
    assert "IndexError" in log_path().read_text(encoding="utf-8")  # what nobody foresaw keeps its traceback


def test_jobs_run_one_after_the_other(jobs, qtbot):
    jobs, heard = jobs
    order = []
    for i in range(3):
        jobs.start(str(i), lambda _control, i=i: order.append(i))
    qtbot.waitUntil(lambda: len(order) == 3 and not jobs.busy, timeout=5000)
    assert order == [0, 1, 2]
    assert [h[1] for h in heard if h[0] == "job_started"] == ["0", "1", "2"]


def test_deliveries_that_wait_for_the_window_are_merged(qapp, qtbot):
    from types import SimpleNamespace

    import numpy as np

    from rhytid.core.detail.request import DetailMaps
    from rhytid.core.document.state import DocumentState
    from rhytid.core.maps.field import Field

    class Backend:
        def head(self, reference):
            return reference

        def pose(self, state, head, previous):
            return SimpleNamespace(state=state)

        def run(self, state, pose, resolution, generation, cancelled):
            empty = np.zeros((resolution, resolution), np.float32)
            return DetailMaps(Field.of(empty), empty > 0, Field.of(empty), generation=generation)

    worker = DetailWorker(Backend())
    heard = []
    worker.delivered.connect(heard.append)
    worker.submit(DocumentState())
    assert worker._scheduler.wait_idle(5)  # preview and refinement are both there before the window looks
    qtbot.waitUntil(lambda: worker.idle, timeout=5000)
    (delivery,) = heard
    assert delivery.refined
    assert delivery.pose is not None
    worker.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_of_a_job_goes_back_to_the_system(qtbot):
    def resident_mb() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20

    if not give_back_memory():
        pytest.skip("not glibc")
    kept = []

    def work(_control):
        # Pieces below the size from which each has a mapping of its own, with something kept behind them.
        pieces = [np.ones(8000) for _ in range(3000)]
        kept.append(np.ones(8000))
        del pieces

    before = resident_mb()
    jobs = Jobs()
    with qtbot.waitSignal(jobs.job_finished, timeout=10_000):
        jobs.start("Large", work)
    assert resident_mb() < before + 90
