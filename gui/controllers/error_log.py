"""What a failure leaves for whoever looks for its cause."""

from __future__ import annotations

import sys

from rhytid.core.files.failure_log import log_failure


def record_failure(error: BaseException, doing: str) -> None:
    """Put `error` into the log and on stderr, see `log_failure`; `doing` says what the program did, e.g. "Export"."""
    print(log_failure(error, doing), file=sys.stderr, end="")
