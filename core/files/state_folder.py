"""Where the program keeps what is its own between runs: work for recovery, locks, the log, settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

STATE_DIR_VARIABLE = "RHYTID_STATE_DIR"


def state_dir() -> Path:
    """The user's folder for state; `RHYTID_STATE_DIR` names another one.

    Raises
    ------
    OSError
        This user has no home folder.
    """
    return _folder(platformdirs.user_state_dir)


def config_dir() -> Path:
    """The user's folder for settings; `RHYTID_STATE_DIR` names another one.

    Raises
    ------
    OSError
        This user has no home folder.
    """
    return _folder(platformdirs.user_config_dir)


def data_dir() -> Path:
    """The user's folder for work of the user's own; `RHYTID_STATE_DIR` names another one.

    Raises
    ------
    OSError
        This user has no home folder.
    """
    return _folder(platformdirs.user_data_dir)


def cache_dir() -> Path:
    """The user's folder for what can be made anew; `RHYTID_STATE_DIR` names another one.

    Raises
    ------
    OSError
        This user has no home folder.
    """
    return _folder(platformdirs.user_cache_dir)


def _folder(usual: Callable[..., str]) -> Path:
    named = os.environ.get(STATE_DIR_VARIABLE)
    if named:
        return Path(named)
    path = Path(usual("rhytid", appauthor=False))
    if not path.is_absolute():  # "~/.local/state" as it stands, where nobody knows a home
        raise OSError(f"this user has no home folder; set {STATE_DIR_VARIABLE} to a folder")
    return path
