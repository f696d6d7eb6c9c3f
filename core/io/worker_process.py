"""What every process that works for another one does."""

from __future__ import annotations

import os
import threading
from multiprocessing import parent_process


def end_with_parent() -> None:
    """Let this process end when its parent does, which may be killed before it can end its workers.

    A pool's workers wait for work that nobody will send any more; they hold both ends of its pipe, and so see no
    end of it.
    """
    threading.Thread(target=_wait_and_end, name="parent", daemon=True).start()


def _wait_and_end() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
