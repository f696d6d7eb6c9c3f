"""Every test of this folder is watched for widgets that outlive it."""

from leak_guard import no_leaked_widgets  # noqa: F401
