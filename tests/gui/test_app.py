"""The program takes up what the artist prefers when it starts."""

from __future__ import annotations

from argparse import Namespace

import numpy as np
import pytest

from rhytid.gui.app import Editor
from rhytid.gui.preferences import Preferences


def arguments(**named):
    nothing = {"smoke": False, "size": None, "head": None, "project": None, "screenshot": None, "timings": None}
    return Namespace(**nothing | named)


@pytest.mark.parametrize("what", ["project", "head"])
def test_a_file_that_cannot_be_opened_leaves_the_default_head_to_work_on(what, tmp_path, qtbot):
    path = tmp_path / ("bad.rhytid" if what == "project" else "bad.obj")
    path.write_bytes(b"neither of them")
    editor = Editor(arguments(**{what: path}), 0.0)
    qtbot.addWidget(editor.window, before_close_func=lambda window: window.close_now())
    editor._show_head_first()
    with qtbot.waitSignal(editor.window.viewport.first_frame_painted, timeout=60_000):
        editor.window.show()
        editor._open_arguments()
    assert editor.window.viewport.scene.renderer is not None


def test_panels_are_filled_while_a_head_takes_long(qtbot, monkeypatch):
    monkeypatch.setattr("rhytid.gui.app._LONG_WAIT_MS", 10)
    editor = Editor(arguments(head="slow.glb"), 0.0)
    qtbot.addWidget(editor.window, before_close_func=lambda window: window.close_now())
    editor._show_head_first()
    editor.window.show()
    qtbot.waitUntil(lambda: editor.window.docks["expression"].panel is not None, timeout=30_000)
    assert editor.window.viewport.pose is None


def test_a_file_that_is_no_project_is_opened_as_what_it_is(tmp_path, qtbot, monkeypatch):
    opened = []
    with (tmp_path / "large.obj").open("wb") as stream:
        stream.truncate(1 << 30)  # the window asks whether it is a scan
    for name in ("anna.rhytid", "anna.glb", "anna.ply", "large.obj"):
        editor = Editor(arguments(project=tmp_path / name), 0.0)
        qtbot.addWidget(editor.window, before_close_func=lambda window: window.close_now())
        monkeypatch.setattr(editor.window.files, "open_project", lambda path: opened.append(("project", path.name)))
        monkeypatch.setattr(editor.window.files, "use_head", lambda path: opened.append(("head", path.name)))
        monkeypatch.setattr(editor.window, "open_path", lambda path: opened.append(("any", path.name)))
        editor._open_arguments()
        qtbot.waitUntil(lambda name=name: opened[-1:] and opened[-1][1] == name)
    assert [what for what, _ in opened] == ["project", "head", "any", "any"]


def test_the_memory_for_undo_and_for_computed_detail_is_the_preferred_one(qapp):
    Preferences().undo_memory_mb = 64
    Preferences().cache_memory_mb = 64
    editor = Editor(arguments(), 0.0)
    try:
        assert editor.session.document.history_limit_bytes == 64 << 20
        cache = editor.session.engines.cache
        editor.preferences.cache_memory_mb = 80
        cache.get("large", lambda: np.zeros(75 << 20, np.uint8))
        assert cache.n_bytes >= 75 << 20
        editor.preferences.cache_memory_mb = 64
        assert cache.n_bytes <= 64 << 20
        cache.get("small", lambda: np.zeros(1 << 20, np.uint8))
        editor.window.files.new_project()
        assert cache.n_bytes < 1 << 20
    finally:
        editor.window.close_now()
        editor.window.deleteLater()
