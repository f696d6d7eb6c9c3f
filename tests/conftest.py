"""The tests are of the source that they lie in, whatever else of the name `rhytid` is installed."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import main  # noqa: F401  # names the source `rhytid`
