"""Where the program keeps what belongs to this machine, and the log that a failure leaves there."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

LOG_LIMIT_BYTES = 1 << 20


def state_folder() -> Path:
    """Folder for settings, autosaves and the log; `RHYTID_STATE_DIR` overrides the system's place."""
    override = os.environ.get("RHYTID_STATE_DIR")
    if override:
        return Path(override)
    import platformdirs

    return Path(platformdirs.user_state_dir("rhytid", appauthor=False))


def log_path() -> Path:
    """File that `record_failure` writes to."""
    return state_folder() / "rhytid.log"


def record_failure(error: BaseException, doing: str) -> Path | None:
    """Append the traceback of `error` to the log and to stderr.

    Parameters
    ----------
    doing : str
        What the program was doing, for example "Export".

    Returns
    -------
    Path or None
        The log file; None when it cannot be written, which must not hide the failure itself.
    """
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    entry = f"{time.strftime('%Y-%m-%d %H:%M:%S')} {doing}\n{text}\n"
    print(entry, file=sys.stderr)
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            os.replace(path, path.with_suffix(".old.log"))
        with path.open("a", encoding="utf-8") as file:
            file.write(entry)
    except OSError:
        return None
    return path
