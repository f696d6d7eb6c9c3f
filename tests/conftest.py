"""The tests are of the source that they lie in, whatever else of the name `rhytid` is installed."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import main  # noqa: F401  # names the source `rhytid`
from rhytid.core.cli.virtual_display import display_environment

# Code that means an overflow, a division by nothing or what is no number says so with np.errstate. Only what fades to
# nothing may do so silently: the tail of every bell and the square of every small number would have to ask.
np.seterr(all="raise", under="ignore")
WITH_WINDOWS = ("gui", "render", "smoke", "bench")  # folders whose tests open windows
_display = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Each of two processes side by side has a screen of its own: windows take the keyboard from one another."""
    if hasattr(config, "workerinput") and shutil.which("Xvfb"):
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            os.environ.pop(name, None)
        os.environ.update(_display.enter_context(display_environment()))


def pytest_unconfigure() -> None:
    """The process's own screen ends with it."""
    _display.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file stay in one process, that what they share is made once; all with windows where screens lack."""
    for item in items:
        folder, *rest = item.path.relative_to(Path(__file__).parent).parts
        together = folder in WITH_WINDOWS and not shutil.which("Xvfb")
        item.add_marker(pytest.mark.xdist_group("windows" if together else "/".join((folder, *rest))))


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the tests of `tests/trust` may take; the defaults are what CI runs."""
    group = parser.getgroup("trust", "fuzzing and kills, see tests/trust")
    group.addoption("--fuzz-inputs", type=int, default=530, metavar="N", help="damaged files per format")
    group.addoption("--fuzz-seed", type=int, default=1, metavar="N", help="another one makes other files")
    group.addoption("--fuzz-keep", default="", metavar="FOLDER", help="where files that failed are kept")
    group.addoption("--kills", type=int, default=30, metavar="N", help="kills per kind of writing")
    group.addoption("--random-runs", type=int, default=0, metavar="N", help="more runs of random edits")


@pytest.fixture
def few_rays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rough occlusion, for tests that only compare pictures: its rays are most of what a picture costs."""
    from rhytid.gui.render.occlusion import OcclusionBake

    monkeypatch.setattr(OcclusionBake.__init__, "__defaults__", (4,))


def pytest_collection_finish() -> None:
    """What was imported stays: collections of garbage, which the guards against leaks ask for, need not look at it."""
    gc.freeze()
