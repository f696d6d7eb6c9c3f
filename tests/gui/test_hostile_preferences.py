"""Settings files that are damaged, hostile or in the way never keep the program from starting, nor run anything."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from rhytid.gui.preferences import FILE_NAME, Navigation, Preferences
from rhytid.gui.settings_file import MAX_BYTES, SettingsFile

CONTENTS = {
    "empty": b"",
    "binary": bytes(range(256)) * 16,
    "a list": b"[1, 2, 3]",
    "a number": b"7",
    "deep": b"[" * 100_000,
    "huge": b'{"view/navigation": "' + b"x" * MAX_BYTES + b'"}',
    "many values": b'{"a": [' + b"0," * 100_000 + b"0]}",
    "not a number": b'{"tablet/pressure_exponent": NaN}',
    "infinite": b'{"tablet/pressure_exponent": 1e400}',
    "twice": b'{"document/autosave": true, "document/autosave": false}',
    "half a character": b'{"files/last_folder": "\\ud800"}',
    "NUL": b'{"files/last_folder": "a\\u0000b"}',
    "half a line": b'{"view/navigation": "ble',
    "wrong types": json.dumps(
        {
            "view/navigation": ["blender"],
            "view/max_resolution": {"a": 1},
            "tablet/pressure_exponent": None,
            "document/autosave_interval_s": "soon",
            "files/recent": "one.rhytid",
            "files/last_folder": 5,
            "layout/geometry": "no base64!",
            "layout/docks": 12,
            "window/hint_dismissed": [],
        }
    ).encode(),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_damaged_file_leaves_the_defaults_and_takes_new_values(content, private_state):
    private_state.mkdir()
    (private_state / FILE_NAME).write_bytes(content)
    preferences = Preferences()
    for name in ("navigation", "pressure_exponent", "autosave_interval_s", "recent_files", "last_folder"):
        assert getattr(preferences, name) == getattr(Preferences, name).default
    assert preferences.layout("geometry") is None
    assert preferences.layout("docks") is None
    preferences.navigation = Navigation.BLENDER
    assert Preferences().navigation is Navigation.BLENDER


def test_numbers_out_of_range_are_brought_into_it(private_state):
    private_state.mkdir()
    values = {"document/undo_memory_mb": 10**19, "tablet/pressure_exponent": 1e308, "view/max_resolution": -5}
    (private_state / FILE_NAME).write_text(json.dumps(values))
    preferences = Preferences()
    assert preferences.undo_memory_mb == 8192
    assert preferences.pressure_exponent == 4.0
    assert preferences.max_resolution == 256


def test_an_older_store_of_qt_is_not_even_opened(private_state, tmp_path):
    """Its tuples are pickles: this one would make a folder."""
    private_state.mkdir()
    mark = tmp_path / "unpickled"
    pickle = f"cos\nmkdir\n(S'{mark}'\ntR.".encode()
    name = b"PySide::PyObjectWrapper\0"
    data = b"\0\0\0\x7f" + len(name).to_bytes(4, "big") + name + len(pickle).to_bytes(4, "big") + pickle
    text = "".join(f"\\x{byte:x}" for byte in data)
    (private_state / "preferences.ini").write_text(f'[files]\nrecent="@Variant({text})"\n')
    preferences = Preferences()
    assert preferences.recent_files == ()
    preferences.add_recent("a.rhytid")
    assert Preferences().recent_files == ("a.rhytid",)
    assert not mark.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no modes there")
@pytest.mark.parametrize("obstacle", ["folder", "file above", "read-only", "pipe"])
def test_without_a_place_values_hold_for_this_run_and_it_is_said_once(obstacle, private_state):
    if obstacle == "folder":
        (private_state / FILE_NAME / "inside").mkdir(parents=True)
    elif obstacle == "file above":
        private_state.write_bytes(b"in the way")
    elif obstacle == "pipe":
        private_state.mkdir()
        os.mkfifo(private_state / FILE_NAME)
    else:
        if os.geteuid() == 0:
            pytest.skip("root writes everywhere")
        private_state.mkdir(mode=0o500)
    preferences = Preferences()
    told: list[str] = []
    preferences.not_kept.connect(told.append)
    preferences.show_statistics = True
    preferences.add_recent("a.rhytid")
    assert preferences.show_statistics is True
    assert preferences.recent_files == ("a.rhytid",)
    assert len(told) == 1
    assert str(private_state) in told[0]
    assert "this run only" in told[0]


def test_names_that_are_no_text_are_left_out_and_cost_nothing_else(private_state):
    preferences = Preferences()
    preferences.last_folder = "/x"
    preferences.add_recent("/x/\udcff.rhytid")
    preferences.add_recent("/x/b.rhytid")
    assert preferences.recent_files == ("/x/b.rhytid",)
    assert Preferences().last_folder == "/x"
    assert Preferences().recent_files == ("/x/b.rhytid",)


def test_two_windows_keep_what_the_other_one_kept(private_state):
    first, second = Preferences(), Preferences()
    first.show_statistics = True
    second.last_folder = "/x"
    kept = Preferences()
    assert kept.show_statistics is True
    assert kept.last_folder == "/x"


def test_layout_comes_back_byte_by_byte(private_state):
    data = QByteArray(bytes(range(256)))
    Preferences().remember_layout({"geometry": data})
    assert Preferences().layout("geometry") == data
    assert set(json.loads((private_state / FILE_NAME).read_text())) == {"layout/geometry"}


def test_a_store_without_a_file_keeps_values_for_this_run():
    store = SettingsFile(None)
    store.put({"a": 1})
    assert store.value("a") == 1
    assert store.problem


def test_nothing_is_written_when_nothing_changes(private_state):
    preferences = Preferences()
    preferences.last_folder = "/x"
    path: Path = private_state / FILE_NAME
    path.unlink()
    preferences.last_folder = "/x"
    assert not path.exists()
