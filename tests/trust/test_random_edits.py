"""What holds of any face after any edits: all of it can be undone, saved and opened, and its maps are finite.

The random edits, gestures, saves and openings, and what each of them does, are those of
`tests/document/test_document_machine.py`. A few runs are always done here; for more
`python -m pytest tests/trust/test_random_edits.py --random-runs 2000`.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import default_engines
from rhytid.core.head.load import default_head

sys.path.append(str(Path(__file__).resolve().parents[1] / "document"))
FEW, MAP_PX = 6, 128


def check_file(state: DocumentState, folder: Path) -> None:
    """A state comes back from its file, and makes the same file again."""
    from test_document_machine import plain

    first, second = folder / "first.rhytid", folder / "second.rhytid"
    save_project(first, state)
    opened = load_project(first)
    assert plain(opened) == plain(state)
    save_project(second, opened)
    assert second.read_bytes() == first.read_bytes()


def check_maps(state: DocumentState) -> None:
    """The face has finite relief."""
    maps = DetailMaker(default_engines()).maps(state, default_head(), MAP_PX)
    assert maps.displacement.shape == (MAP_PX, MAP_PX)
    assert np.isfinite(maps.displacement).all()
    assert np.isfinite(maps.distance_field).all()


def test_random_edits(pytestconfig: pytest.Config) -> None:
    from test_document_machine import DocumentMachine, plain

    checked = []

    class Machine(DocumentMachine):
        def teardown(self) -> None:
            if hasattr(self, "document"):
                self.check_end()
            super().teardown()

        def check_end(self) -> None:
            document = self.document
            assert document.settle() or self.exclusive
            if self.gesture is not None and self.gesture.alive:
                self.gesture.cancel()
            last, steps = document.state, document.position
            check_file(last, self.folder)
            check_maps(last)
            for _ in range(steps):
                document.undo()
            assert not document.can_undo
            assert plain(document.state) == self.stack[0]
            for _ in range(steps):
                document.redo()
            assert document.state.camera == last.camera  # which is no step of the history
            for part in fields(DocumentState):  # the very values: nothing was made again
                assert part.name == "camera" or getattr(document.state, part.name) is getattr(last, part.name)
            checked.append(steps)

    runs = pytestconfig.getoption("random_runs")
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=runs or FEW,
            stateful_step_count=60 if runs else 25,
            deadline=None,
            derandomize=not runs,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert max(checked) > 0  # there was something to undo
