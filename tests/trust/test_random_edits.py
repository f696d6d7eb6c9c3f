"""More runs of the random edits, gestures, saves and openings of `tests/document/test_document_machine.py`.

`python -m pytest tests/trust/test_random_edits.py --random-runs 2000`; the usual runs are there and not repeated here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

sys.path.append(str(Path(__file__).resolve().parents[1] / "document"))


def test_random_edits(pytestconfig: pytest.Config) -> None:
    runs = pytestconfig.getoption("random_runs")
    if not runs:
        pytest.skip("only when asked for: --random-runs N")
    from test_document_machine import DocumentMachine

    run_state_machine_as_test(
        DocumentMachine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=60,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
