"""The log that a failure leaves in the user's state folder."""

from __future__ import annotations

import os
import sys
import time
import traceback
from pathlib import Path

from rhytid.core.files.state_folder import state_dir

LOG_LIMIT_BYTES = 1 << 20


def log_path() -> Path:
    """File that `record_failure` writes to."""
    return state_dir() / "rhytid.log"


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
    try:
        path = log_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            os.replace(path, path.with_suffix(".old.log"))
        with path.open("a", encoding="utf-8") as file:
            file.write(entry)
    except OSError:
        return None
    return path
