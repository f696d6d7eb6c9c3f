"""How work ends that nobody waits for any longer."""

from __future__ import annotations


class Cancelled(Exception):
    """The work was no longer wanted; nothing was changed."""
