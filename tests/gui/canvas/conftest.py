"""What the tests of this folder share."""

import pytest
from canvas_rig import Rig


@pytest.fixture
def rig(qtbot):
    rig = Rig(qtbot)
    yield rig
    rig.tool.cancel()
