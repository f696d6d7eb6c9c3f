"""No window may outlive a test of this folder."""

from leak_guard import no_leaked_widgets  # noqa: F401
