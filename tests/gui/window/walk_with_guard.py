"""A walk through a fresh window that notes on which thread models are read and opened and the runtime is loaded.

Prints one line of JSON: [[what, whether it was the GUI thread, during which step], ...].
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from rhytid.core.document.project import save_project
from rhytid.core.learned import runtime, weights
from rhytid.gui.app import make_application
from rhytid.gui.controllers.tool_settings import Tool

sys.path.insert(0, str(Path(__file__).parent))


class Guard:
    """Notes who comes through the doors of `core.learned`."""

    def __init__(self) -> None:
        self.step = "import"
        self.seen: list[tuple[str, bool, str]] = []
        sys.meta_path.insert(0, self)  # type: ignore[arg-type]
        self._watch(runtime.Runtime, "open")
        self._watch(runtime.Runtime, "run")
        self._watch(weights.ModelFiles, "_checked_bytes")

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name in ("onnxruntime", "torch"):
            self.note(f"import {name}")

    def note(self, what: str) -> None:
        self.seen.append((what, threading.current_thread() is threading.main_thread(), self.step))

    def _watch(self, owner: type, name: str) -> None:
        real = getattr(owner, name)

        def watched(*args: Any, **options: Any) -> Any:
            self.note(f"{owner.__name__}.{name}")
            return real(*args, **options)

        setattr(owner, name, watched)


@contextmanager
def dialog_closed_again():  # type: ignore[no-untyped-def]
    """A dialog that opens is closed after a moment."""
    timer = QTimer()
    timer.timeout.connect(lambda: [w.reject() for w in [QApplication.activeModalWidget()] if w is not None])
    timer.start(700)
    yield
    timer.stop()


def walk(guard: Guard) -> None:
    from window_driver import Driver

    def step(name: str, *does: Callable[[], object]) -> None:
        guard.step = name
        for action in does:
            action()
        driver.settle()

    guard.step = "start"
    driver = Driver()
    driver.session.preferences.max_resolution = 256  # refining takes long and opens nothing else
    driver.wait(lambda: len(driver.session.engines.reasons_so_far()) == 4)
    actions = driver.window.actions_by_name
    driver.window.activateWindow()
    driver.viewport.setFocus()
    for tool in Tool:
        stroke = driver.way((0.4, 0.3), (0.6, 0.32), steps=4)
        step(tool.name, partial(driver.use, tool), partial(driver.move, stroke[2]), partial(driver.drag, stroke))
    for engine in ("sd_detail", "facedet3d", "procedural", "semm"):
        chosen = {action.objectName(): action for action in driver.window.engine_menu.actions}[f"engine_{engine}"]
        step(engine, chosen.trigger, partial(driver.draw, (0.3, 0.5), (0.4, 0.52), steps=4))
    step("adopt", actions["adopt"].trigger)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "face.rhytid"
        save_project(path, driver.document.state)
        project_files = driver.window.files
        step("new", project_files.new_project)
        step("open", lambda: project_files.open_project(path))
    with dialog_closed_again():
        step("export dialog", actions["export"].trigger)
        step("preferences", actions["preferences"].trigger)
    driver.wait(lambda: not driver.session.compute.busy)
    step("measure", driver.session.compute.measure_again)
    driver.wait(lambda: not driver.session.compute.busy)
    driver.window.close_now()


if __name__ == "__main__":
    guard = Guard()
    application = make_application()
    from resting import soon_at_rest

    with soon_at_rest():
        walk(guard)
    print(json.dumps(guard.seen))
