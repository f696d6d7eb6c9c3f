"""Where the program keeps what it must know again at its next start."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STATE_DIR_VARIABLE = "RHYTID_STATE_DIR"


def state_dir() -> Path:
    """The user's folder for what the program keeps between runs; `RHYTID_STATE_DIR` names another one."""
    named = os.environ.get(STATE_DIR_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_state_dir("rhytid", appauthor=False))
