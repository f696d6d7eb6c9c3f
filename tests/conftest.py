"""The tests are of the source that they lie in, whatever else of the name `rhytid` is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import main  # noqa: F401  # names the source `rhytid`


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the tests of `tests/trust` may take; the defaults are what CI runs."""
    group = parser.getgroup("trust", "fuzzing and kills, see tests/trust")
    group.addoption("--fuzz-inputs", type=int, default=2000, metavar="N", help="damaged files per format")
    group.addoption("--fuzz-seed", type=int, default=1, metavar="N", help="another one makes other files")
    group.addoption("--fuzz-keep", default="", metavar="FOLDER", help="where files that failed are kept")
    group.addoption("--kills", type=int, default=30, metavar="N", help="kills per kind of writing")
    group.addoption("--random-runs", type=int, default=0, metavar="N", help="more runs of random edits")
