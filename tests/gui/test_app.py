"""The program takes up what the artist prefers when it starts."""

from __future__ import annotations

from argparse import Namespace

from gui.app import Editor
from gui.preferences import Preferences


def test_the_undo_memory_is_the_preferred_one(qapp):
    Preferences().undo_memory_mb = 64
    editor = Editor(Namespace(smoke=False, size=None, head=None, project=None, screenshot=None, timings=None), 0.0)
    try:
        assert editor.session.document.history_limit_bytes == 64 << 20
    finally:
        editor.window.close_now()
        editor.window.deleteLater()
