"""The log that failures leave in the user's state folder."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from rhytid.core.files.state_folder import state_dir

LOG_LIMIT_BYTES = 1 << 20


def log_path() -> Path:
    """File that `log_failure` writes to."""
    return state_dir() / "rhytid.log"


def log_failure(error: BaseException, doing: str) -> str:
    """Append `error` with its traceback to the log; a log that cannot be written hides no failure.

    What the program refuses on purpose, such as a file that is no picture, needs none: that is a ValueError of its
    own, without a cause, whose message says what to do.

    Parameters
    ----------
    doing : str
        What the program was doing, for example "Export".

    Returns
    -------
    str
        The entry.
    """
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    refused = isinstance(error, ValueError) and type(error).__module__.startswith("rhytid.")
    if refused and error.__cause__ is None:
        entry = f"{when} {doing}: {' '.join(str(error).split())}\n"
    else:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        entry = f"{when} {doing}\n{text}\n"
    try:
        path = log_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            os.replace(path, path.with_suffix(".old.log"))
        with path.open("a", encoding="utf-8") as file:
            file.write(entry)
    except OSError:
        pass
    return entry
