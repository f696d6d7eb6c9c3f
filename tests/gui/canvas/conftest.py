"""Every test of this folder is watched for widgets that outlive it."""

import pytest
from canvas_rig import Rig
from leak_guard import no_leaked_widgets  # noqa: F401


@pytest.fixture
def rig(qtbot):
    rig = Rig(qtbot)
    yield rig
    rig.tool.cancel()
