from __future__ import annotations

import pytest

from rhytid.core.document.document import Document
from rhytid.core.document.state import Lighting
from rhytid.gui.controllers.light_looks import LOOKS, shown, turned_light
from rhytid.gui.render.environment import environments


@pytest.mark.parametrize("name", list(LOOKS))
def test_a_look_is_one_step_leaves_the_exposure_and_is_known_again(name):
    document = Document()
    assert not shown(LOOKS[name], document.state.lighting)
    document.execute(LOOKS[name].command)
    assert document.state.lighting.environment in environments()
    assert document.state.lighting.exposure == Lighting().exposure
    assert [shown(look, document.state.lighting) for look in LOOKS.values()].count(True) == 1
    assert shown(LOOKS[name], document.state.lighting)
    document.undo()
    assert document.state.lighting == Lighting()


def test_a_drag_turns_the_key_light_and_without_one_the_surroundings():
    light = Lighting(key_yaw_deg=170.0, key_pitch_deg=20.0)
    turned = turned_light(light, 100.0, -50.0)
    assert turned.key_yaw_deg == pytest.approx(170 + 45 - 360)
    assert turned.key_pitch_deg == pytest.approx(35.0)
    assert turned.environment_yaw_deg is None
    assert turned_light(light, 0.0, -900.0).key_pitch_deg == 89.0
    around = turned_light(Lighting(key_intensity=0.0), 100.0, 30.0)
    assert around.environment_yaw_deg == pytest.approx(45.0)
    assert around.key_yaw_deg is None
