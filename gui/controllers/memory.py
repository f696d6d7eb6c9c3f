"""Memory that large work leaves behind."""

from __future__ import annotations

import ctypes
import sys


def give_back_memory() -> bool:
    """Hand memory that was freed back to the system, where the allocator keeps it (glibc); whether it was asked.

    An export leaves some hundred megabytes of freed pieces between those in use, which glibc would keep for
    good.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return False  # another C library
    trim(0)
    return True
