"""The rules hold for this tree, and each one finds a tree that breaks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import architecture_rules as rules
import pytest

ROOT = Path(__file__).resolve().parents[2]
WORD = "TO" + "DO"

# rule -> files that break it; every file is one breach
BREACHES: dict[str, dict[str, str]] = {
    "core_is_free_of_gui": {
        "core/maps/a.py": "from PySide6.QtCore import QObject",
        "core/lines/b.py": "def f():\n    import moderngl",
        "core/io/c.py": "from rhytid.gui.render import camera",
        "core/cli/d.py": "import importlib\nimportlib.import_module('superqt')",
    },
    "source_goes_by_its_package": {
        "core/maps/a.py": "from core.maps import bands",
        "gui/b.py": "def f():\n    import gui.theme",
        "tests/c.py": "from rhytid.core.api import Face",
    },
    "torch_stays_in_networks": {
        "core/detail/a.py": "def f():\n    from torch import nn",
        "gui/app.py": "import torch",
        "main.py": "import torchvision.io",
    },
    "imports_go_down": {
        "core/arkit.py": "from rhytid.core.maps import bands",
        "core/maps/a.py": "from rhytid.core.head.head import Head",
        "core/lines/b.py": "from rhytid.core.detail.request import Rect",
        "core/head/c.py": "import rhytid.core.lines.stroke",
        "core/detail/d.py": "from ..document import state",
        "core/document/e.py": "def f():\n    from rhytid.core.io.recipe import recipe_text",
        "core/io/f.py": "from rhytid.core.cli import batch",
        "core/attic/g.py": "",
        "gui/theme.py": "from rhytid.gui.controllers import session",
        "gui/controllers/h.py": "from rhytid.gui.widgets import slider_row",
        "gui/panels/i.py": "def f():\n    from rhytid.gui.canvas import points",
        "gui/viewport/j.py": "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from rhytid.gui.window import main_window",
        "gui/shed.py": "",
    },
    "nothing_goes_in_circles": {
        # two files, for a type only
        "core/maps/a.py": "from rhytid.core.maps.b import B\nclass A: ...",
        "core/maps/b.py": "if __debug__:\n    from rhytid.core.maps.a import A\nclass B: ...",
        # two folders, by four files of which none is in a circle
        "gui/window/a.py": "import rhytid.gui.panels.b",
        "gui/panels/b.py": "",
        "gui/panels/c.py": "def f():\n    from rhytid.gui.window.d import D",
        "gui/window/d.py": "class D: ...",
        # three, by way of what a package says at its top
        "core/io/__init__.py": "from rhytid.core.io.e import E",
        "core/io/e.py": "from rhytid.core.io import f\nclass E: ...",
        "core/io/f.py": "from rhytid.core.io import E",
    },
    "signals_keep_to_one_kind": {
        "gui/controllers/a.py": "from psygnal import Signal\nfrom PySide6.QtCore import QTimer",
        "gui/b.py": "import psygnal\ndef f():\n    from PySide6 import QtCore",
    },
    "packages_say_what_they_are": {
        "core/maps/__init__.py": "",
        "gui/canvas/__init__.py": '"""Canvas.\n\nIts view\nand items.\n\n- `view`: shows\n"""',
        "gui/canvas/view.py": "",
        "gui/canvas/items.py": "",
        "gui/dialogs/__init__.py": '"""Dialogs.\n\nThey lie\nover.\n\n- `attic`: is not there\n"""',
    },
    "render_is_free_of_qt": {
        "gui/render/a.py": "from PySide6 import QtGui",
        "gui/render/b.py": "from rhytid.gui.colours import RED",
        "gui/colours.py": "import pyqtgraph",
    },
    "qt_meets_opengl_in_viewport": {
        "gui/panels/a.py": "import moderngl",
        "gui/app.py": "from PySide6.QtOpenGLWidgets import QOpenGLWidget",
        "gui/render/b.py": "from PySide6 import QtOpenGL",
    },
    "names_say_what_is_inside": {
        "core/maps/utils.py": "",
        "gui/helpers/a.py": "",
        "gui/window_manager.py": "",
    },
    "core_is_documented": {
        "core/maps/a.py": "X = 1",
        "core/maps/b.py": '"""B."""\ndef public():\n    pass',
        "core/maps/c.py": '"""C."""\nclass Public:\n    pass',
    },
    "modules_are_short": {
        "core/maps/a.py": "x = 1\n" * 401,
        "core/maps/build/b.py": "x = 1\n" * 401,
        "tests/maps/b.py": "x = 1\n" * 500,
    },
    "nothing_is_unpickled": {
        "core/io/a.py": "import pickle",
        "core/io/b.py": "import numpy as np\nnp.load('x', allow_pickle=True)",
        "core/networks/c.py": "import torch\ntorch.load('x')",
        "gui/d.py": "from joblib import load",
    },
    "settings_are_plain": {
        "gui/a.py": "from PySide6.QtCore import QByteArray, QSettings",
        "tests/b.py": "from PySide6 import QtCore\nQtCore.QSettings('a', 'b')",
    },
    "nothing_is_unfinished": {
        "core/io/a.py": f"# {WORD}: later",
        "README.md": f"{WORD} write this",
        "gui/b.py": "def f():\n    raise NotImplementedError",
    },
    "no_machine_is_named": {
        "core/io/a.py": "PATH = '/" + "home/me/x'",
        "README.md": "open /" + "tmp/x.png",
        "tests/io/b.py": "P = r'C:\\" + "Users\\me'",
    },
}
# Where the findings do not begin with the names of the files that break the rule.
FOUND_AS: dict[str, list[str]] = {
    # The colours are found through the module that needs them.
    "render_is_free_of_qt": ["gui.render.a", "gui.colours"],
    "packages_say_what_they_are": [
        "core.maps opens with 1 lines",
        "gui.canvas does not name items",
        "gui.dialogs names attic",
    ],
    "nothing_goes_in_circles": [
        "core.io: __init__ -> e -> f -> __init__ is a circle",
        "core.maps: a -> b -> a is a circle",
        "gui: panels -> window -> panels is a circle",
    ],
}
INNOCENT = {
    "core/arkit.py": '"""Names."""\n',
    "core/api/__init__.py": '"""The face of the program."""\nfrom rhytid.gui.render import camera\n',
    "core/maps/rect.py": '"""Rectangles."""\nfrom rhytid.core import arkit\n',
    "core/document/state.py": '"""State."""\nfrom rhytid.core.lines.stroke import Stroke\n',
    "core/lines/stroke.py": '"""Strokes."""\nimport numpy as np\nnp.load("x", allow_pickle=False)\n',
    "core/networks/net.py": '"""Networks."""\nimport torch\n',
    "gui/render/camera.py": "import moderngl\nfrom rhytid.core.maps import rect\n",
    "gui/viewport/widget.py": "import moderngl\nfrom PySide6.QtOpenGLWidgets import QOpenGLWidget\n",
    "gui/panels/age.py": "from PySide6 import QtWidgets\n",
    "README.md": "see https://example.org/home/page and resources/home/x\n",
}


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_this_tree_keeps_the_rule(rule: rules.Rule) -> None:
    assert list(rule(ROOT)) == []


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_innocent_tree_keeps_the_rule(rule: rules.Rule, tmp_path: Path) -> None:
    _write(tmp_path, INNOCENT)
    assert list(rule(tmp_path)) == []


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_rule_finds_each_breach(rule: rules.Rule, tmp_path: Path) -> None:
    _write(tmp_path, INNOCENT | BREACHES[rule.__name__])
    found = list(rule(tmp_path))
    files = [name.removesuffix(".py").removesuffix("/__init__") for name in BREACHES[rule.__name__]]
    expected = FOUND_AS.get(rule.__name__, files)
    assert len(found) == len(expected), found
    for place in expected:
        assert any(text.startswith((place, place.replace("/", "."))) for text in found), (place, found)


def test_there_is_something_to_check() -> None:
    names = {module.name for module in rules.modules(ROOT)}
    assert {"main", "core.detail.pipeline", "gui.app", "tests.conftest", "tests.architecture.test_layer_rules"} <= names


def test_document_starts_without_qt_opengl_and_torch() -> None:
    code = (
        "import main, sys, rhytid.core.document.document, rhytid.core.document.autosave\n"
        f"heavy = {sorted(rules.QT | rules.GL | rules.TORCH)!r}\n"
        "sys.exit(', '.join(name for name in heavy if name in sys.modules) or 0)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
